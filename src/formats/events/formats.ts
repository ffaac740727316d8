import { aedat2 } from './aedat2.ts';
import { aedat3 } from './aedat3.ts';
import { aedat4 } from './aedat4.ts';
import * as messages from './messages.ts';
import { nmnist } from './nmnist.ts';
import { numpyEvents } from './numpy.ts';
import { propheseeDat } from './prophesee-dat.ts';
import { propheseeRaw } from './prophesee-raw.ts';
import { spikesHdf5 } from './spikes-hdf5.ts';
import type { ByteFile, EventFile, EventFormat } from './types.ts';

/** Every format of event recordings, in the order they are tried; those that a signature tells come first. */
const eventFormats: readonly EventFormat[] = [
	aedat4,
	aedat3,
	aedat2,
	spikesHdf5,
	numpyEvents,
	propheseeRaw,
	propheseeDat,
	nmnist,
];

const startBytes = 512;

/** Whether a file of a folder is a recording by its ending. */
export const hasEventEnding = (name: string): boolean =>
	!name.startsWith('.') && eventFormats.some(({ endings }) => endings.some((ending) => name.toLowerCase().endsWith(ending)));

/**
 * The recordings of a file; the content decides its format wherever it tells.
 *
 * @throws UserError if it holds none that are understood
 */
export function readRecordings(file: ByteFile): EventFile & { readonly title: string } {
	const start = file.read(0, Math.min(startBytes, file.size));
	const format = eventFormats.find(({ matches }) => matches(start, file.path));
	if (!format)
		throw messages.unknownFormat(
			file.path,
			eventFormats.map(({ title }) => title),
		);
	return { ...format.open(file), title: format.title };
}

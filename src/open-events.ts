import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from './errors.ts';
import { dataFolder } from './formats/datasets/index.ts';
import {
	type EventOptions,
	type EventSet,
	eventOptionNames,
	eventSetHash,
	eventSetNamed,
	eventsPath,
	extentOf,
	frameReader,
	listEvents,
	openEventFile,
} from './formats/events/index.ts';
import { readerThreads } from './formats/reader-threads.ts';
import { type LabelArray, wholeLabels } from './simulation/array-samples.ts';
import * as messages from './simulation/event-messages.ts';
import { type OpenedData, takeSamples } from './simulation/fit-data.ts';
import { type EventRequest, type First, fitEvents } from './simulation/fit-events.ts';

interface OpenRequest extends EventRequest {
	readonly data?: string | undefined;
	readonly dataDir?: string | undefined;
	readonly threads?: number | undefined;
	readonly readers?: number | undefined;
}

/**
 * Opens recordings of a file or folder as the frames a network takes.
 *
 * @param labels  of all recordings, where the user names them
 * @throws UserError where there are none, one is damaged, or they do not fit
 */
export async function openEvents(request: OpenRequest, name: string, labels: LabelArray | null): Promise<OpenedData> {
	const entry = eventSetNamed(name);
	if (!entry) return openRecordings(request, name, eventsPath(name), labels);
	const folder = join(dataFolder(request.dataDir), name);
	if (!existsSync(folder)) throw new UserError(messages.setNotHere(name, folder, entry));
	const sensor =
		request.sensor ?? (entry.sensor.height === 1 ? String(entry.sensor.width) : `${entry.sensor.width}x${entry.sensor.height}`);
	return openRecordings({ ...request, sensor }, name, folder, labels);
}

async function openRecordings(request: OpenRequest, name: string, path: string, labels: LabelArray | null): Promise<OpenedData> {
	const set = listEvents(path);
	const count = takeSamples(request, set.samples.length, name);
	const { binning, source, assumptions, arrange } = fitEvents(request, name, describeFirst(set), count);
	const classes = labels ? wholeLabels(labels.array, labels.path, set.samples.length) : set.labels;
	const sha256 = await eventSetHash(set);
	const reader = frameReader(set.samples, binning, request.readers ?? readerThreads(request.threads));
	return {
		source: {
			...source,
			name,
			sha256,
			random: false,
			count,
			labels: classes,
			read: async (start, end) => arrange(await reader.read(start, end), end - start),
			close: reader.close,
		},
		assumptions,
		warnings: [],
	};
}

function describeFirst({ samples, name }: EventSet): First {
	const [sample] = samples;
	if (!sample) throw new UserError(messages.noRecordings(name));
	const { path, index, span } = sample;
	const read = <Result>(work: (recording: ReturnType<ReturnType<typeof openEventFile>['recording']>) => Result): Result => {
		const file = openEventFile(path);
		try {
			return work(file.recording(index));
		} finally {
			file.close();
		}
	};
	return read(({ kind, sensor, notes }) => ({
		kind,
		sensor,
		notes,
		path,
		duration: () =>
			read((recording) => {
				const { first, last } = extentOf(recording, path, { span });
				return last - (recording.kind === 'units' ? 0 : first);
			}),
	}));
}

/** @throws UserError where options for event recordings are given with other data */
export function checkWithoutEvents(request: OpenRequest): void {
	for (const [name, option] of Object.entries(eventOptionNames))
		if (request[name as keyof EventOptions] !== undefined)
			throw new UserError(messages.eventOptionWithoutEvents(option, request.data), { exitCode: 2 });
}

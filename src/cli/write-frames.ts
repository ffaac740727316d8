/** Recordings as arrays for other programs: the frames that `analyze` would give a model. */
import { resolve } from 'node:path';
import { arrayKind } from '../file-kinds.ts';
import { writePieces, writeWhole } from '../files.ts';
import { type EventOptions, eventSetNamed, isEvents } from '../formats/events/index.ts';
import { encodeNpy, npyHeader } from '../formats/npy/index.ts';
import { openData } from '../open-data.ts';
import { swapLeading } from '../simulation/time-layout.ts';
import { noRecordings, oneFileForTwo } from './messages.ts';

export interface FramesArguments extends EventOptions {
	readonly data: string;
	readonly out: string;
	readonly labelsOut?: string;
	readonly samples?: number;
	readonly dataDir?: string;
}

const piece = 16;

/**
 * Writes recordings as float32 [samples, bins, …], a few at a time.
 *
 * @returns a sentence that says what was written
 * @throws UserError
 */
export async function writeFrames({ data, out, labelsOut, ...options }: FramesArguments): Promise<string> {
	if (!isEvents(data) && !eventSetNamed(data)) throw noRecordings(data);
	if (labelsOut !== undefined && resolve(labelsOut) === resolve(out)) throw oneFileForTwo(out);
	// As a model of one timestep takes them whose sizes are open.
	const input = { name: 'frames', type: 'float32', dims: null } as const;
	const request = { ...options, data, input, modelPath: data, batchAxis: 0, step: true, timesteps: null };
	const { source } = await openData(request);
	const { count, sampleShape, labels } = source;
	const bins = source.timesteps ?? 1;
	const size = sampleShape.reduce((product, one) => product * one, 1);
	async function* pieces(): AsyncGenerator<Uint8Array> {
		yield npyHeader('float32', [count, bins, ...sampleShape]);
		for (let start = 0; start < count; start += piece) {
			const end = Math.min(count, start + piece);
			const { buffer, byteOffset, byteLength } = swapLeading(await source.read(start, end), bins, end - start, size);
			yield new Uint8Array(buffer, byteOffset, byteLength);
		}
	}
	try {
		await writePieces(out, arrayKind, pieces());
	} finally {
		source.close();
	}
	const classes = labels && BigInt64Array.from({ length: count }, (_, at) => BigInt(labels[at] as number));
	if (labelsOut !== undefined && classes) writeWhole(labelsOut, [encodeNpy({ dtype: 'int64', shape: [count], data: classes })]);
	const labelled = labelsOut === undefined ? '' : classes ? `, classes in ${labelsOut}` : '; nothing tells their classes';
	return `${out}: frames [${[count, bins, ...sampleShape].join(', ')}] of ${data} (${source.preparation?.words ?? ''})${labelled}`;
}

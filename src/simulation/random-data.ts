import { UserError } from '../errors.ts';
import { elementCount } from '../model/tensors.ts';
import { type FitRequest, type OpenedData, parseSizes, wantedSample } from './fit-data.ts';
import { zeros } from './memory.ts';
import * as messages from './messages.ts';
import type { SampleSource } from './samples.ts';

const defaultRandomSamples = 16;
const mostRandomSamples = 1e8;

/**
 * Uniform noise, the same for the same seed, whatever the batch.
 *
 * @param file  the model, for messages
 * @param option  "random", which is seed 0, or "random:SEED"
 * @throws UserError
 */
export function randomData(request: FitRequest, file: string, option: string): OpenedData {
	const text = option === 'random' ? '0' : option.slice('random:'.length);
	const seed = Number(text);
	if (text === '' || !Number.isSafeInteger(seed) || seed < 0) throw new UserError(messages.randomSyntax(option));
	const name = `random:${seed}`;
	const dims = wantedSample(request, request.input.dims);
	const sampleShape = request.reshape !== undefined ? parseSizes(request.reshape) : dims;
	if (!sampleShape || sampleShape.some((size) => typeof size !== 'number')) {
		throw new UserError(messages.randomShape(file, request.input.name, request.input.dims));
	}
	const sample = sampleShape as readonly number[];
	const count = request.samples ?? defaultRandomSamples;
	if (count > mostRandomSamples) throw new UserError(messages.tooManyRandomSamples(count, mostRandomSamples));
	const size = elementCount(sample);
	const graphTimesteps = request.batchAxis === 1 && typeof request.input.dims?.[0] === 'number' ? request.input.dims[0] : null;
	const source: SampleSource = {
		name,
		sha256: null,
		random: true,
		count,
		sampleShape: sample,
		timesteps: graphTimesteps,
		labels: null,
		read: async (start, end) => {
			const steps = graphTimesteps ?? 1;
			const values = zeros([steps, end - start, ...sample], 'Random input');
			for (let step = 0; step < steps; step += 1) {
				for (let index = start; index < end; index += 1)
					fillRandom(values, (step * (end - start) + index - start) * size, size, seed, index * steps + step);
			}
			return values;
		},
		close: () => {},
	};
	if (request.assumeRate)
		return {
			source: { ...source, preparation: { words: messages.ratesAssumedWords(), options: { 'assume-rate': 'true' } } },
			assumptions: [messages.ratesAssumed()],
			warnings: [messages.randomInput(seed)],
		};
	const sentence = messages.randomInputAlone(seed);
	return { source, assumptions: [], warnings: [sentence], findings: [{ kind: 'random-input', subject: name, sentence }] };
}

/** Uniform numbers in [0, 1) that depend on the seed and the sample only, so that batches do not change them (a 32-bit mixing generator). */
function fillRandom(values: Float32Array, at: number, length: number, seed: number, sample: number): void {
	let state = (Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(sample + 1, 0x85ebca6b)) >>> 0;
	for (let index = 0; index < length; index += 1) {
		state = (state + 0x6d2b79f5) >>> 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		values[at + index] = ((mixed ^ (mixed >>> 14)) >>> 8) / 0x1000000;
	}
}

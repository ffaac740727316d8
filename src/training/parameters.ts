/**
 * Where each trained number of a network lies in one flat Float32Array, so that optimisers, workers,
 * checkpoints and exporters need to know nothing about layers.
 *
 * Weights have ONNX's layout: convolutions [Cout, Cin, kh, kw], dense layers [Nin, Nout] with Nin
 * flattened channel first.
 */
import type { Plan, Shape } from './plan.ts';
import { product, synapsesOf } from './plan.ts';
import { normal, randomStream } from './random.ts';

export type Role = 'weight' | 'bias' | 'scale' | 'shift' | 'threshold' | 'leak';

export interface ParameterEntry {
	/** `${layer}.${role}` */
	readonly name: string;
	readonly layer: string;
	readonly role: Role;
	readonly shape: Shape;
	readonly offset: number;
	readonly size: number;
}

/** What stands at the neuron's place, and whether convolutions are batch-normalised. */
export interface NetworkMode {
	readonly neuron: 'relu' | 'lif';
	readonly normalised: boolean;
}

export interface Layout {
	readonly mode: NetworkMode;
	readonly entries: readonly ParameterEntry[];
	readonly size: number;
	/** Running mean and variance of each batch-normalised convolution: not trained, only measured. */
	readonly statistics: readonly { readonly layer: string; readonly channels: number; readonly offset: number }[];
	readonly statisticsSize: number;
}

export function layoutOf(plan: Plan, mode: NetworkMode): Layout {
	const entries: ParameterEntry[] = [];
	const statistics: { layer: string; channels: number; offset: number }[] = [];
	let size = 0;
	let statisticsSize = 0;
	const add = (layer: string, role: Role, shape: Shape): void => {
		entries.push({ name: `${layer}.${role}`, layer, role, shape, offset: size, size: product(shape) });
		size += product(shape);
	};
	for (const operation of plan.operations) {
		const { name, kind, outputShape } = operation;
		if (kind === 'convolution') {
			const channels = outputShape[0] ?? 0;
			add(name, 'weight', [channels, operation.inputShape[0] ?? 0, operation.kernel, operation.kernel]);
			if (mode.normalised) {
				add(name, 'scale', [channels]);
				add(name, 'shift', [channels]);
				statistics.push({ layer: name, channels, offset: statisticsSize });
				statisticsSize += 2 * channels;
			} else add(name, 'bias', [channels]);
		} else if (kind === 'dense') add(name, 'weight', [product(operation.inputShape), product(outputShape)]);
		else if (kind === 'neuron' && mode.neuron === 'lif') {
			add(name, 'threshold', []);
			add(name, 'leak', []);
		}
	}
	return { mode, entries, size, statistics, statisticsSize };
}

export function entryOf(layout: Layout, layer: string, role: Role): ParameterEntry {
	const entry = layout.entries.find((candidate) => candidate.layer === layer && candidate.role === role);
	if (!entry) throw new Error(`layer ${layer} has no ${role}`);
	return entry;
}

/** The part of a flat vector that belongs to one parameter (a view, not a copy). */
export const slice = (values: Float32Array, entry: ParameterEntry): Float32Array =>
	values.subarray(entry.offset, entry.offset + entry.size);

export const parameterValues = (layout: Layout, values: Float32Array, layer: string, role: Role): Float32Array =>
	slice(values, entryOf(layout, layer, role));

/**
 * Starting values: convolutions N(0, 2/(k²·Cout)) as published, dense layers N(0, 2/Nin), the output
 * layer N(0, 1/Nin), scale 1, the rest 0; thresholds and leaks 1.
 */
export function initialParameters(plan: Plan, layout: Layout, seed: number): Float32Array {
	const values = new Float32Array(layout.size);
	const output = synapsesOf(plan).at(-1)?.name;
	for (const [index, entry] of layout.entries.entries()) {
		const target = slice(values, entry);
		if (entry.role === 'weight') {
			const [first = 1, , kernel = 1] = entry.shape;
			const convolution = entry.shape.length === 4;
			const deviation = Math.sqrt(convolution ? 2 / (kernel * kernel * first) : (entry.layer === output ? 1 : 2) / first);
			const random = randomStream(seed, 1, index);
			for (let i = 0; i < target.length; i++) target[i] = deviation * normal(random);
		} else if (entry.role !== 'bias' && entry.role !== 'shift') target.fill(1);
	}
	return values;
}

/** Running statistics before any batch was seen: mean 0, variance 1. */
export function initialStatistics(layout: Layout): Float32Array {
	const values = new Float32Array(layout.statisticsSize);
	for (const { channels, offset } of layout.statistics) values.fill(1, offset + channels, offset + 2 * channels);
	return values;
}

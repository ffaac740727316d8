import { float32Scalar, float32Tensor } from '../model/tensors.ts';
import type { FanOut } from '../network/fan-out.ts';
import type { ValueSet } from '../network/value-sets.ts';
import { longestSum, type ProbeGraph } from './probe-graph.ts';
import { addAnalog, addMagnitude } from './tally.ts';
import type { Layout, Reader } from './value-readers.ts';
import { levelReader, valueReader } from './value-readers.ts';
import { addWeightedSum } from './weighted-sum.ts';

/**
 * How the nonzero elements of a tensor are read out of a run:
 * - `unit`: the graph proves the values are 0 and 1, so sums of values are counts
 * - `single`: 0 and ±θ, or numbers known to be analog: sums of the nonzero mask
 * - `levels`: few multiples of a known quantum: fetched as bytes
 * - `raw`: fetched as they are, and sorted by magnitude in TypeScript
 */
export type Reading =
	| { readonly kind: 'unit' }
	| { readonly kind: 'single'; readonly magnitude: number | null }
	| { readonly kind: 'levels'; readonly quantum: number; readonly exact: boolean }
	| { readonly kind: 'raw' };

/** Most magnitudes a spike tensor may have; average pooling of T-summed spikes stays far below. */
export const spikeMagnitudeLimit = 1024;

const magnitudesOf = (values: readonly number[]): number[] => [...new Set(values.map(Math.abs))].filter((value) => value !== 0);

/** Chooses the cheapest reading the value set allows. */
export function chooseReading(
	set: ValueSet | undefined,
	type: string,
	pilotValues: Float32Array | undefined,
	knownAnalog: boolean,
): Reading {
	if (knownAnalog) return { kind: 'single', magnitude: null };
	if (set?.kind === 'finite') {
		const magnitudes = magnitudesOf(set.values);
		const [only] = magnitudes;
		if (magnitudes.length === 0) return { kind: 'single', magnitude: 1 };
		if (magnitudes.length === 1 && only !== undefined) {
			return only === 1 && type === 'float32' && !set.values.includes(-1)
				? { kind: 'unit' }
				: { kind: 'single', magnitude: only };
		}
		const quantum = Math.min(...magnitudes);
		const multiples = magnitudes.map((value) => value / quantum);
		if (
			set.values.every((value) => value >= 0) &&
			multiples.every((value) => value < 255.5 && Math.abs(value - Math.round(value)) < 1e-4)
		) {
			return { kind: 'levels', quantum, exact: Number.isInteger(Math.log2(quantum)) };
		}
		return { kind: 'raw' };
	}
	if (set?.kind === 'any' && pilotValues && severalMagnitudes(pilotValues)) return { kind: 'single', magnitude: null };
	return { kind: 'raw' };
}

function severalMagnitudes(values: Float32Array): boolean {
	let first = 0;
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at] as number;
		const magnitude = value < 0 ? -value : value;
		if (magnitude === 0 || magnitude === first) continue;
		if (first !== 0) return true;
		first = magnitude;
	}
	return false;
}

export const layoutOf = (fanOut: FanOut): Layout => fanOut;

/** Counts elements, not synapses: every element is worth 1. */
export const plainLayout = (shape: readonly number[]): Layout => {
	const [channels = 1, ...rest] = shape;
	const positions = rest.reduce((product, size) => product * size, 1);
	return { channels, positions, byPosition: Float64Array.of(1), effective: null };
};

/** Adds what a reading needs to the graph and returns the function that reads it back. */
export function addReading(graph: ProbeGraph, tensor: string, reading: Reading, layout: Layout): Reader {
	switch (reading.kind) {
		case 'unit':
			return sumReader(graph, tensor, maskedSums(graph, tensor, layout), layout, 1);
		case 'single':
			return sumReader(
				graph,
				nonzero(graph, tensor),
				maskedSums(graph, nonzero(graph, tensor), layout),
				layout,
				reading.magnitude,
			);
		case 'levels':
			return levelReader(graph.output(levelBytes(graph, tensor, reading)), layout, reading.quantum);
		case 'raw':
			return valueReader(graph.output(graph.cast(graph.add('Identity', [tensor]), 'float')), layout);
	}
}

/** 1 where the tensor is not zero. */
export const nonzero = (graph: ProbeGraph, tensor: string): string => graph.cast(graph.cast(tensor, 'bool'), 'float');

/** What one sample's sums say: how many elements are 1, and what they are worth. */
interface Sums {
	readonly output: string;
	readonly read: (data: Float32Array, sample: number) => { elements: number; events: number };
}

/** Whole numbers stay exact in float32 below this. */
const exactBelow = 2 ** 24;

/** Sums already in a graph, by the mask they are of: elements are counted once, however many ask for them. */
const knownSums = new WeakMap<ProbeGraph, Map<string, Sums>>();

function maskedSums(graph: ProbeGraph, mask: string, layout: Layout): Sums {
	const known = knownSums.get(graph) ?? new Map<string, Sums>();
	knownSums.set(graph, known);
	const existing = known.get(mask);
	const everywhere = layout.byPosition[0] as number;
	if (existing && layout.byPosition.length === 1) {
		return {
			output: existing.output,
			read(data, sample) {
				const { elements } = existing.read(data, sample);
				return { elements, events: elements * everywhere };
			},
		};
	}
	const sums = newSums(graph, mask, layout);
	known.set(mask, sums);
	return sums;
}

/**
 * Sums of a 0/1 tensor and of the same weighted by position, reduced in the graph as far as float32 stays exact: to two
 * numbers a sample, or to one number a position where a weighted sum could grow too large.
 */
function newSums(graph: ProbeGraph, mask: string, layout: Layout): Sums {
	const { channels, positions, byPosition } = layout;
	const elements = channels * positions;
	const everywhere = byPosition[0] as number;
	if (byPosition.length === 1 && elements <= longestSum) {
		const output = graph.output(graph.sumOver(1, graph.reshape(mask, [-1, elements])));
		return {
			output,
			read: (data, sample) => ({ elements: data[sample] as number, events: (data[sample] as number) * everywhere }),
		};
	}
	const counts = channelSums(graph, mask, layout);
	const unit = byPosition.reduce(greatestCommonDivisor);
	const largest = byPosition.reduce((most, weight) => Math.max(most, weight), 0) / Math.max(1, unit);
	if (byPosition.length > 1 && unit > 0 && elements * largest < exactBelow) {
		const weights = graph.fresh(
			float32Tensor(
				Float32Array.from({ length: 2 * positions }, (_, at) => (at % 2 === 0 ? 1 : (byPosition[at >> 1] as number) / unit)),
				[positions, 2],
			),
		);
		return {
			output: graph.output(graph.add('MatMul', [counts, weights])),
			read: (data, sample) => ({ elements: data[2 * sample] as number, events: (data[2 * sample + 1] as number) * unit }),
		};
	}
	return {
		output: graph.output(counts),
		read(data, sample) {
			const sums = { elements: 0, events: 0 };
			for (let at = 0; at < positions; at += 1) {
				const count = data[sample * positions + at] as number;
				sums.elements += count;
				sums.events += count * (byPosition.length === 1 ? everywhere : (byPosition[at] as number));
			}
			return sums;
		},
	};
}

const greatestCommonDivisor = (a: number, b: number): number => (b === 0 ? a : greatestCommonDivisor(b, a % b));

/** [batch, 1, positions]: how many channels are 1 at each position. */
const channelSums = (graph: ProbeGraph, mask: string, layout: Layout): string =>
	graph.countRows(graph.reshape(mask, [-1, layout.channels, layout.positions]), layout.channels);

function sumReader(graph: ProbeGraph, mask: string, sums: Sums, layout: Layout, magnitude: number | null): Reader {
	const digits = layout.effective ? addWeightedSum(graph, mask, layout.effective) : null;
	return (results, rows, into, perSample) => {
		const data = results[sums.output]?.data as Float32Array;
		const effective = digits?.(results);
		for (let sample = 0; sample < rows; sample += 1) {
			const { elements, events } = sums.read(data, sample);
			perSample[sample] = events;
			const nonzeroWeights = effective ? effective(sample) : events;
			if (magnitude === null) addAnalog(into, elements, events, nonzeroWeights);
			else addMagnitude(into, magnitude, elements, events, nonzeroWeights);
		}
	};
}

function levelBytes(graph: ProbeGraph, tensor: string, reading: { readonly quantum: number; readonly exact: boolean }): string {
	const scale = graph.constant(`scale_${1 / reading.quantum}`, () => float32Scalar(1 / reading.quantum));
	const scaled = reading.quantum === 1 ? graph.cast(tensor, 'float') : graph.add('Mul', [graph.cast(tensor, 'float'), scale]);
	// Half a level more, cut off by the cast, rounds; the Round operator came with opset 11 only.
	const half = graph.constant('half', () => float32Scalar(0.5));
	return graph.cast(reading.exact ? scaled : graph.add('Add', [scaled, half]), 'uint8');
}

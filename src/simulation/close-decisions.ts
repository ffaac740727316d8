import { int } from '../model/attributes.ts';
import type { ConstantTensor } from '../model/graph.ts';
import { elementCount, float32Scalar, float32Tensor, tensorValues, uint8Tensor } from '../model/tensors.ts';
import type { DecisionThreshold } from '../network/network.ts';
import type { ProbeGraph } from './probe-graph.ts';

/**
 * A decision is close where |membrane − threshold| ≤ this · |threshold|: within what another order of summation changes, so that
 * another runtime or machine may decide otherwise.
 */
const closeTolerance = 1e-5;

/**
 * Decisions are compared with their thresholds in the first samples of a run. Looking at every element of every membrane costs up
 * to a tenth of the counting; so many samples hold enough decisions to tell how many are close.
 */
export const closeSamples = 64;

/** Reads how many decisions of the first `rows` samples are close. */
export type CloseReader = (results: Readonly<Record<string, { readonly data: unknown }>>, rows: number) => number;

/** Tensors whose shapes tell whether a comparison gives one answer a neuron. */
export const comparedTensors = (one: DecisionThreshold): string[] =>
	one.kind === 'steps' ? [one.value] : [one.value, ...(one.level === null ? [] : [one.level]), one.scale];

/**
 * Whether comparing gives one answer for every neuron of every sample: a decision may be spread over the neurons behind it, or be
 * that of a whole batch.
 *
 * @param dimsOf shapes, batch axis included
 * @param shape sample shape of the layer
 */
export function answersEach(
	one: DecisionThreshold,
	dimsOf: (tensor: string) => readonly number[] | undefined,
	batch: number,
	shape: readonly number[],
): boolean {
	const all = comparedTensors(one).map(dimsOf);
	const rank = Math.max(...all.map((dims) => dims?.length ?? 0));
	const answer = Array.from({ length: rank }, (_, axis) =>
		Math.max(...all.map((dims) => dims?.[axis - rank + dims.length] ?? 1)),
	);
	return all.every((dims) => dims !== undefined) && answer[0] === batch && elementCount(answer.slice(1)) === elementCount(shape);
}

export interface CloseProbes {
	/** The graph's input that is true where decisions need not be compared; null where there is none. */
	readonly unlooked: string | null;
	/**
	 * Asks for the close decisions of one place of a neuron layer.
	 *
	 * @param shape sample shape of the layer
	 */
	add(thresholds: readonly DecisionThreshold[], shape: readonly number[]): CloseReader;
	/** Adds the probes to the graph, once everything is asked for. */
	finish(): void;
}

/**
 * Probes for close decisions: a column of counts for every place and threshold, all behind one condition, since a condition of its
 * own for each would cost more than what it saves.
 *
 * @param constants of the graph
 */
export function closeProbes(graph: ProbeGraph, constants: ReadonlyMap<string, ConstantTensor>): CloseProbes {
	const columns: (() => string)[] = [];
	// Graphs of older operators have no condition: they are looked at in every batch.
	const unlooked = graph.opset >= 11 ? graph.flag('unlooked') : null;
	let counts = '';
	return {
		unlooked,
		add(thresholds, shape) {
			const first = columns.length;
			for (const one of thresholds)
				columns.push(() =>
					sums(graph, one.kind === 'level' ? closeToLevel(graph, one, constants) : closeToStep(graph, one), elementCount(shape)),
				);
			const end = columns.length;
			return (results, rows) => {
				const data = results[counts]?.data as Float32Array;
				let sum = 0;
				for (let row = 0; row < rows; row += 1)
					for (let column = first; column < end; column += 1) sum += data[row * columns.length + column] as number;
				return sum;
			};
		},
		finish() {
			if (columns.length === 0) return;
			const all = (): string =>
				graph.add(
					'Concat',
					columns.map((column) => column()),
					{ axis: int(1) },
				);
			counts = graph.output(unlooked === null ? all() : graph.unless(unlooked, all));
		},
	};
}

/** Counts by sample, [batch, 1]. A product of bytes with ones is the quickest sum; graphs older than that operator add numbers. */
function sums(graph: ProbeGraph, mask: string, elements: number): string {
	if (graph.opset < 10) return graph.sumOver(1, graph.reshape(graph.cast(mask, 'float'), [-1, elements]));
	const ones = graph.constant(`bytes_${elements}`, () => uint8Tensor(new Uint8Array(elements).fill(1), [elements, 1]));
	return graph.cast(graph.add('MatMulInteger', [graph.reshape(graph.cast(mask, 'uint8'), [-1, elements]), ones]), 'float');
}

const size = (graph: ProbeGraph, tensor: string): string => graph.add('Abs', [graph.cast(tensor, 'float')]);

function closeToLevel(
	graph: ProbeGraph,
	{ value, level, scale }: DecisionThreshold & { kind: 'level' },
	constants: ReadonlyMap<string, ConstantTensor>,
): string {
	const constant = constants.get(scale);
	const distance = (): string => size(graph, level === null ? value : graph.add('Sub', [value, level]));
	if (!constant) return atMost(graph, distance(), timesTolerance(graph, size(graph, scale)));
	const thresholds = tensorValues(constant);
	const tolerances = Float32Array.from(thresholds, (threshold) => Math.abs(threshold) * Math.fround(closeTolerance));
	const side = (name: string, values: Float32Array): string =>
		graph.constant(`${name}/${scale}`, () => float32Tensor(values, constant.dims));
	if (level === null || constant.type !== 'float32' || graph.opset < 12)
		return atMost(graph, distance(), side('tolerance', tolerances));
	// Between two numbers: one pass less, and the same, since so near to the threshold the difference is exact.
	const low = Float32Array.from(thresholds, (threshold, at) => roundedUp(threshold - (tolerances[at] as number)));
	const high = Float32Array.from(thresholds, (threshold, at) => -roundedUp(-threshold - (tolerances[at] as number)));
	return graph.add('Xor', [
		graph.add('GreaterOrEqual', [value, side('low', low)]),
		graph.add('Greater', [value, side('high', high)]),
	]);
}

/** The least float32 that is not below a number. */
function roundedUp(number: number): number {
	const nearest = Math.fround(number);
	if (nearest >= number) return nearest;
	const bits = new DataView(new ArrayBuffer(4));
	bits.setFloat32(0, nearest);
	bits.setInt32(0, bits.getInt32(0) + (nearest > 0 ? 1 : -1));
	return bits.getFloat32(0);
}

function closeToStep(graph: ProbeGraph, step: DecisionThreshold & { kind: 'steps' }): string {
	const { value, factor, offset, zero, shift, low, high } = step;
	const number = (of: number): string => graph.constant(`number/${of}`, () => float32Scalar(of));
	const times = (tensor: string, by: number): string => (by === 1 ? tensor : graph.add('Mul', [tensor, number(by)]));
	const plus = (tensor: string, more: number): string => (more === 0 ? tensor : graph.add('Add', [tensor, number(more)]));
	const x = plus(times(graph.cast(value, 'float'), factor), offset);
	let nearest = plus(graph.add('Floor', [plus(x, 0.5 - shift)]), shift);
	if (Number.isFinite(low)) nearest = graph.add('Max', [nearest, number(low)]);
	if (Number.isFinite(high)) nearest = graph.add('Min', [nearest, number(high)]);
	const threshold = graph.add('Abs', [plus(nearest, -zero)]);
	return atMost(graph, graph.add('Abs', [graph.add('Sub', [x, nearest])]), timesTolerance(graph, threshold));
}

const timesTolerance = (graph: ProbeGraph, tensor: string): string =>
	graph.add('Mul', [tensor, graph.constant('tolerance', () => float32Scalar(closeTolerance))]);

/** a ≤ b; what is no number is not. */
function atMost(graph: ProbeGraph, a: string, b: string): string {
	if (graph.opset >= 12) return graph.add('LessOrEqual', [a, b]);
	const notAbove = graph.add('Not', [graph.add('Greater', [a, b])]);
	return graph.opset < 9 ? notAbove : graph.add('And', [notAbove, graph.add('Not', [graph.add('IsNaN', [a])])]);
}

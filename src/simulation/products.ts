import type { SpikeTest, SynapticLayerActivity } from '../activity/activity.ts';
import { noSynapticCounts, sumCounts, synapticCounts } from '../activity/counts.ts';
import { elementCount, float32Tensor } from '../model/tensors.ts';
import type { Network, ProductCall, ProductLayer } from '../network/network.ts';
import { type Classification, classify } from './classify.ts';
import type { Pilot } from './pilot.ts';
import type { ProbeGraph } from './probe-graph.ts';
import { addReading, nonzero, plainLayout, type Reading, spikeMagnitudeLimit } from './readings.ts';
import type { ProductFacts, ProductShape } from './run-facts.ts';
import { type Tally, tally } from './tally.ts';
import type { Reader } from './value-readers.ts';

/**
 * Products of activations by activations (attention) are counted by a rule of their own: an event is a pair of nonzero
 * elements that meet, Σ over k of nonzero(left[:, k]) · nonzero(right[k, :]). It is an accumulate where one of the two
 * operands is spikes of one height over the whole run (the other's value is then added or not), else a
 * multiply-accumulate.
 *
 * @see docs/method.md
 */

/** @returns null for products whose operands do not lead with the batch, or whose leading axes differ: these are not counted */
export function productShape({ calls }: ProductLayer, pilot: Pilot): ProductShape | null {
	const [call] = calls;
	const sample = (tensor: string): readonly number[] | null => {
		const shape = pilot.shapes.get(tensor);
		return shape && shape.length >= 3 && shape[0] === pilot.batch ? shape.slice(1) : null;
	};
	const [left, right, output] = [sample(call?.left ?? ''), sample(call?.right ?? ''), sample(call?.output ?? '')];
	if (!left || !right || !output || left.length !== right.length) return null;
	const leading = left.slice(0, -2);
	if (!leading.every((size, axis) => size === right[axis])) return null;
	const size = (operand: readonly number[], axis: -1 | -2): number => operand.at(axis) as number;
	const { transposed } = call as ProductCall;
	const [rows, inner] = [size(left, transposed.left ? -1 : -2), size(left, transposed.left ? -2 : -1)];
	const columns = size(right, transposed.right ? -2 : -1);
	return { left, right, output, blocks: elementCount(leading), rows, inner, columns };
}

/** Operands whose shapes and values the pilot has to find. */
export const operandTensors = (network: Network): string[] =>
	network.products.flatMap(({ calls }) => calls.flatMap(({ left, right }) => [left, right]));

export interface ProductReading {
	readonly product: number;
	readonly call: ProductCall;
	readonly left: Reader;
	readonly right: Reader;
	/** Pairs of nonzero elements of one sample. */
	readonly pairs: (results: Results, sample: number) => number;
}

type Results = Readonly<Record<string, { readonly data: unknown }>>;

/** Probes for all uses of one product. */
export function addProduct(
	graph: ProbeGraph,
	product: number,
	call: ProductCall,
	shape: ProductShape,
	readingOf: (tensor: string) => Reading,
): ProductReading {
	const [left, right] = [readingOf(call.left), readingOf(call.right)];
	const mask = (tensor: string, reading: Reading): string => (reading.kind === 'unit' ? tensor : nonzero(graph, tensor));
	const { blocks, rows, inner, columns } = shape;
	/** Nonzero elements for each of the `inner` places where elements meet: the other axis, of `size`, is summed over. */
	const counts = (tensor: string, reading: Reading, size: number, innerFirst: boolean): string => {
		const matrices = graph.reshape(mask(tensor, reading), innerFirst ? [-1, inner, size] : [-1, size, inner]);
		if (!innerFirst) return graph.output(graph.countRows(matrices, size));
		const ones = graph.constant(`ones_${size}x1`, () => float32Tensor(new Float32Array(size).fill(1), [size, 1]));
		return graph.output(graph.add('MatMul', [matrices, ones]));
	};
	const leftCounts = counts(call.left, left, rows, call.transposed.left);
	const rightCounts = counts(call.right, right, columns, !call.transposed.right);
	const width = blocks * inner;
	return {
		product,
		call,
		left: addReading(graph, call.left, left, plainLayout(shape.left)),
		right: addReading(graph, call.right, right, plainLayout(shape.right)),
		pairs(results, sample) {
			const [a, b] = [results[leftCounts]?.data as ArrayLike<number>, results[rightCounts]?.data as ArrayLike<number>];
			let pairs = 0;
			for (let at = sample * width; at < (sample + 1) * width; at += 1) pairs += (a[at] as number) * (b[at] as number);
			return pairs;
		},
	};
}

/** What was counted of one product. */
export interface ProductTallies {
	/** [timestep] */
	readonly left: readonly Tally[];
	readonly right: readonly Tally[];
	readonly pairs: Float64Array;
	readonly perSample: Float64Array;
}

export function productTallies(network: Network, timesteps: number, samples: number): ProductTallies[] {
	const spiking = (tensor: string): boolean => {
		const set = network.valueSets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	return network.products.map(({ calls }) => {
		const tallies = (operand: 'left' | 'right'): Tally[] => {
			const limit = calls.every((call) => spiking(call[operand])) ? spikeMagnitudeLimit : 1;
			return Array.from({ length: timesteps }, () => tally(limit, false));
		};
		return {
			left: tallies('left'),
			right: tallies('right'),
			pairs: new Float64Array(timesteps),
			perSample: new Float64Array(samples),
		};
	});
}

/** Adds one batch. `scratch` is room for a number a sample. */
export function readProduct(
	reading: ProductReading,
	results: Results,
	batch: { readonly rows: number; readonly first: number; readonly timestep: number; readonly times: number },
	into: ProductTallies,
	scratch: Float64Array,
): void {
	const { rows, first, timestep, times } = batch;
	reading.left(results, rows, into.left[timestep] as Tally, scratch);
	reading.right(results, rows, into.right[timestep] as Tally, scratch);
	for (let row = 0; row < rows; row += 1) {
		const pairs = reading.pairs(results, row);
		into.pairs[timestep] = (into.pairs[timestep] as number) + pairs;
		into.perSample[first + row] = (into.perSample[first + row] as number) + pairs * times;
	}
}

export interface FinishedProduct {
	readonly layer: SynapticLayerActivity;
	/** True when its events are accumulates. */
	readonly accumulates: boolean;
}

/** Products have no weights that could hold heights. */
const operand = { oneHeight: false, amplitudes: false } as const;

/** @param charged  timesteps a product computed once for all of them is charged for */
export function finishProduct(
	product: ProductFacts,
	shape: ProductShape,
	tallies: ProductTallies,
	run: { readonly samples: number; readonly timesteps: number; readonly charged: number; readonly spikeTest: SpikeTest },
): FinishedProduct {
	const { blocks, rows, inner, columns } = shape;
	const denseMacs = blocks * rows * inner * columns;
	const left = classify({ tallies: tallies.left, fromThreshold: product.leftFromThreshold, ...operand }, run.spikeTest, 'mac');
	const right = classify({ tallies: tallies.right, fromThreshold: product.rightFromThreshold, ...operand }, run.spikeTest, 'mac');
	const accumulates = left.inputKind === 'spikes' || right.inputKind === 'spikes';
	const weaker = left.inputKind === 'spikes' ? right : left;
	const perTimestep = Array.from({ length: run.timesteps }, (_, timestep) => {
		const used = product.timeInvariant ? timestep < run.charged : product.used[timestep] === true;
		const from = product.timeInvariant ? 0 : timestep;
		const events = used ? (tallies.pairs[from] as number) : 0;
		const dense = used ? denseMacs * run.samples : 0;
		const active = (tallies.left[from]?.active ?? 0) + (tallies.right[from]?.active ?? 0);
		return synapticCounts({
			denseMacs: dense,
			synapses: dense,
			inputElements: used ? (elementCount(shape.left) + elementCount(shape.right)) * run.samples : 0,
			active: used ? active : 0,
			events,
			effectiveEvents: events,
			acs: accumulates ? events : 0,
			macs: accumulates ? 0 : events,
			dense: !accumulates,
			hasWeights: false,
		});
	});
	return {
		accumulates,
		layer: {
			kind: 'synaptic',
			name: product.name,
			op: product.op,
			inputKind: accumulates ? 'spikes' : weaker.inputKind,
			spikeMagnitude: accumulates ? (left.inputKind === 'spikes' ? left.theta : right.theta) : null,
			inputReason: `activations times activations: ${operandName(left)} times ${operandName(right)}, ${accumulates ? 'an accumulate' : 'a multiply-accumulate'} for each pair of nonzero elements that meet`,
			source: product.sources.length === 1 ? (product.sources[0] as string) : null,
			geometry: {
				denseMacs,
				synapses: denseMacs,
				effectiveSynapses: denseMacs,
				inputElements: elementCount(shape.left) + elementCount(shape.right),
				outputElements: elementCount(shape.output),
				weightElements: 0,
				biasElements: 0,
				inputShape: shape.left,
				outputShape: shape.output,
				kernel: null,
				stride: null,
				groups: 1,
			},
			perTimestep,
			totals: sumCounts(perTimestep, noSynapticCounts),
		},
	};
}

const operandName = ({ inputKind }: Classification): string =>
	inputKind === 'spikes' ? 'spikes' : inputKind === 'graded' ? 'graded spikes' : 'numbers';

import { type InferenceSession, Tensor } from 'onnxruntime-common';
import { sameBytes } from '../../bytes.ts';
import { type ConstantTensor, type Dimension, type GraphNode, type Model, node, type TensorInfo } from '../../model/graph.ts';
import { isRandom, mayGiveNoTensor, operatorFacts } from '../../model/operators/index.ts';
import { elementBytes, elementCount, mostElements } from '../../model/tensors.ts';
import { createSession, fromRuntime } from '../../runtime/session.ts';
import type { Size } from './batch-sizes.ts';
import { batchSizes } from './batch-sizes.ts';
import { freshNames } from './fresh-names.ts';

/** Shapes of a graph's tensors, found by running it on zeros at two batch sizes. */
export interface Measured {
	/** The two batch sizes; equal where the file fixes the batch. */
	readonly batch: Size;
	shapeOf(tensor: string): readonly Size[] | null;
	/** Value of a tensor that is computed from shapes and constants alone and is the same for every batch, or null. */
	valueOf(tensor: string): ConstantTensor | null;
	/** The same at both batch sizes, also where it depends on the batch. */
	valuesOf(tensor: string): readonly [ConstantTensor, ConstantTensor] | null;
}

/**
 * Measures a graph. Only shapes come back, so memory stays that of one small run.
 *
 * @returns null when the graph's inputs leave more than the batch open, or onnxruntime does not run it
 */
export async function measure(model: Model): Promise<Measured | null> {
	const { graph } = model;
	if (!graph.inputs.every(({ dims, type }) => dims !== null && type !== null && type in zeros && openAxes(dims) <= 1))
		return null;
	// Sizes of a damaged file: a run on zeros of that many would take hours or the machine's memory.
	if (graph.inputs.some((info) => elementCount(sized(info, 1)) > mostElements)) return null;
	const probed = withShapes(model);
	let session: InferenceSession;
	try {
		session = await createSession(probed.model, '', { optimize: false });
	} catch {
		return null;
	}
	try {
		const fixed = graph.inputs.every(({ dims }) => openAxes(dims ?? []) === 0);
		const own = fixedBatch(graph.inputs);
		for (const batch of fixed ? ([[own, own]] as const) : batchSizes(graph)) {
			if (graph.inputs.some((info) => elementCount(sized(info, batch[1])) > mostElements)) continue;
			const runs = await runTwice(session, graph.inputs, batch);
			if (runs) return readMeasures(probed, graph.inputs, batch, runs);
		}
		return null;
	} finally {
		await session.release();
	}
}

const openAxes = (dims: readonly Dimension[]): number => dims.filter((dim) => typeof dim !== 'number').length;
const fixedBatch = ([first]: readonly TensorInfo[]): number => (typeof first?.dims?.[0] === 'number' ? first.dims[0] : 1);

type Results = Readonly<Record<string, Tensor>>;

async function runTwice(
	session: InferenceSession,
	inputs: readonly TensorInfo[],
	batch: Size,
): Promise<[Results, Results] | null> {
	try {
		const first = (await session.run(feeds(inputs, batch[0]))) as Results;
		return [first, batch[0] === batch[1] ? first : ((await session.run(feeds(inputs, batch[1]))) as Results)];
	} catch {
		return null;
	}
}

const sized = ({ dims }: TensorInfo, batch: number): number[] =>
	(dims ?? []).map((dim) => (typeof dim === 'number' ? dim : batch));

function feeds(inputs: readonly TensorInfo[], batch: number): Record<string, Tensor> {
	return Object.fromEntries(
		inputs.map((info) => {
			const dims = sized(info, batch);
			const make = zeros[info.type ?? 'float32'] as (count: number) => Tensor['data'];
			return [info.name, new Tensor(info.type as 'float32', make(elementCount(dims)) as Float32Array, dims)];
		}),
	);
}

const zeros: Readonly<Record<string, (count: number) => Tensor['data']>> = {
	float32: (count) => new Float32Array(count),
	float64: (count) => new Float64Array(count),
	float16: (count) => new Uint16Array(count),
	int64: (count) => new BigInt64Array(count),
	int32: (count) => new Int32Array(count),
	int8: (count) => new Int8Array(count),
	uint8: (count) => new Uint8Array(count),
	bool: (count) => new Uint8Array(count),
};

interface Probed {
	readonly model: Model;
	/** Output that holds a tensor's shape. */
	readonly shapes: ReadonlyMap<string, string>;
	/** Tensors whose values come back too. */
	readonly values: readonly string[];
}

/** Nodes that do not depend on control flow or lists: what decides a loop's number of trips lies before it. */
function measurable(nodes: readonly GraphNode[]): GraphNode[] {
	const left = new Set<string>();
	return nodes.filter((candidate) => {
		const out = mayGiveNoTensor(candidate) || candidate.inputs.some((name) => left.has(name));
		if (out) for (const name of candidate.outputs) left.add(name);
		return !out;
	});
}

function withShapes(model: Model): Probed {
	const { graph } = model;
	const names = freshNames(graph);
	const shapes = new Map<string, string>();
	const values: string[] = [];
	const derived = new Set<string>(graph.constants.keys());
	const probes: GraphNode[] = [];
	const nodes = measurable(graph.nodes);
	for (const candidate of nodes) {
		const fromShapes =
			operatorFacts(candidate)?.readsShape === true ||
			(candidate.inputs.length > 0 &&
				candidate.inputs.every((name) => name === '' || derived.has(name)) &&
				!isRandom(candidate, (name) => graph.constants.get(name)));
		for (const output of candidate.outputs) {
			if (output === '') continue;
			if (fromShapes) {
				derived.add(output);
				values.push(output);
			}
			const shape = names.take(`${output}/shape`);
			shapes.set(output, shape);
			probes.push(node('Shape', [output], [shape], { name: shape }));
		}
	}
	const outputs = [...shapes.values(), ...values].map((name) => ({ name, type: null, dims: null }));
	return { model: { ...model, graph: { ...graph, nodes: [...nodes, ...probes], outputs } }, shapes, values };
}

/** Longer values are not what a shape computation gives. */
const longestValue = 4096;
/** What is the same for every batch may be as long as a mask over neurons. */
const longestMask = 2 ** 20;

function readMeasures(probed: Probed, inputs: readonly TensorInfo[], batch: Size, [a, b]: [Results, Results]): Measured {
	const shapes = new Map<string, readonly Size[]>();
	const pairs = (first: readonly number[], second: readonly number[]): Size[] | null =>
		first.length === second.length ? first.map((size, axis): Size => [size, second[axis] as number]) : null;
	const numbers = (tensor: Tensor | undefined): number[] => Array.from((tensor?.data ?? []) as BigInt64Array, Number);
	for (const info of inputs) shapes.set(info.name, pairs(sized(info, batch[0]), sized(info, batch[1])) ?? []);
	for (const [tensor, output] of probed.shapes) {
		const sizes = pairs(numbers(a[output]), numbers(b[output]));
		if (sizes) shapes.set(tensor, sizes);
	}
	const values = new Map<string, readonly [ConstantTensor, ConstantTensor]>();
	for (const name of probed.values) {
		const [first, second] = [a[name], b[name]].map((tensor) => (tensor ? fromRuntime(tensor) : null));
		if (!first || !second || elementBytes[first.type] === 0) continue;
		const same = batch[0] !== batch[1] && sameBytes(first.bytes, second.bytes);
		if (elementCount(first.dims) <= (same ? longestMask : longestValue)) values.set(name, [first, second]);
	}
	const valuesOf = (tensor: string): readonly [ConstantTensor, ConstantTensor] | null => values.get(tensor) ?? null;
	return {
		batch,
		shapeOf: (tensor) => shapes.get(tensor) ?? null,
		valueOf(tensor) {
			const pair = valuesOf(tensor);
			return pair && sameBytes(pair[0].bytes, pair[1].bytes) ? pair[0] : null;
		},
		valuesOf,
	};
}

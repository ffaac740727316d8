import type { Tensor } from 'onnxruntime-common';
import { UserError } from '../errors.ts';
import { type ConstantTensor, type Graph, type GraphNode, node, type TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { mayGiveNoTensor } from '../model/operators/index.ts';
import { elementBytes, int64Tensor, tensorValues } from '../model/tensors.ts';
import type { Network } from '../network/network.ts';
import { createSession, inputTensor, runSession } from '../runtime/session.ts';
import { withInputDims } from './input-dims.ts';
import { zeros } from './memory.ts';
import * as messages from './messages.ts';
import type { Watch, WatchedValues } from './watch.ts';

/** Shapes and first values of the tensors that are counted, from one small run of the unchanged graph. */
export interface Pilot {
	/** Batch the pilot ran with; the model's own where it is fixed. */
	readonly batch: number;
	/** Full shapes, batch axis included. */
	readonly shapes: ReadonlyMap<string, readonly number[]>;
	/** onnxruntime's element types. */
	readonly types: ReadonlyMap<string, string>;
	/** Values of tensors whose kind the graph alone does not prove. */
	readonly values: ReadonlyMap<string, Float32Array>;
	/** Values of the tensors that are looked at against the structure. */
	readonly watched: WatchedValues;
	/** State shapes for a batch of one, batch axis included. */
	readonly stateShapes: ReadonlyMap<string, readonly number[]>;
}

/** What the pilot is to find. */
export interface PilotRequest {
	readonly shapes: readonly string[];
	readonly values: readonly string[];
	/** Whether the shapes of all other tensors are wanted too. */
	readonly everyShape: boolean;
	/** Tensors whose values are looked at against the structure, for the first timesteps of a step model. */
	readonly watch?: Pick<Watch, 'tensors' | 'steps'> | undefined;
	/** False when no wanted value depends on the weights: then zeros stand in for them, which need no copying. */
	readonly needsWeights: boolean;
}

/** Batch size the file fixes, or null when it is free. */
export function fixedBatch(input: TensorInfo, axis: number): number | null {
	const dim = input.dims?.[axis];
	return typeof dim === 'number' ? dim : null;
}

/**
 * Position of the batch axis: the axis the file leaves open; the first one if the file leaves none or several open.
 * An input that leads with the graph's timesteps has its batch second.
 */
export function batchAxisOf(network: Pick<Network, 'input' | 'mode' | 'timesteps' | 'batchAxis'>): 0 | 1 {
	if (network.batchAxis !== undefined) return network.batchAxis;
	const { dims } = network.input;
	if (!dims || dims.length < 2) return 0;
	if (typeof dims[0] !== 'number') return isTimeName(dims[0] ?? null) && typeof dims[1] !== 'number' ? 1 : 0;
	if (typeof dims[1] !== 'number') return 1;
	return network.mode === 'unrolled' && dims.length >= 3 && dims[0] === network.timesteps ? 1 : 0;
}

const isTimeName = (dim: string | null): boolean =>
	dim !== null && /^(t|time|timesteps?|steps?|seq(uence)?(_len(gth)?)?|num_steps)$/i.test(dim);

/** One batch of data, and what it is at later timesteps. */
export interface PilotSample {
	readonly values: Float32Array;
	readonly dims: readonly number[];
	readonly batch: number;
	readonly later?: ((step: number) => { readonly values: Float32Array; readonly dims: readonly number[] }) | undefined;
}

/** @param sample one batch of data for the pilot: [batch, …] or [timesteps, batch, …] */
export async function runPilot(network: Network, sample: PilotSample, wanted: PilotRequest): Promise<Pilot> {
	const { file, model, input, states } = network;
	const watching = wanted.watch?.tensors ?? [];
	const fetches = [...new Set([...wanted.shapes, ...wanted.values, ...watching])].filter(
		(name) => name !== input.name && !states.some((state) => state.input === name),
	);
	const outputs = [...new Set([...fetches, ...states.map(({ output }) => output)])];
	const measured = wanted.everyShape ? measurable(model.graph, outputs) : [];
	const base = wanted.needsWeights || watching.length > 0 ? model.graph : withoutWeights(model.graph);
	const graph = {
		...base,
		nodes: [...base.nodes, ...measured.map((tensor, at) => node('Shape', [tensor], [shapeOutput(at)]))],
		outputs: [...outputs, ...measured.map((_, at) => shapeOutput(at))].map((name) => ({ name, type: null, dims: null })),
	};
	const feeds: Record<string, Tensor> = { [input.name]: inputTensor(sample.values, sample.dims, input.type, input.name, file) };
	const stateShapes = new Map<string, readonly number[]>();
	for (const state of states) {
		const info = model.graph.inputs.find(({ name }) => name === state.input) as TensorInfo;
		const dims = stateDims(info, sample.batch, file);
		stateShapes.set(state.input, dims);
		feeds[state.input] = initialState(state, info, dims, file);
	}
	const sized = withInputDims(graph, new Map([[input.name, sample.dims], ...stateShapes]));
	const session = await createSession({ ...model, graph: sized }, file, { optimize: false });
	try {
		const results = await runSession(
			session,
			feeds,
			graph.outputs.map(({ name }) => name),
			file,
		);
		const shapes = new Map<string, readonly number[]>([[input.name, sample.dims], ...stateShapes]);
		for (const [at, name] of measured.entries())
			shapes.set(name, Array.from(results[shapeOutput(at)]?.data as BigInt64Array, Number));
		const types = new Map<string, string>([[input.name, input.type ?? 'float32']]);
		for (const name of fetches) {
			shapes.set(name, results[name]?.dims ?? []);
			types.set(name, results[name]?.type ?? 'float32');
		}
		const values = new Map<string, Float32Array>();
		for (const name of wanted.values) {
			const data = name === input.name ? sample.values : results[name]?.data;
			if (data instanceof Float32Array) values.set(name, data);
		}
		const watched = [watchedIn(results, watching)];
		let held = results;
		for (let step = 1; step < (wanted.watch?.steps ?? 1); step += 1) {
			const data = sample.later?.(step) ?? sample;
			feeds[input.name] = inputTensor(data.values, data.dims, input.type, input.name, file);
			for (const state of states) feeds[state.input] = held[state.output] as Tensor;
			held = await runSession(session, feeds, outputs, file);
			watched.push(watchedIn(held, watching));
		}
		return { batch: sample.batch, shapes, types, values, watched, stateShapes };
	} finally {
		await session.release();
	}
}

const watchedIn = (results: Readonly<Record<string, Tensor>>, names: readonly string[]): Map<string, Tensor> =>
	new Map(names.flatMap((name) => (results[name] ? [[name, results[name]] as const] : [])));

const shapeOutput = (at: number): string => `snn-energy/shape/${at}`;

/** Tensors between the nodes; what control flow and lists give may be no tensor. */
const measurable = (graph: Graph, others: readonly string[]): string[] => {
	const known = new Set(['', ...others]);
	return graph.nodes
		.filter((one) => !mayGiveNoTensor(one))
		.flatMap(({ outputs }) => outputs)
		.filter((name) => !known.has(name));
};

/** A state before the first timestep, repeated for every sample of the batch. */
export function initialState({ initial, input }: StatePairing, info: TensorInfo, dims: readonly number[], file: string): Tensor {
	const values = zeros(dims, `${file}: state "${input}"`);
	if (typeof initial === 'number') values.fill(initial);
	else {
		const one = tensorValues(initial);
		for (let at = 0; at < values.length; at += 1) values[at] = one[at % one.length] as number;
	}
	return inputTensor(values, dims, info.type, input, file);
}

/** Shape of a state for a batch: the open axis is the batch; all other sizes must be in the file. */
function stateDims(info: TensorInfo, batch: number, file: string): number[] {
	if (!info.dims) throw new UserError(messages.stateShape(file, info.name));
	const open = info.dims.filter((dim) => typeof dim !== 'number').length;
	if (open > 1) throw new UserError(messages.stateShape(file, info.name));
	return info.dims.map((dim) => (typeof dim === 'number' ? dim : batch));
}

/** Constants above this size are weights; smaller ones may be shapes or indices, on which shapes depend. */
const weightBytes = 65536;

/** The same graph with zeros for its weights: same shapes, nothing to copy. */
function withoutWeights(graph: Graph): Graph {
	const constants = new Map<string, ConstantTensor>();
	const zeros: GraphNode[] = [];
	for (const [name, tensor] of graph.constants) {
		if (tensor.bytes.length <= weightBytes) {
			constants.set(name, tensor);
			continue;
		}
		const zero: ConstantTensor = { type: tensor.type, dims: [1], bytes: new Uint8Array(elementBytes[tensor.type]) };
		constants.set(`${name}/shape`, int64Tensor([...tensor.dims]));
		zeros.push(node('ConstantOfShape', [`${name}/shape`], [name], { attributes: { value: { kind: 'tensor', value: zero } } }));
	}
	return { ...graph, constants, nodes: [...zeros, ...graph.nodes] };
}

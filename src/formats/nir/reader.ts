import { files } from '#platform/files';
import { codeOf, UserError } from '../../errors.ts';
import { type GraphDraft, graphDraft } from '../graph-draft.ts';
import type { ModelSource } from '../source.ts';
import { decodeNir } from './decode.ts';
import { add, closeState, openState, withBatch } from './emit/builder.ts';
import type { EmitContext, Reset } from './emit/context.ts';
import { delayLine, delaySteps } from './emit/delay.ts';
import { convolution, flatten, linear, pool, scale } from './emit/layers.ts';
import { currentLeakyIntegrate, integrate, leakyIntegrate, threshold } from './emit/neurons.ts';
import { type FlatGraph, type FlatNode, flattenGraph } from './flatten.ts';
import { assumptions, messages } from './messages.ts';
import { type Edge, schedule } from './order.ts';
import type { NirFile, NirPrimitive } from './records.ts';
import { inferShapes, type NodeShapes } from './shapes.ts';
import { otherTimesteps, timeAssumptions } from './time-assumptions.ts';

export interface NirOptions {
	/** Length of a timestep in seconds. __Default value:__ 1e-4 */
	readonly dt?: number | undefined;
	/** What a spike does to the membrane potential: set it to v_reset, or subtract the threshold. __Default value:__ "zero" */
	readonly reset?: Reset | undefined;
}

const defaultTimestep = 1e-4;
/** Metadata of a model that was read from NIR: lengths of a timestep that the file may mean too, in seconds. */
export const otherTimestepsKey = 'nir.otherTimesteps';
/** The operator set the graph is written in. */
const opset = 17;

/**
 * Reads a .nir file as a step model.
 * @throws UserError if the file is missing, damaged, or cannot be read as one timestep after another
 */
export async function readNir(path: string, options: NirOptions = {}): Promise<ModelSource> {
	let bytes: Uint8Array;
	try {
		bytes = files.read(path);
	} catch (error) {
		if (error instanceof UserError) throw error;
		const code = codeOf(error);
		throw new UserError(code === 'ENOENT' ? messages.missing(path) : messages.unreadable(path, String(code ?? error)), {
			cause: error,
		});
	}
	return nirToModel(decodeNir(bytes, path), path, options);
}

/**
 * One timestep of a NIR graph as ONNX operators: graph inputs are the NIR inputs and one tensor a state, outputs the NIR outputs and
 * the states after the timestep. Continuous equations are integrated by forward Euler with step `dt`.
 *
 * Layers keep their NIR names: the weights of node "fc" are "fc.weight", its operators "fc/…", a neuron's membrane potential "fc.v".
 *
 * @param file its name, for messages
 * @see docs/formats.md#nir
 */
export function nirToModel(nir: NirFile, file: string, options: NirOptions = {}): ModelSource {
	const dt = options.dt ?? defaultTimestep;
	if (!(Number.isFinite(dt) && dt > 0)) {
		throw new UserError(messages.badTimestep(dt));
	}
	const reset = options.reset ?? 'zero';
	const flat = flattenGraph(nir.graph, file);
	const { graph, notes: pruned } = pruneGraph(flat, file);
	const notes = [...flat.assumptions, ...pruned];
	const shapes = inferShapes(graph, notes, file);
	const builder = graphDraft();
	const delayed = emitGraph(graph, shapes, { builder, dt, reset, file, notes });
	for (const [from, to] of delayed) {
		notes.push(assumptions.recurrent(from, to));
	}
	return {
		model: {
			graph: {
				name: 'nir',
				nodes: builder.nodes,
				constants: builder.constants,
				inputs: builder.inputs,
				outputs: builder.outputs,
			},
			opsets: new Map([['', opset]]),
			producer: `NIR ${nir.version}`,
			metadata: new Map([
				['snn.states', builder.states.map(({ input, output }) => `${input}=${output}`).join(';')],
				[otherTimestepsKey, otherTimesteps(graph, dt).join(' ')],
			]),
		},
		timing: 'step',
		states: builder.states,
		assumptions: [...timeAssumptions(graph, dt, options.dt !== undefined, reset), ...notes],
	};
}

/**
 * What every node of a graph gives, by its name (with the names of the subgraphs around it), without the batch axis.
 * @throws UserError if shapes contradict each other or cannot be told
 */
export function nirShapes(nir: NirFile, file: string): ReadonlyMap<string, readonly number[]> {
	return new Map([...inferShapes(flattenGraph(nir.graph, file), [], file)].map(([name, { output }]) => [name, output]));
}

/** Leaves out what leads to no output. @throws UserError if there is no input or output, or a node receives nothing */
function pruneGraph(graph: FlatGraph, file: string): { graph: FlatGraph; notes: string[] } {
	for (const type of ['Input', 'Output'] as const) {
		if (![...graph.nodes.values()].some((node) => node.type === type)) {
			throw new UserError(messages.noPort(file, type));
		}
	}
	const sources = new Map<string, string[]>([...graph.nodes.keys()].map((name) => [name, []]));
	for (const [from, to] of graph.edges) {
		sources.get(to)?.push(from);
	}
	const open = [...graph.nodes].filter(([, node]) => node.type === 'Output').map(([name]) => name);
	const needed = new Set(open);
	for (let name = open.pop(); name !== undefined; name = open.pop()) {
		const before = sources.get(name) ?? [];
		if (before.length === 0 && graph.nodes.get(name)?.type !== 'Input') {
			throw new UserError(messages.unconnected(file, name));
		}
		for (const source of before) {
			if (!needed.has(source)) {
				needed.add(source);
				open.push(source);
			}
		}
	}
	const dropped = [...graph.nodes.keys()].filter((name) => !needed.has(name));
	return {
		graph: {
			...graph,
			nodes: new Map([...graph.nodes].filter(([name]) => needed.has(name))),
			edges: graph.edges.filter(([from, to]) => needed.has(from) && needed.has(to)),
		},
		notes: dropped.length > 0 ? [assumptions.ignored(dropped)] : [],
	};
}

type Settings = Pick<EmitContext, 'builder' | 'dt' | 'reset' | 'file' | 'notes'>;

/** Writes every node; returns the edges that take a timestep. */
function emitGraph(graph: FlatGraph, shapes: ReadonlyMap<string, NodeShapes>, settings: Settings): ReadonlySet<Edge> {
	const { builder, dt } = settings;
	const breaksLoop = (name: string) => {
		const node = graph.nodes.get(name);
		return node?.type === 'Delay' && delaySteps(node, dt).every((steps) => steps >= 1);
	};
	const isNeuron = (name: string) => 'vThreshold' in (graph.nodes.get(name) ?? {});
	const { order, delayed } = schedule(graph, isNeuron, breaksLoop);
	const incoming = new Map<string, Edge[]>([...graph.nodes.keys()].map((name) => [name, []]));
	for (const edge of graph.edges) {
		incoming.get(edge[1])?.push(edge);
	}
	const tensors = new Map<string, string>();
	const previous = previousTensors(delayed, shapes, builder);
	const inputOf = (name: string) =>
		(incoming.get(name) ?? [])
			.map((edge) => (delayed.has(edge) ? previous.get(edge[0]) : tensors.get(edge[0])) ?? '')
			.reduce((sum, term, index) => (sum === '' ? term : add(builder, name, 'Add', [sum, term], `${name}.sum${index}`)), '');
	const closing: (() => void)[] = [];
	// Data comes first among the graph's inputs, and results among its outputs, before the states.
	const statesIn = builder.inputs.splice(0);
	for (const [name, node] of graph.nodes) {
		if (node.type === 'Input') {
			builder.inputs.push({ name, type: 'float32', dims: withBatch(shapes.get(name)?.input ?? []) });
		}
		if (node.type === 'Output') {
			builder.outputs.push({ name, type: 'float32', dims: withBatch(shapes.get(name)?.input ?? []) });
		}
	}
	builder.inputs.push(...statesIn);
	for (const name of order) {
		const node = graph.nodes.get(name);
		const shape = shapes.get(name);
		if (node === undefined || shape === undefined) {
			continue;
		}
		const input = breaksLoop(name) ? '' : inputOf(name);
		const context = { ...settings, name, input, inputShape: shape.input, outputShape: shape.output };
		if (node.type === 'Delay') {
			const line = delayLine(node, context);
			tensors.set(name, line.output);
			closing.push(() => line.close(breaksLoop(name) ? inputOf(name) : input));
		} else {
			tensors.set(name, emitNode(node, context));
		}
	}
	for (const close of closing) {
		close();
	}
	for (const [name, state] of previous) {
		closeState(builder, state, tensors.get(name) ?? '', shapes.get(name)?.output ?? []);
	}
	return delayed;
}

/** For every node that a recurrent edge leaves, a state that holds its output of the timestep before. */
function previousTensors(
	delayed: ReadonlySet<Edge>,
	shapes: ReadonlyMap<string, NodeShapes>,
	builder: GraphDraft,
): Map<string, string> {
	const previous = new Map<string, string>();
	for (const [from] of delayed) {
		if (!previous.has(from)) {
			previous.set(from, openState(builder, `${from}.previous`, shapes.get(from)?.output ?? []));
		}
	}
	return previous;
}

function emitNode(node: Exclude<FlatNode, { type: 'Delay' }>, context: EmitContext): string {
	switch (node.type) {
		case 'Input':
			return context.name;
		case 'Output': {
			const said = node.shape;
			const found = context.inputShape;
			if (said.length !== found.length || said.some((size, axis) => size !== found[axis])) {
				context.notes.push(assumptions.outputShape(context.name, said, found));
			}
			return add(context.builder, context.name, 'Identity', [context.input], context.name);
		}
		case 'Junction':
			return context.input;
		default:
			return (emitters[node.type] as (record: NirPrimitive, context: EmitContext) => string)(node, context);
	}
}

type Emitted = Exclude<NirPrimitive, { type: 'Input' | 'Output' | 'Delay' }>;

const emitters: { readonly [P in Emitted as P['type']]: (record: P, context: EmitContext) => string } = {
	Affine: linear,
	Linear: linear,
	Scale: scale,
	Conv1d: convolution,
	Conv2d: convolution,
	SumPool2d: pool,
	AvgPool2d: pool,
	Flatten: flatten,
	I: integrate,
	IF: integrate,
	LI: leakyIntegrate,
	LIF: leakyIntegrate,
	CubaLI: currentLeakyIntegrate,
	CubaLIF: currentLeakyIntegrate,
	Threshold: threshold,
};

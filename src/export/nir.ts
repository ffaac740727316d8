/** Any network whose structure is known as a NIR graph, as far as NIR has words for it. */
import { UserError } from '../errors.ts';
import { type NirFile, nirShapes } from '../formats/nir/index.ts';
import type { Network } from '../network/network.ts';
import { connect, type Draft, freeName, nodeName, type Sum } from './draft.ts';
import { number } from './expressions.ts';
import { messages, notes as sentences } from './messages.ts';
import { delayed, neuron } from './neuron-layers.ts';
import { operatorSum } from './operators.ts';
import { arrayOf, neuronNode } from './parameters.ts';

export interface NirExport {
	readonly nir: NirFile;
	/** How the file must be read: NIR does not say what a spike does beyond setting a value. */
	readonly reset: 'zero' | 'subtract';
	/** One sentence for each thing that NIR says otherwise than the model, or that was left out. */
	readonly notes: readonly string[];
}

/** Seconds: the timestep that NIR readers take when nothing else is said. */
const nirTimestep = 1e-4;
/**
 * The NIR graph of a step model: the nodes keep the layers' names, and time constants are written for timesteps of `dt`, so that
 * forward Euler gives back the model's own leaks.
 *
 * @param dt seconds
 * @throws UserError naming the first operator, option or neuron that NIR cannot express
 */
export function nirOfNetwork(network: Network, dt = nirTimestep): NirExport {
	const { file, input, readout } = network;
	if (network.mode === 'unrolled') throw new UserError(messages.unrolled(file, network.timesteps ?? 1));
	const shape = (input.dims ?? []).slice(1).filter((size): size is number => typeof size === 'number');
	if (input.dims === null || shape.length === 0 || shape.length !== input.dims.length - 1)
		throw new UserError(messages.inputShape(file, input.name));
	for (const state of network.states) if (!startsAtZero(state.initial)) throw new UserError(messages.initial(file, state.input));
	const draft: Draft = {
		network,
		dt,
		nodes: new Map([[nodeName(input.name), { type: 'Input', shape }]]),
		edges: [],
		neurons: new Map(),
		scales: new Map(),
		sums: new Map([[input.name, new Map([[nodeName(input.name), number(1)]])]]),
		resets: new Map(),
		made: new Map(),
		open: [],
		sumOf: (tensor) => sumOf(tensor, draft),
		notes: [],
	};
	const answer = draft.sumOf(readout.output);
	const output = freeName('output', draft);
	connect(answer, output, draft);
	draft.nodes.set(output, { type: 'Output', shape: [] });
	const [soft, hard] = [draft.resets.get('subtract'), draft.resets.get('value')];
	if (soft !== undefined && hard !== undefined) throw new UserError(messages.resets(file, soft, hard));
	const dropped = otherOutputs(network);
	return {
		nir: finished(draft, output),
		reset: soft === undefined ? 'zero' : 'subtract',
		notes: [
			...draft.notes,
			...(dropped.length > 0 ? [sentences.output(readout.output, dropped)] : []),
			...(soft === undefined ? [] : [sentences.subtract]),
			...(dt === nirTimestep ? [] : [sentences.dt(dt)]),
		],
	};
}

const startsAtZero = (initial: Network['states'][number]['initial']): boolean =>
	typeof initial === 'number' ? initial === 0 : initial.bytes.every((byte) => byte === 0);

function otherOutputs({ model, states, readout, neuronLayers }: Network): string[] {
	const known = new Set([readout.output, ...states.map(({ output }) => output)]);
	const spikes = new Set(neuronLayers.flatMap(({ calls }) => calls.map((call) => call.spikes)));
	return model.graph.outputs.map(({ name }) => name).filter((name) => !known.has(name) && !spikes.has(name));
}

/** The NIR nodes that add up to a tensor; made when they are first asked for. */
function sumOf(tensor: string, draft: Draft): Sum {
	const known = draft.sums.get(tensor);
	if (known !== undefined) return known;
	const { index, neuronLayers, states, file } = draft.network;
	const layer = neuronLayers.find(({ calls }) => calls.some((call) => call.spikes === tensor || call.decision === tensor));
	if (layer !== undefined) {
		const { node, height } = draft.made.get(layer.name) ?? neuron(layer, tensor, draft);
		return new Map([[node, layer.calls.some(({ spikes }) => spikes === tensor) ? height : number(1)]]);
	}
	const state = states.find(({ input }) => input === tensor);
	if (state !== undefined) return delayed(state.output, tensor, draft);
	const node = index.producer.get(tensor);
	if (node === undefined) throw new UserError(messages.operator(file, tensor, 'constant'));
	const result = operatorSum(node, draft);
	draft.sums.set(tensor, result);
	return result;
}
/** The graph with parameters in the shape of their neurons, as NIR wants them. */
function finished(draft: Draft, output: string): NirFile {
	const { nodes, edges, network } = draft;
	const graph = { type: 'NIRGraph', nodes, edges } as const;
	const shapes = nirShapes({ version: '1.0', graph }, network.file);
	for (const [name, parameters] of draft.neurons) nodes.set(name, neuronNode(parameters, shapes.get(name) ?? []));
	for (const [name, factor] of draft.scales) nodes.set(name, { type: 'Scale', scale: arrayOf(factor, shapes.get(name) ?? []) });
	nodes.set(output, { type: 'Output', shape: shapes.get(output) ?? [] });
	return { version: '1.0', graph };
}

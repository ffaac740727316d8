import type { Graph, GraphNode, TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { tensorValues } from '../model/tensors.ts';
import { indexGraph } from '../network/graph-index.ts';
import type { DecisionThreshold, Network, NeuronCall, ProductCall, SynapticCall } from '../network/network.ts';
import { downstream } from '../network/reachability.ts';
import type { Pilot } from './pilot.ts';
import { withoutZeroStates } from './zero-states.ts';

/** A step model written out over several timesteps, to be run once a batch, or as often as it takes to reach the last timestep. */
export interface UnrolledRun {
	/** Its `timesteps` are those of one run; what a last run computes beyond the data's is not read. */
	readonly network: Network;
	/** The pilot's findings under the unrolled names. */
	readonly pilot: Pilot;
	/** Graph inputs that take the data: one, or one a timestep where the data change over time. */
	readonly dataInputs: readonly string[];
	/** The answer at every timestep of a run. */
	readonly answers: readonly string[];
	/** What each state's input holds behind the last timestep of a run; empty where one run has all timesteps. */
	readonly after: ReadonlyMap<string, string>;
}

/** Larger graphs than this take longer to prepare than they save. */
const mostNodes = 4000;

/** More timesteps at once gain nothing, but memory and the time to prepare the graph grow with them. */
const mostTimesteps = 32;

/**
 * Writes a step model out over its timesteps, or over equal stretches of them where they are many.
 *
 * The states then stay inside onnxruntime instead of being copied out and in at every timestep, and what does not change
 * over time is computed once. Every node is computed with the same operands as before, so counts are the same.
 *
 * @returns null when the model is no step model, has subgraphs, or would become too large
 */
export function unrollSteps(network: Network, pilot: Pilot, allTimesteps: number, dataVaries: boolean): UnrolledRun | null {
	const { graph } = network.model;
	const most = Math.min(mostTimesteps, Math.floor(mostNodes / graph.nodes.length));
	const timesteps = Math.ceil(allTimesteps / Math.ceil(allTimesteps / most));
	const inOneRun = timesteps === allTimesteps;
	if (network.mode !== 'step' || most < Math.min(2, allTimesteps)) return null;
	if (
		graph.nodes.some(hasSubgraph) ||
		network.synapticLayers.some(({ calls, timeInvariant }) => timeInvariant && calls.length > 1)
	)
		return null;
	const continuation = new Map(network.states.map((state) => [state.input, state.output]));
	const varying = new Set<string>();
	for (const start of [...continuation.keys(), ...(dataVaries ? [network.input.name] : [])]) {
		for (const tensor of downstream(start, network.index)) varying.add(tensor);
	}
	const at = (tensor: string, timestep: number): string => {
		const next = continuation.get(tensor);
		if (next !== undefined) return timestep === 0 ? tensor : at(next, timestep - 1);
		return tensor !== '' && varying.has(tensor) ? `${tensor}@${timestep}` : tensor;
	};

	const nodes: GraphNode[] = [];
	for (let timestep = 0; timestep < timesteps; timestep += 1) {
		for (const node of graph.nodes) {
			const changes = node.outputs.some((output) => varying.has(output));
			if (!changes && timestep > 0) continue;
			nodes.push({
				...node,
				name: changes ? `${node.name}@${timestep}` : node.name,
				inputs: node.inputs.map((input) => at(input, timestep)),
				outputs: node.outputs.map((output) => at(output, timestep)),
			});
		}
	}
	const steps = Array.from({ length: timesteps }, (_, timestep) => timestep);
	const dataInputs = dataVaries ? steps.map((timestep) => at(network.input.name, timestep)) : [network.input.name];
	const answers = steps.map((timestep) => at(network.readout.output, timestep));
	const inputs = graph.inputs.flatMap((info): TensorInfo[] =>
		info.name === network.input.name ? dataInputs.map((name) => ({ ...info, name })) : [info],
	);
	const everyName = <T>(map: ReadonlyMap<string, T>): Map<string, T> => {
		const named = new Map(map);
		for (const [tensor, value] of map)
			for (const timestep of varying.has(tensor) ? steps : []) named.set(at(tensor, timestep), value);
		return named;
	};
	// Later runs start with what the states held before.
	const zeros = new Set(inOneRun ? network.states.filter(startsAtZero).map(({ input }) => input) : []);
	const after = new Map(inOneRun ? [] : network.states.map(({ input, output }) => [input, at(output, timesteps - 1)]));
	const shapes = everyName(pilot.shapes);
	for (const { input } of network.states)
		for (const timestep of steps) shapes.set(at(input, timestep), pilot.shapes.get(input) as readonly number[]);
	const unrolled: Graph = {
		...graph,
		nodes: withoutZeroStates(nodes, { zeros, shapes, constants: graph.constants }),
		inputs,
		outputs: [...new Set([...answers, ...after.values()])].map((name) => ({ name, type: null, dims: null })),
	};

	const synapticLayers = network.synapticLayers.map((layer) => ({
		...layer,
		geometryNode: nameAt(layer.geometryNode, layer.calls[0]?.output ?? '', varying),
		calls: layer.timeInvariant
			? layer.calls.map((call): SynapticCall => ({ ...call, timestep: 'every' }))
			: steps.flatMap((timestep) =>
					layer.calls.map(
						(call): SynapticCall => ({
							node: varying.has(call.output) ? `${call.node}@${timestep}` : call.node,
							input: at(call.input, timestep),
							...(call.unscaled === undefined ? {} : { unscaled: at(call.unscaled, timestep) }),
							output: at(call.output, timestep),
							timestep,
						}),
					),
				),
	}));
	const products = network.products.map((product) => ({
		...product,
		calls: steps.flatMap((timestep) =>
			product.calls.map(
				(call): ProductCall => ({
					node: varying.has(call.output) ? `${call.node}@${timestep}` : call.node,
					left: at(call.left, timestep),
					right: at(call.right, timestep),
					transposed: call.transposed,
					output: at(call.output, timestep),
					timestep,
				}),
			),
		),
	}));
	// A membrane that starts at zero holds nothing then: no need to look.
	const heldAt = ({ heldStates, drivers, direct = [] }: NeuronCall, timestep: number): string[] => {
		const held = heldStates.map((state) => at(state, timestep));
		return drivers.length + direct.length === 0 ? held : held.filter((state) => !zeros.has(state));
	};
	const allAt = (tensors: readonly string[], timestep: number): string[] => tensors.map((tensor) => at(tensor, timestep));
	const neuronLayers = network.neuronLayers.map((layer) => ({
		...layer,
		calls: steps.flatMap((timestep) =>
			layer.calls.map(
				(call): NeuronCall => ({
					spikes: at(call.spikes, timestep),
					...(call.firings ? { firings: allAt(call.firings, timestep) } : {}),
					...(call.gates ? { gates: allAt(call.gates, timestep) } : {}),
					...(call.delays ? { delays: allAt(call.delays, timestep) } : {}),
					...(call.direct ? { direct: allAt(call.direct, timestep) } : {}),
					decision: at(call.decision, timestep),
					...(call.thresholds ? { thresholds: thresholdsAt(call.thresholds, (tensor) => at(tensor, timestep)) } : {}),
					timestep,
					heldStates: heldAt(call, timestep),
					drivers: call.drivers.map((driver) => at(driver, timestep)),
				}),
			),
		),
	}));
	return {
		network: {
			...network,
			model: { ...network.model, graph: unrolled },
			index: indexGraph(unrolled),
			valueSets: everyName(network.valueSets),
			mode: 'unrolled',
			timesteps,
			synapticLayers,
			products,
			neuronLayers,
		},
		pilot: { ...pilot, types: everyName(pilot.types), values: everyName(pilot.values), shapes },
		dataInputs,
		answers,
		after,
	};
}

const thresholdsAt = (thresholds: readonly DecisionThreshold[], at: (tensor: string) => string): DecisionThreshold[] =>
	thresholds.map((one) => {
		const value = at(one.value);
		if (one.kind === 'steps') return { ...one, value };
		return { ...one, value, level: one.level === null ? null : at(one.level), scale: at(one.scale) };
	});

const startsAtZero = ({ initial }: StatePairing): boolean =>
	typeof initial === 'number' ? initial === 0 : tensorValues(initial).every((value) => value === 0);

const hasSubgraph = (node: GraphNode): boolean => [...node.attributes.values()].some(({ kind }) => kind === 'graph');

const nameAt = (node: string, output: string, varying: ReadonlySet<string>): string => (varying.has(output) ? `${node}@0` : node);

import type { GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { type Form, formOf, passesOn } from '../model/operators/index.ts';
import { dynamicInputs } from './graph-index.ts';
import { coefficientOf } from './membrane.ts';
import type { NeuronCall, NeuronLayer, SynapticLayer } from './network.ts';
import { upstream } from './reachability.ts';
import { membraneArithmetic, type SpikeContext } from './spike-paths.ts';

export interface AccumulatorSearch extends SpikeContext {
	readonly synapticLayers: readonly SynapticLayer[];
	readonly states: readonly StatePairing[];
	readonly timesteps: number;
	readonly step: boolean;
	/** Spiking layers, found before: what they hold and what drives them is theirs. */
	readonly neurons: readonly NeuronLayer[];
}

/**
 * Finds layers that integrate weighted input and never fire: leaky integrators and plain sums in front of the answer.
 * They hold a state as neurons do, and are counted as neuron layers with no threshold.
 */
export function accumulatorLayers(search: AccumulatorSearch): NeuronLayer[] {
	return search.step ? inStep(search) : search.timesteps > 1 ? inUnrolled(search) : [];
}

const layer = (
	driver: string,
	op: string,
	calls: readonly NeuronCall[],
	stateWords: number,
	leak: number | null,
): NeuronLayer => ({
	name: `${driver}/accumulator`,
	op,
	calls,
	stateWords,
	leak: leak === null ? null : Math.fround(leak),
	threshold: null,
	reset: 'none',
	spiking: false,
	delayedReset: false,
});

const isNumber = (tensor: string, { sets, index }: SpikeContext): boolean =>
	!index.isConstant(tensor) && sets.get(tensor)?.kind === 'any';

function inStep(search: AccumulatorSearch): NeuronLayer[] {
	const { index, states, synapticLayers, neurons } = search;
	const layerOf = new Map(synapticLayers.flatMap(({ name, calls }) => calls.map(({ output }) => [output, name] as const)));
	const taken = new Set(neurons.flatMap(({ calls }) => calls.flatMap(({ heldStates }) => heldStates)));
	const groups = new Map<string, { drivers: string[]; states: StatePairing[]; leak: number | null }>();
	for (const state of states) {
		if (taken.has(state.input) || !isNumber(state.input, search)) continue;
		const stop = (tensor: string): boolean => layerOf.has(tensor) || !isNumber(tensor, search);
		const drivers = [...upstream(state.output, index, stop)].filter((tensor) => layerOf.has(tensor)).sort();
		const leak = coefficientOf(state.input, state.output, { ...search, synapticOutputs: new Set(layerOf.keys()) });
		if (drivers.length === 0) continue;
		const key = drivers.join('|');
		const group = groups.get(key);
		// Of a synaptic current and the membrane it feeds, the membrane comes later in the graph.
		if (!group) groups.set(key, { drivers, states: [state], leak });
		else if (position(state.output, search) > position(group.states.at(-1)?.output ?? '', search)) {
			group.states.push(state);
			group.leak = leak;
		} else group.states.unshift(state);
	}
	return [...groups.values()].map(({ drivers, states: own, leak }) => {
		const { output } = own.at(-1) as StatePairing;
		const call = { spikes: output, decision: output, timestep: 0, heldStates: own.map(({ input }) => input), drivers };
		return layer(layerOf.get(drivers[0] ?? '') ?? '', index.producer.get(output)?.op ?? 'Add', [call], own.length, leak);
	});
}

const position = (tensor: string, { index }: SpikeContext): number => {
	const node = index.producer.get(tensor);
	return node ? (index.position.get(node) ?? -1) : -1;
};

const arithmetic: ReadonlySet<Form | undefined> = new Set(membraneArithmetic);
const integrates = (node: GraphNode): boolean => arithmetic.has(formOf(node)) || (passesOn(node) && formOf(node) !== 'cast');

function inUnrolled(search: AccumulatorSearch): NeuronLayer[] {
	const drivesNeurons = new Set(search.neurons.flatMap(({ calls }) => calls.flatMap(({ drivers }) => drivers)));
	return search.synapticLayers.flatMap((synaptic): NeuronLayer[] => {
		const { calls } = synaptic;
		if (calls.length !== search.timesteps || calls.some(({ output }) => drivesNeurons.has(output))) return [];
		return accumulator(synaptic, search);
	});
}

/**
 * The sum a layer's uses run into: the current of timestep t meets what timestep t − 1 left, at every timestep but the
 * first.
 */
function accumulator(synaptic: SynapticLayer, search: AccumulatorSearch): NeuronLayer[] {
	const { index } = search;
	const reached = synaptic.calls.map(({ output }) => integrated(output, search));
	const calls: NeuronCall[] = [];
	let words = 0;
	let op = 'Add';
	for (const [timestep, { output }] of synaptic.calls.entries()) {
		const now = reached[timestep] as ReadonlySet<string>;
		const later = reached[timestep + 1] ?? new Set<string>();
		const before = reached[timestep - 1];
		if (!before) {
			calls.push({ spikes: output, decision: output, timestep, heldStates: [], drivers: [output] });
			continue;
		}
		const joins = index.graph.nodes.filter((node) => joinsPast(node, now, before, later, search));
		const last = joins.at(-1);
		if (!last) return [];
		const held = joins.flatMap((node) => dynamicInputs(node, index).filter((input) => before.has(input) && !now.has(input)));
		words = Math.max(words, new Set(held).size);
		op = last.op;
		const sum = last.outputs[0] ?? '';
		calls.push({ spikes: sum, decision: sum, timestep, heldStates: [...new Set(held)], drivers: [output] });
	}
	const [from, to] = [calls.at(-2)?.spikes ?? '', calls.at(-1)?.spikes ?? ''];
	const synapticOutputs = new Set(synaptic.calls.map((call) => call.output));
	synapticOutputs.delete(from);
	const leak = coefficientOf(from, to, { ...search, synapticOutputs });
	return [layer(synaptic.name, op, calls, words, leak)];
}

function integrated(start: string, search: AccumulatorSearch): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of search.index.consumers.get(tensor) ?? []) {
			if (!integrates(node)) continue;
			for (const output of node.outputs) {
				if (reached.has(output) || !isNumber(output, search)) continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return reached;
}

/** Whether a node adds what an earlier timestep left to what the current of this one has become, before the next one comes in. */
function joinsPast(
	node: GraphNode,
	now: ReadonlySet<string>,
	before: ReadonlySet<string>,
	later: ReadonlySet<string>,
	search: AccumulatorSearch,
): boolean {
	const [output = ''] = node.outputs;
	if (!(formOf(node) === 'sum' || formOf(node) === 'difference') || !now.has(output) || later.has(output)) return false;
	const inputs = dynamicInputs(node, search.index);
	return inputs.some((input) => now.has(input)) && inputs.some((input) => before.has(input) && !now.has(input));
}

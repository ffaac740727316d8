import type { GraphNode } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { onlyMoves, operatorFacts } from '../model/operators/index.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import type { NeuronPlace, NeuronSearch } from './neuron-places.ts';
import { upstream } from './reachability.ts';
import { decisionsBehind, isSpikes, numbersInto, type SpikeContext, spikeSources } from './spike-paths.ts';

/** Membrane arithmetic of one place: tensors upstream of its threshold up to weights, spikes and places seen before. */
export function membraneRegion(
	deciders: readonly GraphNode[],
	search: NeuronSearch,
	synapticOutputs: ReadonlySet<string>,
	visited: ReadonlySet<string>,
): Set<string> {
	const region = new Set<string>();
	const stop = (tensor: string): boolean =>
		synapticOutputs.has(tensor) || visited.has(tensor) || search.sets.get(tensor)?.kind !== 'any';
	for (const input of deciders.flatMap((node) => dynamicInputs(node, search.index))) {
		if (stop(input)) continue;
		for (const tensor of upstream(input, search.index, stop)) if (!stop(tensor)) region.add(tensor);
	}
	return region;
}

/**
 * In an unrolled graph: the largest tensors of this timestep's region that depend on what an earlier timestep left
 * only, not on the current input. They are what the neuron held.
 *
 * @param own  thresholds of a layer without weights in front of it: any other spikes are its input; null otherwise
 */
export function heldInUnrolled(
	region: ReadonlySet<string>,
	previous: ReadonlySet<string>,
	own: ReadonlySet<GraphNode> | null,
	{ deciders }: NeuronPlace,
	search: NeuronSearch,
	synapticOutputs: ReadonlySet<string>,
): string[] {
	if (previous.size === 0) return [];
	const { index, sets } = search;
	const memo = new Map<string, boolean>();
	const carriedOnly = (tensor: string): boolean => {
		if (index.isConstant(tensor) || previous.has(tensor)) return true;
		if (synapticOutputs.has(tensor)) return false;
		const known = memo.get(tensor);
		if (known !== undefined) return known;
		// Spikes of this layer are part of what it left; spikes of others seldom enter a membrane without weights.
		const result = region.has(tensor)
			? (index.producer.get(tensor)?.inputs ?? []).every((input) => input === '' || carriedOnly(input))
			: sets.get(tensor)?.kind !== 'any' &&
				(own === null || spikeSources(tensor, search).every(({ threshold }) => own.has(threshold)));
		memo.set(tensor, result);
		return result;
	};
	const held = new Set<string>();
	const touchesPrevious = (tensor: string): boolean => touches(tensor, previous, synapticOutputs, index);
	// Nothing has come in: what is compared is what was held, as is the counter a mask looks at.
	for (const input of deciders.flatMap((node) => numbersInto(node, search)))
		if (carriedOnly(input) && touchesPrevious(input)) held.add(input);
	for (const tensor of region) {
		if (carriedOnly(tensor)) continue;
		for (const input of index.producer.get(tensor)?.inputs ?? []) {
			if (input === '' || index.isConstant(input) || sets.get(input)?.kind !== 'any') continue;
			if (carriedOnly(input) && touchesPrevious(input)) held.add(input);
		}
	}
	return [...held];
}

/**
 * In an unrolled graph, a state made of past spikes alone (a threshold that adapts, a mask of those that have fired) holds few
 * values while T is small and looks like spikes itself; it is told from a reset by reaching back more than one timestep.
 */
export function spikeMemory(
	place: NeuronPlace,
	region: ReadonlySet<string>,
	earlier: ReadonlySet<GraphNode>,
	search: NeuronSearch,
): string[] {
	const { index } = search;
	const masked = search.masked ?? new Map<string, GraphNode>();
	const products = [...masked].flatMap(([tensor, threshold]) => (threshold === place.threshold ? [tensor] : []));
	const readers = [place.threshold, ...[...region, ...products].flatMap((tensor) => index.producer.get(tensor) ?? [])];
	const entering = new Set(readers.flatMap((node) => dynamicInputs(node, index)).filter((tensor) => isSpikes(tensor, search)));
	for (const tensor of entering) {
		const stop = (name: string): boolean => masked.has(name) || !isSpikes(name, search);
		const reached = [...(stop(tensor) ? [tensor] : upstream(tensor, index, stop))];
		const decisions = reached.flatMap((name) => masked.get(name) ?? index.producer.get(name) ?? []);
		if (new Set(decisions.filter((node) => earlier.has(node))).size > 1) return [withoutConstants(tensor, index)];
	}
	return [];
}

/** From 1 + a back to a: the tensor that is zero when the state is. */
function withoutConstants(tensor: string, index: GraphIndex): string {
	for (let name = tensor; ; ) {
		const node = index.producer.get(name);
		const [only, ...others] = node ? dynamicInputs(node, index) : [];
		if (only === undefined || others.length > 0) return name;
		name = only;
	}
}

/**
 * Whether a state of few values remembers more than the last spikes: what it held goes over into what it becomes, by another
 * way than through the spikes that it masks.
 */
export function remembers({ input, output }: StatePairing, context: SpikeContext): boolean {
	const seen = new Set<string>();
	const open = [{ tensor: input, changed: false }];
	for (let at = open.pop(); at !== undefined; at = open.pop()) {
		if (at.tensor === output && at.changed) return true;
		const key = `${at.changed} ${at.tensor}`;
		if (seen.has(key) || context.masked?.has(at.tensor)) continue;
		seen.add(key);
		for (const node of context.index.consumers.get(at.tensor) ?? []) {
			if (operatorFacts(node)?.weights !== undefined) continue;
			const changed = at.changed || !onlyMoves(node);
			for (const tensor of node.outputs) if (isSpikes(tensor, context)) open.push({ tensor, changed });
		}
	}
	return false;
}

/** In a step model: the state inputs a neuron remembers its own spikes by: those that have fired, how long ago. */
function ownMemories({ deciders, levels }: NeuronPlace, search: NeuronSearch): string[] {
	const own = new Set([...deciders, ...levels]);
	return search.states.flatMap((state) => {
		if (!isSpikes(state.input, search) || !remembers(state, search)) return [];
		const { thresholds } = decisionsBehind(state.output, search);
		return thresholds.size > 0 && [...thresholds].every((decision) => own.has(decision)) ? [state.input] : [];
	});
}

/**
 * In a step model: the state inputs the threshold depends on without passing weights or spikes of other layers, and those made
 * of its own spikes.
 */
export function heldInStep(place: NeuronPlace, search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string[] {
	const stateInputs = new Set(search.states.map(({ input }) => input));
	const reached = new Set<string>();
	const stop = (tensor: string): boolean =>
		synapticOutputs.has(tensor) || (search.sets.get(tensor)?.kind !== 'any' && !stateInputs.has(tensor));
	const open = place.deciders.flatMap((node) => dynamicInputs(node, search.index));
	for (let start = open.pop(); start !== undefined; start = open.pop())
		for (const tensor of upstream(start, search.index, stop)) {
			if (!stateInputs.has(tensor) || reached.has(tensor)) continue;
			reached.add(tensor);
			// What enters it for the next timestep alone (a current, a clock) is held beside it.
			const becomes = search.feedback?.get(tensor);
			if (becomes !== undefined && !stop(becomes)) open.push(becomes);
		}
	return [...new Set([...reached, ...ownMemories(place, search)])];
}

/**
 * Several tensors may be views of one state (u, v_rest − u, u where a mask holds it); each state counts once, as the view that
 * the others are made of.
 */
export function distinctStates(held: readonly string[], search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string[] {
	const byRoot = new Map<string, readonly string[]>();
	for (const tensor of held) {
		const line = lineOf(tensor, search, synapticOutputs);
		const root = line.at(-1) as string;
		const known = byRoot.get(root);
		if (!known || known.includes(tensor)) byRoot.set(root, line);
	}
	return [...byRoot.values()].map(([tensor]) => tensor as string);
}

/** A tensor and the numbers it is made of, one behind the other, as far back as each is made of one. */
function lineOf(tensor: string, search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string[] {
	const line = [tensor];
	for (let name = tensor; ; line.push(name)) {
		if (synapticOutputs.has(name)) return line;
		const node = search.index.producer.get(name);
		const [only, ...others] = new Set(node ? numbersInto(node, search) : []);
		if (only === undefined || others.length > 0) return line;
		name = only;
	}
}

const touches = (tensor: string, region: ReadonlySet<string>, synapticOutputs: ReadonlySet<string>, index: GraphIndex): boolean =>
	region.has(tensor) ||
	[...upstream(tensor, index, (name) => region.has(name) || synapticOutputs.has(name))].some((name) => region.has(name));

/**
 * Numbers of this neuron's own past that weights bring back to it: the hidden state of a recurrent cell. It is held like the
 * membrane, although it enters as a current.
 */
export function heldForWeights(
	place: NeuronPlace,
	past: ReadonlySet<string>,
	search: NeuronSearch,
	synapticOutputs: ReadonlySet<string>,
): string[] {
	const { index, sets, feedback } = search;
	const inputs = new Set(
		search.synapticLayers.flatMap(({ calls }) =>
			calls.flatMap(({ input, output }) => (place.drivers.includes(output) && sets.get(input)?.kind === 'any' ? [input] : [])),
		),
	);
	if (!search.step) return [...inputs].filter((input) => touches(input, past, synapticOutputs, index));
	const stop = (tensor: string): boolean => synapticOutputs.has(tensor) || sets.get(tensor)?.kind !== 'any';
	const states = new Set([...inputs].flatMap((input) => [...upstream(input, index, stop)].filter((name) => feedback?.has(name))));
	return [...states].filter(
		(state) => sets.get(state)?.kind === 'any' && touches(feedback?.get(state) ?? '', past, synapticOutputs, index),
	);
}

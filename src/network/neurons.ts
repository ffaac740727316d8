import type { GraphNode } from '../model/graph.ts';
import { type Currents, currentsOf, type DriverSearch, driversOf } from './drivers.ts';
import { firstMembrane } from './first-membrane.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import { describeMembrane } from './membrane.ts';
import { nodePath } from './names.ts';
import type { NeuronCall, NeuronLayer } from './network.ts';
import { neuronTimesteps, readingTimesteps } from './neuron-timesteps.ts';
import { upstream } from './reachability.ts';
import { type SpikeSource, spikeSources } from './spike-paths.ts';

/** A neuron at one place of the graph, before places are given to timesteps. */
interface NeuronPlace extends SpikeSource {
	/** Synaptic outputs that enter the membrane without passing another neuron. */
	readonly drivers: readonly string[];
}

export interface NeuronSearch extends DriverSearch {
	/** True for a graph of one timestep that is run again and again. */
	readonly step: boolean;
	/** Outputs whose spikes count as a layer's output, besides those that feed weights. */
	readonly outputs: readonly string[];
}

/**
 * Finds the spiking neurons: every threshold whose output reaches weights or a graph output while still being a
 * spike. Thresholds that only gate a reset are not neurons of their own.
 *
 * Places of an unrolled graph that are driven by the same weights are one layer; the k-th place is timestep k.
 */
export function neuronLayers(search: NeuronSearch): NeuronLayer[] {
	const { index } = search;
	const currents = currentsOf(search);

	const places = new Map<GraphNode, NeuronPlace>();
	const starts = [
		...search.synapticLayers.flatMap(({ calls }) => calls.map(({ input }) => input)),
		...search.products.flatMap(({ calls }) => calls.flatMap(({ left, right }) => [left, right])),
		...search.outputs,
	];
	const visit = (start: string, drivenOnly: boolean): void => {
		for (const source of spikeSources(behindNumbers(start, search), search)) {
			if (places.has(source.threshold)) continue;
			const drivers = driversOf(source.threshold, currents, search);
			if (drivenOnly && drivers.length === 0) continue;
			places.set(source.threshold, { ...source, drivers });
			// Without weights in front of it, a neuron (or a pooling that compares counts) lives on the spikes of others.
			if (drivers.length === 0) for (const tensor of spikesInto(source.threshold, search)) visit(tensor, true);
		}
	};
	for (const start of starts) visit(start, false);
	const ordered = [...places.values()].sort(
		(a, b) => (index.position.get(a.threshold) ?? 0) - (index.position.get(b.threshold) ?? 0),
	);

	const groups = new Map<string, NeuronPlace[]>();
	for (const place of ordered) {
		const layers = new Set(place.drivers.map((output) => currents.get(output)?.layer ?? output));
		const key =
			layers.size > 0
				? [...layers].sort().join(' + ')
				: `node ${search.step ? place.threshold.name : nodePath(place.threshold.name, place.threshold.op)}`;
		const group = groups.get(key);
		if (group) group.push(place);
		else groups.set(key, [place]);
	}
	const readAt = readingTimesteps(search.synapticLayers, search);
	return joinStarts([...groups.values()], currents, search)
		.flatMap((group) => splitPopulations(group, search))
		.map((group) => {
			const timesteps = search.step ? [0] : neuronTimesteps(group, readAt, search.timesteps, search);
			return toLayer(group, timesteps, currents, search);
		});
}

/** A normalisation or scaling between spikes and weights makes numbers of them; the spikes are behind it. */
function behindNumbers(tensor: string, { index, sets }: NeuronSearch): string {
	for (let name = tensor; ; ) {
		const node = index.producer.get(name);
		const [only, ...others] = node ? dynamicInputs(node, index) : [];
		if (sets.get(name)?.kind !== 'any' || only === undefined || others.length > 0) return name;
		name = only;
	}
}

/** Spikes that enter the membrane a threshold looks at. */
function spikesInto(threshold: GraphNode, { index, sets }: NeuronSearch): string[] {
	const isSpikes = (tensor: string): boolean => {
		const set = sets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	const reached = dynamicInputs(threshold, index).flatMap((input) => [...upstream(input, index, isSpikes)]);
	return [...new Set(reached)].filter(isSpikes);
}

/**
 * Weights on the spikes of the timestep before have nothing to work on at the first one, so that place seems to have
 * fewer drivers than its later self.
 */
function joinStarts(
	groups: readonly NeuronPlace[][],
	currents: Currents,
	{ step, timesteps, index }: NeuronSearch,
): NeuronPlace[][] {
	const joined = groups.map((group) => [...group]);
	const layers = (group: readonly NeuronPlace[]): Set<string> =>
		new Set(group.flatMap(({ drivers }) => drivers.map((output) => currents.get(output)?.layer ?? output)));
	const position = (place: NeuronPlace | undefined): number => (place ? (index.position.get(place.threshold) ?? 0) : 0);
	for (const [at, start] of step ? [] : joined.entries()) {
		const own = layers(start);
		const rest = joined.find(
			(group, other) =>
				other !== at &&
				start.length + group.length <= timesteps &&
				position(start.at(-1)) < position(group[0]) &&
				own.size > 0 &&
				layers(group).size > own.size &&
				[...own].every((name) => layers(group).has(name)),
		);
		if (!rest) continue;
		rest.unshift(...start);
		start.length = 0;
	}
	return joined.filter((group) => group.length > 0);
}

/** Two populations behind the same weights appear as twice as many places as timesteps: dealt out in turn. */
function splitPopulations(group: readonly NeuronPlace[], search: NeuronSearch): NeuronPlace[][] {
	const timesteps = search.step ? 1 : search.timesteps;
	if (group.length <= timesteps) return [[...group]];
	const populations = Math.ceil(group.length / timesteps);
	return Array.from({ length: populations }, (_, population) => group.filter((_, at) => at % populations === population));
}

function toLayer(
	group: readonly NeuronPlace[],
	timesteps: readonly number[],
	currents: Currents,
	search: NeuronSearch,
): NeuronLayer {
	const [first] = group as [NeuronPlace];
	const own = new Set(group.map(({ threshold }) => threshold));
	const synapticOutputs = new Set(currents.keys());
	const visited = new Set<string>();
	const calls: NeuronCall[] = [];
	let words = 0;
	const shared = (tensor: string): boolean =>
		group.slice(1).some(({ drivers }) => drivers.includes(currents.get(tensor)?.output ?? tensor));
	const bare = search.step || group.length < 2 ? null : firstMembrane(first.threshold, synapticOutputs, shared, search);
	let previousRegion = new Set<string>();
	for (const [at, place] of group.entries()) {
		const timestep = timesteps[at] ?? at;
		const region = membraneRegion(place, search, synapticOutputs, visited);
		const held = search.step
			? heldInStep(place, search, synapticOutputs)
			: heldInUnrolled(region, previousRegion, place.drivers.length > 0 ? null : own, search, synapticOutputs);
		const earlier = new Set(group.slice(0, at).map(({ threshold }) => threshold));
		const heldNow = [
			...distinctStates(held, search, synapticOutputs),
			...(search.step ? [] : spikeMemory(place, region, earlier, search)),
			...(at === 0 && timestep > 0 ? stored(place, timestep, search) : []),
		];
		words = Math.max(words, heldNow.length);
		calls.push({
			spikes: place.spikes,
			decision: place.threshold.outputs[0] ?? '',
			timestep,
			heldStates: heldNow,
			drivers: timestep === at ? currentDrivers(place, calls) : driversAt(timestep, group, currents, search),
		});
		for (const tensor of region) visited.add(tensor);
		previousRegion = new Set([...previousRegion, ...region, ...(bare?.keptAs ?? [])]);
	}
	const last = group.at(-1) as NeuronPlace;
	const membrane = describeMembrane({
		threshold: last.threshold,
		previous: group.at(-2)?.threshold ?? null,
		previousKeptAs: group.length === 2 ? (bare?.keptAs ?? []) : [],
		held: calls.at(-1)?.heldStates ?? [],
		own,
		ownSpikes: new Set(group.map(({ spikes }) => spikes)),
		region: new Set([...visited, ...(bare ? [bare.membrane] : []), ...calls.flatMap(({ heldStates }) => heldStates)]),
		synapticOutputs,
		...search,
	});
	const path = nodePath(first.threshold.name, first.threshold.op) || first.threshold.name;
	const [late = 0] = timesteps;
	return {
		// The first place that is left of a late layer is its second call, which exporters number.
		name: late > 0 && path.endsWith(`_${late}`) ? path.slice(0, -`_${late}`.length) : path,
		op: first.threshold.op,
		calls,
		stateWords: words,
		spiking: true,
		...membrane,
	};
}

/** Drivers that entered this neuron at an earlier timestep come in through its state, not as a new current. */
function currentDrivers(place: NeuronPlace, earlier: readonly NeuronCall[]): string[] {
	const past = new Set(earlier.flatMap(({ drivers }) => drivers));
	const fresh = place.drivers.filter((driver) => !past.has(driver));
	return fresh.length > 0 ? fresh : [...place.drivers];
}

/** What enters at a timestep where places and timesteps are out of step: the uses of the layer's weights then. */
function driversAt(timestep: number, group: readonly NeuronPlace[], currents: Currents, search: NeuronSearch): string[] {
	const layers = new Set(group.flatMap(({ drivers }) => drivers.map((output) => currents.get(output)?.layer)));
	return search.synapticLayers.flatMap(({ name, calls }) =>
		layers.has(name)
			? calls.filter((call) => call.timestep === timestep || call.timestep === 'every').map(({ output }) => output)
			: [],
	);
}

/** Currents of the timestep before, which a neuron that starts late has stored. */
const stored = ({ drivers }: NeuronPlace, timestep: number, { synapticLayers }: NeuronSearch): string[] =>
	synapticLayers.flatMap(({ calls }) =>
		calls.flatMap((call) =>
			call.timestep !== 'every' && call.timestep < timestep && drivers.includes(call.output) ? [call.output] : [],
		),
	);

/** Membrane arithmetic of one place: tensors upstream of its threshold up to weights, spikes and places seen before. */
function membraneRegion(
	place: NeuronPlace,
	search: NeuronSearch,
	synapticOutputs: ReadonlySet<string>,
	visited: ReadonlySet<string>,
): Set<string> {
	const region = new Set<string>();
	const stop = (tensor: string): boolean =>
		synapticOutputs.has(tensor) || visited.has(tensor) || search.sets.get(tensor)?.kind !== 'any';
	for (const input of dynamicInputs(place.threshold, search.index)) {
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
function heldInUnrolled(
	region: ReadonlySet<string>,
	previous: ReadonlySet<string>,
	own: ReadonlySet<GraphNode> | null,
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
	const touchesPrevious = (tensor: string): boolean =>
		previous.has(tensor) ||
		[...upstream(tensor, index, (name) => previous.has(name) || synapticOutputs.has(name))].some((name) => previous.has(name));
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
 * In an unrolled graph, a state made of past spikes alone (a threshold that adapts) holds few values while T is small
 * and looks like spikes itself; it is told from a reset by reaching back more than one timestep.
 */
function spikeMemory(
	place: NeuronPlace,
	region: ReadonlySet<string>,
	earlier: ReadonlySet<GraphNode>,
	{ index, sets }: NeuronSearch,
): string[] {
	const isSpikes = (tensor: string): boolean => {
		const set = sets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	const readers = [place.threshold, ...[...region].flatMap((tensor) => index.producer.get(tensor) ?? [])];
	const entering = new Set(readers.flatMap((node) => dynamicInputs(node, index)).filter(isSpikes));
	for (const tensor of entering) {
		const reached = [...upstream(tensor, index, (name) => !isSpikes(name))].flatMap((name) => index.producer.get(name) ?? []);
		if (new Set(reached.filter((node) => earlier.has(node))).size > 1) return [withoutConstants(tensor, index)];
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

/** In a step model: the state inputs the threshold depends on without passing weights or spikes of other layers. */
function heldInStep(place: NeuronPlace, search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string[] {
	const stateInputs = new Set(search.states.map(({ input }) => input));
	const reached = new Set<string>();
	for (const input of dynamicInputs(place.threshold, search.index)) {
		const stop = (tensor: string): boolean =>
			synapticOutputs.has(tensor) || (search.sets.get(tensor)?.kind !== 'any' && !stateInputs.has(tensor));
		for (const tensor of upstream(input, search.index, stop)) if (stateInputs.has(tensor)) reached.add(tensor);
	}
	return [...reached];
}

/** Several tensors may be views of one state (u and v_rest − u); each state counts once. */
function distinctStates(held: readonly string[], search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string[] {
	const byRoot = new Map<string, string>();
	for (const tensor of held) {
		const root = stateRoot(tensor, search, synapticOutputs);
		if (!byRoot.has(root)) byRoot.set(root, tensor);
	}
	return [...byRoot.values()];
}

function stateRoot(tensor: string, search: NeuronSearch, synapticOutputs: ReadonlySet<string>): string {
	let name = tensor;
	for (;;) {
		if (synapticOutputs.has(name)) return name;
		const node = search.index.producer.get(name);
		const numbers = new Set(
			node ? dynamicInputs(node, search.index).filter((input) => search.sets.get(input)?.kind === 'any') : [],
		);
		const [only] = numbers;
		if (numbers.size !== 1 || only === undefined) return name;
		name = only;
	}
}

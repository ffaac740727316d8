import { decisionThresholds } from './decision-thresholds.ts';
import { wordsOf } from './delays.ts';
import { type Currents, currentsOf } from './drivers.ts';
import { firstMembrane } from './first-membrane.ts';
import { distinctStates, heldForWeights, heldInStep, heldInUnrolled, membraneRegion, spikeMemory } from './held-states.ts';
import { describeMembrane } from './membrane.ts';
import { membraneReader, type ReadMembrane } from './membrane-numbers.ts';
import { nodePath } from './names.ts';
import type { NeuronCall, NeuronLayer } from './network.ts';
import { type NeuronPlace, type NeuronSearch, neuronPlaces } from './neuron-places.ts';
import { neuronTimesteps, readingTimesteps } from './neuron-timesteps.ts';
import { enteringTensors, goesOnInto, twins } from './twins.ts';

/**
 * Finds the spiking neurons. Places of an unrolled graph that are driven by the same weights are one layer; so are those
 * without weights in front of them whose membranes go over into one another. The k-th place is timestep k.
 */
export function neuronLayers(search: NeuronSearch): NeuronLayer[] {
	const currents = currentsOf(search);
	const read = membraneReader(search, (tensor) => currents.has(tensor));
	const places = neuronPlaces(search, currents, read);
	const driven = new Map<string, NeuronPlace[]>();
	for (const place of places) {
		if (place.drivers.length === 0) continue;
		const layers = new Set(place.drivers.map((output) => currents.get(output)?.layer ?? output));
		const key = [...layers].sort().join(' + ');
		driven.set(key, [...(driven.get(key) ?? []), place]);
	}
	const readAt = readingTimesteps(search.synapticLayers, search.recurrent, search);
	const weightless = twins(
		places.filter(({ drivers }) => drivers.length === 0),
		read,
		search,
	);
	return joinUndriven(joinStarts([...driven.values()], currents, search), weightless, read, search)
		.flatMap((group) => splitPopulations(group, search))
		.sort(([a], [b]) => positionOf(a, search) - positionOf(b, search))
		.map((group) => {
			const timesteps = search.step ? [0] : neuronTimesteps(group, readAt, search.timesteps, search);
			return toLayer(group, timesteps, currents, read, search);
		});
}

const positionOf = (place: NeuronPlace | undefined, { index }: NeuronSearch): number =>
	place ? (index.position.get(place.threshold) ?? 0) : 0;

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

/** Neurons that decide before any current has reached them: their first place has no drivers at all. */
function joinUndriven(
	driven: readonly NeuronPlace[][],
	weightless: readonly NeuronPlace[][],
	read: ReadMembrane,
	search: NeuronSearch,
): NeuronPlace[][] {
	const joined = driven.map((group) => [...group]);
	const alone = weightless.filter((start) => {
		const last = start.at(-1);
		const rest = joined.find(([next, ...later]) => {
			if (search.step || !last || !next || start.length + later.length + 1 > search.timesteps) return false;
			return positionOf(last, search) < positionOf(next, search) && goesOnInto(last, next, read, search);
		});
		rest?.unshift(...start);
		return rest === undefined;
	});
	return [...joined, ...alone];
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
	read: ReadMembrane,
	search: NeuronSearch,
): NeuronLayer {
	const [first] = group as [NeuronPlace];
	const own = new Set(group.map(({ threshold }) => threshold));
	const weightless = group.every(({ drivers }) => drivers.length === 0);
	const entering = weightless ? enteringTensors(group, read, search) : [];
	const synapticOutputs = new Set([...currents.keys(), ...entering.flatMap(({ numbers }) => numbers)]);
	const visited = new Set<string>();
	const arithmetic = new Set<string>();
	const calls: NeuronCall[] = [];
	let words = 0;
	const shared = (tensor: string): boolean =>
		weightless
			? entering.slice(1).some(({ numbers }) => numbers.includes(tensor))
			: group.slice(1).some(({ drivers }) => drivers.includes(currents.get(tensor)?.output ?? tensor));
	const bare = search.step || group.length < 2 ? null : firstMembrane(first.threshold, synapticOutputs, shared, search);
	let previousRegion = new Set<string>();
	for (const [at, place] of group.entries()) {
		const timestep = timesteps[at] ?? at;
		const region = membraneRegion(place.deciders, search, synapticOutputs, visited);
		for (const tensor of place.deciders.length === 1
			? region
			: membraneRegion([place.threshold], search, synapticOutputs, visited))
			arithmetic.add(tensor);
		const held = search.step
			? heldInStep(place, search, synapticOutputs)
			: heldInUnrolled(region, previousRegion, weightless ? own : null, place, search, synapticOutputs);
		const earlier = new Set(group.slice(0, at).map(({ threshold }) => threshold));
		const now = {
			...place,
			drivers: timestep === at ? currentDrivers(place, calls) : driversAt(timestep, group, currents, search),
		};
		const returned = heldForWeights(now, search.step ? region : previousRegion, search, synapticOutputs);
		const heldNow = [
			...distinctStates([...held, ...returned], search, synapticOutputs),
			...(search.step ? [] : spikeMemory(place, region, earlier, search)),
			...(at === 0 && timestep > 0 ? stored(place, timestep, search) : []),
		];
		words = Math.max(words, wordsOf(heldNow, search.index));
		calls.push({
			spikes: place.spikes,
			...(place.firings ? { firings: place.firings } : {}),
			decision: place.threshold.outputs[0] ?? '',
			thresholds: gatedByCurrents(place, read) ? null : decisionThresholds(place.levels, search, currents),
			gates: place.deciders.slice(1).map(({ outputs }) => outputs[0] ?? ''),
			timestep,
			heldStates: heldNow,
			...(weightless ? { direct: [...(entering[at]?.numbers ?? []), ...(entering[at]?.spikes ?? [])] } : {}),
			drivers: now.drivers,
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
		heldBefore: calls.at(-2)?.heldStates ?? [],
		own,
		ownSpikes: new Set(group.map(({ spikes }) => spikes)),
		region: new Set([...arithmetic, ...(bare ? [bare.membrane] : []), ...calls.flatMap(({ heldStates }) => heldStates)]),
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

/** Whether another decision over what weights gave may silence it: a winner among neighbours. */
const gatedByCurrents = ({ deciders }: NeuronPlace, read: ReadMembrane): boolean =>
	deciders.slice(1).some((gate) => read(gate).currents.size > 0);

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

import type { Activity } from '../activity/activity.ts';
import { type EventRow, eventTable, neuronEvents, reuseEvents, synapticEvents } from '../activity/events.ts';
import { type NetworkEvents, totalOf } from './events.ts';
import { namesIn, storesIn } from './profile/formula.ts';
import type { Profile, Term } from './profile/types.ts';

/** Events that may cost something, and the names of formulas that would price each. */
const pricedBy = [...Object.entries(eventTable.synaptic), ...Object.entries(eventTable.neuron)].flatMap(
	([event, row]): [event: string, names: readonly string[]][] => (row.pricedBy ? [[event, row.pricedBy]] : []),
);

/**
 * What an estimate leaves out: the profile's own list, and every event that happened and that no
 * energy formula mentions although the profile does not say that another price includes it.
 */
export function unpricedOf(profile: Profile, events: NetworkEvents): readonly string[] {
	const used = energyNames(profile);
	const declared = new Set([...profile.unpriced, ...profile.includes]);
	const silent = pricedBy
		.filter(([event, names]) => !declared.has(event) && !names.some((name) => used.has(name)))
		// A price that contains everything contains these too, unless it prices no synaptic event at all.
		.filter(([event]) => profile.scope === 'per-term' || event === 'acs' || event === 'macs')
		.filter(([event]) => totalOf(events, event) > 0)
		.map(([event]) => event);
	return [...profile.unpriced, ...silent];
}

/** The first event a profile's formulas need that this run has not counted; null where it has all. */
export function uncountedEvent(profile: Profile, activity: Activity): { readonly event: string; readonly layer: string } | null {
	const names = dependencies(profile, [
		...profile.energy,
		...profile.inferenceEnergy,
		...profile.latency,
		...profile.inferenceLatency,
		...profile.roofline,
	]);
	const needed = (table: Readonly<Record<string, EventRow>>): readonly string[] =>
		Object.keys(table).filter((name) => table[name]?.inFormulas !== false && names.has(name));
	const [synaptic, reuse, neuron] = [needed(synapticEvents), needed(reuseEvents), needed(neuronEvents)];
	for (const layer of activity.layers) {
		const event =
			layer.kind === 'neuron'
				? lacking(layer.totals, neuron)
				: (lacking(layer.totals, synaptic) ??
					(layer.totals.synapticEvents > 0 ? lacking(layer.reuse?.totals ?? {}, reuse) : undefined));
		if (event !== undefined) return { event, layer: layer.name };
	}
	return null;
}

const lacking = (counts: object, events: readonly string[]): string | undefined => events.find((name) => !(name in counts));

/** Names the energy formulas depend on: through computed constants and memory stores too. */
function energyNames(profile: Profile): ReadonlySet<string> {
	return dependencies(profile, [...profile.energy, ...profile.inferenceEnergy]);
}

/** All names that some terms depend on. */
export function dependencies(profile: Profile, terms: readonly Term[]): ReadonlySet<string> {
	const names = new Set<string>();
	const stores = new Set<string>();
	const read = (term: Term): void => {
		namesIn(term.expression, names);
		storesIn(term.expression, stores);
	};
	for (const term of terms) read(term);
	if (names.has('layerEnergy')) for (const term of profile.energy) read(term);
	if (names.has('latency')) for (const term of profile.inferenceLatency) read(term);
	if (names.has('latency') || names.has('layerLatency')) for (const term of [...profile.latency, ...profile.roofline]) read(term);
	for (const resource of profile.resources) if (names.has(resource.name)) read(resource);
	if (profile.memory && stores.size > 0) {
		for (const { access, word, capacity } of profile.memory.levels)
			for (const name of [access, word, capacity ?? word]) names.add(name);
		for (const store of profile.memory.stores) {
			// Every store takes room, so each one's size matters to where the others live.
			for (const term of [store.elements, store.width]) namesIn(term.expression, names);
			if (stores.has(store.name)) for (const term of [store.reads, store.writes]) namesIn(term.expression, names);
		}
	}
	for (const name of names) {
		const formula = profile.constants.get(name)?.formula;
		if (formula) for (const inner of namesIn(formula.expression)) names.add(inner);
	}
	return names;
}

import {
	type NeuronCounts,
	type NeuronTally,
	neuronEvents,
	type ReuseCounts,
	reuseEvents,
	type SynapticCounts,
	type SynapticTally,
	synapticEvents,
} from './events.ts';

const namesOf = <Name extends string>(table: Readonly<Record<Name, unknown>>): Name[] => Object.keys(table) as Name[];

/** A number for each event of a part of the table, in the order of the table. */
function counts<Name extends string>(names: readonly Name[], countOf: (name: Name) => number): Readonly<Record<Name, number>> {
	return Object.fromEntries(names.map((name) => [name, countOf(name)])) as Record<Name, number>;
}

/** Names of the counts of a layer, in the order in which results hold them. */
export const synapticNames = namesOf(synapticEvents);
export const neuronNames = namesOf(neuronEvents);
export const reuseNames = namesOf(reuseEvents);

/** Those there are none of without the spikes a layer receives, or fires. */
export const synapticFromSpikes = synapticNames.filter((name) => synapticEvents[name].fromSpikes);
export const neuronFromSpikes = neuronNames.filter((name) => neuronEvents[name].fromSpikes);

/** Nothing happened. */
export const noSynapticCounts: SynapticCounts = counts(synapticNames, () => 0);
export const noNeuronCounts: NeuronCounts = counts(neuronNames, () => 0);
export const noReuseCounts: ReuseCounts = counts(reuseNames, () => 0);

/** The counts of a layer at one timestep. */
export const synapticCounts = (tally: SynapticTally): SynapticCounts =>
	counts(synapticNames, (name) => synapticEvents[name].count(tally));
export const neuronCounts = (tally: NeuronTally): NeuronCounts => counts(neuronNames, (name) => neuronEvents[name].count(tally));

/** @param none  what a sum of nothing is: which counts there are */
export function sumCounts<Counts extends object>(all: readonly Counts[], none: Counts): Counts {
	const total = { ...none } as Record<keyof Counts, number>;
	for (const one of all) for (const name of Object.keys(none) as (keyof Counts)[]) total[name] += one[name] as number;
	return total as Counts;
}

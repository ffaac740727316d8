import type { Activity } from '../../activity/activity.ts';
import type { PlacedStep } from './barrier-steps.ts';
import type { Packing } from './pack.ts';
import { type ChipParameters, synapseUnitOf } from './parameters.ts';
import { neuronsIn } from './reach.ts';
import type { EnergyTerms } from './run.ts';
import type { Traffic } from './traffic.ts';

/** One inference of a placed network on a barrier-synchronised chip; means over the samples of the Activity. */
export interface PlacedCost {
	readonly energyJoules: number;
	readonly energyTermsJoules: EnergyTerms;
	/** Whether packets, hops and steps follow from where the spikes were, or from their number alone. */
	readonly positions: Traffic['positions'];
	readonly packets: number;
	readonly hops: number;
	readonly synapticEvents: number;
	/** Barrier steps of one inference: a spike acts one step later, so T + L − 1. */
	readonly barrierSteps: number;
	/** Seconds from the first step to the last of one inference alone on the chip. */
	readonly latencySeconds: number;
	/** Seconds per inference when the next one follows every T steps. */
	readonly pipelinedSeconds: number;
	/** The same with static power charged for those seconds only. */
	readonly pipelinedJoules: number;
	/** By barrier step of one inference. */
	readonly steps: readonly PlacedStep[];
}

/**
 * Energy and latency of one inference: counted spikes, updates and synaptic events, and the packets, hops and steps of
 * its traffic. Every neuron is accessed T times; neuron work is spread evenly over a population's cores.
 */
export function placedCost(
	activity: Activity,
	packing: Packing,
	traffic: Traffic,
	chip: ChipParameters,
	chips: number,
): PlacedCost {
	const layers = packing.runs.flatMap(({ population }) => population.inputs.map(({ layer }) => layer));
	const { samples } = activity.run;
	const synapticEvents = sum(layers.map(({ totals }) => totals.synapticEvents)) / samples;
	const synapseJoules = sum(
		layers.map((layer) => (layer.totals.synapticEvents / samples) * (synapseUnitOf(chip, layer)?.energyJoules ?? 0)),
	);
	const latencySeconds = sum(traffic.steps.map(({ seconds }) => seconds));
	const staticWatts = chip.staticWatts * chips + chip.staticWattsPerCore * packing.cores;
	const terms = energyTerms(activity, packing, traffic, synapseJoules, chip, staticWatts * latencySeconds);
	const energyJoules = sum(Object.values(terms));
	return {
		energyJoules,
		energyTermsJoules: terms,
		positions: traffic.positions,
		packets: traffic.packets,
		hops: sum(traffic.hops),
		synapticEvents,
		barrierSteps: traffic.steps.length,
		latencySeconds,
		pipelinedSeconds: traffic.pipelinedSeconds,
		pipelinedJoules: energyJoules - terms.static + staticWatts * traffic.pipelinedSeconds,
		steps: traffic.steps,
	};
}

function energyTerms(
	activity: Activity,
	packing: Packing,
	traffic: Traffic,
	synapseJoules: number,
	chip: ChipParameters,
	staticJoules: number,
): EnergyTerms {
	const { samples, timesteps } = activity.run;
	let updates = 0;
	let driven = 0;
	let spikes = 0;
	for (const { population } of packing.runs) {
		const { neurons } = population;
		const accesses = neuronsIn(population.shape) * timesteps;
		updates += accesses;
		driven += neurons === null ? accesses : neurons.totals.drivenUpdates / samples;
		spikes += neurons === null ? 0 : neurons.totals.spikes / samples;
	}
	const directions = [chip.hop.east, chip.hop.west, chip.hop.north, chip.hop.south];
	return {
		synapses: synapseJoules,
		neuronsIdle: updates * chip.neuronAccess.energyJoules,
		neuronsDriven: driven * chip.neuronUpdate.energyJoules,
		neuronsSpiking: spikes * chip.neuronSpike.energyJoules,
		axons: traffic.packets * (chip.axonOut.energyJoules + chip.axonIn.energyJoules),
		hops: sum(traffic.hops.map((count, index) => count * (directions[index]?.energyJoules ?? 0))),
		static: staticJoules,
	};
}

function sum(values: ArrayLike<number>): number {
	let total = 0;
	for (let i = 0; i < values.length; i++) total += values[i] as number;
	return total;
}

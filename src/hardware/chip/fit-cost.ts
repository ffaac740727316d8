import type { Activity } from '../../simulation/activity.ts';
import { addLoads, type CoreLoads, emptyLoads } from './core-loads.ts';
import { coreLabel } from './mesh.ts';
import type { CoreRun, Packing } from './pack.ts';
import { barrierSeconds, type ChipParameters } from './parameters.ts';
import { neuronsIn } from './reach.ts';
import type { EnergyTerms } from './run.ts';
import type { SpikeMaps } from './spike-maps.ts';

/** What limits a timestep of the placed network. */
export interface StepBottleneck {
	readonly core: string;
	readonly population: string;
	readonly resource: 'sending' | 'receiving' | 'barrier';
}

/** One inference of a placed network on a barrier-synchronised chip; means over the samples of the Activity. */
export interface PlacedCost {
	readonly energyJoules: number;
	readonly energyTermsJoules: EnergyTerms;
	readonly packets: number;
	readonly hops: number;
	readonly synapticEvents: number;
	/** Barrier steps of one inference: a spike acts one step later, so T + L − 1. */
	readonly barrierSteps: number;
	/** Seconds from the first step to the last of one inference alone on the chip. */
	readonly latencySeconds: number;
	/** Seconds per inference when the next one follows every T steps. */
	readonly pipelinedSeconds: number;
	/** By barrier step of one inference. */
	readonly steps: readonly { readonly seconds: number; readonly bottleneck: StepBottleneck }[];
}

/**
 * Energy and latency of one inference, with the nonzero elements of each layer's input spread evenly over it.
 *
 * Spikes, updates and synaptic events are those counted; packets, hops and core loads are means over positions
 * (`addLoads` and the maps give them exactly where positions are known). Every neuron is accessed T times.
 */
export function placedCost(
	activity: Activity,
	packing: Packing,
	maps: readonly SpikeMaps[],
	chip: ChipParameters,
	chips: number,
): PlacedCost {
	const { timesteps } = activity.run;
	const depths = populationDepths(packing.runs);
	const senders = maps.map((map): Sender => {
		const elements = map.packets.length;
		const everyElementOnce = emptyLoads(packing.cores);
		addLoads(everyElementOnce, map, new Uint8Array(elements).fill(1));
		const { perTimestep } = map.connection.layer;
		return {
			map,
			// The input's spikes come ready made, in the step in which the first layer sends.
			depth: map.home === null ? 1 : (depths.get(map.home.population.name) ?? 1),
			rates: perTimestep.map(({ activeInputs }) => activeInputs / (activity.run.samples * elements)),
			everyElementOnce,
		};
	});
	const depth = Math.max(1, ...depths.values());
	const seconds = packing.runs.map((run) => secondsPerNeuron(run, activity, chip));
	const tiles = Math.min(Math.ceil(packing.cores / chip.mesh.coresPerTile), chip.mesh.width * chip.mesh.height);
	const barrier = barrierSeconds(chip, tiles);

	/** A barrier step in which populations of each depth are at the timestep (from 0) given; outside the run they idle. */
	const step = (timestepAt: (depth: number) => number): PlacedStep => {
		const sending = new Float64Array(packing.cores);
		const receiving = new Float64Array(packing.cores);
		for (const [index, { population, neuronsPerCore, firstCore, cores }] of packing.runs.entries()) {
			const active = seconds[index]?.[timestepAt(depths.get(population.name) ?? 1)];
			sending.fill(neuronsPerCore * (active ?? chip.neuronAccess.latencySeconds), firstCore, firstCore + cores);
		}
		for (const { depth: from, rates, everyElementOnce } of senders) {
			const rate = rates[timestepAt(from)] ?? 0;
			if (rate > 0) addPackets(sending, receiving, everyElementOnce, rate, chip);
		}
		return slowestCore(sending, receiving, barrier, packing, chip);
	};
	const barrierSteps = timesteps + depth - 1;
	const steps = Array.from({ length: barrierSteps }, (_, s) => step((layer) => s - layer + 1));
	const modulo = (value: number): number => ((value % timesteps) + timesteps) % timesteps;
	const pipelined = Array.from({ length: timesteps }, (_, s) => step((layer) => modulo(s - layer + 1)));
	const latencySeconds = sum(steps.map((one) => one.seconds));
	const events = eventTotals(senders, activity);
	const staticJoules = (chip.staticWatts * chips + chip.staticWattsPerCore * packing.cores) * latencySeconds;
	const terms = energyTerms(activity, packing, events, chip, staticJoules);
	return {
		energyJoules: sum(Object.values(terms)),
		energyTermsJoules: terms,
		packets: events.packets,
		hops: sum(events.hops),
		synapticEvents: sum(events.synaptic),
		barrierSteps,
		latencySeconds,
		pipelinedSeconds: sum(pipelined.map((one) => one.seconds)),
		steps,
	};
}

type PlacedStep = PlacedCost['steps'][number];

/** The input of a synaptic layer, as it is sent to the layer's cores. */
interface Sender {
	readonly map: SpikeMaps;
	/** Of the population that sends. */
	readonly depth: number;
	/** Share of its elements that are nonzero, by timestep. */
	readonly rates: readonly number[];
	readonly everyElementOnce: CoreLoads;
}

/** Layers on the longest path from the input, by population; populations stand in the order of the data flow. */
function populationDepths(runs: readonly CoreRun[]): ReadonlyMap<string, number> {
	const depths = new Map<string, number>();
	for (const { population } of runs) {
		const below = population.inputs.map(({ source }) => (source === null ? 0 : (depths.get(source) ?? 0)));
		depths.set(population.name, 1 + Math.max(0, ...below));
	}
	return depths;
}

/** Mean seconds a neuron of the run takes at each timestep; a read-out is updated at every one. */
function secondsPerNeuron({ population }: CoreRun, activity: Activity, chip: ChipParameters): readonly number[] {
	const { samples, timesteps } = activity.run;
	const access = chip.neuronAccess.latencySeconds;
	const update = chip.neuronUpdate.latencySeconds;
	const { neurons } = population;
	if (neurons === null) return new Array<number>(timesteps).fill(access + update);
	const per = samples * neurons.neurons;
	return neurons.perTimestep.map(
		({ drivenUpdates, spikes }) => access + (drivenUpdates * update + spikes * chip.neuronSpike.latencySeconds) / per,
	);
}

function addPackets(sending: Float64Array, receiving: Float64Array, loads: CoreLoads, rate: number, chip: ChipParameters): void {
	const synapse = chip.synapses[0]?.latencySeconds ?? 0;
	for (let core = 0; core < sending.length; core++) {
		(sending[core] as number) += rate * (loads.packetsOut[core] as number) * chip.axonOut.latencySeconds;
		(receiving[core] as number) +=
			rate * ((loads.packetsIn[core] as number) * chip.axonIn.latencySeconds + (loads.synapticEvents[core] as number) * synapse);
	}
}

function slowestCore(
	sending: Float64Array,
	receiving: Float64Array,
	barrier: number,
	packing: Packing,
	chip: ChipParameters,
): PlacedStep {
	let busy = 0;
	let slowest = 0;
	let resource: 'sending' | 'receiving' = 'sending';
	for (let core = 0; core < sending.length; core++) {
		for (const [kind, seconds] of [['sending', sending[core] ?? 0] as const, ['receiving', receiving[core] ?? 0] as const]) {
			if (seconds <= busy) continue;
			busy = seconds;
			slowest = core;
			resource = kind;
		}
	}
	const seconds = Math.max(busy + barrier, chip.tickSeconds);
	const run = packing.runs.find(({ firstCore, cores }) => slowest >= firstCore && slowest < firstCore + cores);
	return {
		seconds,
		bottleneck: {
			core: coreLabel(chip, slowest),
			population: run?.population.name ?? '',
			resource: seconds - busy > busy ? 'barrier' : resource,
		},
	};
}

interface EventTotals {
	readonly packets: number;
	/** By direction: east, west, north, south. */
	readonly hops: readonly number[];
	/** By synapse unit. */
	readonly synaptic: readonly number[];
}

function eventTotals(senders: readonly Sender[], activity: Activity): EventTotals {
	let packets = 0;
	let synaptic = 0;
	const hops = [0, 0, 0, 0];
	for (const { map, rates } of senders) {
		const timesActive = sum(rates);
		packets += timesActive * sum(map.packets);
		for (const [index, counts] of [map.hopsEast, map.hopsWest, map.hopsNorth, map.hopsSouth].entries()) {
			(hops[index] as number) += timesActive * sum(counts);
		}
		// Counted exactly, position by position.
		synaptic += map.connection.layer.totals.synapticEvents / activity.run.samples;
	}
	return { packets, hops, synaptic: [synaptic] };
}

function energyTerms(
	activity: Activity,
	packing: Packing,
	events: EventTotals,
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
		synapses: sum(events.synaptic.map((count, unit) => count * (chip.synapses[unit]?.energyJoules ?? 0))),
		neuronsIdle: updates * chip.neuronAccess.energyJoules,
		neuronsDriven: driven * chip.neuronUpdate.energyJoules,
		neuronsSpiking: spikes * chip.neuronSpike.energyJoules,
		axons: events.packets * (chip.axonOut.energyJoules + chip.axonIn.energyJoules),
		hops: sum(events.hops.map((count, index) => count * (directions[index]?.energyJoules ?? 0))),
		static: staticJoules,
	};
}

function sum(values: ArrayLike<number>): number {
	let total = 0;
	for (let i = 0; i < values.length; i++) total += values[i] as number;
	return total;
}

import type { Activity } from '../../simulation/activity.ts';
import { type CoreLoads, loadsOf } from './core-loads.ts';
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
 * Energy and latency of one inference, with the spikes of each population spread evenly over its neurons.
 *
 * Totals of spikes, updates and (without pooling) synaptic events are those counted; packets and hops are their
 * mean over positions. `loadsOf` gives the same loads exactly where spike positions are known.
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
		const home = packing.runs.find(({ population }) => population.name === map.source) ?? null;
		return {
			map,
			// The input's spikes come ready made, in the step in which the first layer sends.
			depth: home === null ? 1 : (depths.get(home.population.name) ?? 1),
			rates: ratesOf(map, home, activity),
			everyNeuronOnce: loadsOf(map, packing, new Float64Array(map.neurons).fill(1)),
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
		for (const { depth: from, rates, everyNeuronOnce } of senders) {
			const rate = rates[timestepAt(from)] ?? 0;
			if (rate > 0) addPackets(sending, receiving, everyNeuronOnce, rate, chip);
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

/** A population, or the input, that sends spikes. */
interface Sender {
	readonly map: SpikeMaps;
	readonly depth: number;
	/** Share of its neurons that fire, by timestep. */
	readonly rates: readonly number[];
	readonly everyNeuronOnce: CoreLoads;
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

function ratesOf(map: SpikeMaps, home: CoreRun | null, activity: Activity): readonly number[] {
	const per = activity.run.samples * map.neurons;
	if (home !== null) return (home.population.neurons?.perTimestep ?? []).map(({ spikes }) => spikes / per);
	return (map.routes[0]?.connection.layer.perTimestep ?? []).map(({ activeInputs }) => activeInputs / per);
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
		const spikesPerNeuron = sum(rates);
		packets += spikesPerNeuron * sum(map.packets);
		for (const [index, counts] of [map.hopsEast, map.hopsWest, map.hopsNorth, map.hopsSouth].entries()) {
			(hops[index] as number) += spikesPerNeuron * sum(counts);
		}
		for (const { connection, rowOf, offsets, events } of map.routes) {
			// Without pooling the events were counted exactly, position by position.
			if (connection.reach.pooling === 1) synaptic += connection.layer.totals.synapticEvents / activity.run.samples;
			else synaptic += spikesPerNeuron * allEvents(rowOf, offsets, events);
		}
	}
	return { packets, hops, synaptic: [synaptic] };
}

function allEvents(rowOf: Int32Array, offsets: Uint32Array, events: Uint32Array): number {
	const byRow = Array.from({ length: offsets.length - 1 }, (_, row) => sum(events.subarray(offsets[row], offsets[row + 1])));
	let total = 0;
	for (const row of rowOf) if (row >= 0) total += byRow[row] as number;
	return total;
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

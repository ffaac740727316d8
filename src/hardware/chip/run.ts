import { coreLabel } from './mesh.ts';
import { barrierSeconds, type ChipParameters, type EventCost } from './parameters.ts';
import type { PlacedNetwork } from './placed-network.ts';
import { type NeuronState, noInput, type SomaRecord, stepSegment } from './soma.ts';
import { detailedTiming } from './timing-detailed.ts';
import { busiestCore, coreWork } from './timing-simple.ts';

/** simple: the busiest core, hops free; detailed: packets queue and block. */
const timings = ['simple', 'detailed'] as const;
export type Timing = (typeof timings)[number];

/** Energy by the event that spent it, joules. */
export interface EnergyTerms {
	/** Weights read. */
	readonly synapses: number;
	/** Every neuron at every timestep. */
	readonly neuronsIdle: number;
	/** Added by neurons that were updated. */
	readonly neuronsDriven: number;
	/** Added by neurons that fired. */
	readonly neuronsSpiking: number;
	/** Packets sent and received. */
	readonly axons: number;
	readonly hops: number;
	/** Power × time. */
	readonly static: number;
}

/** Energy by unit of the chip, joules: sums of the terms. */
export interface EnergyGroups {
	readonly synapse: number;
	readonly soma: number;
	readonly network: number;
	readonly static: number;
}

export interface ChipCounts {
	/** Neurons that fired, input neurons included. */
	readonly fired: number;
	/** LIF neurons that had input, potential, bias or a spike, and input neurons that fired. */
	readonly updated: number;
	/** Packets sent: one per firing neuron and destination core. */
	readonly packets: number;
	/** Tile-to-tile hops of all packets. */
	readonly hops: number;
	/** Weights read. */
	readonly synapticEvents: number;
	readonly energyJoules: number;
	readonly energyGroupsJoules: EnergyGroups;
	readonly energyTermsJoules: EnergyTerms;
	readonly latencySeconds: number;
}

export interface ChipTimestep extends ChipCounts {
	/** From 1. */
	readonly timestep: number;
	/** The busiest core of the timestep ("tile.core") and what kept it busy; barrier when it or the tick takes longer. */
	readonly bottleneck: {
		readonly core: string;
		readonly resource: 'sending' | 'receiving' | 'barrier';
		readonly seconds: number;
	};
}

export interface ChipRun {
	readonly totals: ChipCounts;
	readonly perTimestep: readonly ChipTimestep[];
}

/**
 * Runs a placed network for its timesteps and prices every one.
 *
 * Within a timestep every core walks its neurons and sends the packets of those that fire; all packets are
 * delivered; the barrier follows. A spike therefore acts one timestep later. Time is proportional to neurons ×
 * timesteps plus synaptic events.
 */
export function runChip(network: PlacedNetwork, chip: ChipParameters, timing: Timing): ChipRun {
	const state = restingState(network.neurons);
	const record = emptyRecord(network);
	const coreCount = network.cores.length;
	const lifOnCore = new Uint32Array(coreCount);
	for (const { group, rank, count } of network.segments) if (group.kind === 'lif') (lifOnCore[rank] as number) += count;
	const work = { sendingSeconds: new Float64Array(coreCount), receivingSeconds: new Float64Array(coreCount) };
	const detailed = timing === 'detailed' ? detailedTiming(network, chip) : null;
	const barrier = barrierSeconds(chip, network.tilesInUse);
	const staticWatts = chip.staticWatts + chip.staticWattsPerCore * coreCount;
	const inputFires = new Uint8Array(network.neurons);

	const perTimestep: ChipTimestep[] = [];
	for (let timestep = 1; timestep <= network.timesteps; timestep++) {
		walkNeurons(network, chip, state, record, inputFires, timestep);
		coreWork(network, lifOnCore, record, chip, work);
		const busiest = busiestCore(work);
		const busySeconds = detailed === null ? busiest.seconds : detailed(record);
		const latencySeconds = Math.max(busySeconds + barrier, chip.tickSeconds);
		const events = countEvents(network, record);
		deliver(network, record, state);
		const terms = energyOf(chip, record, lifOnCore, events, staticWatts * latencySeconds);
		perTimestep.push({
			timestep,
			fired: record.firedCount,
			updated: sum(record.updatedLif) + record.firedCount - sum(record.firedLif),
			packets: events.packets,
			hops: sum(events.hops),
			synapticEvents: sum(events.synaptic),
			...energyRecord(terms),
			latencySeconds,
			bottleneck: {
				core: coreLabel(chip, network.cores[busiest.rank] ?? 0),
				resource: latencySeconds - busySeconds > busySeconds ? 'barrier' : busiest.resource,
				seconds: busiest.seconds,
			},
		});
	}
	return { totals: totalsOf(perTimestep), perTimestep };
}

function restingState(neurons: number): NeuronState {
	return {
		potential: new Float64Array(neurons),
		current: new Float64Array(neurons),
		refractory: new Int32Array(neurons),
		input: new Float64Array(neurons).fill(noInput),
	};
}

function emptyRecord(network: PlacedNetwork): SomaRecord {
	const cores = network.cores.length;
	return {
		fired: new Uint32Array(network.neurons),
		secondsBefore: new Float64Array(network.neurons),
		firedCount: 0,
		firedEnd: new Uint32Array(cores),
		leftOverSeconds: new Float64Array(cores),
		pendingSeconds: 0,
		updatedLif: new Uint32Array(cores),
		firedLif: new Uint32Array(cores),
	};
}

function walkNeurons(
	network: PlacedNetwork,
	chip: ChipParameters,
	state: NeuronState,
	record: SomaRecord,
	inputFires: Uint8Array,
	timestep: number,
): void {
	const { segments, packetOffsets, inputNeurons } = network;
	const spikes = inputNeurons.subarray(network.inputOffsets[timestep - 1], network.inputOffsets[timestep]);
	for (const neuron of spikes) inputFires[neuron] = 1;
	record.firedCount = 0;
	record.updatedLif.fill(0);
	record.firedLif.fill(0);
	for (let s = 0; s < segments.length; s++) {
		const segment = segments[s] as (typeof segments)[number];
		if (segments[s - 1]?.rank !== segment.rank) record.pendingSeconds = 0;
		if (segment.group.kind === 'lif') {
			stepSegment(segment, segment.group, state, record, packetOffsets, chip, timestep === 1);
		} else {
			for (let n = segment.firstNeuron; n < segment.firstNeuron + segment.count; n++) {
				if (inputFires[n] === 0) continue;
				record.fired[record.firedCount] = n;
				record.secondsBefore[record.firedCount++] = record.pendingSeconds;
				if (packetOffsets[n] !== packetOffsets[n + 1]) record.pendingSeconds = 0;
			}
		}
		record.firedEnd[segment.rank] = record.firedCount;
		record.leftOverSeconds[segment.rank] = record.pendingSeconds;
	}
	for (const neuron of spikes) inputFires[neuron] = 0;
}

interface StepEvents {
	readonly packets: number;
	/** By synapse unit. */
	readonly synaptic: readonly number[];
	/** By direction. */
	readonly hops: readonly number[];
}

function countEvents(network: PlacedNetwork, record: SomaRecord): StepEvents {
	const over = (counts: Uint32Array): number => {
		let total = 0;
		for (let i = 0; i < record.firedCount; i++) total += counts[record.fired[i] as number] as number;
		return total;
	};
	let packets = 0;
	for (let i = 0; i < record.firedCount; i++) {
		const neuron = record.fired[i] as number;
		packets += (network.packetOffsets[neuron + 1] as number) - (network.packetOffsets[neuron] as number);
	}
	return { packets, synaptic: network.eventsByUnit.map(over), hops: network.hopsByDirection.map(over) };
}

function deliver(network: PlacedNetwork, record: SomaRecord, state: NeuronState): void {
	const { synapseOffsets, synapseTarget, synapseWeight } = network;
	const { input } = state;
	for (let i = 0; i < record.firedCount; i++) {
		const neuron = record.fired[i] as number;
		const end = synapseOffsets[neuron + 1] as number;
		let k = synapseOffsets[neuron] as number;
		// Four at a time, in the same order: the processor then waits for their targets together.
		for (; k + 3 < end; k += 4) {
			const first = synapseTarget[k] as number;
			const second = synapseTarget[k + 1] as number;
			const third = synapseTarget[k + 2] as number;
			const fourth = synapseTarget[k + 3] as number;
			(input[first] as number) += synapseWeight[k] as number;
			(input[second] as number) += synapseWeight[k + 1] as number;
			(input[third] as number) += synapseWeight[k + 2] as number;
			(input[fourth] as number) += synapseWeight[k + 3] as number;
		}
		for (; k < end; k++) (input[synapseTarget[k] as number] as number) += synapseWeight[k] as number;
	}
}

function energyOf(
	chip: ChipParameters,
	record: SomaRecord,
	lifOnCore: Uint32Array,
	events: StepEvents,
	staticJoules: number,
): EnergyTerms {
	const hops = [chip.hop.east, chip.hop.west, chip.hop.north, chip.hop.south];
	const priced = (counts: readonly number[], costs: readonly EventCost[]): number =>
		counts.reduce((total, count, index) => total + count * (costs[index]?.energyJoules ?? 0), 0);
	return {
		synapses: priced(events.synaptic, chip.synapses),
		neuronsIdle: sum(lifOnCore) * chip.neuronAccess.energyJoules,
		neuronsDriven: sum(record.updatedLif) * chip.neuronUpdate.energyJoules,
		neuronsSpiking: sum(record.firedLif) * chip.neuronSpike.energyJoules,
		axons: events.packets * (chip.axonOut.energyJoules + chip.axonIn.energyJoules),
		hops: priced(events.hops, hops),
		static: staticJoules,
	};
}

function energyRecord(terms: EnergyTerms): Pick<ChipCounts, 'energyJoules' | 'energyGroupsJoules' | 'energyTermsJoules'> {
	const groups = {
		synapse: terms.synapses,
		soma: terms.neuronsIdle + terms.neuronsDriven + terms.neuronsSpiking,
		network: terms.axons + terms.hops,
		static: terms.static,
	};
	return {
		energyJoules: groups.synapse + groups.soma + groups.network + groups.static,
		energyGroupsJoules: groups,
		energyTermsJoules: terms,
	};
}

function totalsOf(steps: readonly ChipTimestep[]): ChipCounts {
	const total = (pick: (step: ChipTimestep) => number): number => steps.reduce((all, step) => all + pick(step), 0);
	const term = (name: keyof EnergyTerms): number => total((step) => step.energyTermsJoules[name]);
	return {
		fired: total((step) => step.fired),
		updated: total((step) => step.updated),
		packets: total((step) => step.packets),
		hops: total((step) => step.hops),
		synapticEvents: total((step) => step.synapticEvents),
		...energyRecord({
			synapses: term('synapses'),
			neuronsIdle: term('neuronsIdle'),
			neuronsDriven: term('neuronsDriven'),
			neuronsSpiking: term('neuronsSpiking'),
			axons: term('axons'),
			hops: term('hops'),
			static: term('static'),
		}),
		latencySeconds: total((step) => step.latencySeconds),
	};
}

function sum(values: ArrayLike<number>): number {
	let total = 0;
	for (let i = 0; i < values.length; i++) total += values[i] as number;
	return total;
}

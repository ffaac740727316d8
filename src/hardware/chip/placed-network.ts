import { UserError } from '../../errors.ts';
import { columnsBetween, rowsBetween } from './mesh.ts';
import * as messages from './messages.ts';
import type { ExplicitNetwork, MappingEntry, NeuronGroup } from './network.ts';
import type { ChipParameters } from './parameters.ts';
import { placementOf, type Segment } from './placement.ts';

/**
 * An explicit network on a chip, ready to run. Neurons are numbered in the order the chip walks them: core by
 * core, in mapping order within a core. Arrays are by that number unless they say otherwise.
 */
export interface PlacedNetwork {
	readonly timesteps: number;
	readonly neurons: number;
	readonly segments: readonly Segment[];
	/** Numbers of the cores that hold neurons, ascending; a core's place in this list is its rank. */
	readonly cores: readonly number[];
	readonly tilesInUse: number;
	/** First synapse of each neuron [neurons + 1]. */
	readonly synapseOffsets: Uint32Array;
	readonly synapseTarget: Uint32Array;
	readonly synapseWeight: Float64Array;
	/** First packet of each neuron [neurons + 1]: one packet per destination core, by ascending core. */
	readonly packetOffsets: Uint32Array;
	/** Rank of the destination core, by packet. */
	readonly packetCore: Uint32Array;
	/** Seconds the destination core is busy with a packet: axon and synapses. */
	readonly packetSeconds: Float64Array;
	/** Synaptic events a spike causes, by synapse unit in the chip's order. */
	readonly eventsByUnit: readonly Uint32Array[];
	/** Hops a spike causes, by direction in the order of `directions`. */
	readonly hopsByDirection: readonly Uint32Array[];
	/** Input spikes by timestep, as neuron numbers; timestep t has those from offset t − 1 on. */
	readonly inputOffsets: Uint32Array;
	readonly inputNeurons: Uint32Array;
}

/**
 * Puts a network on a chip: checks the mapping, numbers the neurons in the order they are walked, and works out
 * which packets, hops and synaptic events one spike of each neuron causes.
 *
 * @param file  the name used in messages
 * @throws UserError if a neuron has no core or two, or a core or synapse unit the chip does not have
 */
export function placeNetwork(
	network: ExplicitNetwork,
	mapping: string,
	entries: readonly MappingEntry[],
	chip: ChipParameters,
	file: string,
): PlacedNetwork {
	const placement = placementOf(network, mapping, entries, chip, file);
	const { neurons, cores, rankOf, numberOf } = placement;
	const unitOf = synapseUnits(network, chip, file);
	const synapses = sortedSynapses(network, numberOf, neurons, rankOf, cores.length);

	const eventsByUnit = chip.synapses.map(() => new Uint32Array(neurons));
	const hopsByDirection = [0, 1, 2, 3].map(() => new Uint32Array(neurons)) as [
		Uint32Array,
		Uint32Array,
		Uint32Array,
		Uint32Array,
	];
	const [east, west, north, south] = hopsByDirection;
	const unitOfNeuron = new Uint8Array(neurons);
	for (const segment of placement.segments) {
		unitOfNeuron.fill(unitOf.get(segment.group) ?? 0, segment.firstNeuron, segment.firstNeuron + segment.count);
	}

	const packets = packetsOf(synapses, neurons);
	for (let neuron = 0; neuron < neurons; neuron++) {
		const from = cores[rankOf[neuron] as number] as number;
		for (let packet = packets.offsets[neuron] as number; packet < (packets.offsets[neuron + 1] as number); packet++) {
			const to = cores[packets.core[packet] as number] as number;
			const columns = columnsBetween(chip, from, to);
			const rows = rowsBetween(chip, from, to);
			if (columns > 0) (east[neuron] as number) += columns;
			else (west[neuron] as number) -= columns;
			if (rows > 0) (north[neuron] as number) += rows;
			else (south[neuron] as number) -= rows;
			let seconds = chip.axonIn.latencySeconds;
			for (let k = packets.firstSynapse[packet] as number; k < (packets.firstSynapse[packet + 1] as number); k++) {
				const unit = unitOfNeuron[synapses.target[k] as number] as number;
				((eventsByUnit[unit] as Uint32Array)[neuron] as number)++;
				seconds += chip.synapses[unit]?.latencySeconds ?? 0;
			}
			packets.seconds[packet] = seconds;
		}
	}
	return {
		timesteps: network.timesteps,
		neurons,
		segments: placement.segments,
		cores,
		tilesInUse: placement.tilesInUse,
		synapseOffsets: synapses.offsets,
		synapseTarget: synapses.target,
		synapseWeight: synapses.weight,
		packetOffsets: packets.offsets,
		packetCore: packets.core,
		packetSeconds: packets.seconds,
		eventsByUnit,
		hopsByDirection,
		...inputSpikes(placement.segments, network.timesteps),
	};
}

/** Place of each group's synapse unit among the chip's. */
function synapseUnits(network: ExplicitNetwork, chip: ChipParameters, file: string): ReadonlyMap<NeuronGroup, number> {
	return new Map(
		network.groups.map((group) => {
			if (group.kind === 'input' || group.synapseUnit === null) return [group, 0];
			const { synapseUnit } = group;
			const unit = chip.synapses.findIndex(({ names }) => names.includes(synapseUnit));
			if (unit < 0) {
				const known = chip.synapses.flatMap(({ names }) => names);
				throw new UserError(messages.unknownSynapseUnit(file, group.name, synapseUnit, chip.name, known));
			}
			return [group, unit];
		}),
	);
}

interface SortedSynapses {
	readonly offsets: Uint32Array;
	readonly target: Uint32Array;
	/** Rank of the target's core. */
	readonly rank: Uint32Array;
	readonly weight: Float64Array;
}

/** All synapses by sending neuron, then destination core, then the order of the file. */
function sortedSynapses(
	network: ExplicitNetwork,
	numberOf: ReadonlyMap<string, Uint32Array>,
	neurons: number,
	rankOf: Uint32Array,
	coreCount: number,
): SortedSynapses {
	const total = network.projections.reduce((sum, projection) => sum + projection.weight.length, 0);
	const offsets = new Uint32Array(neurons + 1);
	for (const { pre, preIndex } of network.projections) {
		const preNumber = numberOf.get(pre) as Uint32Array;
		for (const index of preIndex) (offsets[(preNumber[index] as number) + 1] as number)++;
	}
	runningSum(offsets);
	const sorted = { offsets, target: new Uint32Array(total), rank: new Uint32Array(total), weight: new Float64Array(total) };
	const next = offsets.slice();
	for (const { pre, post, preIndex, postIndex, weight } of network.projections) {
		const preNumber = numberOf.get(pre) as Uint32Array;
		const postNumber = numberOf.get(post) as Uint32Array;
		for (let k = 0; k < preIndex.length; k++) {
			const from = preNumber[preIndex[k] as number] as number;
			const target = postNumber[postIndex[k] as number] as number;
			const at = next[from] as number;
			next[from] = at + 1;
			sorted.target[at] = target;
			sorted.rank[at] = rankOf[target] as number;
			// -0 + 0 = 0: a sum of inputs is -0 only where none arrived (soma.ts).
			sorted.weight[at] = (weight[k] as number) + 0;
		}
	}
	sortByCore(sorted, neurons, coreCount);
	return sorted;
}

/** Sorts the synapses of each sending neuron by destination core, keeping the order within a core: counting sorts. */
function sortByCore({ offsets, target, rank, weight }: SortedSynapses, neurons: number, coreCount: number): void {
	const nextOnCore = new Uint32Array(coreCount + 1);
	const most = offsets.reduce((largest, end, neuron) => Math.max(largest, end - (offsets[neuron - 1] ?? 0)), 0);
	const before = { target: new Uint32Array(most), rank: new Uint32Array(most), weight: new Float64Array(most) };
	for (let neuron = 0; neuron < neurons; neuron++) {
		const start = offsets[neuron] as number;
		const count = (offsets[neuron + 1] as number) - start;
		let sorted = true;
		for (let k = start + 1; sorted && k < start + count; k++) sorted = (rank[k - 1] as number) <= (rank[k] as number);
		if (sorted) continue;
		nextOnCore.fill(0);
		for (let k = 0; k < count; k++) {
			before.target[k] = target[start + k] as number;
			before.weight[k] = weight[start + k] as number;
			const core = rank[start + k] as number;
			before.rank[k] = core;
			(nextOnCore[core + 1] as number)++;
		}
		runningSum(nextOnCore);
		for (let k = 0; k < count; k++) {
			const core = before.rank[k] as number;
			const at = start + (nextOnCore[core] as number);
			(nextOnCore[core] as number)++;
			target[at] = before.target[k] as number;
			rank[at] = core;
			weight[at] = before.weight[k] as number;
		}
	}
}

function runningSum(counts: Uint32Array): void {
	for (let i = 1; i < counts.length; i++) (counts[i] as number) += counts[i - 1] as number;
}

/** One packet per sending neuron and run of synapses on one core. */
function packetsOf({ offsets: synapseOffsets, rank }: SortedSynapses, neurons: number) {
	const offsets = new Uint32Array(neurons + 1);
	const starts = (synapse: number, neuron: number): boolean =>
		synapse === synapseOffsets[neuron] || rank[synapse] !== rank[synapse - 1];
	let count = 0;
	for (let neuron = 0; neuron < neurons; neuron++) {
		const end = synapseOffsets[neuron + 1] as number;
		for (let k = synapseOffsets[neuron] as number; k < end; k++) if (starts(k, neuron)) count++;
		offsets[neuron + 1] = count;
	}
	const core = new Uint32Array(count);
	const firstSynapse = new Uint32Array(count + 1);
	let packet = 0;
	for (let neuron = 0; neuron < neurons; neuron++) {
		const end = synapseOffsets[neuron + 1] as number;
		for (let k = synapseOffsets[neuron] as number; k < end; k++) {
			if (!starts(k, neuron)) continue;
			core[packet] = rank[k] as number;
			firstSynapse[packet++] = k;
		}
	}
	firstSynapse[count] = rank.length;
	return { offsets, core, firstSynapse, seconds: new Float64Array(count) };
}

/** Input spikes by timestep; spikes after the last timestep never happen, and a repeated time is one spike. */
function inputSpikes(segments: readonly Segment[], timesteps: number) {
	const inputOffsets = new Uint32Array(timesteps + 1);
	const visitAll = (visit: (timestep: number, neuron: number) => void): void => {
		for (const { group, firstInGroup, firstNeuron, count } of segments) {
			if (group.kind !== 'input') continue;
			for (let i = 0; i < count; i++) {
				for (const timestep of new Set(group.spikeTimes[firstInGroup + i])) {
					if (timestep <= timesteps) visit(timestep, firstNeuron + i);
				}
			}
		}
	};
	visitAll((timestep) => (inputOffsets[timestep] as number)++);
	runningSum(inputOffsets);
	const inputNeurons = new Uint32Array(inputOffsets[timesteps] as number);
	const next = inputOffsets.slice();
	visitAll((timestep, neuron) => {
		const at = next[timestep - 1] as number;
		next[timestep - 1] = at + 1;
		inputNeurons[at] = neuron;
	});
	return { inputOffsets, inputNeurons };
}

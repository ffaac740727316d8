import { UserError } from '../../errors.ts';
import * as messages from './messages.ts';
import type { ExplicitNetwork, MappingEntry, NeuronGroup } from './network.ts';
import type { ChipParameters } from './parameters.ts';

/** Neurons of one group that follow each other on one core. */
export interface Segment {
	readonly group: NeuronGroup;
	/** Number of the first neuron within its group. */
	readonly firstInGroup: number;
	/** Number of the first neuron in the order the chip walks them. */
	readonly firstNeuron: number;
	readonly count: number;
	/** Rank of the core (its place among the cores in use). */
	readonly rank: number;
}

export interface Placement {
	readonly neurons: number;
	/** By ascending core, in mapping order within a core. */
	readonly segments: readonly Segment[];
	/** Numbers of the cores in use, ascending. */
	readonly cores: readonly number[];
	readonly tilesInUse: number;
	/** Rank of each neuron's core, in walking order. */
	readonly rankOf: Uint32Array;
	/** Each group's neurons' numbers in walking order. */
	readonly numberOf: ReadonlyMap<string, Uint32Array>;
}

/**
 * Numbers the neurons of a mapped network in the order the chip walks them.
 *
 * @throws UserError if a neuron has no core or two, or a core lies outside its tile
 */
export function placementOf(
	network: ExplicitNetwork,
	mapping: string,
	entries: readonly MappingEntry[],
	chip: ChipParameters,
	file: string,
): Placement {
	const { coresPerTile } = chip.mesh;
	const coreOf = (entry: MappingEntry): number => entry.tile * coresPerTile + entry.core;
	for (const { tile, core } of entries) {
		if (core >= coresPerTile) {
			throw new UserError(messages.noSuchCore(file, mapping, `${tile}.${core}`, coresPerTile, chip.name));
		}
	}
	const groups = new Map(network.groups.map((group) => [group.name, group]));
	const cores = [...new Set(entries.map(coreOf))].sort((a, b) => a - b);
	const rankOfCore = new Map(cores.map((core, rank) => [core, rank]));
	const neurons = network.groups.reduce((sum, group) => sum + group.size, 0);
	const rankOf = new Uint32Array(neurons);
	const unmapped = 2 ** 32 - 1;
	const numberOf = new Map(network.groups.map((group) => [group.name, new Uint32Array(group.size).fill(unmapped)]));
	const segments: Segment[] = [];
	let firstNeuron = 0;
	// Array.sort is stable, so entries of one core keep the mapping's order.
	for (const entry of [...entries].sort((a, b) => coreOf(a) - coreOf(b))) {
		const rank = rankOfCore.get(coreOf(entry)) as number;
		const count = entry.last - entry.first + 1;
		const numbers = numberOf.get(entry.group) as Uint32Array;
		for (let i = 0; i < count; i++) {
			if (numbers[entry.first + i] !== unmapped) {
				throw new UserError(messages.mappedTwice(file, mapping, entry.group, entry.first + i));
			}
			numbers[entry.first + i] = firstNeuron + i;
		}
		rankOf.fill(rank, firstNeuron, firstNeuron + count);
		segments.push({
			group: groups.get(entry.group) as NeuronGroup,
			firstInGroup: entry.first,
			firstNeuron,
			count,
			rank,
		});
		firstNeuron += count;
	}
	for (const [group, numbers] of numberOf) {
		const missing = numbers.indexOf(unmapped);
		if (missing >= 0) throw new UserError(messages.notMapped(file, mapping, group, missing));
	}
	const tilesInUse = new Set(cores.map((core) => Math.floor(core / coresPerTile))).size;
	return { neurons, segments, cores, tilesInUse, rankOf, numberOf };
}

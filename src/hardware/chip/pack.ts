import type { ChipParameters } from './parameters.ts';
import { fanInOf, homeNeuron, type Population } from './populations.ts';
import { elementsPerRow, neuronsIn, type Reach, rowCount, rowOf, visitTargets } from './reach.ts';

/** Something of a network that one neuron alone needs more of than a core has: no number of cores helps. */
export interface Wall {
	readonly population: string;
	readonly resource: 'fan-in' | 'synaptic memory' | 'incoming axons' | 'outgoing axons';
	readonly needed: number;
	readonly limit: number;
}

/** Cores of one population: runs of `neuronsPerCore` neurons in position order from `firstCore` on. */
export interface CoreRun {
	readonly population: Population;
	readonly firstCore: number;
	readonly cores: number;
	readonly neuronsPerCore: number;
	/** What kept the run from taking more neurons on a core. */
	readonly boundBy: 'neurons' | 'synaptic memory' | 'incoming axons' | 'outgoing axons' | 'population';
	/** Largest over the run's cores. */
	readonly axonsIn: number;
	readonly axonsOut: number;
	/** Bits of weights on a full core. */
	readonly synapticBits: number;
}

export interface Packing {
	readonly runs: readonly CoreRun[];
	readonly cores: number;
	readonly walls: readonly Wall[];
}

interface Draft {
	perCore: number;
	boundBy: CoreRun['boundBy'];
}

/**
 * Places populations on cores, one after the other, as many neurons to a core as its limits allow.
 *
 * A core holds neurons of one population. Every synapse is stored on the core of its target (weights are not
 * shared between neurons). Axons are counted exactly: distinct sources a core hears from, and (neuron,
 * destination core) pairs it sends to. Where a single neuron exceeds a limit, a wall is reported and the
 * population is placed as if that limit were lifted.
 */
export function packPopulations(populations: readonly Population[], chip: ChipParameters): Packing {
	const walls: Wall[] = [];
	const drafts = populations.map((population) => draft(population, chip, walls));
	for (const [index, population] of populations.entries()) {
		shrinkForAxonsIn(population, drafts[index] as Draft, chip, walls);
	}
	shrinkForAxonsOut(populations, drafts, chip, walls);
	let firstCore = 0;
	const runs = populations.map((population, index): CoreRun => {
		const { perCore, boundBy } = drafts[index] as Draft;
		const cores = Math.ceil(neuronsIn(population.shape) / perCore);
		const run = {
			population,
			firstCore,
			cores,
			neuronsPerCore: perCore,
			boundBy,
			axonsIn: mostAxonsIn(population, perCore),
			axonsOut: mostAxonsOut(index, populations, drafts),
			synapticBits: perCore * (fanInOf(population) * chip.weightBits + chip.neuronBits),
		};
		firstCore += cores;
		return run;
	});
	return { runs, cores: firstCore, walls };
}

function draft(population: Population, chip: ChipParameters, walls: Wall[]): Draft {
	const { limits } = chip;
	const neurons = neuronsIn(population.shape);
	const fanIn = fanInOf(population);
	const result: Draft = { perCore: neurons, boundBy: 'population' };
	const bound = (most: number, by: CoreRun['boundBy']): void => {
		if (most < result.perCore) Object.assign(result, { perCore: most, boundBy: by });
	};
	if (limits.neurons !== null) bound(limits.neurons, 'neurons');
	if (limits.fanIn !== null && fanIn > limits.fanIn) {
		walls.push({ population: population.name, resource: 'fan-in', needed: fanIn, limit: limits.fanIn });
	}
	if (limits.synapticBytes !== null && fanIn > 0) {
		const bits = limits.synapticBytes * 8;
		const each = fanIn * chip.weightBits + chip.neuronBits;
		const words = Math.floor(Math.max(0, bits - chip.neuronBits) / chip.weightBits);
		if (bits >= each) bound(Math.floor(bits / each), 'synaptic memory');
		else walls.push({ population: population.name, resource: 'synaptic memory', needed: fanIn, limit: words });
	}
	return result;
}

function shrinkForAxonsIn(population: Population, result: Draft, chip: ChipParameters, walls: Wall[]): void {
	const limit = chip.limits.axonsIn;
	if (limit === null) return;
	const alone = mostAxonsIn(population, 1);
	if (alone > limit) {
		walls.push({ population: population.name, resource: 'incoming axons', needed: alone, limit });
		return;
	}
	shrink(result, 'incoming axons', (perCore) => mostAxonsIn(population, perCore) <= limit);
}

function shrinkForAxonsOut(
	populations: readonly Population[],
	drafts: readonly Draft[],
	chip: ChipParameters,
	walls: Wall[],
): void {
	const limit = chip.limits.axonsOut;
	if (limit === null) return;
	// From the output backwards: a population's axons depend on how its targets are spread, never on its sources.
	for (let index = populations.length - 1; index >= 0; index--) {
		const axonsPerNeuron = destinationCounts(index, populations, drafts);
		const most = axonsPerNeuron.reduce((best, value) => Math.max(best, value), 0);
		if (most > limit) {
			walls.push({ population: (populations[index] as Population).name, resource: 'outgoing axons', needed: most, limit });
			continue;
		}
		shrink(drafts[index] as Draft, 'outgoing axons', (perCore) => largestRunSum(axonsPerNeuron, perCore) <= limit);
	}
}

/** The most neurons per core, found by halving, for which a condition that holds at 1 still holds. */
function shrink(result: Draft, by: CoreRun['boundBy'], holds: (perCore: number) => boolean): void {
	if (holds(result.perCore)) return;
	let good = 1;
	let bad = result.perCore;
	while (bad - good > 1) {
		const middle = Math.floor((good + bad) / 2);
		if (holds(middle)) good = middle;
		else bad = middle;
	}
	Object.assign(result, { perCore: good, boundBy: by });
}

/** Distinct sources the busiest core of a population hears from. */
function mostAxonsIn(population: Population, perCore: number): number {
	const heard = new Float64Array(Math.ceil(neuronsIn(population.shape) / perCore));
	for (const { reach } of population.inputs) {
		const sources = elementsPerRow(reach);
		for (let row = 0; row < rowCount(reach); row++) {
			for (const core of coresOfRow(reach, row, perCore)) (heard[core] as number) += sources;
		}
	}
	return heard.reduce((best, value) => Math.max(best, value), 0);
}

/** Cores, counted from the target population's first, that a row of sources reaches; ascending. */
function coresOfRow(reach: Reach, row: number, perCore: number): readonly number[] {
	const cores = new Set<number>();
	visitTargets(reach, row, (first, count) => {
		for (let core = Math.floor(first / perCore); core <= Math.floor((first + count - 1) / perCore); core++) cores.add(core);
	});
	return [...cores].sort((a, b) => a - b);
}

/** Destination cores a population sends to, by the neuron (in position order) whose core sends. */
function destinationCounts(index: number, populations: readonly Population[], drafts: readonly Draft[]): Uint32Array {
	const source = populations[index] as Population;
	const counts = new Uint32Array(neuronsIn(source.shape));
	for (const [to, target] of populations.entries()) {
		const { perCore } = drafts[to] as Draft;
		for (const connection of target.inputs) {
			if (connection.source !== source.name) continue;
			const { reach } = connection;
			const byRow = Array.from({ length: rowCount(reach) }, (_, row) => coresOfRow(reach, row, perCore).length);
			for (let element = 0; element < neuronsIn(reach.source); element++) {
				(counts[homeNeuron(connection, source.shape, element)] as number) += byRow[rowOf(reach, element)] as number;
			}
		}
	}
	return counts;
}

function mostAxonsOut(index: number, populations: readonly Population[], drafts: readonly Draft[]): number {
	return largestRunSum(destinationCounts(index, populations, drafts), (drafts[index] as Draft).perCore);
}

function largestRunSum(values: Uint32Array, run: number): number {
	let largest = 0;
	for (let start = 0; start < values.length; start += run) {
		let sum = 0;
		for (let i = start; i < Math.min(start + run, values.length); i++) sum += values[i] as number;
		largest = Math.max(largest, sum);
	}
	return largest;
}

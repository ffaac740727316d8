import type { Activity } from '../../activity/activity.ts';
import { addPacketWork, type BarrierSteps, barrierSteps, type PlacedStep, type StepWork } from './barrier-steps.ts';
import { addLoads, emptyLoads } from './core-loads.ts';
import type { Packing } from './pack.ts';
import type { ChipParameters } from './parameters.ts';
import type { SpikeMaps } from './spike-maps.ts';

/** Packets of one inference and how long they make its barrier steps; means over samples. */
export interface Traffic {
	/** exact: from the place of every active input element; mean: as if they were spread evenly. */
	readonly positions: 'exact' | 'mean';
	readonly packets: number;
	/** East, west, north, south. */
	readonly hops: readonly [number, number, number, number];
	/** By barrier step of one inference alone; the bottleneck is that of the slowest sample. */
	readonly steps: readonly PlacedStep[];
	/** Seconds per inference when the next one follows every T steps. */
	readonly pipelinedSeconds: number;
}

/** Traffic with each layer's active input elements spread evenly over its input. */
export function meanTraffic(activity: Activity, packing: Packing, maps: readonly SpikeMaps[], chip: ChipParameters): Traffic {
	const schedule = barrierSteps(activity, packing, chip);
	const alone = Array.from({ length: schedule.count }, (_, step) => schedule.aloneWork(step));
	const pipelined = Array.from({ length: schedule.timesteps }, (_, step) => schedule.pipelinedWork(step));
	let packets = 0;
	const hops: [number, number, number, number] = [0, 0, 0, 0];
	for (const map of maps) {
		const elements = map.packets.length;
		const everyElementOnce = emptyLoads(packing.cores);
		addLoads(everyElementOnce, map, new Uint8Array(elements).fill(1));
		const sums = [map.hopsEast, map.hopsWest, map.hopsNorth, map.hopsSouth].map(sum);
		for (const [timestep, { activeInputs }] of map.connection.layer.perTimestep.entries()) {
			const share = activeInputs / (activity.run.samples * elements);
			if (share === 0) continue;
			packets += share * sum(map.packets);
			for (const [direction, total] of sums.entries()) (hops[direction] as number) += share * total;
			for (const work of worksAt(schedule, map, timestep, alone, pipelined))
				addPacketWork(work, map, everyElementOnce, share, chip);
		}
	}
	return {
		positions: 'mean',
		packets,
		hops,
		steps: alone.map(schedule.finish),
		pipelinedSeconds: pipelined.map(schedule.finish).reduce((total, { seconds }) => total + seconds, 0),
	};
}

/** Collects exact traffic from the masks of active input elements; an ActiveInputObserver of the simulation. */
export interface TrafficCollector {
	layer(name: string, timestep: number, mask: Uint8Array, rows: number): void;
	endBatch(rows: number): void;
	/** @throws RangeError if no sample was observed */
	traffic(): Traffic;
	/** Synaptic events of all samples, for comparison with what was counted. */
	readonly synapticEvents: number;
}

/** Traffic from the place of every active input element, sample by sample. */
export function collectTraffic(
	activity: Activity,
	packing: Packing,
	maps: readonly SpikeMaps[],
	chip: ChipParameters,
): TrafficCollector {
	const schedule = barrierSteps(activity, packing, chip);
	const byLayer = new Map(maps.map((map) => [map.connection.layer.name, map]));
	const steps = Array.from({ length: schedule.count }, () => ({ seconds: 0, slowest: null as PlacedStep | null }));
	let pipelinedSeconds = 0;
	let [packets, events, samples] = [0, 0, 0];
	const hops: [number, number, number, number] = [0, 0, 0, 0];
	let works: { readonly alone: StepWork[]; readonly pipelined: StepWork[] }[] = [];
	const emptyWorks = () => ({
		alone: Array.from({ length: schedule.count }, (_, step) => schedule.aloneWork(step)),
		pipelined: Array.from({ length: schedule.timesteps }, (_, step) => schedule.pipelinedWork(step)),
	});
	return {
		get synapticEvents() {
			return events;
		},
		layer(name, timestep, mask, rows) {
			const map = byLayer.get(name);
			if (map === undefined) return;
			const elements = map.packets.length;
			while (works.length < rows) works.push(emptyWorks());
			for (let row = 0; row < rows; row++) {
				const active = mask.subarray(row * elements, (row + 1) * elements);
				for (let element = 0; element < elements; element++) {
					if (active[element] === 0) continue;
					packets += map.packets[element] as number;
					events += map.synapticEvents[element] as number;
					hops[0] += map.hopsEast[element] as number;
					hops[1] += map.hopsWest[element] as number;
					hops[2] += map.hopsNorth[element] as number;
					hops[3] += map.hopsSouth[element] as number;
				}
				const loads = emptyLoads(packing.cores);
				addLoads(loads, map, active);
				const { alone, pipelined } = works[row] as (typeof works)[number];
				for (const work of worksAt(schedule, map, timestep, alone, pipelined)) addPacketWork(work, map, loads, 1, chip);
			}
		},
		endBatch(rows) {
			for (const { alone, pipelined } of works.slice(0, rows)) {
				for (const [index, work] of alone.entries()) {
					const step = schedule.finish(work);
					const total = steps[index] as (typeof steps)[number];
					total.seconds += step.seconds;
					if (total.slowest === null || step.seconds > total.slowest.seconds) total.slowest = step;
				}
				for (const work of pipelined) pipelinedSeconds += schedule.finish(work).seconds;
			}
			samples += rows;
			works = [];
		},
		traffic() {
			if (samples === 0) throw new RangeError('traffic of no samples');
			return {
				positions: 'exact',
				packets: packets / samples,
				hops: [hops[0] / samples, hops[1] / samples, hops[2] / samples, hops[3] / samples],
				steps: steps.map(({ seconds, slowest }) => ({
					seconds: seconds / samples,
					bottleneck: (slowest as PlacedStep).bottleneck,
				})),
				pipelinedSeconds: pipelinedSeconds / samples,
			};
		},
	};
}

/** The steps, alone and pipelined, in which a layer's input of a timestep is sent. */
function worksAt(
	schedule: BarrierSteps,
	map: SpikeMaps,
	timestep: number,
	alone: readonly StepWork[],
	pipelined: readonly StepWork[],
): readonly StepWork[] {
	const step = timestep + schedule.depthOf(map) - 1;
	return [alone[step], pipelined[step % schedule.timesteps]].filter((work) => work !== undefined);
}

function sum(values: ArrayLike<number>): number {
	let total = 0;
	for (let i = 0; i < values.length; i++) total += values[i] as number;
	return total;
}

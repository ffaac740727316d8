import type { Activity } from '../../activity/activity.ts';
import type { CoreLoads } from './core-loads.ts';
import { coreLabel } from './mesh.ts';
import type { CoreRun, Packing } from './pack.ts';
import { barrierSeconds, type ChipParameters, synapseUnitOf } from './parameters.ts';
import type { SpikeMaps } from './spike-maps.ts';

/** What limits a barrier step of a placed network. */
export interface StepBottleneck {
	readonly core: string;
	readonly population: string;
	readonly resource: 'sending' | 'receiving' | 'barrier';
}

/** A barrier step and what decides its length. */
export interface PlacedStep {
	readonly seconds: number;
	readonly bottleneck: StepBottleneck;
}

/** Busy seconds of every core in one barrier step. */
export interface StepWork {
	readonly sending: Float64Array;
	readonly receiving: Float64Array;
}

/** Which timestep (from 0) each depth of the network is at in a barrier step; outside 0 … T − 1 it idles. */
type TimestepAt = (depth: number) => number;

/**
 * How the timesteps of an inference fall on barrier steps: a population at depth d is at timestep t in step t + d − 1,
 * its packets are sent and received in that step and act in the next.
 */
export interface BarrierSteps {
	/** T + L − 1 */
	readonly count: number;
	readonly timesteps: number;
	/** Depth of the population that sends a layer's input; the network's input comes ready made with the first layer. */
	depthOf(map: SpikeMaps): number;
	/** Neuron work of every core, before packets: of one inference alone, by barrier step. */
	aloneWork(step: number): StepWork;
	/** Neuron work when inferences follow each other every T steps, by step modulo T. */
	pipelinedWork(step: number): StepWork;
	/** Length of a step: its busiest core and the barrier, or the tick. */
	finish(work: StepWork): PlacedStep;
}

export function barrierSteps(activity: Activity, packing: Packing, chip: ChipParameters): BarrierSteps {
	const { timesteps } = activity.run;
	const depths = populationDepths(packing.runs);
	const seconds = packing.runs.map((run) => secondsPerNeuron(run, activity, chip));
	const tiles = Math.min(Math.ceil(packing.cores / chip.mesh.coresPerTile), chip.mesh.width * chip.mesh.height);
	const barrier = barrierSeconds(chip, tiles);
	const neuronWork = (timestepAt: TimestepAt): StepWork => {
		const sending = new Float64Array(packing.cores);
		for (const [index, { population, neuronsPerCore, firstCore, cores }] of packing.runs.entries()) {
			const active = seconds[index]?.[timestepAt(depths.get(population.name) ?? 1)];
			sending.fill(neuronsPerCore * (active ?? chip.neuronAccess.latencySeconds), firstCore, firstCore + cores);
		}
		return { sending, receiving: new Float64Array(packing.cores) };
	};
	return {
		count: timesteps + Math.max(1, ...depths.values()) - 1,
		timesteps,
		depthOf: ({ home }) => (home === null ? 1 : (depths.get(home.population.name) ?? 1)),
		aloneWork: (step) => neuronWork((depth) => step - depth + 1),
		pipelinedWork: (step) => neuronWork((depth) => (((step - depth + 1) % timesteps) + timesteps) % timesteps),
		finish: ({ sending, receiving }) => slowestCore(sending, receiving, barrier, packing, chip),
	};
}

/** Adds the time cores spend on the packets of a layer's input. */
export function addPacketWork(
	work: StepWork,
	{ connection }: SpikeMaps,
	loads: CoreLoads,
	times: number,
	chip: ChipParameters,
): void {
	const synapse = synapseUnitOf(chip, connection.layer)?.latencySeconds ?? 0;
	for (let core = 0; core < work.sending.length; core++) {
		(work.sending[core] as number) += times * (loads.packetsOut[core] as number) * chip.axonOut.latencySeconds;
		(work.receiving[core] as number) +=
			times * ((loads.packetsIn[core] as number) * chip.axonIn.latencySeconds + (loads.synapticEvents[core] as number) * synapse);
	}
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

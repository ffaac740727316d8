import type { Encoder } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import type { Network } from '../network/network.ts';
import * as messages from './messages.ts';
import type { Plan } from './plan.ts';
import { type ProductTallies, productTallies, readProduct } from './products.ts';
import { spikeMagnitudeLimit } from './readings.ts';
import { isOneHeight } from './run-facts.ts';
import { type SampleRecord, type Tally, tally } from './tally.ts';

/** Decisions of the first samples of a run, and which of them lie within rounding of their threshold. */
export interface CloseCounts {
	/** Samples looked at. */
	samples: number;
	readonly layers: readonly {
		/** By timestep. */
		readonly decisions: number[];
		/** By timestep; null where the graph does not tell the threshold. */
		readonly close: (number | null)[];
	}[];
}

/** Everything counted so far. */
export interface Run {
	/** [layer][timestep]; a time-invariant layer has a tally for its first timestep only, to be charged as the encoder rule says. */
	readonly synapses: readonly (readonly Tally[])[];
	readonly products: readonly ProductTallies[];
	readonly spikes: readonly (readonly Tally[])[];
	/** [layer][timestep]; null where driven neurons cannot be told. */
	readonly driven: readonly (readonly (number | null)[])[];
	readonly close: CloseCounts;
	/** Neuron layers whose membrane was NaN or infinite at the end of a sample. */
	readonly broken: ReadonlySet<string>;
	/** Per sample: all synaptic events, those of layers whose values the graph proves, and spikes. */
	readonly perSample: { readonly events: Float64Array; readonly provenAcs: Float64Array; readonly spikes: Float64Array };
	analogTensors(): Set<string>;
	beginBatch(rows: number): void;
	/** Whether decisions of this batch are compared with their thresholds. */
	looks(): boolean;
	readBatch(plan: Plan, results: Readonly<Record<string, { readonly data: unknown }>>, rows: number, step: number): void;
	endBatch(): void;
}

/** How often a layer's counts are charged: every timestep, or once where its input does not change. */
export const chargedTimesteps = (timeInvariant: boolean, encoder: Encoder, timesteps: number): number =>
	timeInvariant && encoder === 'once' ? 1 : timesteps;

/** Whether the graph alone proves that all inputs of a layer at one timestep have one magnitude. */
const provenSpikes = (network: Network, layer: number): boolean =>
	(network.synapticLayers[layer] as Network['synapticLayers'][number]).calls.every(({ input, unscaled }) =>
		isOneHeight(network.valueSets.get(unscaled ?? input)),
	);

/** @param look first samples whose decisions are compared with their thresholds */
export function runState(network: Network, timesteps: number, samples: number, encoder: Encoder, look = 0): Run {
	const spiking = (tensor: string): boolean => {
		const set = network.valueSets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	const proven = network.synapticLayers.map((_, at) => provenSpikes(network, at));
	/** Timesteps of one run of the graph: what a name stands for returns after as many. */
	const period = network.mode === 'step' ? 1 : (network.timesteps ?? timesteps);
	const synapses = network.synapticLayers.map(({ calls }, at) => {
		const limit = calls.every(({ input, unscaled }) => spiking(unscaled ?? input)) ? spikeMagnitudeLimit : 1;
		return Array.from({ length: timesteps }, () => tally(limit, !proven[at]));
	});
	const products = productTallies(network, timesteps, samples);
	const spikes = network.neuronLayers.map(() => Array.from({ length: timesteps }, () => tally(spikeMagnitudeLimit, false)));
	const driven: (number | null)[][] = network.neuronLayers.map(() => Array.from({ length: timesteps }, () => 0));
	const zeros = (): number[] => Array.from({ length: timesteps }, () => 0);
	const close: CloseCounts = { samples: 0, layers: network.neuronLayers.map(() => ({ decisions: zeros(), close: zeros() })) };
	const perSample = {
		events: new Float64Array(samples),
		provenAcs: new Float64Array(samples),
		spikes: new Float64Array(samples),
	};
	const broken = new Set<string>();
	let next = 0;
	let scratch = new Float64Array(0);
	let batchRows = 0;
	return {
		synapses,
		products,
		spikes,
		driven,
		close,
		broken,
		perSample,
		analogTensors() {
			const analog = new Set<string>();
			for (const [at, { calls }] of network.synapticLayers.entries()) {
				for (const call of calls) {
					const tallies = (synapses[at] ?? []).filter(
						(_, timestep) => call.timestep === 'every' || timestep % period === call.timestep,
					);
					if (tallies.some(({ magnitudes }) => magnitudes === null)) analog.add(call.input);
				}
			}
			return analog;
		},
		beginBatch(rows) {
			batchRows = rows;
			if (scratch.length < rows) scratch = new Float64Array(rows);
		},
		looks: () => next < look,
		readBatch(plan, results, rows, step) {
			for (const { layer, call, read } of plan.synapses) {
				const { timeInvariant } = network.synapticLayers[layer] as Network['synapticLayers'][number];
				if (timeInvariant && step > 0) continue;
				const timestep = call.timestep === 'every' ? 0 : call.timestep + step;
				if (timestep >= timesteps) continue;
				const into = synapses[layer]?.[timestep] as Tally;
				scratch.fill(0);
				const recorded = into.records?.length ?? 0;
				read(results, rows, into, scratch);
				for (let at = recorded; at < (into.records?.length ?? 0); at += 1)
					(into.records?.[at] as SampleRecord).sample = next + at - recorded;
				const times = timeInvariant ? chargedTimesteps(true, encoder, timesteps) : 1;
				for (let row = 0; row < rows; row += 1) {
					const events = (scratch[row] as number) * times;
					perSample.events[next + row] = (perSample.events[next + row] as number) + events;
					if (proven[layer]) perSample.provenAcs[next + row] = (perSample.provenAcs[next + row] as number) + events;
				}
				if (!Number.isSafeInteger(into.events * timesteps))
					throw new UserError(messages.countTooLarge(network.synapticLayers[layer]?.name ?? ''));
			}
			for (const reading of plan.products) {
				if (reading.call.timestep + step >= timesteps) continue;
				const { timeInvariant } = network.products[reading.product] as Network['products'][number];
				const times = timeInvariant ? chargedTimesteps(true, encoder, timesteps) : 1;
				const batch = { rows, first: next, timestep: reading.call.timestep + step, times };
				readProduct(reading, results, batch, products[reading.product] as ProductTallies, scratch);
			}
			const looked = Math.min(rows, look - next);
			for (const { layer, timestep, read, readDriven, readClose, decisions } of plan.neurons) {
				const at = timestep + step;
				if (at >= timesteps) continue;
				scratch.fill(0);
				read?.(results, rows, spikes[layer]?.[at] as Tally, scratch);
				for (let row = 0; row < rows; row += 1)
					perSample.spikes[next + row] = (perSample.spikes[next + row] as number) + (scratch[row] as number);
				const counts = driven[layer] as (number | null)[];
				counts[at] = readDriven && counts[at] !== null ? (counts[at] as number) + readDriven(results, rows) : null;
				if (looked > 0) addClose(close, layer, at, decisions * looked, readClose?.(results, looked) ?? null);
			}
			for (const { layer, timestep, isBroken } of plan.membranes)
				if (timestep + step < timesteps && isBroken(results, rows)) broken.add(layer);
		},
		endBatch() {
			next += batchRows;
			close.samples = Math.min(next, look);
		},
	};
}

function addClose({ layers }: CloseCounts, layer: number, timestep: number, decisions: number, more: number | null): void {
	const one = layers[layer] as CloseCounts['layers'][number];
	one.decisions[timestep] = (one.decisions[timestep] as number) + decisions;
	const before = one.close[timestep] ?? null;
	one.close[timestep] = before === null || more === null ? null : before + more;
}

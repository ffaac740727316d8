/** Derived quantities of a run: the one place where counts become means, rates and shares. */

import type { Activity, LayerActivity, NeuronLayerActivity } from '../activity/activity.ts';
import type { DenseComparison, Estimate, Interval, LayerEstimate } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';

type Run = Pick<Activity, 'run' | 'layers' | 'totals' | 'model'>;

/** Mean of a summed count per inference. */
export function perInference(count: number, run: { readonly samples: number }): number {
	return run.samples > 0 ? count / run.samples : 0;
}

/** Spikes ÷ (neurons · timesteps): the share of neurons that fire in a timestep. */
export function firingRate(layer: NeuronLayerActivity, run: Activity['run']): number | null {
	return layer.spiking ? ratioOrNull(layer.totals.spikes, layer.neurons * run.timesteps * run.samples) : null;
}

/** Spikes summed over timesteps ÷ neurons: the definition of the IIR-SNN and DIET-SNN papers; may exceed 1. */
export function spikesPerNeuron(layer: NeuronLayerActivity, run: Activity['run']): number | null {
	return layer.spiking ? ratioOrNull(layer.totals.spikes, layer.neurons * run.samples) : null;
}

/** Membrane words read and written by a layer or by the whole net, per inference. */
export function membraneWords(
	totals: { readonly stateReads: number; readonly stateWrites: number },
	run: Activity['run'],
): number {
	return perInference(totals.stateReads + totals.stateWrites, run);
}

/** How active a network is as a whole, per inference. */
export interface NetworkActivity {
	/** Neurons of all spiking layers, of one sample. */
	readonly neurons: number;
	readonly spikesPerInference: number;
	readonly firingRate: number | null;
	readonly spikesPerNeuron: number | null;
	/** Whether any layer spikes; false for a DNN. */
	readonly spiking: boolean;
}

/** Spikes of the whole net; a DNN's activations are not spikes. */
export function networkActivity(run: Run): NetworkActivity {
	const layers = run.layers.filter((layer): layer is NeuronLayerActivity => layer.kind === 'neuron' && layer.spiking);
	const neurons = layers.reduce((sum, layer) => sum + layer.neurons, 0);
	const spikes = layers.reduce((sum, layer) => sum + layer.totals.spikes, 0);
	return {
		neurons,
		spikesPerInference: perInference(spikes, run.run),
		firingRate: ratioOrNull(spikes, neurons * run.run.timesteps * run.run.samples),
		spikesPerNeuron: ratioOrNull(spikes, neurons * run.run.samples),
		spiking: layers.length > 0,
	};
}

/** Dense MACs of one pass through the net, per inference: the textbook number, no timesteps. */
export function denseMacsPerPass(layers: readonly LayerActivity[]): number {
	return layers.reduce((sum, layer) => sum + (layer.kind === 'synaptic' ? layer.geometry.denseMacs : 0), 0);
}

/** The estimate of a layer; layers stand in the same order in Activity and Estimate, names may repeat. */
export function layerEstimates(analysis: Analysis, estimate: Estimate): ReadonlyMap<LayerActivity, LayerEstimate> {
	const waiting = new Map<string, LayerEstimate[]>();
	for (const layer of estimate.layers) {
		const key = `${layer.kind} ${layer.name}`;
		waiting.set(key, [...(waiting.get(key) ?? []), layer]);
	}
	const found = new Map<LayerActivity, LayerEstimate>();
	for (const layer of analysis.layers) {
		const next = waiting.get(`${layer.kind} ${layer.name}`)?.shift();
		if (next !== undefined) found.set(layer, next);
	}
	return found;
}

/** The DNN baseline beside an estimate; where one profile has several accountings, the one formed from this estimate's energy. */
export function comparisonFor(analysis: Analysis, estimate: Estimate): DenseComparison | null {
	const candidates = analysis.comparison?.profiles.filter((comparison) => comparison.profile === estimate.profile) ?? [];
	const rivals = analysis.estimates.filter((other) => other.profile === estimate.profile);
	if (candidates.length === 1 && rivals.length === 1) return candidates[0] ?? null;
	const energy = estimate.energyPerInferenceJoules.nominal;
	return candidates.find((comparison) => comparison.snnEnergyJoules.nominal === energy) ?? null;
}

/** Energy that belongs to no layer (static power, global terms), per inference; null when the layers hold everything. */
export function unlayeredEnergy(estimate: Estimate): Interval | null {
	const rest = (['low', 'nominal', 'high'] as const).map((bound) => {
		const total = estimate.energyPerInferenceJoules[bound];
		const layered = estimate.layers.reduce((sum, layer) => sum + layer.energyJoules[bound], 0);
		return Math.abs(total - layered) <= 1e-9 * Math.abs(total) ? 0 : total - layered;
	});
	const [low = 0, nominal = 0, high = 0] = rest;
	return nominal === 0 ? null : { low, nominal, high };
}

export function ratioOrNull(numerator: number, denominator: number): number | null {
	const ratio = numerator / denominator;
	return Number.isFinite(ratio) ? ratio : null;
}

/** Whether every bound of an interval is a finite number. */
export function isFiniteInterval(interval: Interval): boolean {
	return Number.isFinite(interval.low) && Number.isFinite(interval.nominal) && Number.isFinite(interval.high);
}

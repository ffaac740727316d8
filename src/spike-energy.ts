/** What a spike of each layer costs under a hardware profile: what energy-aware training adds to its loss. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Activity, LayerActivity } from './activity/activity.ts';
import { neuronFromSpikes, synapticFromSpikes } from './activity/counts.ts';
import type { Accounting } from './hardware/index.ts';
import { countEvents, loadNetwork, priceActivity } from './pipeline.ts';

export interface SpikeEnergy {
	/** For each spiking layer in the order of the data flow: joules of one spike more. 0 for a layer that did not fire. */
	readonly perSpikeJoules: readonly number[];
	/** Joules of an inference as it was counted. */
	readonly perInferenceJoules: number;
}

export interface SpikeEnergyRequest {
	/** The network in ONNX. */
	readonly model: Uint8Array;
	/** Images and labels as samples.npz holds them. */
	readonly samples: Uint8Array;
	/** Name or path of a hardware profile. */
	readonly profile: string;
	readonly accounting: Accounting;
}

function without<Counts extends object>(counts: Counts, events: readonly (keyof Counts)[]): Counts {
	return { ...counts, ...Object.fromEntries(events.map((event) => [event, 0])) };
}

/** The same run, had this layer stayed silent and all others fired as they did. */
function silenced(activity: Activity, name: string): Activity {
	const layers = activity.layers.map((layer): LayerActivity => {
		if (layer.kind === 'synaptic' && layer.source === name)
			return {
				...layer,
				totals: without(layer.totals, synapticFromSpikes),
				perTimestep: layer.perTimestep.map((counts) => without(counts, synapticFromSpikes)),
			};
		if (layer.kind === 'neuron' && layer.name === name)
			return {
				...layer,
				totals: without(layer.totals, neuronFromSpikes),
				perTimestep: layer.perTimestep.map((counts) => without(counts, neuronFromSpikes)),
			};
		return layer;
	});
	const totals: Record<string, number> = { ...activity.totals };
	for (const [index, before] of activity.layers.entries())
		for (const [event, count] of Object.entries(before.totals))
			if (event in totals)
				totals[event] = (totals[event] ?? 0) - count + (layers[index]?.totals[event as keyof LayerActivity['totals']] ?? 0);
	return { ...activity, layers, totals: totals as unknown as Activity['totals'] };
}

/**
 * Counts the network on samples and asks the profile what it would cost had one layer been silent; the difference, divided by the
 * layer's spikes, is the price of its spike: fan-out, memory and reset, by whatever the profile charges.
 *
 * @throws UserError for a profile that does not exist
 */
export async function spikeEnergies({ model, samples, profile, accounting }: SpikeEnergyRequest): Promise<SpikeEnergy> {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-spikes-'));
	try {
		writeFileSync(join(folder, 'model.onnx'), model);
		writeFileSync(join(folder, 'samples.npz'), samples);
		const activity = await countEvents(await loadNetwork(join(folder, 'model.onnx')), { threads: 1 });
		const joules = (run: Activity): number =>
			priceActivity(run, { profiles: [profile], accountings: [accounting] }).estimates[0]?.energyPerInferenceJoules.nominal ??
			Number.NaN;
		const perInferenceJoules = joules(activity);
		const perSpikeJoules = activity.layers.flatMap((layer) => {
			if (layer.kind !== 'neuron' || !layer.spiking) return [];
			const spikes = layer.totals.spikes / activity.run.samples;
			return [spikes > 0 ? (perInferenceJoules - joules(silenced(activity, layer.name))) / spikes : 0];
		});
		return { perSpikeJoules, perInferenceJoules };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

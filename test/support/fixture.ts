import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Activity, NeuronLayerActivity, SynapticLayerActivity } from '../../src/activity/activity.ts';
import { type CountOptions, countEvents, type LoadOptions, loadNetwork } from '../../src/pipeline.ts';

/** Counts of one layer at one timestep, as PyTorch hooks saw them (see "conventions" in each reference.json). */
export interface ReferenceCall {
	readonly t: number;
	readonly input_nonzero: number;
	readonly input_numel: number;
	readonly input_nonzero_per_sample: readonly number[];
	readonly events: number;
	readonly events_per_sample: readonly number[];
	readonly events_nonzero_weights: number;
	readonly dense_macs: number;
	readonly dense_macs_inside: number;
	readonly input_kind: string;
}

export interface Reference {
	readonly T: number;
	readonly labels: readonly number[];
	readonly correct_in_batch: number;
	readonly logits: readonly (readonly number[])[];
	readonly totals_over_batch: Readonly<Record<string, number>>;
	readonly synaptic_layers: readonly {
		readonly layer: string;
		readonly calls: readonly ReferenceCall[];
		readonly input_binary_in_all_calls: boolean;
	}[];
	readonly neuron_layers: readonly {
		readonly layer: string;
		readonly neurons: number;
		readonly calls: readonly {
			readonly spikes: number;
			readonly spike_sum: number;
			readonly spikes_per_sample: readonly number[];
		}[];
	}[];
	readonly onnx: {
		readonly as_executed_by_graph: Readonly<Record<string, number | readonly number[]>>;
		readonly weight_nodes: readonly {
			readonly layer: string;
			readonly input_nonzero: number;
			readonly torch_input_nonzero: number;
			readonly events: number;
		}[];
	};
	readonly peers: { readonly neurobench: { readonly batch_totals: Readonly<Record<string, number>> } };
	readonly expected_spk3_per_step?: readonly (readonly (readonly number[])[])[];
}

export const fixturePath = (name: string, file = ''): string =>
	fileURLToPath(new URL(`../fixtures/${name}/${file}`, import.meta.url));

export const reference = (name: string): Reference => JSON.parse(readFileSync(fixturePath(name, 'reference.json'), 'utf8'));

/** Analyses a fixture's stored batch; equal questions are answered once. */
export function countFixture(name: string, count: CountOptions = {}, load: LoadOptions = {}): Promise<Activity> {
	const key = JSON.stringify([name, count, load]);
	const known = counted.get(key);
	if (known) return known;
	const activity = (async () =>
		countEvents(await loadNetwork(fixturePath(name, 'model.onnx'), load), {
			data: fixturePath(name, 'inputs.npy'),
			labels: fixturePath(name, 'labels.npy'),
			...count,
		}))();
	counted.set(key, activity);
	return activity;
}

const counted = new Map<string, Promise<Activity>>();

export const synapticLayers = (activity: Activity): SynapticLayerActivity[] =>
	activity.layers.filter((layer) => layer.kind === 'synaptic');

export const neuronLayers = (activity: Activity): NeuronLayerActivity[] =>
	activity.layers.filter((layer) => layer.kind === 'neuron');

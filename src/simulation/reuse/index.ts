import type { Activity, LayerReuse, SynapticLayerActivity } from '../../activity/activity.ts';
import type { Network } from '../../network/network.ts';
import { weightsApplied } from '../../network/synapses.ts';
import { type ActiveInputObserver, type ObserveOptions, observeActiveInputs } from '../active-inputs.ts';
import * as messages from '../messages.ts';
import type { SampleSource } from '../samples.ts';
import { addSample, noReuse, type ReuseTally, type TimedMask } from './count.ts';
import { type SpikeRows, spikeRows } from './rows.ts';
import { tileColumns, tileRows } from './tile.ts';

interface Measured {
	readonly matrix: SpikeRows;
	readonly elements: number;
	repeats: boolean;
	masks: TimedMask[];
	readonly tallies: readonly ReuseTally[];
}

/** Whether equal rows of a layer's input mean equal products, as far as magnitudes tell; signs are looked at in the run. */
const oneHeight = ({ inputKind, spikeMagnitude, totals }: SynapticLayerActivity): boolean =>
	inputKind === 'spikes' && (spikeMagnitude !== null || totals.activeInputs === 0);

/**
 * Runs the network once more on the same data and counts, for every layer of weights, how much of its work repeats: bit
 * and product density, partial sums touched, and different weights used.
 *
 * @param activity the counts of that run; a layer whose rows do not give its synaptic events is named and left out
 * @throws UserError as simulate does
 */
export async function withReuse(
	activity: Activity,
	network: Network,
	source: SampleSource,
	options: ObserveOptions = {},
): Promise<Activity> {
	const layers = new Map(
		activity.layers.flatMap((layer): [string, Measured][] => {
			const matrix = layer.kind === 'synaptic' ? rowsOf(network, layer) : null;
			if (layer.kind !== 'synaptic' || !matrix) return [];
			const tallies = layer.perTimestep.map(noReuse);
			const elements = layer.geometry.inputElements;
			return [[layer.name, { matrix, elements, repeats: oneHeight(layer), masks: [], tallies }]];
		}),
	);
	await observeActiveInputs(network, source, observerOf(layers), { ...options, signs: true, encoder: activity.run.encoder });
	const warnings: string[] = [];
	return {
		...activity,
		layers: activity.layers.map((layer) => {
			const measured = layers.get(layer.name);
			if (layer.kind !== 'synaptic') return layer;
			if (!measured) {
				if (layer.geometry.weightElements > 0) warnings.push(messages.reuseNotMeasured(layer.name));
				return layer;
			}
			const { outputs } = measured.matrix;
			const disagrees = layer.perTimestep.some(
				({ synapticEvents }, timestep) => synapticEvents !== (measured.tallies[timestep]?.rowSpikes ?? 0) * outputs,
			);
			if (disagrees) warnings.push(messages.reuseDisagrees(layer.name));
			return disagrees ? layer : { ...layer, reuse: finished(measured) };
		}),
		warnings: [...activity.warnings, ...warnings],
	};
}

function rowsOf(network: Network, { name, geometry }: SynapticLayerActivity): SpikeRows | null {
	const layer = network.synapticLayers.find((one) => one.name === name);
	const node = network.model.graph.nodes.find((one) => one.name === layer?.geometryNode);
	if (!layer || !node) return null;
	const shapes = { input: geometry.inputShape, output: geometry.outputShape };
	return spikeRows(node, weightsApplied(node, layer.weight, network.model.graph.constants), layer.weightPosition, shapes);
}

function observerOf(layers: ReadonlyMap<string, Measured>): ActiveInputObserver {
	return {
		layer(name, timestep, mask) {
			const measured = layers.get(name);
			if (!measured) return;
			if (measured.repeats && mask.includes(2)) measured.repeats = false;
			// The runtime's buffer is gone when the next timestep runs.
			measured.masks.push({ timestep, mask: mask.slice() });
		},
		endBatch(rows) {
			for (const { matrix, masks, elements, repeats, tallies } of layers.values())
				for (let sample = 0; sample < rows; sample += 1) addSample(matrix, masks, sample, elements, repeats, tallies);
			for (const measured of layers.values()) measured.masks = [];
		},
	};
}

function finished({ tallies, repeats, matrix }: Measured): LayerReuse {
	const totals = noReuse();
	// A negative spike may turn up late; then nothing that was taken over before counts.
	if (!repeats)
		for (const tally of tallies) {
			tally.rowSpikesLeft = tally.rowSpikes;
			tally.productEvents = tally.rowSpikes * matrix.outputs;
		}
	for (const tally of tallies) for (const name of Object.keys(totals) as (keyof ReuseTally)[]) totals[name] += tally[name];
	return { tileRows, tileColumns, repeatable: repeats, perTimestep: tallies, totals };
}

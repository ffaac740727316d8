import type { InferenceSession, Tensor } from 'onnxruntime-common';
import type { GraphNode } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { indexGraph } from '../network/graph-index.ts';
import { createSession, inputTensor, runSession } from '../runtime/session.ts';
import type { SampleSource } from '../simulation/samples.ts';
import type { PlainNetwork } from './ann.ts';

export interface Calibration {
	readonly source: SampleSource;
	readonly samples: number;
	readonly batch: number;
	readonly file: string;
	readonly onProgress?: ((done: number, of: number) => void) | undefined;
}

/** Bins of a histogram between 0 and the largest value: the percentile is exact to the largest value ÷ bins. */
const bins = 65536;

/**
 * The given percentile of each ReLU's output over the calibration samples, zeros included [Rueckauer et al., 2017], by its
 * output tensor. Two passes: one for the largest value, one for the histogram; memory is that of one batch.
 *
 * @param percentile  0 … 100
 * @returns 0 for a layer that never gave a positive value
 */
export async function activationPercentiles(
	network: PlainNetwork,
	calibration: Calibration,
	percentile: number,
): Promise<Map<string, number>> {
	const outputs = network.activations.map(({ output }) => output);
	const graph = { ...network.model.graph, outputs: outputs.map((name) => ({ name, type: null, dims: null })) };
	const session = await createSession({ ...network.model, graph }, calibration.file);
	try {
		const largest = new Map<string, number>(outputs.map((name) => [name, 0]));
		await overData(session, network, calibration, outputs, 0, (name, values) => {
			let most = largest.get(name) as number;
			for (let at = 0; at < values.length; at += 1) if ((values[at] as number) > most) most = values[at] as number;
			largest.set(name, most);
		});
		const histograms = new Map(outputs.map((name) => [name, new Float64Array(bins)]));
		await overData(session, network, calibration, outputs, calibration.samples, (name, values) => {
			const scale = bins / (largest.get(name) as number);
			const histogram = histograms.get(name) as Float64Array;
			if (!Number.isFinite(scale)) return;
			for (let at = 0; at < values.length; at += 1) {
				const bin = Math.max(0, Math.min(bins - 1, Math.ceil((values[at] as number) * scale) - 1));
				histogram[bin] = (histogram[bin] as number) + 1;
			}
		});
		const found = outputs.map((name): [string, number] => [
			name,
			percentileOf(histograms.get(name) as Float64Array, percentile) * (largest.get(name) as number),
		]);
		return new Map(found);
	} finally {
		await session.release();
	}
}

/** Upper edge of the bin in which the percentile falls, as a share of the largest value. */
function percentileOf(histogram: Float64Array, percentile: number): number {
	const total = histogram.reduce((sum, count) => sum + count, 0);
	const rank = (percentile / 100) * total;
	let seen = 0;
	for (let bin = 0; bin < histogram.length; bin += 1) {
		seen += histogram[bin] as number;
		if (seen >= rank && seen > 0) return (bin + 1) / histogram.length;
	}
	return total === 0 ? 0 : 1;
}

/** The percentile of numbers that may be negative; 0 where it is not positive. */
export function positivePercentile(values: Float32Array, percentile: number): number {
	let largest = 0;
	let positive = 0;
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at] as number;
		if (value > 0) positive += 1;
		if (value > largest) largest = value;
	}
	const rank = (percentile / 100) * values.length - (values.length - positive);
	if (largest === 0 || rank <= 0) return 0;
	const histogram = new Float64Array(bins);
	const scale = bins / largest;
	for (let at = 0; at < values.length; at += 1) {
		const value = values[at] as number;
		if (value <= 0) continue;
		const bin = Math.max(0, Math.min(bins - 1, Math.ceil(value * scale) - 1));
		histogram[bin] = (histogram[bin] as number) + 1;
	}
	return percentileOf(histogram, (100 * rank) / positive) * largest;
}

async function overData(
	session: InferenceSession,
	network: PlainNetwork,
	{ source, samples, batch, file, onProgress }: Calibration,
	outputs: readonly string[],
	before: number,
	see: (name: string, values: Float32Array) => void,
): Promise<void> {
	const [input] = network.model.graph.inputs;
	if (!input) return;
	for (let start = 0; start < samples; start += batch) {
		const end = Math.min(samples, start + batch);
		const images = inputTensor(await source.read(start, end), [end - start, ...source.sampleShape], input.type, input.name, file);
		const results = await runSession(session, { [input.name]: images }, outputs, file);
		for (const name of outputs) see(name, (results[name] as Tensor).data as Float32Array);
		onProgress?.(before + end, 2 * samples);
	}
}

/** Layers whose spikes are joined by Concat share the highest of their thresholds, so that joined spikes have one height. */
export function shareJoinedThresholds(network: PlainNetwork, thresholds: ReadonlyMap<string, number>): Map<string, number> {
	const index = indexGraph(network.model.graph);
	const owner = new Map<string, string>();
	const groups = new Map<string, string>(network.activations.map(({ output }) => [output, output]));
	const root = (name: string): string => {
		const parent = groups.get(name) ?? name;
		return parent === name ? name : root(parent);
	};
	for (const { output } of network.activations) owner.set(output, output);
	for (const node of index.graph.nodes) {
		const { inputs, outputs } = node;
		const [output = ''] = outputs;
		if (owner.has(output)) continue;
		const owners = inputs.flatMap((name) => owner.get(name) ?? []);
		const [first, ...others] = owners;
		if (first === undefined || !carries(node)) continue;
		for (const other of others) groups.set(root(other), root(first));
		for (const name of outputs) owner.set(name, first);
	}
	const highest = new Map<string, number>();
	for (const [name, threshold] of thresholds) highest.set(root(name), Math.max(highest.get(root(name)) ?? 0, threshold));
	return new Map([...thresholds.keys()].map((name) => [name, highest.get(root(name)) as number]));
}

/** What comes out has the heights of what went in. */
const carries = (node: GraphNode): boolean => {
	const facts = operatorFacts(node);
	return facts?.form === 'joined' || ['keeps', 'linear', 'pool'].includes(facts?.rate ?? '');
};

import type { Tensor } from 'onnxruntime-common';
import type { Graph } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import { tidied } from '../network/rewrite/tidy.ts';
import { createSession, inputTensor, runSession } from '../runtime/session.ts';
import type { PlainNetwork } from './ann.ts';
import { spikingGraph } from './spiking-graph.ts';
import { type Calibration, positivePercentile } from './thresholds.ts';
import type { MaxPooling } from './work.ts';

export interface IterationOptions {
	/** Share of currents below the threshold: 90 as published. */
	readonly percentile: number;
	/** Timesteps the network runs while a layer is measured. */
	readonly steps: number;
	/** Factor on the measured value; 1 as published. */
	readonly scale: number;
	readonly maxPool: MaxPooling;
}

/**
 * Thresholds as the IIR-SNN group finds them: in order, with the thresholds found so far and no leak, the network runs for
 * some timesteps, and a layer's threshold is the largest over timesteps of the percentile of its input current.
 *
 * @returns thresholds by activation; 0 for a layer whose currents are not positive
 */
export async function iteratedThresholds(
	network: PlainNetwork,
	calibration: Calibration,
	options: IterationOptions,
): Promise<Map<string, number>> {
	const { source, samples, file } = calibration;
	const images = await source.read(0, samples);
	const found = new Map<string, number>();
	for (const [at, { output }] of network.activations.entries()) {
		const thresholds = new Map(network.activations.map((one) => [one.output, found.get(one.output) || 1]));
		const spiking = spikingGraph(network, {
			thresholds,
			leak: 1,
			halfStart: false,
			maxPool: options.maxPool,
			timesteps: 1,
			file,
		});
		const current = spiking.currents.get(output) as string;
		const constant = spiking.analogLayers.length > 0 && at === 0;
		const largest = await largestOverTime(spiking.model.graph, current, async (graph, states) => {
			const session = await createSession({ ...spiking.model, graph }, file);
			const [input] = network.model.graph.inputs;
			try {
				let most = 0;
				const held = new Map<string, Tensor>();
				for (const { state } of states) {
					const info = graph.inputs.find(({ name }) => name === state);
					const dims = (info?.dims ?? []).map((dim) => (typeof dim === 'number' ? dim : samples));
					held.set(state, inputTensor(new Float32Array(elementCount(dims)), dims, 'float32', state, file));
				}
				for (let step = 0; step < (constant ? 1 : options.steps); step += 1) {
					const feeds: Record<string, Tensor> = Object.fromEntries(held);
					if (input && graph.inputs.some(({ name }) => name === input.name))
						feeds[input.name] = inputTensor(images, [samples, ...source.sampleShape], input.type, input.name, file);
					const results = await runSession(
						session,
						feeds,
						graph.outputs.map(({ name }) => name),
						file,
					);
					most = Math.max(most, positivePercentile((results[current] as Tensor).data as Float32Array, options.percentile));
					for (const { state, next } of states) held.set(state, results[next] as Tensor);
				}
				return most;
			} finally {
				await session.release();
			}
		});
		found.set(output, largest * options.scale);
		calibration.onProgress?.(at + 1, network.activations.length);
	}
	return found;
}

type States = readonly { readonly state: string; readonly next: string }[];

/** Cuts a step model down to what one tensor depends on, over any number of timesteps. */
async function largestOverTime(
	step: Graph,
	tensor: string,
	run: (graph: Graph, states: States) => Promise<number>,
): Promise<number> {
	const nextOf = new Map(step.outputs.map(({ name }) => [name, name]));
	let states: { state: string; next: string }[] = [];
	for (;;) {
		const outputs = [tensor, ...states.map(({ next }) => next)].map((name) => ({ name, type: null, dims: null }));
		const cut = tidied({ ...step, outputs });
		const read = new Set(cut.nodes.flatMap(({ inputs }) => inputs));
		const inputs = step.inputs.filter(({ name }) => read.has(name));
		const needed = inputs.flatMap(({ name }) => {
			const next = nextOf.get(name.replace(/(\.membrane|\.counts)(_\d+)?$/, '$1.next$2'));
			return next === undefined ? [] : [{ state: name, next }];
		});
		if (needed.length === states.length) return run({ ...cut, inputs }, needed);
		states = needed;
	}
}

import type { Tensor } from 'onnxruntime-common';
import type { Encoder } from '../activity/activity.ts';
import { float32Scalar } from '../model/tensors.ts';
import type { Network } from '../network/network.ts';
import { createSession, inputTensor, runSession, runtime } from '../runtime/session.ts';
import { batchFor, batchThatFits } from './batch-size.ts';
import { batchesAhead, feeder } from './feed.ts';
import { batchAxisOf, fixedBatch, runPilot } from './pilot.ts';
import { findGeometry, pilotWants } from './plan.ts';
import { type ProbeGraph, probeGraph } from './probe-graph.ts';
import { nonzero } from './readings.ts';
import { chargedTimesteps } from './run-state.ts';
import type { SampleSource } from './samples.ts';
import { forData, stateAtStart, timestepsToRun } from './simulate.ts';

/** Told where the spikes are, batch by batch. */
export interface ActiveInputObserver {
	/**
	 * @param mask  1 where an element of the layer's input is nonzero: [rows, elements] in tensor order, valid during the call
	 * @param rows  samples of the batch
	 */
	layer(name: string, timestep: number, mask: Uint8Array, rows: number): void;
	/** All layers and timesteps of this batch's samples have been told. */
	endBatch(rows: number): void;
}

export interface ObserveOptions {
	readonly encoder?: Encoder | undefined;
	/** Show negative elements as 2. */
	readonly signs?: boolean | undefined;
	readonly batch?: number | undefined;
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((samplesDone: number, samples: number) => void) | undefined;
}

/**
 * Runs a network on data and shows an observer which elements of every synaptic layer's input are nonzero.
 *
 * Costs that are sums of a per-element integer map over the nonzero elements (packets, hops, core loads) follow
 * exactly. A layer whose input does not change is told once, or at every timestep, as the encoder rule says.
 *
 * @throws UserError as simulate does
 */
export async function observeActiveInputs(
	structure: Network,
	source: SampleSource,
	observer: ActiveInputObserver,
	options: ObserveOptions = {},
): Promise<void> {
	const network = forData(structure, source);
	const timesteps = timestepsToRun(network, source);
	const axis = batchAxisOf(network);
	const fixed = fixedBatch(network.input, axis);
	const feed = feeder(source, axis);
	const first = await feed(0, Math.min(1, source.count), fixed ?? 1);
	const pilot = await runPilot(network, { ...first(0), batch: fixed ?? 1 }, pilotWants(network));
	const geometry = findGeometry(network, pilot);
	const batch = fixed ?? batchFor(source.count, options.batch, batchThatFits(geometry, timesteps, (await runtime()).memoryBytes));

	const graph = probeGraph(network.model.graph, network.model.opsets.get('') ?? 13);
	const masks = network.synapticLayers.map(({ calls, timeInvariant }) =>
		(timeInvariant && network.mode === 'unrolled' ? calls.slice(0, 1) : calls).map((call) => ({
			call,
			output: graph.output(graph.cast(options.signs ? signed(graph, call.input) : nonzero(graph, call.input), 'uint8')),
		})),
	);
	const probed = graph.finish(network.states.map(({ output }) => output));
	const session = await createSession({ ...network.model, graph: probed }, network.file);
	const fetches = probed.outputs.map(({ name }) => name);
	const steps = network.mode === 'step' ? timesteps : 1;
	try {
		for await (const { end, rows, size, values } of batchesAhead(feed, source.count, batch)) {
			if (options.signal?.aborted) break;
			const held = new Map<string, Tensor>(
				network.states.map((state) => [state.input, stateAtStart(network, pilot, state, size)]),
			);
			for (let step = 0; step < steps; step += 1) {
				const { input, file } = network;
				const now = values(step);
				const feeds: Record<string, Tensor> = { [input.name]: inputTensor(now.values, now.dims, input.type, input.name, file) };
				for (const [name, tensor] of held) feeds[name] = tensor;
				const results = await runSession(session, feeds, fetches, file);
				for (const state of network.states) held.set(state.input, results[state.output] as Tensor);
				for (const [at, layer] of network.synapticLayers.entries()) {
					if (layer.timeInvariant && step > 0) continue;
					const times = layer.timeInvariant ? chargedTimesteps(true, options.encoder ?? 'once', timesteps) : 1;
					for (const { call, output } of masks[at] ?? []) {
						const timestep = call.timestep === 'every' ? 0 : call.timestep + step;
						const mask = results[output]?.data as Uint8Array;
						for (let repeat = 0; repeat < times; repeat += 1) observer.layer(layer.name, timestep + repeat, mask, rows);
					}
				}
			}
			observer.endBatch(rows);
			options.onProgress?.(end, source.count);
		}
	} finally {
		await session.release();
	}
}

/** 1 where the tensor is positive, 2 where it is negative. */
function signed(graph: ProbeGraph, tensor: string): string {
	const zero = graph.constant('zero', () => float32Scalar(0));
	const negative = graph.cast(graph.add('Less', [graph.cast(tensor, 'float'), zero]), 'float');
	return graph.add('Add', [nonzero(graph, tensor), negative]);
}

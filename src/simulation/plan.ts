import type { InferenceSession } from 'onnxruntime-node';
import { UserError } from '../errors.ts';
import type { ConstantTensor, GraphNode } from '../model/graph.ts';
import { type FanOut, fanOut } from '../network/fan-out.ts';
import type { Network, SynapticCall } from '../network/network.ts';
import { downstream } from '../network/reachability.ts';
import { addDriven, type DrivenReader, type Driver } from './driven.ts';
import * as messages from './messages.ts';
import type { Pilot, PilotRequest } from './pilot.ts';
import { probeGraph } from './probe-graph.ts';
import { addProduct, operandTensors, type ProductReading, type ProductShape, productShape } from './products.ts';
import { addReading, chooseReading, layoutOf, plainLayout, type Reader, type Reading } from './readings.ts';
import { createSession } from './session.ts';

/** Reads one use of a layer's weights. */
export interface SynapticReading {
	readonly layer: number;
	readonly call: SynapticCall;
	readonly reading: Reading;
	readonly read: Reader;
}

export interface NeuronReading {
	readonly layer: number;
	readonly timestep: number;
	/** null for layers that never fire. */
	readonly read: Reader | null;
	readonly readDriven: DrivenReader | null;
}

/** A probed graph ready to run, and how to read its outputs. */
export interface Plan {
	readonly session: InferenceSession;
	readonly fetches: readonly string[];
	readonly synapses: readonly SynapticReading[];
	readonly products: readonly ProductReading[];
	readonly neurons: readonly NeuronReading[];
}

/** Geometry that stays the same over the run. */
export interface Geometry {
	readonly fanOuts: readonly FanOut[];
	readonly inputShapes: readonly (readonly number[])[];
	readonly outputShapes: readonly (readonly number[])[];
	readonly neuronShapes: readonly (readonly number[])[];
	/** null for products that cannot be given to samples: not counted, and named in the report. */
	readonly products: readonly (ProductShape | null)[];
}

/** @throws UserError when a layer's input does not lead with the batch axis */
export function findGeometry(network: Network, pilot: Pilot): Geometry {
	const sampleShape = (tensor: string, layer: string): number[] => {
		const shape = pilot.shapes.get(tensor) ?? [];
		if (shape[0] !== pilot.batch) throw new UserError(messages.batchAxis(network.file, layer, shape, pilot.batch));
		return shape.slice(1);
	};
	const nodes = new Map(network.model.graph.nodes.map((node) => [node.name, node]));
	const inputShapes = network.synapticLayers.map(({ name, calls }) => sampleShape(calls[0]?.input ?? '', name));
	const outputShapes = network.synapticLayers.map(({ name, calls }) => sampleShape(calls[0]?.output ?? '', name));
	const fanOuts = network.synapticLayers.map((layer, at) =>
		fanOut(
			nodes.get(layer.geometryNode) as GraphNode,
			network.model.graph.constants.get(layer.weight) as ConstantTensor,
			layer.weightPosition,
			{
				input: inputShapes[at] as number[],
				output: outputShapes[at] as number[],
			},
		),
	);
	return {
		fanOuts,
		inputShapes,
		outputShapes,
		neuronShapes: network.neuronLayers.map(({ name, calls }) => sampleShape(calls[0]?.spikes ?? '', name)),
		products: network.products.map((product) => productShape(product, pilot)),
	};
}

/**
 * Tensors whose shapes, and whose values, the pilot has to find. Values that come straight from the data do not need
 * the real weights; those computed with weights (a plain net's activations) do.
 */
export function pilotWants(network: Network): PilotRequest {
	const counted = countedTensors(network);
	// A membrane that is never a spike is looked at for its shape only.
	const membranes = new Set(
		network.neuronLayers.flatMap(({ spiking, calls }) => (spiking ? [] : calls.map(({ spikes }) => spikes))),
	);
	const values = counted.filter((tensor) => network.valueSets.get(tensor)?.kind === 'any' && !membranes.has(tensor));
	const outputs = [...network.synapticLayers, ...network.products].flatMap(({ calls }) => calls.map(({ output }) => output));
	const computed = new Set<string>();
	for (const output of values.length > 0 ? outputs : []) {
		if (!computed.has(output)) for (const tensor of downstream(output, network.index)) computed.add(tensor);
	}
	return {
		shapes: [...counted, ...outputs, network.readout.output],
		values,
		needsWeights: values.some((tensor) => computed.has(tensor)),
	};
}

const countedTensors = (network: Network): string[] => [
	...network.synapticLayers.flatMap(({ calls }) => calls.map(({ input }) => input)),
	...network.neuronLayers.flatMap(({ calls }) => calls.map(({ spikes }) => spikes)),
	...operandTensors(network),
];

/**
 * @param options.analog tensors already known to hold analog numbers, which need no look at their values
 * @param options.keep outputs that are needed besides the probes
 */
export async function makePlan(
	network: Network,
	pilot: Pilot,
	geometry: Geometry,
	{
		analog,
		keep,
		threads,
	}: { readonly analog: ReadonlySet<string>; readonly keep: readonly string[]; readonly threads?: number | undefined },
): Promise<Plan> {
	const graph = probeGraph(network.model.graph, network.model.opsets.get('') ?? 13);
	const readingOf = (tensor: string): Reading =>
		chooseReading(
			network.valueSets.get(tensor),
			pilot.types.get(tensor) ?? 'float32',
			pilot.values.get(tensor),
			analog.has(tensor),
		);
	const synapses = network.synapticLayers.flatMap((layer, at) =>
		// Equal inputs at every timestep are counted once, however often the exporter repeats the node.
		(layer.timeInvariant && network.mode === 'unrolled' ? layer.calls.slice(0, 1) : layer.calls).map((call): SynapticReading => {
			const reading = readingOf(call.input);
			return { layer: at, call, reading, read: addReading(graph, call.input, reading, layoutOf(geometry.fanOuts[at] as FanOut)) };
		}),
	);
	const products = network.products.flatMap(({ calls }, at) => {
		const shape = geometry.products[at];
		return shape ? calls.map((call) => addProduct(graph, at, call, shape, readingOf)) : [];
	});
	const drivers = driversByOutput(network, geometry, readingOf);
	const neurons = network.neuronLayers.flatMap((layer, at) =>
		layer.calls.map((call): NeuronReading => {
			const shape = geometry.neuronShapes[at] as readonly number[];
			const known = call.drivers.flatMap((output) => drivers.get(output) ?? []);
			return {
				layer: at,
				timestep: call.timestep,
				read: layer.spiking ? addReading(graph, call.spikes, readingOf(call.spikes), plainLayout(shape)) : null,
				// What a product of activations drives is not followed.
				readDriven: known.length === call.drivers.length ? addDriven(graph, call, known, shape) : null,
			};
		}),
	);
	const probed = graph.finish(keep);
	return {
		session: await createSession({ ...network.model, graph: probed }, network.file, { threads }),
		fetches: probed.outputs.map(({ name }) => name),
		synapses,
		products,
		neurons,
	};
}

function driversByOutput(network: Network, geometry: Geometry, readingOf: (tensor: string) => Reading): Map<string, Driver> {
	const nodes = new Map(network.model.graph.nodes.map((node) => [node.name, node]));
	const drivers = new Map<string, Driver>();
	for (const [at, layer] of network.synapticLayers.entries()) {
		for (const call of layer.calls) {
			drivers.set(call.output, {
				node: nodes.get(call.node) as GraphNode,
				input: call.input,
				unit: readingOf(call.input).kind === 'unit',
				fanOut: geometry.fanOuts[at] as FanOut,
				weightPosition: layer.weightPosition,
				inputShape: geometry.inputShapes[at] as readonly number[],
				outputShape: geometry.outputShapes[at] as readonly number[],
			});
		}
	}
	return drivers;
}

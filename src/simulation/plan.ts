import type { InferenceSession } from 'onnxruntime-common';
import { UserError } from '../errors.ts';
import type { GraphNode } from '../model/graph.ts';
import { elementCount } from '../model/tensors.ts';
import { type FanOut, fanOut } from '../network/fan-out.ts';
import type { Network, NeuronCall, SynapticCall } from '../network/network.ts';
import { downstream } from '../network/reachability.ts';
import { weightsApplied } from '../network/synapses.ts';
import { createSession } from '../runtime/session.ts';
import { type MembraneCheck, membraneChecks } from './broken-membranes.ts';
import { answersEach, type CloseReader, closeProbes, comparedTensors } from './close-decisions.ts';
import { addDriven, type DrivenReader, type Driver, perNeuron, type StateTensor } from './driven.ts';
import { drivenShape } from './driven-shape.ts';
import type { FoldedGraph, Place } from './fold/fold-timesteps.ts';
import { withInputDims } from './input-dims.ts';
import * as messages from './messages.ts';
import type { Pilot, PilotRequest } from './pilot.ts';
import { type ProbeGraph, probeGraph } from './probe-graph.ts';
import { addProduct, operandTensors, type ProductReading, productShape } from './products.ts';
import { addReading, chooseReading, layoutOf, plainLayout, type Reading } from './readings.ts';
import type { Geometry } from './run-facts.ts';
import type { Layout, Reader } from './value-readers.ts';

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
	/** null where the graph does not tell the threshold, or decisions are not looked at. */
	readonly readClose: CloseReader | null;
	/** Decisions a sample. */
	readonly decisions: number;
}

/** A probed graph ready to run, and how to read its outputs. */
export interface Plan {
	readonly session: InferenceSession;
	readonly fetches: readonly string[];
	readonly synapses: readonly SynapticReading[];
	readonly products: readonly ProductReading[];
	readonly neurons: readonly NeuronReading[];
	readonly membranes: readonly MembraneCheck[];
	/** An input of the graph: true where decisions need not be compared with their thresholds; null where the graph has none. */
	readonly unlooked: string | null;
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
			weightsApplied(nodes.get(layer.geometryNode) as GraphNode, layer.weight, network.model.graph.constants),
			layer.weightPosition,
			{
				input: inputShapes[at] as number[],
				output: outputShapes[at] as number[],
			},
		),
	);
	const neuronShapes = network.neuronLayers.map(({ name, calls }) => sampleShape(calls[0]?.spikes ?? '', name));
	const elementsOf = (state: string, neurons: number): number => {
		const shape = pilot.shapes.get(state);
		return shape && shape[0] === pilot.batch ? elementCount(shape.slice(1)) : neurons;
	};
	return {
		fanOuts,
		inputShapes,
		outputShapes,
		neuronShapes,
		stateElements: network.neuronLayers.map(({ calls }, at) => {
			const neurons = elementCount(neuronShapes[at] as number[]);
			const held = calls.map(({ heldStates, delays = [] }) =>
				[...heldStates, ...delays].reduce((sum, state) => sum + elementsOf(state, neurons), 0),
			);
			return Math.max(0, ...held);
		}),
		products: network.products.map((product) => productShape(product, pilot)),
	};
}

/**
 * Tensors whose shapes, and whose values, the pilot has to find. Values that come straight from the data do not need
 * the real weights; those computed with weights (a plain net's activations) do.
 *
 * @param everyShape whether timesteps may be folded, which takes the shapes of all tensors
 */
export function pilotWants(network: Network, everyShape = false): PilotRequest {
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
		shapes: [...counted, ...outputs, ...statesOf(network), ...comparedIn(network), network.readout.output],
		values,
		everyShape,
		needsWeights: values.some((tensor) => computed.has(tensor)),
	};
}

/** What decisions compare, but for constants. */
const comparedIn = (network: Network): string[] =>
	network.neuronLayers
		.flatMap(({ calls }) => calls.flatMap(({ thresholds }) => (thresholds ?? []).flatMap(comparedTensors)))
		.filter((tensor) => !network.model.graph.constants.has(tensor));

/** What neurons hold, and what enters them without weights. */
const statesOf = (network: Network): string[] =>
	network.neuronLayers.flatMap(({ calls }) =>
		calls.flatMap(({ heldStates, delays = [], direct = [] }) => [...heldStates, ...delays, ...direct]),
	);

const countedTensors = (network: Network): string[] => [
	...network.synapticLayers.flatMap(({ calls }) => calls.flatMap(({ input, unscaled }) => [input, unscaled ?? input])),
	...network.neuronLayers.flatMap(({ calls }) => calls.flatMap(({ spikes, firings = [] }) => [spikes, ...firings])),
	...operandTensors(network),
];

export interface PlanOptions {
	readonly analog: ReadonlySet<string>;
	readonly keep: readonly string[];
	readonly threads?: number | undefined;
	readonly planMemory?: boolean;
	readonly folded?: FoldedGraph | null;
	/** Whether decisions are compared with their thresholds. */
	readonly close?: boolean;
	/** Shapes of the graph's inputs, batch included, by name. */
	readonly inputDims: ReadonlyMap<string, readonly number[]>;
}

/**
 * @param options.analog tensors already known to hold analog numbers, which need no look at their values
 * @param options.keep outputs that are needed besides the probes
 * @param options.folded the network's graph with timesteps taken together: probes then look at all of them at once
 */
export async function makePlan(
	network: Network,
	pilot: Pilot,
	geometry: Geometry,
	{ analog, keep, threads, planMemory = true, folded = null, close = false, inputDims }: PlanOptions,
): Promise<Plan> {
	const graph = probeGraph(folded?.graph ?? network.model.graph, network.model.opsets.get('') ?? 13);
	const readers = readersByTimestep(graph, folded);
	const closes = close ? closeProbes(graph, network.model.graph.constants) : null;
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
			const counted = call.unscaled ?? call.input;
			const reading = readingOf(counted);
			return { layer: at, call, reading, read: readers(counted, reading, layoutOf(geometry.fanOuts[at] as FanOut)) };
		}),
	);
	const products = network.products.flatMap(({ calls }, at) => {
		const shape = geometry.products[at];
		return shape ? calls.map((call) => addProduct(graph, at, call, shape, readingOf)) : [];
	});
	const drivers = driversByOutput(network, geometry, readingOf, folded?.places);
	const now = (tensor: string): string => {
		const place = folded?.places.get(tensor);
		return place ? (graph.parts(place.tensor, place.parts)[place.part] as string) : tensor;
	};
	const entering = ({ heldStates, direct = [] }: NeuronCall, known: readonly Driver[]): StateTensor[] =>
		[...heldStates, ...(known.length === 0 ? direct : [])].map((tensor) => ({
			tensor: now(tensor),
			shape: pilot.shapes.get(tensor)?.[0] === pilot.batch ? pilot.shapes.get(tensor)?.slice(1) : undefined,
		}));
	const dimsOf = (tensor: string): readonly number[] | undefined =>
		network.model.graph.constants.get(tensor)?.dims ?? pilot.shapes.get(tensor);
	const neurons = network.neuronLayers.flatMap((layer, at) => {
		const shape = geometry.neuronShapes[at] as readonly number[];
		const layout = plainLayout(shape);
		const driversOf = layer.calls.map((call) => call.drivers.flatMap((output) => drivers.get(output) ?? []));
		const lying = drivenShape(shape, driversOf.flat(), layer, network);
		const driven = addDriven(
			graph,
			layer.calls.map((call, place) => {
				const known = driversOf[place] as readonly Driver[];
				if (lying === null) return null;
				const held = entering(call, known).map((state) => perNeuron(graph, state, shape));
				// What a product of activations drives is not followed.
				if (known.length !== call.drivers.length || held.some((state) => state === null)) return null;
				return { heldStates: held as string[], drivers: known };
			}),
			lying ?? shape,
		);
		return layer.calls.map(
			(call, place): NeuronReading => ({
				layer: at,
				timestep: call.timestep,
				read: layer.spiking
					? sumOf((call.firings ?? [call.spikes]).map((tensor) => readers(tensor, readingOf(tensor), layout)))
					: null,
				readDriven: driven[place] ?? null,
				readClose: call.thresholds?.every((one) => answersEach(one, dimsOf, pilot.batch, shape))
					? (closes?.add(call.thresholds, shape) ?? null)
					: null,
				decisions: layer.spiking ? elementCount(shape) * (call.firings?.length ?? 1) : 0,
			}),
		);
	});
	closes?.finish();
	const membranes = membraneChecks(graph, network, pilot, now);
	const probed = withInputDims(graph.finish(keep), inputDims);
	return {
		session: await createSession({ ...network.model, graph: probed }, network.file, { threads, planMemory }),
		fetches: probed.outputs.map(({ name }) => name),
		unlooked: closes?.unlooked ?? null,
		synapses,
		products,
		neurons,
		membranes,
	};
}

type AddReader = (tensor: string, reading: Reading, layout: Layout) => Reader;

/** Reads a tensor that is part of a folded one out of what the folded one's probes give: one probe for all timesteps. */
function readersByTimestep(graph: ProbeGraph, folded: FoldedGraph | null): AddReader {
	const known = new Map<string, { readonly layout: Layout; readonly read: Reader }[]>();
	return (tensor, reading, layout) => {
		const place = folded?.places.get(tensor);
		if (!place) return addReading(graph, tensor, reading, layout);
		const key = `${place.tensor}|${JSON.stringify(reading)}`;
		const same = known.get(key)?.find((one) => one.layout === layout);
		const read = same?.read ?? addReading(graph, place.tensor, reading, layout);
		if (!same) known.set(key, [...(known.get(key) ?? []), { layout, read }]);
		return (results, rows, into, perSample) => read(partOf(results, place), rows, into, perSample);
	};
}

type Results = Parameters<Reader>[0];

/** The outputs of a folded tensor's probes, cut down to one timestep when they are read. */
const partOf = (results: Results, { part, parts }: Place): Results =>
	new Proxy(results, {
		get(all, name: string) {
			const data = all[name]?.data as Float32Array;
			return { data: data.subarray((data.length / parts) * part, (data.length / parts) * (part + 1)) };
		},
	});

/** Reads several tensors one after the other into one tally. */
function sumOf(readers: readonly Reader[]): Reader {
	const [first, ...others] = readers as [Reader, ...Reader[]];
	if (others.length === 0) return first;
	return (results, rows, into, perSample) => {
		const own = new Float64Array(perSample.length);
		for (const read of readers) {
			read(results, rows, into, own);
			for (let row = 0; row < rows; row += 1) perSample[row] = (perSample[row] as number) + (own[row] as number);
		}
	};
}

function driversByOutput(
	network: Network,
	geometry: Geometry,
	readingOf: (tensor: string) => Reading,
	places: FoldedGraph['places'] | undefined,
): Map<string, Driver> {
	const nodes = new Map(network.model.graph.nodes.map((node) => [node.name, node]));
	const drivers = new Map<string, Driver>();
	for (const [at, layer] of network.synapticLayers.entries()) {
		for (const call of layer.calls) {
			drivers.set(call.output, {
				node: nodes.get(call.node) as GraphNode,
				input: call.input,
				place: places?.get(call.input),
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

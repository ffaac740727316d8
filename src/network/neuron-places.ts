import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf } from '../model/operators/index.ts';
import { type Currents, type DriverSearch, driversOf } from './drivers.ts';
import { dynamicInputs } from './graph-index.ts';
import { goesOver, looksAt, type ReadMembrane } from './membrane-numbers.ts';
import { scalarOf } from './one-value.ts';
import {
	comesFrom,
	comparedTensor,
	isSpikes,
	numbersInto,
	type SpikeContext,
	type SpikeSource,
	spikeSources,
	thresholdBehind,
} from './spike-paths.ts';
import { isCode, isThreshold, surrogateLeftover } from './value-sets.ts';

/** A neuron at one place of the graph, before places are given to timesteps. */
export interface NeuronPlace extends SpikeSource {
	/** Synaptic outputs that enter the membrane without passing another neuron. */
	readonly drivers: readonly string[];
	/** The threshold, and the decisions that gate this neuron: what they look at is state of the neuron too. */
	readonly deciders: readonly GraphNode[];
}

export interface NeuronSearch extends DriverSearch {
	/** True for a graph of one timestep that is run again and again. */
	readonly step: boolean;
	/** Outputs whose spikes count as a layer's output, besides those that feed weights. */
	readonly outputs: readonly string[];
	/** By neuron's threshold, the decisions that mask its spikes. */
	readonly gates: ReadonlyMap<GraphNode, ReadonlySet<GraphNode>>;
	/** Names of layers that work on the spikes of the timestep before. */
	readonly recurrent: ReadonlySet<string>;
}

/**
 * The places where neurons fire, in the order of the graph:
 * - thresholds whose output reaches weights or a graph output while still being a spike
 * - thresholds whose spikes are added to numbers, or stand beside them, before weights read both
 * - thresholds that reset their own membrane, whoever else reads their spikes
 *
 * Thresholds that only gate another neuron are part of it.
 */
export function neuronPlaces(search: NeuronSearch, currents: Currents, read: ReadMembrane): NeuronPlace[] {
	const { index, sets } = search;
	const thresholds = index.graph.nodes.filter(
		(node) => isThreshold(node, sets, index) && surrogateLeftover(node, index) === null && !isCode(node, index),
	);
	const places = new Map<GraphNode, SpikeSource & { readonly drivers: readonly string[] }>();
	const membranes = new Set<string>();
	const add = (place: SpikeSource & { readonly drivers: readonly string[] }): void => {
		places.set(place.threshold, place);
		for (const key of membraneKeys(place.threshold, search)) membranes.add(key);
	};
	const comparedBefore = (threshold: GraphNode): boolean => membraneKeys(threshold, search).some((key) => membranes.has(key));
	const masking = new Set([...search.gates.values()].flatMap((gates) => [...gates]));
	const visit = (start: string, { certainly, drivenOnly }: { certainly: boolean; drivenOnly: boolean }): void => {
		for (const { tensor, certain } of spikesBefore(start, (tensor) => currents.has(tensor), search)) {
			if (certain !== certainly) continue;
			for (const source of spikeSources(tensor, search)) {
				const { threshold } = source;
				if (isCode(threshold, index)) continue;
				// A mask of a neuron; or the same membrane compared again: a reset a timestep later, another level.
				if (places.has(threshold) || (!certain && (masking.has(threshold) || comparedBefore(threshold)))) continue;
				const drivers = driversOf(threshold, currents, search);
				if (!certain && comparesWhatBecomes(threshold, drivers, [...places.values()], search)) continue;
				if (drivers.length === 0 && (drivenOnly || (!certain && !feedsItself(threshold, thresholds, read, search)))) continue;
				add({ ...source, drivers });
				// Without weights in front of it, a neuron (or a pooling that compares counts) lives on the spikes of others.
				if (drivers.length === 0)
					for (const spikes of read(threshold).spikes) visit(spikes, { certainly: true, drivenOnly: true });
			}
		}
	};
	const starts = [
		...search.synapticLayers.flatMap(({ calls }) => calls.map(({ input }) => input)),
		...search.products.flatMap(({ calls }) => calls.flatMap(({ left, right }) => [left, right])),
		...search.outputs,
	];
	for (const certainly of [true, false]) for (const start of starts) visit(start, { certainly, drivenOnly: false });

	const gates: GraphNode[] = [];
	for (const node of thresholds) {
		if (places.has(node) || masking.has(node)) continue;
		if (comparedBefore(node)) continue;
		const drivers = driversOf(node, currents, search);
		if (drivers.length === 0 && [...places.keys()].some((threshold) => gatesPlace(node, threshold, read, search))) {
			gates.push(node);
			continue;
		}
		if (comparesWhatBecomes(node, drivers, [...places.values()], search)) continue;
		if (!feedsItself(node, thresholds, read, search)) continue;
		add({ threshold: node, spikes: carried(node, search), levels: [node], drivers });
	}

	const inOrder = (a: GraphNode, b: GraphNode): number => (index.position.get(a) ?? 0) - (index.position.get(b) ?? 0);
	return [...places.values()]
		.sort((a, b) => inOrder(a.threshold, b.threshold))
		.map((one): NeuronPlace => {
			const masks = [...(search.gates.get(one.threshold) ?? [])].filter((node) => !places.has(node));
			const inside = gates.filter((node) => gatesPlace(node, one.threshold, read, search));
			return { ...one, deciders: [one.threshold, ...new Set([...masks, ...inside].sort(inOrder))] };
		});
}

/** Arithmetic in which spikes add to numbers; a product with numbers gates them. */
const gating: ReadonlySet<Form> = new Set<Form>(['product', 'choice', 'and', 'or']);

/**
 * The spikes in front of weights: the tensor itself, or what a normalisation, a scaling, a sum or a concatenation with
 * numbers has made numbers of. They are certain as long as nothing but constants joins them.
 */
export function spikesBefore(
	start: string,
	isCurrent: (tensor: string) => boolean,
	search: SpikeContext,
): { readonly tensor: string; readonly certain: boolean }[] {
	const { index } = search;
	const found: { tensor: string; certain: boolean }[] = [];
	const seen = new Set<string>();
	const open = [{ tensor: start, certain: true }];
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		const { tensor, certain } = next;
		if (seen.has(tensor)) continue;
		seen.add(tensor);
		if (isSpikes(tensor, search)) {
			found.push(next);
			continue;
		}
		const node = index.producer.get(tensor);
		if (!node || isCurrent(tensor)) continue;
		const inputs = new Set(dynamicInputs(node, index));
		const gates = inputs.size > 1 && gating.has(formOf(node) as Form);
		for (const input of inputs)
			if (!gates || !isSpikes(input, search)) open.push({ tensor: input, certain: certain && inputs.size === 1 });
	}
	return found;
}

/** Whether a neuron's spikes come back into what it looks at: its reset, or a threshold that adapts. */
function feedsItself(threshold: GraphNode, thresholds: readonly GraphNode[], read: ReadMembrane, search: NeuronSearch): boolean {
	const membrane = read(threshold);
	for (const decision of membrane.entering) {
		// In an unrolled graph, the decision of an earlier timestep looked at what has become this membrane.
		const own = decision === threshold || goesOver(decision, membrane, search);
		if (own && !onlyBounds(decision, threshold, read, search)) return true;
	}
	// The first timestep has no past; a later one has this as its own.
	if (search.step) return false;
	return thresholds.some(
		(later) =>
			later !== threshold &&
			later.op === threshold.op &&
			read(later).entering.has(threshold) &&
			goesOver(threshold, read(later), search) &&
			!onlyBounds(threshold, later, read, search),
	);
}

/** Whether a decision enters a membrane only where it keeps a number above or below a bound, as Clip or Relu would. */
function onlyBounds(decision: GraphNode, threshold: GraphNode, read: ReadMembrane, search: NeuronSearch): boolean {
	const { index } = search;
	const { numbers, spikes } = read(threshold);
	let bounds = false;
	for (const tensor of spikes) {
		if (thresholdBehind(tensor, search) !== decision) continue;
		for (const reader of index.consumers.get(tensor) ?? []) {
			if (!reader.outputs.some((output) => numbers.has(output))) continue;
			if (!isBound(reader, tensor, decision, search)) return false;
			bounds = true;
		}
	}
	return bounds;
}

/** u < c ? c : u, or u · (u > 0). */
function isBound(reader: GraphNode, gate: string, decision: GraphNode, { index }: NeuronSearch): boolean {
	const level = decision.inputs.map((input) => scalarOf(input, index)).find((value) => value !== null);
	const [compared] = dynamicInputs(decision, index);
	const others = reader.inputs.filter((input) => input !== gate);
	if (formOf(reader) === 'product') return level === 0 && others.every((input) => input === compared);
	if (formOf(reader) !== 'choice' || reader.inputs[0] !== gate) return false;
	return others.includes(compared ?? '') && others.some((input) => index.isConstant(input) && scalarOf(input, index) === level);
}

/** What a threshold's membrane is known by: the tensor it compares, and at another timestep what becomes of it. */
function membraneKeys(threshold: GraphNode, search: NeuronSearch): string[] {
	const root = comparedTensor(threshold, search);
	const keys = root === null ? [looksAt(threshold, search).join()] : [root];
	const becomes = root === null ? undefined : search.feedback?.get(root);
	if (becomes === undefined) return keys;
	let name = becomes;
	for (;;) {
		keys.push(name);
		const node = search.index.producer.get(name);
		const [only, ...others] = node ? numbersInto(node, search) : [];
		if (only === undefined || others.length > 0) return keys;
		name = only;
	}
}

/**
 * Whether a neuron with the same currents looks at what a decision's membrane becomes by rounding or the like: the decision is
 * that neuron's reset, and not one of its own.
 */
function comparesWhatBecomes(
	node: GraphNode,
	drivers: readonly string[],
	places: readonly (SpikeSource & { readonly drivers: readonly string[] })[],
	search: NeuronSearch,
): boolean {
	const root = comparedTensor(node, search);
	if (root === null || drivers.length === 0) return false;
	const own = [...drivers].sort().join();
	return places.some((place) => {
		const looked = comparedTensor(place.threshold, search);
		return looked !== null && [...place.drivers].sort().join() === own && comesFrom(looked, new Set([root]), search);
	});
}

/** Whether a decision enters a neuron's membrane, and hangs on that neuron's spikes alone. */
function gatesPlace(node: GraphNode, threshold: GraphNode, read: ReadMembrane, search: NeuronSearch): boolean {
	const gate = read(node);
	if (node === threshold || gate.data || gate.currents.size > 0) return false;
	const neuron = read(threshold);
	if (!neuron.entering.has(node)) return false;
	return [...gate.entering].some(
		(decision) => decision === threshold || (decision !== node && goesOver(decision, neuron, search)),
	);
}

/** The spikes a threshold gives, as the Cast behind it writes them. */
function carried(threshold: GraphNode, { index }: NeuronSearch): string {
	const [output = ''] = threshold.outputs;
	const readers = index.consumers.get(output) ?? [];
	const [cast] = readers.filter((node) => formOf(node) === 'cast');
	return cast?.outputs[0] ?? output;
}

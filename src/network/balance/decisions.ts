import type { GraphNode } from '../../model/graph.ts';
import { formOf, onlyMoves } from '../../model/operators/index.ts';
import { tensorValues } from '../../model/tensors.ts';
import { dynamicInputs } from '../graph-index.ts';
import { nodePath } from '../names.ts';
import { downstream } from '../reachability.ts';
import { spikeSources } from '../spike-paths.ts';
import { isCode, isThreshold, surrogateLeftover } from '../value-sets.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/**
 * Every operator that turns numbers into few values is the decision of a neuron layer, part of one (the levels of a neuron, a
 * mask over its spikes), a gate of its membrane (a reset), or an activation function written with a comparison.
 */
export function bookDecisions(books: Books): Booking[] {
	const { index, needed, decisions, valueSets, neuronLayers } = books;
	const parts = new Map(
		neuronLayers.flatMap(({ name, calls }) =>
			calls.flatMap(({ gates = [], firings = [] }) => [...gates, ...firings].map((output) => [output, name] as const)),
		),
	);
	return index.graph.nodes.flatMap((node): Booking[] => {
		const [output = ''] = node.outputs;
		if (!needed.has(output) || !isThreshold(node, valueSets, index)) return [];
		const own = decisions.get(output);
		const account = own ? `neuron layer "${own.layer}", timestep ${own.timestep + 1}` : accountOf(node, books);
		const subject = own?.layer ?? parts.get(output) ?? subjectOf(node);
		const part = parts.get(output);
		if (!own && part !== undefined) return [booked('decision', node.name, `part of neuron layer "${part}"`, subject)];
		if (!own && isCode(node, index)) return [booked('decision', node.name, 'code of the input', subject)];
		if (account !== null) return [booked('decision', node.name, account, subject)];
		return [unbooked('decision', node.name, problemOf(node, books), subject)];
	});
}

/** Repeated calls of a module differ in the number an exporter puts behind it. */
export function subjectOf({ name, op }: GraphNode): string {
	const path = nodePath(name, op)
		.split('/')
		.map((part) => part.replace(/_\d+$/, ''))
		.join('/');
	return path === '' ? op : path;
}

/** Where values that came out of a decision stop being few: the operator that makes numbers of them, or reads them. */
interface Exit {
	readonly node: GraphNode;
	/** The spikes it reads. */
	readonly tensor: string;
}

interface Followed {
	readonly exits: readonly Exit[];
	/** Layers whose spikes they are part of. */
	readonly layers: ReadonlySet<string>;
	/** Whether they are an output of the graph as they are. */
	readonly answers: boolean;
}

/** Follows few-valued tensors from a decision to where they are a layer's spikes, enter numbers, or meet weights. */
function follow(node: GraphNode, books: Books): Followed {
	const { index, spikes, states } = books;
	const outputs = new Set(index.graph.outputs.map(({ name }) => name));
	const returns = new Map(states.map(({ input, output }) => [output, input]));
	const exits: Exit[] = [];
	const layers = new Set<string>();
	const seen = new Set<string>();
	const open = [node.outputs[0] ?? ''];
	let answers = false;
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor)) continue;
		seen.add(tensor);
		const layer = spikes.get(tensor);
		if (layer !== undefined) {
			layers.add(layer);
			continue;
		}
		const state = returns.get(tensor);
		if (state !== undefined) open.push(state);
		else if (outputs.has(tensor)) answers = true;
		for (const reader of index.consumers.get(tensor) ?? []) {
			if (!books.needed.has(reader.outputs[0] ?? '')) continue;
			for (const output of reader.outputs) {
				if (output === '') continue;
				if (books.isNumber(output)) {
					const restored = (index.consumers.get(output) ?? []).filter((next) => surrogateLeftover(next, index) === tensor);
					if (restored.length > 0) open.push(...restored.flatMap(({ outputs: found }) => found));
					else exits.push({ node: reader, tensor });
				} else open.push(output);
			}
		}
	}
	return { exits, layers, answers };
}

function accountOf(node: GraphNode, books: Books): string | null {
	const { exits, layers, answers } = follow(node, books);
	if (answers && layers.size === 0) return null;
	const gates = new Set<string>();
	let activation = false;
	for (const exit of exits) {
		const layer = gatedLayer(exit, books);
		// What enters the membrane of another layer drives it: that is a neuron of its own.
		if (layer !== null && looksAtLayer(node, layer, books)) gates.add(layer);
		else if (isActivation(node, exit, books)) activation = true;
		else return null;
	}
	const list = (names: ReadonlySet<string>): string => [...names].map((name) => `"${name}"`).join(', ');
	if (layers.size > 0) return `part of neuron layer ${list(layers)}`;
	if (gates.size > 0) return `gate of neuron layer ${list(gates)}`;
	if (activation) return 'activation function';
	return exits.length === 0 ? 'read by nothing that is counted' : null;
}

/** The layer whose membrane a few-valued tensor enters; null where it enters none. */
function gatedLayer({ node, tensor }: Exit, books: Books): string | null {
	const { membranes, currents, index } = books;
	const [output = ''] = node.outputs;
	if (currents.has(output)) return null;
	const into = membranes.get(output);
	if (into !== undefined) return into;
	// The membrane of the last timestep, which only the caller of the network reads.
	const beside = dynamicInputs(node, index).filter((input) => input !== tensor);
	const [from] = beside.flatMap((input) => membranes.get(input) ?? []);
	if (from === undefined) return null;
	for (const reached of downstream(output, index)) if (currents.has(reached)) return null;
	return from;
}

/** Whether a decision looks at the membrane of a layer, or at a memory of that layer's spikes alone (a refractory counter). */
function looksAtLayer(decision: GraphNode, layer: string, books: Books): boolean {
	const { membranes, index, isNumber, currents, states } = books;
	const feedback = new Map(states.map(({ input, output }) => [input, output]));
	const looksAt = dynamicInputs(decision, index).filter(isNumber);
	if (looksAt.some((tensor) => membranes.get(tensor) === layer)) return true;
	const seen = new Set<string>();
	const open = [...looksAt];
	let remembers = false;
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor) || index.isConstant(tensor) || tensor === '') continue;
		seen.add(tensor);
		if (membranes.get(tensor) === layer) return true;
		if (currents.has(tensor)) return false;
		const behind = feedback.get(tensor);
		if (behind !== undefined) open.push(behind);
		else if (!index.producer.has(tensor)) return false;
		if (isNumber(tensor)) open.push(...(index.producer.get(tensor)?.inputs ?? []));
		else {
			const from = spikeSources(tensor, books.spikeContext);
			const others = from.filter(
				({ threshold }) => threshold !== decision && books.decisions.get(threshold.outputs[0] ?? '')?.layer !== layer,
			);
			if (others.length > 0) return false;
			remembers ||= from.some(({ threshold }) => threshold !== decision);
		}
	}
	return remembers;
}

/**
 * Leaky ReLU, hard swish and the like written with a comparison: the number that is compared with 0 is let through, scaled or
 * replaced. In a network without spikes and time, any comparison that gates what it looks at.
 */
function isActivation(decision: GraphNode, exit: Exit, books: Books): boolean {
	const { index, neuronLayers, mode } = books;
	const form = formOf(exit.node);
	if (form !== 'choice' && form !== 'product') return false;
	const looksAt = dynamicInputs(decision, index).map((tensor) => origin(tensor, books));
	const beside = dynamicInputs(exit.node, index).filter((input) => input !== exit.tensor);
	const same = beside.some((input) => looksAt.includes(origin(input, books)));
	const plain = mode === 'plain' && !neuronLayers.some(({ spiking }) => spiking);
	return same && (plain || comparesWithZero(decision, books));
}

/** The tensor another one is made of by constants alone. */
function origin(tensor: string, { index }: Books): string {
	for (let name = tensor; ; ) {
		const node = index.producer.get(name);
		const inputs = node ? [...new Set(dynamicInputs(node, index))] : [];
		const [only] = inputs;
		if (!node || inputs.length !== 1 || only === undefined) return name;
		if (formOf(node) === undefined && !onlyMoves(node)) return name;
		name = only;
	}
}

function comparesWithZero(decision: GraphNode, { index }: Books): boolean {
	if (formOf(decision) === 'sign') return true;
	const [bound] = decision.inputs.flatMap((input) => index.graph.constants.get(input) ?? []);
	return bound !== undefined && tensorValues(bound).every((value) => value === 0);
}

function problemOf(node: GraphNode, books: Books): string {
	const { exits, answers } = follow(node, books);
	if (answers) return 'its spikes are the answer of the network, yet it belongs to no neuron layer';
	const driven = exits.flatMap((exit) => gatedLayer(exit, books) ?? []).find((layer) => !looksAtLayer(node, layer, books));
	if (driven !== undefined) return `its spikes drive "${driven}" without weights, yet it belongs to no neuron layer`;
	const lost = exits.find((exit) => gatedLayer(exit, books) === null && !isActivation(node, exit, books));
	if (!lost) return 'it belongs to no neuron layer and gates none';
	const weights = books.currents.get(lost.node.outputs[0] ?? '');
	if (weights !== undefined) return `its spikes go into "${weights}", yet it belongs to no neuron layer`;
	const [through] = [...downstream(lost.node.outputs[0] ?? '', books.index)].flatMap(
		(tensor) => books.currents.get(tensor) ?? [],
	);
	const on = through === undefined ? '' : ` on the way to "${through}"`;
	return `its spikes become numbers in ${lost.node.op} "${lost.node.name}"${on}, and no neuron layer has them`;
}

import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf, keepsPlaces, operatorFacts, rearranges } from '../model/operators/index.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import type { ValueSet } from './value-sets.ts';

/** What decides: numbers in, finitely many values out. */
const deciding: ReadonlySet<Form | undefined> = new Set<Form>([
	'greater',
	'greaterOrEqual',
	'less',
	'lessOrEqual',
	'sign',
	'floor',
	'ceiling',
	'nearest',
]);
const decides = (node: GraphNode): boolean => deciding.has(formOf(node));
const arithmetic: ReadonlySet<Form | undefined> = new Set<Form>(['sum', 'difference', 'product', 'quotient', 'normalised']);

/** Sums, means and pooling: how several spikes become one number. */
const mixes = (node: GraphNode): boolean => {
	const facts = operatorFacts(node);
	return facts?.elements === 'mixed' && facts.values !== undefined && facts.weights === undefined;
};

/** More decisions on spikes than this are logic, not neurons. */
const mostDecisions = 4096;

/** A decision over a tensor that so far looks like spikes, or over numbers such a tensor may go on into. */
interface Decision {
	readonly onSpikes?: true;
	/** The tensor it looks at, and what that tensor is up to constants. */
	readonly chain: readonly string[];
	/** What a neuron whose first membrane is nothing but another's spikes leaves of them when it resets. */
	readonly left: readonly string[];
}

/**
 * Membranes that spikes enter without weights in between, as in spiking attention, hold few values while time is short and
 * look like spikes themselves. In an unrolled graph they are told from logic on spikes by memory: what one decision looked at
 * goes on, past the decision, into what a later one looks at.
 *
 * @returns tensors whose values are to be taken for numbers
 */
export function spikeMembranes(index: GraphIndex, sets: ReadonlyMap<string, ValueSet>): Set<string> {
	const all = index.graph.nodes.flatMap((node): Decision[] => {
		if (!decides(node)) return [];
		const inputs = dynamicInputs(node, index);
		const [looksAt] = inputs;
		if (inputs.length !== 1 || looksAt === undefined) return [];
		const chain = affineChain(looksAt, index);
		if (chain.length === 0) return [];
		return isSpikes(looksAt, sets) ? [{ chain, left: leftOf(chain, node, index, sets), onSpikes: true }] : [{ chain, left: [] }];
	});
	const decisions = all.filter(({ onSpikes }) => onSpikes);
	const membranes = new Set<string>();
	if (all.length < 2 || decisions.length === 0 || decisions.length > mostDecisions) return membranes;
	const byTensor = new Map<string, Decision[]>();
	for (const decision of all)
		for (const tensor of decision.chain) byTensor.set(tensor, [...(byTensor.get(tensor) ?? []), decision]);
	for (const decision of decisions) {
		for (const tensor of goesOnInto(decision, index)) {
			for (const later of byTensor.get(tensor) ?? []) {
				if (later.chain.some((name) => decision.chain.includes(name))) continue;
				for (const name of [...decision.chain, ...decision.left, ...later.chain]) membranes.add(name);
			}
		}
	}
	return membranes;
}

const isSpikes = (tensor: string, sets: ReadonlyMap<string, ValueSet>): boolean => {
	const set = sets.get(tensor);
	return set !== undefined && set.kind !== 'any' && set.spiking;
};

/**
 * The compared tensor and what it is made of by constants alone: u − v, then u; the sum or mean of the spikes of several neurons, as
 * pooling makes it; or spikes in other places. Spikes themselves are not part of it.
 */
function affineChain(looksAt: string, index: GraphIndex): string[] {
	const chain: string[] = [];
	for (let name = looksAt; ; ) {
		const node = index.producer.get(name);
		if (node && (mixes(node) || (chain.length === 0 && rearranges(node))))
			return readByWeights(name, index) ? chain : [...chain, name];
		if (!node || !arithmetic.has(formOf(node))) return chain;
		const inputs = dynamicInputs(node, index);
		// Spikes times spikes, as a mask lets them through, are no sum.
		if (formOf(node) === 'product' && inputs.length > 1) return chain;
		chain.push(name);
		if (inputs.length !== 1 || inputs[0] === undefined) return chain;
		name = inputs[0];
	}
}

/** What weights read as well are spikes to them. */
const readByWeights = (tensor: string, { consumers }: GraphIndex): boolean =>
	(consumers.get(tensor) ?? []).some((node) => operatorFacts(node)?.weights !== undefined);

/** Where the spikes a decision looks at meet its own: what the timestep leaves to the next. */
function leftOf(chain: readonly string[], decision: GraphNode, index: GraphIndex, sets: ReadonlyMap<string, ValueSet>): string[] {
	const first = index.producer.get(chain.at(-1) ?? '');
	const [root, ...others] = first ? dynamicInputs(first, index) : [];
	if (root === undefined || others.length > 0 || !isSpikes(root, sets)) return [];
	const fired = new Set(decision.outputs);
	const open = [...fired];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			if (!keepsPlaces(node) || decides(node) || !dynamicInputs(node, index).every((input) => fired.has(input))) continue;
			for (const output of node.outputs) {
				if (fired.has(output)) continue;
				fired.add(output);
				open.push(output);
			}
		}
	}
	return (index.consumers.get(root) ?? []).flatMap((node) => {
		const beside = node.inputs.filter((input) => input !== root && input !== '');
		const [output = ''] = node.outputs;
		const resets = arithmetic.has(formOf(node)) && beside.length > 0 && beside.every((input) => fired.has(input));
		return resets && !chain.includes(output) ? [output] : [];
	});
}

/** Tensors a membrane flows into element by element, up to and including the next ones that are decided over. */
function goesOnInto({ chain, left }: Decision, index: GraphIndex): Set<string> {
	const own = new Set(chain);
	const reached = new Set(left);
	const open = [...chain, ...left];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			if (!flows(node)) continue;
			for (const output of node.outputs) {
				if (output === '' || reached.has(output) || own.has(output)) continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return reached;
}

/** Logic on spikes, and joins of several tensors, carry no membrane on. */
const stops: ReadonlySet<Form | undefined> = new Set<Form>(['not', 'cast', 'equal', 'joined']);
const flows = (node: GraphNode): boolean => keepsPlaces(node) && !decides(node) && !stops.has(formOf(node));

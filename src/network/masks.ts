import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf, operatorFacts } from '../model/operators/index.ts';
import { type MembraneNumbers, membraneReader } from './membrane-numbers.ts';
import { scalarOf } from './one-value.ts';
import {
	comparedTensor,
	type Deciders,
	decidersBehind,
	decisionsBehind,
	isSpikes,
	numbersInto,
	type SpikeContext,
	valuesInto,
} from './spike-paths.ts';

/** Spikes that are let through a mask. */
export interface Masks {
	/** By tensor, the threshold of the neuron whose spikes the product is. */
	readonly masked: ReadonlyMap<string, GraphNode>;
	/** By neuron's threshold, the decisions its masks are made of. */
	readonly gates: ReadonlyMap<GraphNode, ReadonlySet<GraphNode>>;
}

const products: ReadonlySet<Form> = new Set<Form>(['product', 'and', 'least', 'choice']);

const latches: ReadonlySet<Form> = new Set<Form>(['or', 'greatest']);

/**
 * Finds products of spikes with a mask of the neuron's own: a refractory period, a counter, the winner among neighbours. They
 * are one neuron, whose spikes are the product. A factor is a mask when all that decides it hangs on the same weights as the
 * other factor, or on none, or on that neuron's spikes and those of its layer (the first spike in time, or among neighbours);
 * spikes of two layers multiplied (SEW's IAND) stay two.
 *
 * @param layerOf  the layer whose weights gave a current
 */
export function findMasks(context: SpikeContext, layerOf: (current: string) => unknown): Masks {
	const { index } = context;
	const masked = new Map<string, GraphNode>();
	const gates = new Map<GraphNode, Set<GraphNode>>();
	const known: SpikeContext = { ...context, masked };
	const membrane = membraneReader(known, (tensor) => {
		const node = index.producer.get(tensor);
		return node !== undefined && operatorFacts(node)?.weights !== undefined;
	});
	for (const node of index.graph.nodes) {
		const [output = ''] = node.outputs;
		const factors = isSpikes(output, context) ? (firstOfLatch(node) ?? factorsOf(node)) : [];
		if (factors.length < 2 || decidersBehind(output, known)) continue;
		const candidates = factors.flatMap((factor) => {
			const deciders = decidersBehind(factor, known);
			return deciders ? [{ factor, ...deciders }] : [];
		});
		const mains = candidates.filter(({ factor, ...deciders }) =>
			factors.every((other) => other === factor || masks(other, deciders)),
		);
		// Of two comparisons of one membrane, the one with a constant fires; the other asks who is the largest.
		const [main] = mains.sort((a, b) => numbersInto(a.threshold, context).length - numbersInto(b.threshold, context).length);
		if (!main) continue;
		masked.set(output, main.threshold);
		const own = gates.get(main.threshold) ?? new Set();
		gates.set(main.threshold, own);
		for (const factor of factors)
			for (const decision of factor === main.factor ? [] : decisionsBehind(factor, known).thresholds) own.add(decision);
	}
	return { masked, gates };

	function factorsOf(node: GraphNode): string[] {
		if (!products.has(formOf(node) as Form)) return [];
		// A choice between two that may fire lets both through.
		if (formOf(node) === 'choice' && !node.inputs.slice(1).some((branch) => isNothing(branch))) return [];
		const values = [...new Set(valuesInto(node, context))];
		return values.every((input) => isSpikes(input, context)) ? values : [];
	}

	/** What a latch has gained, (fired or now) − fired, is `now` where it had not fired: both, or null for anything else. */
	function firstOfLatch(node: GraphNode): string[] | null {
		const form = formOf(node);
		if (form !== 'difference' && form !== 'xor') return null;
		const [first = '', second = ''] = node.inputs.map(sameSpikes);
		for (const [latch, fired] of form === 'xor'
			? [[first, second] as const, [second, first] as const]
			: [[first, second] as const]) {
			const limited = index.producer.get(latch);
			const [inside = ''] =
				limited && (formOf(limited) === 'bounded' || formOf(limited) === 'least') ? valuesInto(limited, context) : [];
			const sum = index.producer.get(inside);
			const joins = limited && latches.has(formOf(limited) as Form) ? limited : sum && formOf(sum) === 'sum' ? sum : null;
			const now = joins?.inputs.find((input) => sameSpikes(input) !== fired);
			if (now !== undefined && joins?.inputs.length === 2 && joins.inputs.some((input) => sameSpikes(input) === fired))
				return [now, fired];
		}
		return null;
	}

	/** Spikes of 0 and 1 before casts and comparisons with 0. */
	function sameSpikes(tensor: string): string {
		for (let name = tensor; ; ) {
			const node = index.producer.get(name);
			const above = node && formOf(node) === 'greater' && scalarOf(node.inputs[1] ?? '', index) === 0;
			const [only = ''] = node?.inputs ?? [];
			if (!node || !(above || formOf(node) === 'cast') || !isSpikes(only, context)) return name;
			name = only;
		}
	}

	function isNothing(tensor: string): boolean {
		const set = context.sets.get(tensor);
		return index.isConstant(tensor) ? scalarOf(tensor, index) === 0 : set?.kind === 'finite' && set.values.join() === '0';
	}

	function masks(factor: string, { threshold, all }: Deciders): boolean {
		const own = membrane(threshold);
		const { thresholds, past } = decisionsBehind(factor, known);
		if (thresholds.size === 0) return past;
		const layers = new Set([...own.currents].map(layerOf));
		const operators = new Set([...all].map(({ op }) => op));
		const ofLayer = (decision: GraphNode): boolean =>
			operators.has(decision.op) && [...membrane(decision).currents].every((output) => layers.has(layerOf(output)));
		if (layers.size > 0 && thresholds.has(threshold) && [...thresholds].every(ofLayer)) return true;
		return [...thresholds].every((decision) => {
			if (decision === threshold) return past;
			const other = membrane(decision);
			// What the spikes of other layers drive is a neuron of its own.
			const driven = [...other.entering].some((entering) => membrane(entering).currents.size > 0 && !ofLayer(entering));
			if (other.currents.size === 0) return !driven && (own.currents.size > 0 || (own.data && !other.data));
			const below = [...other.currents].every((output) => own.currents.has(output));
			return below && (touches(other, comparedTensor(threshold, context)) || touches(own, comparedTensor(decision, context)));
		});
	}
}

const touches = ({ numbers, currents }: MembraneNumbers, tensor: string | null): boolean =>
	tensor !== null && (numbers.has(tensor) || currents.has(tensor));

import type { GraphNode } from '../../model/graph.ts';
import { compares, type Form, formOf, operatorFacts } from '../../model/operators/index.ts';
import { tensorValues } from '../../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from '../graph-index.ts';
import * as messages from '../messages.ts';
import { holdsModelInput } from '../model-input.ts';
import type { SynapticCall, SynapticLayer } from '../network.ts';
import { decidersBehind, decisionsBehind, spikeSources } from '../spike-paths.ts';
import { activationProducts, synapticUse } from '../synapses.ts';
import { isCode } from '../value-sets.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/** Every use of a weight belongs to one layer, has a timestep and a source. */
export function bookWeights(books: Books): Booking[] {
	return [...bookUses(books), ...books.synapticLayers.flatMap((layer) => bookLayer(layer, books))];
}

/** Uses of weights in the graph that are no call of a layer. A use on the same input as a call repeats that call. */
function bookUses({ index, needed, synapticLayers }: Books): Booking[] {
	const calls = new Set(synapticLayers.flatMap(({ calls: own, op }) => own.map(({ input }) => `${op} ${input}`)));
	const outputs = new Set(synapticLayers.flatMap(({ calls: own }) => own.map(({ output }) => output)));
	return index.graph.nodes.flatMap((node): Booking[] => {
		if (!needed.has(node.outputs[0] ?? '')) return [];
		const use = synapticUse(node, index) ?? weightsInside(node, index);
		if (!use || outputs.has(use.output) || calls.has(`${node.op} ${use.input}`)) return [];
		return [unbooked('weights', node.name, 'its weights are applied, yet it belongs to no layer')];
	});
}

/** Weights of operators that apply them, whether or not layers are made of them. */
function weightsInside(node: GraphNode, index: GraphIndex): { input: string; output: string } | null {
	const { inputs, outputs } = node;
	for (const { weight, data } of operatorFacts(node)?.weights?.operands ?? []) {
		const [input = '', constant = ''] = [inputs[data], inputs[weight]];
		if (input !== '' && !index.isConstant(input) && index.isConstant(constant)) return { input, output: outputs[0] ?? '' };
	}
	return null;
}

function bookLayer(layer: SynapticLayer, books: Books): Booking[] {
	const { name, calls } = layer;
	const problem =
		timeProblem(layer, books) ?? sourceProblem(layer, books) ?? startProblem(layer, books) ?? maskProblem(layer, books);
	return calls.map((call): Booking => {
		if (problem !== null) return unbooked('weights', call.node, problem, name);
		const when = call.timestep === 'every' ? 'every timestep' : `timestep ${call.timestep + 1}`;
		return booked('weights', call.node, `layer "${name}", ${when}, ${sourceOf(call, layer, books)}`, name);
	});
}

const sourceOf = ({ input }: SynapticCall, { sources }: SynapticLayer, books: Books): string => {
	if (sources.length > 0) return `spikes of ${sources.map((source) => `"${source}"`).join(', ')}`;
	return holdsModelInput(input, books) ? 'the input of the model' : 'numbers of the layer before';
};

/** In an unrolled graph: uses that do not fill the timesteps, or that are out of step with the neurons in front of them. */
function timeProblem({ calls }: SynapticLayer, books: Books): string | null {
	const { mode, timesteps } = books;
	if (mode !== 'unrolled' || timesteps === null) return null;
	const steps = calls.flatMap(({ timestep }) => (timestep === 'every' ? [] : [timestep])).sort((a, b) => a - b);
	if (steps.length === 0) return null;
	if (steps.some((step) => step < 0 || step >= timesteps))
		return `a use has a timestep outside of the ${timesteps} of the network`;
	return coverageProblem(steps, timesteps) ?? lagProblem(calls, books);
}

/**
 * All timesteps equally often; all but some at the beginning or the end, where the exporter computed them away; or once, after
 * the last one.
 */
function coverageProblem(steps: readonly number[], timesteps: number): string | null {
	const [first = 0] = steps;
	const last = steps.at(-1) ?? 0;
	const used = new Set(steps).size;
	const contiguous = last - first + 1 === used && steps.length % used === 0;
	if (contiguous && used > timesteps / 2) return null;
	if (used === 1 && last === timesteps - 1) return null;
	return `its weights are used ${steps.length === 1 ? 'once' : `${steps.length} times`} in ${timesteps} timesteps, and which ones is not clear`;
}

/** Weights read the spikes of their own timestep, or all of them those of the same number of timesteps before. */
function lagProblem(calls: readonly SynapticCall[], { spikeContext, decisions }: Books): string | null {
	const lags = new Map<string, Set<number>>();
	for (const { input, timestep } of calls) {
		if (timestep === 'every') continue;
		const perLayer = new Map<string, number[]>();
		for (const { threshold } of spikeSources(input, spikeContext)) {
			const source = decisions.get(threshold.outputs[0] ?? '');
			if (source) perLayer.set(source.layer, [...(perLayer.get(source.layer) ?? []), source.timestep]);
		}
		for (const [layer, at] of perLayer) {
			// What reads several timesteps at once (a sum or a window over time) has no lag of its own.
			if (at.length > 1) continue;
			lags.set(layer, (lags.get(layer) ?? new Set()).add(timestep - (at[0] as number)));
		}
	}
	for (const [layer, found] of lags) {
		const [lag = 0] = found;
		if (found.size > 1) return `its uses are out of step with the spikes of "${layer}" they read`;
		if (lag < 0) return `it is placed before the spikes of "${layer}" it reads`;
	}
	return null;
}

function sourceProblem({ calls, sources }: SynapticLayer, books: Books): string | null {
	if (sources.length > 0) return null;
	const coded = (tensor: string): boolean => {
		const { thresholds } = decisionsBehind(tensor, books.spikeContext);
		return thresholds.size > 0 && [...thresholds].every((node) => isCode(node, books.index));
	};
	return calls.some(({ input }) => books.isSpikes(input) && !coded(input))
		? 'its input holds few values, yet no neuron layer makes them'
		: null;
}

/**
 * A layer that begins after the first timestep had no spikes before, or constant ones that an exporter computed away: then what
 * stands in for its current there is neither 0 nor its bias.
 */
function startProblem({ calls, bias }: SynapticLayer, { index, currents, synapticLayers }: Books): string | null {
	const first = Math.min(...calls.map(({ timestep }) => (timestep === 'every' ? 0 : timestep)));
	if (first === 0) return null;
	const biases = [bias, ...synapticLayers.map((layer) => layer.bias)].flatMap((name) => {
		const values = tensorOf(name ?? '', index);
		return values ? [values] : [];
	});
	const sums = (tensor: string): GraphNode[] => (index.consumers.get(tensor) ?? []).filter((node) => formOf(node) === 'sum');
	const beside = new Set(
		calls.flatMap(({ output }) => sums(output).flatMap((sum) => sum.inputs.map((name) => currents.get(name)))),
	);
	for (const layer of synapticLayers) {
		if (!beside.has(layer.name)) continue;
		for (const { output, timestep } of layer.calls) {
			if (timestep === 'every' || timestep >= first) continue;
			const [current] = sums(output).flatMap((sum) =>
				sum.inputs.map((name) => tensorOf(name, index)).filter((values) => values !== null),
			);
			const gave = current && current.length > 1 && current.some((value) => value !== 0);
			const isBias = biases.some((values) => current?.every((value, at) => value === values[at % values.length]));
			if (gave && !isBias)
				return 'it begins after the first timestep, and the current that stands in for it there comes from constant spikes, which are not counted';
		}
	}
	return null;
}

const products: ReadonlySet<Form> = new Set<Form>(['product', 'and', 'least', 'choice']);

/** Spikes that pass a mask their own layer decides, where the product was not found to be the layer's spikes: fewer get through. */
function maskProblem({ calls }: SynapticLayer, books: Books): string | null {
	const { index, spikes, decisions, spikeContext, isSpikes, valueSets } = books;
	const decisionsOf = (tensor: string): Set<string> =>
		new Set([...decisionsBehind(tensor, spikeContext).thresholds].flatMap(({ outputs }) => outputs[0] ?? ''));
	const layersOf = (tensor: string): Set<string> =>
		new Set([...decisionsOf(tensor)].flatMap((decision) => decisions.get(decision)?.layer ?? []));
	const seen = new Set<string>();
	const open = calls.map(({ input }) => input);
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor) || spikes.has(tensor) || !isSpikes(tensor)) continue;
		seen.add(tensor);
		const node = index.producer.get(tensor);
		if (!node) continue;
		const factors = [...new Set(dynamicInputs(node, index))].filter(isSpikes);
		open.push(...factors);
		if (factors.length > 1 && compares(node)) {
			const [first = new Set<string>(), ...others] = factors.map(layersOf);
			const own = [...first].find((layer) => others.every((made) => made.has(layer)));
			if (own !== undefined)
				return `it reads where spikes of "${own}" differ from each other ("${node.name}"), and not the spikes that are counted as fired`;
		}
		if (factors.length < 2 || !products.has(formOf(node) as Form) || decisions.has(tensor)) continue;
		const set = valueSets.get(tensor);
		const oneHeight = set?.kind === 'finite' && set.values.length <= 2;
		if (!oneHeight || factors.every((factor) => decidersBehind(factor, spikeContext) === null && !isStacked(factor, books)))
			continue;
		const [first = new Set<string>(), ...others] = factors.map(decisionsOf);
		const shared = [...first].find((decision) => others.every((made) => made.has(decision)));
		const own = decisions.get(shared ?? '')?.layer;
		if (own !== undefined)
			return `it reads the spikes of "${own}" through a mask that they themselves decide ("${node.name}"), so that fewer arrive than are counted as fired`;
	}
	return null;
}

/** All timesteps' spikes side by side. */
const isStacked = (tensor: string, { index }: Books): boolean => {
	const node = index.producer.get(tensor);
	return node !== undefined && formOf(node) === 'joined';
};

const tensorOf = (name: string, { graph }: GraphIndex): number[] | null => {
	const tensor = graph.constants.get(name);
	return tensor ? [...tensorValues(tensor)] : null;
};

/** Products of activations that are counted, and those that are not. */
export function bookProducts({ index, needed, products }: Books): Booking[] {
	const layerOf = new Map(products.flatMap(({ name, calls }) => calls.map(({ node }) => [node, name] as const)));
	return activationProducts(index).flatMap((node): Booking[] => {
		if (!needed.has(node.outputs[0] ?? '')) return [];
		const layer = layerOf.get(node.name);
		if (layer !== undefined) return [booked('product', node.name, `product "${layer}"`, layer)];
		return [unbooked('product', node.name, 'it multiplies activations by activations and is not counted')];
	});
}

/** Operators whose operations are counted nowhere: with weights inside that are not taken apart, or not known at all. */
export function bookOperators({ index, needed }: Books): Booking[] {
	return index.graph.nodes.flatMap((node): Booking[] => {
		if (!needed.has(node.outputs[0] ?? '') || dynamicInputs(node, index).length === 0) return [];
		const facts = operatorFacts(node);
		const full = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
		if (!facts)
			return [
				unbooked(
					'operator',
					node.name,
					`${full} "${node.name}" is not understood: spikes that enter an unknown operator are lost`,
				),
			];
		return facts.uncounted ? [unbooked('operator', node.name, messages.uncountedOperator(node.name, full))] : [];
	});
}

import type { GraphNode } from '../../model/graph.ts';
import { formOf, operatorFacts, reshapes } from '../../model/operators/index.ts';
import { elementCount, tensorValues } from '../../model/tensors.ts';
import { dynamicInputs } from '../graph-index.ts';
import * as messages from '../messages.ts';
import type { Size } from '../rewrite/batch-sizes.ts';
import { measure } from '../rewrite/measure.ts';
import { isSpikes, scalesUnevenly } from '../spike-paths.ts';
import { isThreshold } from '../value-sets.ts';
import { type Booking, type FoundStructure, unbooked } from './book.ts';
import { subjectOf } from './decisions.ts';
import { type Books, openBooks } from './graph-facts.ts';

/**
 * Weights that are applied element by element, `(k[:, None] * W).sum(-1)`: spikes of several neurons, each times a constant of
 * its own, added up. No layer counts them. Added up over timesteps, or over what one spike was spread to (traces, levels), they
 * are a code or a part of the neuron.
 */
export async function bookProductSums(found: FoundStructure): Promise<Booking[]> {
	const context = { index: found.index, sets: found.valueSets };
	const sums = found.index.graph.nodes.filter((node) => addsSpikes(node, context));
	const scaled = found.index.graph.nodes.some(({ outputs: [output = ''] }) => scalesSpikes(output, context));
	if (sums.length === 0 || !scaled) return [];
	const books = openBooks(found);
	const suspects = sums.filter((node) => books.needed.has(node.outputs[0] ?? '') && addedProduct(node, () => null, books));
	const measured = suspects.length === 0 ? null : await measure(found.model);
	const shapeOf: ShapeOf = (tensor) =>
		measured?.shapeOf(tensor) ?? found.index.graph.constants.get(tensor)?.dims.map((size): Size => [size, size]) ?? null;
	return suspects.flatMap((node): Booking[] => {
		const product = addedProduct(node, shapeOf, books);
		if (!product || !leavesNeuron(node, product, books)) return [];
		return [unbooked('weights', node.name, messages.productsAddedUp(product.layer, product.node.name), subjectOf(node))];
	});
}

/** Sizes of a tensor's axes at two batch sizes. */
type ShapeOf = (tensor: string) => readonly Size[] | null;
type Sets = Pick<Books, 'index'> & { readonly sets: Books['valueSets'] };

/** A sum, mean or pooling of what came out of decisions; what comes out may be numbers, as the first membrane of a neuron is. */
function addsSpikes(node: GraphNode, context: Sets): boolean {
	const facts = operatorFacts(node);
	const adds = facts?.elements === 'mixed' && facts.values !== undefined && facts.rate !== 'scores' && !facts.weights;
	return adds && isSpikes(node.inputs[0] ?? '', context);
}

const scalesSpikes = (tensor: string, context: Sets): boolean => isSpikes(tensor, context) && scalesUnevenly(tensor, context);

/** Spikes times constants that are added up. */
interface AddedProduct {
	readonly node: GraphNode;
	/** The layer whose spikes they are. */
	readonly layer: string;
	/** Whether each spike takes part in several sums. */
	readonly fansOut: boolean;
}

/** An axis that is summed over, followed back: null where it is not known which of the tensor's it is. */
interface Place {
	readonly tensor: string;
	readonly axis: number | null;
	/** The product with different constants along the axis that was passed. */
	readonly product: Omit<AddedProduct, 'layer'> | null;
}

/** Follows the axes a node sums over back to the neurons they count; the first product with constants on the way is the answer. */
function addedProduct(sum: GraphNode, shapeOf: ShapeOf, books: Books): AddedProduct | null {
	const { index, valueSets, decisions, spikeContext } = books;
	const feedback = spikeContext.feedback ?? new Map<string, string>();
	const [start = ''] = sum.inputs;
	const open: Place[] = axesGone(sum, shapeOf, books).map((axis) => ({ tensor: start, axis, product: null }));
	const seen = new Set<string>();
	for (let place = open.pop(); place !== undefined; place = open.pop()) {
		const { tensor, axis, product } = place;
		const key = `${tensor}\n${axis}\n${product?.node.name ?? ''}`;
		const size = axis === null ? null : shapeOf(tensor)?.[axis]?.[0];
		if (seen.has(key) || !isSpikes(tensor, spikeContext) || size === 1) continue;
		seen.add(key);
		const node = index.producer.get(tensor);
		const fedBack = feedback.get(tensor);
		if (!node) {
			if (fedBack !== undefined) open.push({ tensor: fedBack, axis, product });
			continue;
		}
		const layer = decisions.get(node.outputs[0] ?? '')?.layer;
		if (layer !== undefined && product) return { ...product, layer };
		if (isThreshold(node, valueSets, index)) continue;
		const passed = product ?? weighting(node, axis, shapeOf, books);
		for (const input of new Set(dynamicInputs(node, index)))
			for (const before of axesBefore(node, input, axis, shapeOf)) open.push({ tensor: input, axis: before, product: passed });
	}
	return null;
}

/** Axes of a node's input that it sums over; those are not known without shapes. */
function axesGone(node: GraphNode, shapeOf: ShapeOf, { index }: Books): (number | null)[] {
	const [input = '', output = ''] = [node.inputs[0], node.outputs[0]];
	const [shape, result] = [shapeOf(input), shapeOf(output)];
	const facts = operatorFacts(node)?.axes;
	if (!shape || !result || facts?.kind !== 'pairs') return [null];
	const kept = facts.of(
		{
			node,
			rankOf: () => shape.length,
			outputRank: result.length,
			constantOf: (at) => index.graph.constants.get(node.inputs[at] ?? ''),
		},
		0,
	);
	return shape.flatMap(([size], axis) => (size > 1 && !kept.some(([from]) => from === axis) ? [axis] : []));
}

/** Whether a node multiplies by constants that differ along an axis. */
function weighting(node: GraphNode, axis: number | null, shapeOf: ShapeOf, books: Books): Place['product'] {
	const { index, spikeContext } = books;
	const [output = ''] = node.outputs;
	if (!scalesUnevenly(output, spikeContext)) return null;
	const constant = index.graph.constants.get(node.inputs.find((input) => index.isConstant(input)) ?? '');
	const [data = ''] = dynamicInputs(node, index);
	const [shape, before] = [shapeOf(output), shapeOf(data)];
	if (!constant || !shape || !before || axis === null) return { node, fansOut: true };
	const { dims } = constant;
	const differs = (at: number): boolean => {
		const own = at - (shape.length - dims.length);
		return own >= 0 && differsAlong([...tensorValues(constant)], dims, own);
	};
	const isNew = (at: number): boolean => (before[at - (shape.length - before.length)]?.[0] ?? 1) === 1;
	return differs(axis) ? { node, fansOut: shape.some((_, at) => isNew(at) && differs(at)) } : null;
}

/** Whether entries of an axis differ from its first one. */
function differsAlong(values: readonly number[], dims: readonly number[], axis: number): boolean {
	const stride = elementCount(dims.slice(axis + 1));
	const size = dims[axis] as number;
	return values.some((value, at) => value !== values[at - (Math.floor(at / stride) % size) * stride]);
}

/** The axes of an input that an axis of the output comes from; none where it was made by joining tensors or by repeating one. */
function axesBefore(node: GraphNode, input: string, axis: number | null, shapeOf: ShapeOf): (number | null)[] {
	const [shape, before] = [shapeOf(node.outputs[0] ?? ''), shapeOf(input)];
	if (axis === null || !shape || !before) return [null];
	if (reshapes(node)) return overlapping(shape, axis, before);
	const facts = operatorFacts(node)?.axes;
	if (facts?.kind !== 'pairs') return [null];
	const call = { node, rankOf: (at: number) => shapeOf(node.inputs[at] ?? '')?.length, outputRank: shape.length };
	const pairs = facts.of({ ...call, constantOf: () => undefined }, node.inputs.indexOf(input));
	const found = pairs.flatMap(([from, to]) => (to === axis ? [from] : []));
	if (found.length > 0) return found;
	if (formOf(node) === 'joined') return [];
	// A part of an axis, or a window over it.
	return shape.length === before.length ? [axis] : [null];
}

/** Axes of a tensor that share elements with an axis it has after a reshape; samples are not added up, so theirs is none of several. */
function overlapping(shape: readonly Size[], axis: number, before: readonly Size[]): number[] {
	const stride = (sizes: readonly Size[], at: number): number => elementCount(sizes.slice(at + 1).map(([size]) => size));
	const low = stride(shape, axis);
	const high = low * (shape[axis] as Size)[0];
	const shared = before.flatMap(([size], at) => {
		const step = stride(before, at);
		return size > 1 && step < high && step * size > low ? [at] : [];
	});
	const fixed = shared.filter((at) => before[at]?.[0] === before[at]?.[1]);
	return fixed.length > 0 ? fixed : shared;
}

/** Whether sums of products reach more than the neuron itself: other membranes, weights or an output; or other neurons of its layer. */
function leavesNeuron(sum: GraphNode, { layer, fansOut }: AddedProduct, books: Books): boolean {
	const { index, membranes, currents } = books;
	if (fansOut) return true;
	const outputs = new Set(index.graph.outputs.map(({ name }) => name));
	const seen = new Set<string>();
	const open = [sum.outputs[0] ?? ''];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor)) continue;
		seen.add(tensor);
		const into = membranes.get(tensor);
		if (into === layer) continue;
		if (into !== undefined || currents.has(tensor) || outputs.has(tensor)) return true;
		for (const reader of index.consumers.get(tensor) ?? []) open.push(...reader.outputs);
	}
	return false;
}

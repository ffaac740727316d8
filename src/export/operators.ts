/** Operators between the neurons as NIR nodes. */
import { UserError } from '../errors.ts';
import { type NirNode, nirShapes } from '../formats/nir/index.ts';
import type { GraphNode } from '../model/graph.ts';
import { type Form, formOf, operatorFacts, passesOn, reshapes } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import { intAttribute, intsAttribute } from '../network/graph-index.ts';
import { connect, type Draft, expressionOf, freeName, nodeName, numbersOf, one, type Sum } from './draft.ts';
import type { Expression } from './expressions.ts';
import * as expressions from './expressions.ts';
import { messages, notes } from './messages.ts';
import { type ChannelChange, channelChange, stateless, synapse } from './nodes.ts';

/** Weights NIR has a node for: one operator of plain numbers. */
const isWeighted = (node: GraphNode): boolean => {
	const { weights, scales } = operatorFacts(node) ?? {};
	return weights !== undefined && weights.geometry !== 'transposed convolution' && !scales && node.domain === '';
};
const isArithmetic: ReadonlySet<Form | undefined> = new Set<Form>(['sum', 'difference', 'product', 'quotient', 'negative']);

/** What one operator gives. @throws UserError for what NIR cannot express */
export function operatorSum(node: GraphNode, draft: Draft): Sum {
	const { index, file } = draft.network;
	const [first = ''] = node.inputs;
	if (passesOn(node) && !reshapes(node)) return draft.sumOf(first);
	if (node.op === 'Mul') {
		const pooled = sumOfWindows(node, draft);
		if (pooled !== null) return pooled;
	}
	if (isArithmetic.has(formOf(node))) {
		const folded = foldedIntoWeights(node, draft);
		if (folded !== null) return folded;
		const value = linearExpression(node, draft);
		if (value === null) throw new UserError(messages.operator(file, node.name, node.op));
		return value.rest;
	}
	if (node.op === 'BatchNormalization') {
		const folded = foldedIntoWeights(node, draft);
		if (folded === null) throw new UserError(messages.operator(file, node.name, node.op));
		return folded;
	}
	if (isWeighted(node)) return weights(node, [], draft);
	if (node.op === 'Transpose' && first === draft.network.input.name) return turnedInput(node, draft);
	const source = draft.sumOf(first);
	const name = freeName(nodeName(node.name, node.op), draft);
	draft.nodes.set(name, node.op === 'GlobalAveragePool' ? wholePool(node, source, draft) : stateless({ node, index, file }));
	connect(source, name, draft);
	return one(name);
}

/** Images that arrive as [height, width, channels]: NIR's convolutions take [channels, height, width], and so does the file's input. */
function turnedInput(node: GraphNode, draft: Draft): Sum {
	const { index, file, input } = draft.network;
	const order = intsAttribute(node, 'perm')?.join();
	const name = nodeName(input.name);
	const found = draft.nodes.get(name);
	if (order !== '0,3,1,2' || found?.type !== 'Input' || index.consumers.get(input.name)?.length !== 1)
		throw new UserError(messages.operator(file, node.name, node.op));
	const [height = 1, width = 1, channels = 1] = found.shape;
	draft.nodes.set(name, { type: 'Input', shape: [channels, height, width] });
	draft.notes.push(notes.turned(name));
	return one(name);
}

/** A mean over windows times their size. */
function sumOfWindows(node: GraphNode, draft: Draft): Sum | null {
	const { index, file } = draft.network;
	const pool = node.inputs.map((input) => index.producer.get(input)).find((producer) => producer?.op === 'AveragePool');
	const factor = node.inputs.map((input) => index.graph.constants.get(input)).find((found) => found !== undefined);
	if (pool === undefined || factor === undefined || index.consumers.get(pool.outputs[0] ?? '')?.length !== 1) return null;
	const mean = stateless({ node: pool, index, file });
	if (mean.type !== 'AvgPool2d') return null;
	const size = mean.kernelSize.reduce((product, extent) => product * extent, 1);
	if (!tensorValues(factor).every((value) => value === size)) return null;
	const source = draft.sumOf(pool.inputs[0] ?? '');
	const name = freeName(nodeName(pool.name, pool.op), draft);
	draft.nodes.set(name, { ...mean, type: 'SumPool2d' });
	connect(source, name, draft);
	return one(name);
}

/** Sums and factors of tensors, as an expression over NIR nodes. */
function linearExpression(node: GraphNode, draft: Draft): Expression | null {
	const { index } = draft.network;
	const read = (tensor: string): Expression => {
		const stored = index.graph.constants.get(tensor);
		return stored ? expressions.constant(numbersOf(stored)) : expressionOf(draft.sumOf(tensor));
	};
	const [first = '', second = ''] = node.inputs;
	switch (formOf(node)) {
		case 'sum':
			return node.inputs
				.map(read)
				.reduce<Expression | null>((sum, value) => sum && expressions.add(sum, value), { rest: new Map(), fired: new Map() });
		case 'difference':
			return expressions.add(read(first), expressions.negate(read(second)));
		case 'negative':
			return expressions.negate(read(first));
		case 'product':
			return expressions.multiply(read(first), read(second));
		default:
			return expressions.divide(read(first), read(second));
	}
}

/** A bias or normalisation behind weights that nothing else reads, as part of them. */
function foldedIntoWeights(node: GraphNode, draft: Draft): Sum | null {
	const { index, file } = draft.network;
	const changes: ChannelChange[] = [];
	let at: GraphNode = node;
	const passed: GraphNode[] = [];
	for (;;) {
		const inputs = at.inputs.filter((input) => input !== '' && !index.isConstant(input));
		const [input = ''] = inputs;
		const before = index.producer.get(input);
		if (inputs.length !== 1 || before === undefined || index.consumers.get(input)?.length !== 1) return null;
		// Behind a Gemm, which has a bias of its own, a constant belongs to what comes next.
		if (at.op === 'Add' && before.op === 'Gemm') return null;
		passed.unshift(at);
		if (!isWeighted(before)) {
			if (before.op !== 'Add' && before.op !== 'BatchNormalization') return null;
			at = before;
			continue;
		}
		const weight = index.graph.constants.get(before.inputs[1] ?? '');
		const turned = before.op === 'Conv' || intAttribute(before, 'transB', 0) === 1;
		const outputs = (turned ? weight?.dims[0] : weight?.dims.at(-1)) ?? 0;
		for (const change of passed) {
			const found = channelChange({ node: change, index, file }, outputs, before.op === 'Conv' ? 'first' : 'last');
			if (found === null) return null;
			changes.push(found);
		}
		const sum = weights(before, changes, draft);
		for (const { op, name } of passed)
			if (op === 'BatchNormalization') draft.notes.push(notes.folded(name, [...sum.keys()][0] ?? ''));
		return sum;
	}
}

function weights(node: GraphNode, changes: readonly ChannelChange[], draft: Draft): Sum {
	const { index, file, synapticLayers } = draft.network;
	const layer = synapticLayers.find(({ calls }) => calls.some((call) => call.node === node.name));
	if (layer === undefined || layer.weightPosition !== 1)
		throw new UserError(messages.operator(file, node.name, `${node.op} without constant weights behind the data`));
	const source = draft.sumOf(node.inputs[0] ?? '');
	const name = freeName(nodeName(layer.name), draft);
	draft.nodes.set(name, synapse({ node, index, file }, changes));
	connect(source, name, draft);
	return one(name);
}

/** The mean over all positions: a window as large as its input. */
function wholePool(node: GraphNode, source: Sum, { nodes, edges, network: { file } }: Draft): NirNode {
	const shapes = nirShapes({ version: '1.0', graph: { type: 'NIRGraph', nodes, edges } }, file);
	const [, ...sizes] = shapes.get([...source.keys()][0] ?? '') ?? [];
	if (sizes.length !== 2) throw new UserError(messages.operator(file, node.name, node.op));
	return { type: 'AvgPool2d', kernelSize: sizes, stride: sizes, padding: [0, 0] };
}

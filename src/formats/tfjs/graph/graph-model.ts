import { UserError } from '../../../errors.ts';
import { type Builder, plainValue } from '../builder.ts';
import { isObject, type Json, type JsonObject } from '../json.ts';
import type { NamedValue } from '../layers-model.ts';
import { messages } from '../messages.ts';
import type { Weight } from '../weights.ts';
import { arithmeticOperators } from './arithmetic.ts';
import { type GraphDefNode, parseNodes, parseReference, shapeAttribute } from './nodes.ts';
import { shapingOperators } from './shaping.ts';
import { type GraphValue, type NodeEmitter, tensorAt, tensorResult } from './values.ts';
import { weightedOperators } from './weighted.ts';

const operators: Readonly<Record<string, NodeEmitter>> = { ...weightedOperators, ...arithmeticOperators, ...shapingOperators };

/** Nodes that give data or weights. */
const sources: readonly string[] = ['Placeholder', 'PlaceholderWithDefault', 'Const'];

/** Writes a GraphModel into `builder`; its placeholders become graph inputs. Returns its outputs. */
export function emitGraphModel(
	builder: Builder,
	model: JsonObject,
	topology: JsonObject,
	weights: ReadonlyMap<string, Weight>,
): NamedValue[] {
	const { file } = builder;
	const nodes = parseNodes(topology, file);
	const outputs = outputsOf(model, nodes);
	if (outputs.length === 0) {
		throw new UserError(messages.noLayers(file));
	}
	const done = new Map<string, GraphValue>();
	for (const name of inOrder(
		outputs.map(({ node }) => node),
		nodes,
		file,
	)) {
		const node = nodes.get(name);
		if (node !== undefined) {
			done.set(name, emitNode(builder, node, done, model, weights));
		}
	}
	return outputs.map(({ name, node }) => {
		const value = done.get(node) as GraphValue;
		const source = nodes.get(node) as GraphDefNode;
		return { name, value: tensorAt([value], 0, { builder, node: source }) };
	});
}

/** The outputs of the signature, or the nodes that nothing reads. */
function outputsOf(model: JsonObject, nodes: ReadonlyMap<string, GraphDefNode>): { name: string; node: string }[] {
	const signature = isObject(model.signature)
		? model.signature
		: isObject(model.userDefinedMetadata)
			? model.userDefinedMetadata.signature
			: undefined;
	const outputs = isObject(signature) && isObject(signature.outputs) ? signature.outputs : {};
	const named = Object.entries(outputs).map(([name, entry]: [string, Json]) => {
		const tensor = isObject(entry) && typeof entry.name === 'string' ? entry.name : name;
		return { name, node: parseReference(tensor).node };
	});
	if (named.length > 0) {
		return named;
	}
	const read = new Set([...nodes.values()].flatMap(({ inputs }) => inputs.map(({ node }) => node)));
	const last = [...nodes.values()].filter(({ name, op }) => !read.has(name) && !['Const', 'Placeholder', 'NoOp'].includes(op));
	return last.map(({ name }) => ({ name, node: name }));
}

/** The nodes that the outputs need, each after its inputs. */
function inOrder(starts: readonly string[], nodes: ReadonlyMap<string, GraphDefNode>, file: string): string[] {
	const order: string[] = [];
	const state = new Map<string, 'open' | 'done'>();
	const enter = (name: string, reader: string) => {
		const node = nodes.get(name);
		if (node === undefined) {
			throw new UserError(messages.unknownInput(file, reader, name));
		}
		// Before the cycles that loops of TensorFlow are.
		if (!sources.includes(node.op) && !Object.hasOwn(operators, node.op)) {
			throw new UserError(messages.unknownOperator(file, node.name, node.op, Object.keys(operators)));
		}
		if (state.get(name) === 'open') {
			throw new UserError(messages.cycle(file, name));
		}
		if (!state.has(name)) {
			state.set(name, 'open');
			stack.push({ name, next: 0 });
		}
	};
	const stack: { name: string; next: number }[] = [];
	for (const start of starts) {
		enter(start, 'the model');
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			const input = nodes.get(top.name)?.inputs[top.next++];
			if (input === undefined) {
				state.set(top.name, 'done');
				order.push(top.name);
				stack.pop();
			} else {
				enter(input.node, top.name);
			}
		}
	}
	return order;
}

function emitNode(
	builder: Builder,
	node: GraphDefNode,
	done: ReadonlyMap<string, GraphValue>,
	model: JsonObject,
	weights: ReadonlyMap<string, Weight>,
): GraphValue {
	if (node.op === 'Placeholder' || node.op === 'PlaceholderWithDefault') {
		return placeholder(builder, node, model);
	}
	if (node.op === 'Const') {
		const weight = weights.get(node.name);
		if (weight === undefined) {
			throw new UserError(messages.weightMissing(node.file, node.name, node.name));
		}
		return { kind: 'weight', weight };
	}
	const emit = operators[node.op] as NodeEmitter;
	const inputs = node.inputs.map(({ node: name, output }) => {
		const value = done.get(name);
		// Batch normalisation has more outputs, for training only.
		if (value === undefined || output !== 0) {
			throw new UserError(messages.unknownInput(node.file, node.name, `${name}:${output}`));
		}
		return value;
	});
	return emit(inputs, { builder, node });
}

function placeholder(builder: Builder, node: GraphDefNode, model: JsonObject): GraphValue {
	const shape = shapeAttribute(node) ?? signatureShape(node, model) ?? [];
	const known = shape.slice(1).filter((size): size is number => size !== null);
	if (shape.length === 0 || known.length !== shape.length - 1) {
		throw new UserError(messages.freeSize(node.file, node.name, shape));
	}
	const dims = ['batch', ...known] as const;
	builder.inputs.push({ name: node.name, type: 'float32', dims });
	return tensorResult(plainValue(builder, node.name, node.name, dims));
}

function signatureShape(node: GraphDefNode, model: JsonObject): (number | null)[] | null {
	const inputs = isObject(model.signature) && isObject(model.signature.inputs) ? Object.values(model.signature.inputs) : [];
	for (const input of inputs) {
		const matches = isObject(input) && typeof input.name === 'string' && parseReference(input.name).node === node.name;
		const shape = matches && isObject(input.tensorShape) ? input.tensorShape.dim : undefined;
		if (Array.isArray(shape)) {
			return shape.map((dim: Json) => {
				const size = isObject(dim) ? Number(dim.size) : Number.NaN;
				return Number.isSafeInteger(size) && size > 0 ? size : null;
			});
		}
	}
	return null;
}

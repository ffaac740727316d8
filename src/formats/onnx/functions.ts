import { create, type Message } from '@bufbuild/protobuf';
import { UserError } from '../../errors.ts';
import * as messages from '../messages.ts';
import {
	type AttributeProto,
	AttributeProtoSchema,
	type FunctionProto,
	type GraphProto,
	GraphProtoSchema,
	type NodeProto,
	NodeProtoSchema,
	ValueInfoProtoSchema,
} from './onnx_pb.ts';

/** Exporters write a function for each module: modules within modules are never so deep. */
const deepestCalls = 100;
/** More nodes than this are not a network but a way to fill memory. */
const mostNodes = 100_000;

/** A message's fields, for a copy with others: as long as it bears its type's name, `create` takes it for the copy itself. */
function fieldsOf<Fields extends Message>(message: Fields): Omit<Fields, '$typeName' | '$unknown'> {
	const { $typeName: _, $unknown: __, ...fields } = message;
	return fields;
}

const keyOf = (domain: string, name: string, overload: string): string => `${domain}:${name}:${overload}`;

/**
 * Replaces calls of model-local functions (newer PyTorch exporters write one per module) by the
 * nodes of their bodies, so that the rest of the tool sees standard operators only.
 *
 * @throws UserError when a function is stored twice or calls itself, or calls are so many or so deep that no network has them
 */
export function inlineFunctions(graph: GraphProto, functions: readonly FunctionProto[], file: string): GraphProto {
	if (functions.length === 0) return graph;
	const byName = new Map<string, FunctionProto>();
	for (const one of functions) {
		const key = keyOf(one.domain, one.name, one.overload);
		if (byName.has(key)) throw new UserError(messages.storedTwice(file, 'function', one.name));
		byName.set(key, one);
	}
	let calls = 0;
	let nodes = 0;

	const expand = (node: NodeProto, index: number, stack: readonly string[]): NodeProto[] => {
		const key = keyOf(node.domain, node.opType, node.overload);
		const definition = byName.get(key);
		if (!definition) {
			nodes += 1;
			if (nodes > mostNodes) throw new UserError(messages.functionNodes(file, mostNodes));
			return [withInlinedGraphs(node, stack)];
		}
		if (stack.includes(key)) throw new UserError(messages.functionCycle(file, node.opType));
		if (stack.length >= deepestCalls) throw new UserError(messages.functionDepth(file, node.opType, deepestCalls));
		calls += 1;
		// Functions without nodes cost time too.
		if (calls > mostNodes) throw new UserError(messages.functionNodes(file, mostNodes));
		const name = node.name || node.output.find((output) => output !== '') || `${node.opType}_${index}`;
		const rename = namesOf(definition, node, `${name}#${calls}/`);
		return definition.node.flatMap((inner, at) =>
			expand(bound(inner, `${name}#${calls}/`, at, rename, attributesOf(definition, node)), at, [...stack, key]),
		);
	};

	/** Calls in the bodies of If, Loop and Scan. */
	const withInlinedGraphs = (node: NodeProto, stack: readonly string[]): NodeProto => {
		if (!node.attribute.some(({ g }) => g)) return node;
		const attribute = node.attribute.map((one) =>
			one.g ? create(AttributeProtoSchema, { ...fieldsOf(one), g: withNodes(one.g, stack) }) : one,
		);
		return create(NodeProtoSchema, { ...fieldsOf(node), attribute });
	};

	const withNodes = (body: GraphProto, stack: readonly string[]): GraphProto =>
		create(GraphProtoSchema, { ...fieldsOf(body), node: body.node.flatMap((node, index) => expand(node, index, stack)) });

	return withNodes(graph, []);
}

/** The names a body's tensors have where it is called: those of the call for its inputs and outputs, new ones within. */
function namesOf(definition: FunctionProto, call: NodeProto, prefix: string): (name: string) => string {
	const renamed = new Map<string, string>([['', '']]);
	for (const [index, name] of definition.input.entries()) renamed.set(name, call.input[index] ?? '');
	for (const [index, name] of definition.output.entries()) {
		const given = call.output[index];
		if (given) renamed.set(name, given);
	}
	return (name) => {
		const known = renamed.get(name) ?? prefix + name;
		renamed.set(name, known);
		return known;
	};
}

/** Values a call gives the attributes of a function, and those it has of its own where the call gives none. */
function attributesOf(definition: FunctionProto, call: NodeProto): ReadonlyMap<string, AttributeProto> {
	return new Map([...definition.attributeProto, ...call.attribute].map((attribute) => [attribute.name, attribute]));
}

/** A node of a body as the call makes it. */
function bound(
	node: NodeProto,
	prefix: string,
	index: number,
	rename: (name: string) => string,
	given: ReadonlyMap<string, AttributeProto>,
): NodeProto {
	const name = node.name || node.output.find((output) => output !== '') || `${node.opType}_${index}`;
	return create(NodeProtoSchema, {
		...fieldsOf(node),
		name: prefix + name,
		input: node.input.map(rename),
		output: node.output.map(rename),
		attribute: node.attribute.flatMap((attribute): AttributeProto[] => {
			if (attribute.refAttrName) {
				const value = given.get(attribute.refAttrName);
				// An attribute that neither gives has the value its operator gives it.
				return value ? [create(AttributeProtoSchema, { ...fieldsOf(value), name: attribute.name })] : [];
			}
			return [
				attribute.g
					? create(AttributeProtoSchema, { ...fieldsOf(attribute), g: boundGraph(attribute.g, rename, given) })
					: attribute,
			];
		}),
	});
}

/** The body of an If, Loop or Scan within a function: names of its own stay, those from around it are renamed. */
function boundGraph(graph: GraphProto, outer: (name: string) => string, given: ReadonlyMap<string, AttributeProto>): GraphProto {
	const own = new Set([
		'',
		...graph.input.map(({ name }) => name),
		...graph.initializer.map(({ name }) => name),
		...graph.node.flatMap(({ output }) => output),
	]);
	const rename = (name: string): string => (own.has(name) ? name : outer(name));
	const renamedOutputs = graph.output.map((value) =>
		create(ValueInfoProtoSchema, { ...fieldsOf(value), name: rename(value.name) }),
	);
	return create(GraphProtoSchema, {
		...fieldsOf(graph),
		node: graph.node.map((node, index) => bound(node, '', index, rename, given)),
		output: renamedOutputs,
	});
}

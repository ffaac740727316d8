import { UserError } from '../../errors.ts';
import type { Attribute, Graph, GraphNode } from '../../model/graph.ts';
import * as messages from '../messages.ts';
import { decodeAttribute, decodeNode } from './codec.ts';
import type { FunctionProto, NodeProto } from './onnx_pb.ts';

const noExternal = (): never => {
	throw new Error('functions hold no external data');
};

/**
 * Replaces calls of model-local functions (newer PyTorch exporters write one per module) by the
 * nodes of their bodies, so that the rest of the tool sees standard operators only.
 *
 * @throws UserError when a function calls itself
 */
export function inlineFunctions(graph: Graph, functions: readonly FunctionProto[], file: string): Graph {
	if (functions.length === 0) return graph;
	const byName = new Map(functions.map((definition) => [`${definition.domain}:${definition.name}`, definition]));
	let calls = 0;

	const expand = (node: GraphNode, stack: readonly string[]): GraphNode[] => {
		const key = `${node.domain}:${node.op}`;
		const definition = byName.get(key);
		if (!definition) return [node];
		if (stack.includes(key)) throw new UserError(messages.functionCycle(file, node.op));
		calls += 1;
		const prefix = `${node.name}#${calls}/`;
		const renamed = new Map<string, string>([['', '']]);
		for (const [index, name] of definition.input.entries()) renamed.set(name, node.inputs[index] ?? '');
		definition.output.forEach((name, index) => {
			if (node.outputs[index]) renamed.set(name, node.outputs[index]);
		});
		const rename = (name: string): string => {
			const known = renamed.get(name);
			if (known !== undefined) return known;
			renamed.set(name, prefix + name);
			return prefix + name;
		};
		return definition.node.flatMap((proto, index) => {
			const inner = decodeNode(proto, index, file, noExternal);
			const resolved: GraphNode = {
				...inner,
				name: prefix + inner.name,
				inputs: inner.inputs.map(rename),
				outputs: inner.outputs.map(rename),
				attributes: new Map([...inner.attributes, ...referencedAttributes(proto, node, file)]),
			};
			return expand(resolved, [...stack, key]);
		});
	};

	return { ...graph, nodes: graph.nodes.flatMap((node) => expand(node, [])) };
}

/** Attributes of a function's node that take their value from the call. */
function referencedAttributes(proto: NodeProto, call: GraphNode, file: string): [string, Attribute][] {
	return proto.attribute.flatMap((attribute): [string, Attribute][] => {
		if (!attribute.refAttrName) return [];
		const value = call.attributes.get(attribute.refAttrName);
		if (value) return [[attribute.name, value]];
		return attribute.type === 0
			? []
			: hasValue(attribute)
				? [[attribute.name, decodeAttribute(attribute, call.name, file, noExternal)]]
				: [];
	});
}

const hasValue = (attribute: NodeProto['attribute'][number]): boolean => attribute.t !== undefined || attribute.ints.length > 0;

import type { Attribute, ConstantTensor, Graph, GraphNode } from '../../model/graph.ts';
import type { FreshNames } from './fresh-names.ts';

/** A subgraph's nodes, moved into the graph around it. */
export interface Inlined {
	readonly nodes: readonly GraphNode[];
	readonly constants: ReadonlyMap<string, ConstantTensor>;
	/** Names the body's outputs have now. */
	readonly outputs: readonly string[];
}

/**
 * Copies the body of a Loop, Scan or If into the graph around it, under names of its own.
 *
 * @param bindings what the body's inputs stand for in the graph around it
 * @param sharedConstants new names of the body's own constants, filled at the first copy, so that the weights of all
 *   copies stay one weight
 * @param first  whether this is the first copy of the body, which may keep the body's names
 */
export function inlineBody(
	body: Graph,
	bindings: ReadonlyMap<string, string>,
	names: FreshNames,
	sharedConstants: Map<string, string>,
	first: boolean,
): Inlined {
	const renamed = new Map(bindings);
	if (first) names.release(body);
	const constants = new Map<string, ConstantTensor>();
	for (const [name, tensor] of body.constants) {
		let outer = sharedConstants.get(name);
		if (outer === undefined) {
			outer = names.take(name);
			sharedConstants.set(name, outer);
			constants.set(outer, tensor);
		}
		renamed.set(name, outer);
	}
	const read = (name: string): string => renamed.get(name) ?? name;
	const nodes = body.nodes.map((inner): GraphNode => {
		const inputs = inner.inputs.map(read);
		const attributes = renamedAttributes(inner.attributes, renamed);
		const outputs = inner.outputs.map((name) => {
			if (name === '') return name;
			const fresh = names.take(name);
			renamed.set(name, fresh);
			return fresh;
		});
		return { ...inner, name: names.take(inner.name), inputs, outputs, attributes };
	});
	return { nodes, constants, outputs: body.outputs.map(({ name }) => read(name)) };
}

/** Subgraphs inside a renamed graph read the new names, except where they define the name themselves. */
function renamedAttributes(
	attributes: ReadonlyMap<string, Attribute>,
	renamed: ReadonlyMap<string, string>,
): ReadonlyMap<string, Attribute> {
	return new Map(
		[...attributes].map(([key, attribute]): [string, Attribute] => [
			key,
			attribute.kind === 'graph' ? { kind: 'graph', value: renamedReads(attribute.value, renamed) } : attribute,
		]),
	);
}

function renamedReads(graph: Graph, renamed: ReadonlyMap<string, string>): Graph {
	const own = new Set([
		...graph.constants.keys(),
		...graph.inputs.map(({ name }) => name),
		...graph.nodes.flatMap(({ outputs }) => outputs),
	]);
	const visible = new Map([...renamed].filter(([name]) => !own.has(name)));
	const read = (name: string): string => visible.get(name) ?? name;
	return {
		...graph,
		nodes: graph.nodes.map((inner) => ({
			...inner,
			inputs: inner.inputs.map(read),
			attributes: renamedAttributes(inner.attributes, visible),
		})),
		outputs: graph.outputs.map((output) => ({ ...output, name: read(output.name) })),
	};
}

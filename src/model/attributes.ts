import type { GraphNode } from './graph.ts';

/** An integer attribute with its default. */
export function intAttribute(node: GraphNode, name: string, fallback: number): number {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'int' ? attribute.value : fallback;
}

export function intsAttribute(node: GraphNode, name: string): readonly number[] | null {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'ints' ? attribute.value : null;
}

export function floatAttribute(node: GraphNode, name: string, fallback: number): number {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'float' ? attribute.value : fallback;
}

export function stringAttribute(node: GraphNode, name: string, fallback: string): string {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'string' ? attribute.value : fallback;
}

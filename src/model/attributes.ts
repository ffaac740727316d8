import type { Attribute, GraphNode } from './graph.ts';

export const int = (value: number) => ({ kind: 'int', value }) as const satisfies Attribute;
export const ints = (value: readonly number[]) => ({ kind: 'ints', value }) as const satisfies Attribute;
export const float = (value: number) => ({ kind: 'float', value }) as const satisfies Attribute;
export const text = (value: string) => ({ kind: 'string', value }) as const satisfies Attribute;

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

import type { NirArray, NirFile, NirNode } from '../../src/formats/nir/index.ts';

export const array = (values: readonly number[], shape: readonly number[] = [values.length]): NirArray => ({
	shape,
	values: Float64Array.from(values),
});

/** A NIR file; without edges, the nodes stand in a chain in the order given. */
export function nirFile(nodes: Readonly<Record<string, NirNode>>, edges?: readonly (readonly [string, string])[]): NirFile {
	const names = Object.keys(nodes);
	const chain = names.slice(1).map((name, index) => [names[index] ?? '', name] as const);
	return { version: '1.0', graph: { type: 'NIRGraph', nodes: new Map(Object.entries(nodes)), edges: edges ?? chain } };
}

export const input = (...shape: number[]): NirNode => ({ type: 'Input', shape });
export const output = (...shape: number[]): NirNode => ({ type: 'Output', shape });

import { UserError } from '../../errors.ts';
import { assumptions, messages } from './messages.ts';
import type { NirGraph, NirPrimitive } from './records.ts';

/** Passes the sum of its inputs on: what the input or output of a subgraph becomes. */
export interface Junction {
	readonly type: 'Junction';
}

export type FlatNode = NirPrimitive | Junction;

/** A graph without subgraphs; the names of nested nodes are joined by dots. */
export interface FlatGraph {
	readonly nodes: ReadonlyMap<string, FlatNode>;
	readonly edges: readonly (readonly [from: string, to: string])[];
	readonly assumptions: readonly string[];
}

const deepest = 32;

/**
 * Replaces every subgraph by its nodes.
 * @throws UserError if an edge names a node that does not exist, or a subgraph has not one input and one output
 */
export function flattenGraph(graph: NirGraph, file: string): FlatGraph {
	const nodes = new Map<string, FlatNode>();
	const edges: [string, string][] = [];
	const notes: string[] = [];
	const addGraph = (part: NirGraph, prefix: string, depth: number): void => {
		if (depth > deepest) {
			throw new UserError(messages.deepSubgraphs(file, deepest));
		}
		const entrances = new Map<string, string>();
		const exits = new Map<string, string>();
		for (const [name, node] of part.nodes) {
			const path = prefix + name;
			entrances.set(name, path);
			exits.set(name, path);
			if (node.type === 'NIRGraph') {
				const ports = portsOf(node, path, file);
				entrances.set(name, `${path}.${ports.input}`);
				exits.set(name, `${path}.${ports.output}`);
				addGraph(node, `${path}.`, depth + 1);
			} else if (prefix !== '' && (node.type === 'Input' || node.type === 'Output')) {
				nodes.set(path, { type: 'Junction' });
			} else {
				nodes.set(path, node);
			}
		}
		for (const [from, to] of cleanEdges(part, notes, file)) {
			edges.push([exits.get(from) ?? from, entrances.get(to) ?? to]);
		}
	};
	addGraph(graph, '', 0);
	return { nodes, edges, assumptions: notes };
}

function portsOf(graph: NirGraph, name: string, file: string): { input: string; output: string } {
	const named = (type: string) => [...graph.nodes].filter(([, node]) => node.type === type).map(([child]) => child);
	const inputs = named('Input');
	const outputs = named('Output');
	const [input] = inputs;
	const [output] = outputs;
	if (input === undefined || output === undefined || inputs.length > 1 || outputs.length > 1) {
		throw new UserError(messages.subgraphPorts(file, name, inputs.length, outputs.length));
	}
	return { input, output };
}

/** The edges of one graph, each once and between nodes that exist. */
function cleanEdges(graph: NirGraph, notes: string[], file: string): [string, string][] {
	const named = new Set(graph.edges.flat());
	const unknown = [...named].filter((name) => !graph.nodes.has(name));
	const unnamed = [...graph.nodes.keys()].filter((name) => !named.has(name));
	const [found] = unknown;
	const [taken] = unnamed;
	// nirtorch has written subgraphs whose edges name the one neuron by another name than its node.
	const renamed = unknown.length === 1 && unnamed.length === 1;
	if (found !== undefined && (!renamed || taken === undefined)) {
		throw new UserError(messages.unknownEdgeEnd(file, found, [...graph.nodes.keys()]));
	}
	if (found !== undefined && taken !== undefined) {
		notes.push(assumptions.renamedEdge(found, taken));
	}
	const resolve = (name: string) => (name === found && taken !== undefined ? taken : name);
	const seen = new Set<string>();
	const edges: [string, string][] = [];
	for (const edge of graph.edges) {
		const [from, to] = [resolve(edge[0]), resolve(edge[1])];
		const key = JSON.stringify([from, to]);
		if (seen.has(key)) {
			notes.push(assumptions.duplicateEdge(from, to));
		} else {
			seen.add(key);
			edges.push([from, to]);
		}
	}
	return edges;
}

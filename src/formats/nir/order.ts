import type { FlatGraph } from './flatten.ts';

export type Edge = readonly [from: string, to: string];

/** An order in which every node comes after what it needs in the same timestep. */
export interface Schedule {
	readonly order: readonly string[];
	/** Edges that carry the value of the timestep before. */
	readonly delayed: ReadonlySet<Edge>;
}

/**
 * Orders a graph that may have cycles. Every cycle gets one edge that takes a timestep: the one that closes it, seen from the
 * inputs, or, if only weights lie between, the one that leaves the neuron before them, so that the weights see the spikes of the
 * timestep before and not what the neuron has not yet received.
 *
 * @param isNeuron   nodes whose output is kept where a cycle is cut
 * @param breaksLoop nodes whose output does not depend on this timestep's input (delays of at least one timestep)
 */
export function schedule(graph: FlatGraph, isNeuron: (name: string) => boolean, breaksLoop: (name: string) => boolean): Schedule {
	const edges = graph.edges.filter(([, to]) => !breaksLoop(to));
	const outgoing = new Map<string, Edge[]>([...graph.nodes.keys()].map((name) => [name, []]));
	const incoming = new Map<string, Edge[]>([...graph.nodes.keys()].map((name) => [name, []]));
	for (const edge of edges) {
		outgoing.get(edge[0])?.push(edge);
		incoming.get(edge[1])?.push(edge);
	}
	const inputs = [...graph.nodes].filter(([, node]) => node.type === 'Input').map(([name]) => name);
	const { closing, order } = depthFirst([...inputs, ...graph.nodes.keys()], outgoing);
	if (closing.size === 0) {
		return { order, delayed: closing };
	}
	const component = components(order, incoming);
	const moved = new Set<Edge>();
	for (const edge of closing) {
		moved.add(moveToNeuron(edge, closing, component, outgoing, incoming, isNeuron));
	}
	const movedOrder = inOrder(order, edges, moved);
	return movedOrder === null
		? { order: inOrder(order, edges, closing) ?? order, delayed: closing }
		: { order: movedOrder, delayed: moved };
}

/** A topological order without the edges `cut` that stays close to `wanted`; null if a cycle is left. */
function inOrder(wanted: readonly string[], edges: readonly Edge[], cut: ReadonlySet<Edge>): string[] | null {
	const rank = new Map(wanted.map((name, index) => [name, index]));
	const missing = new Map(wanted.map((name) => [name, 0]));
	const followers = new Map<string, string[]>(wanted.map((name) => [name, []]));
	for (const edge of edges) {
		if (!cut.has(edge)) {
			missing.set(edge[1], (missing.get(edge[1]) ?? 0) + 1);
			followers.get(edge[0])?.push(edge[1]);
		}
	}
	const result: string[] = [];
	const ready = wanted.filter((name) => missing.get(name) === 0);
	for (let name = ready.shift(); name !== undefined; name = ready.shift()) {
		result.push(name);
		for (const follower of followers.get(name) ?? []) {
			const left = (missing.get(follower) ?? 0) - 1;
			missing.set(follower, left);
			if (left === 0) {
				const own = rank.get(follower) ?? 0;
				const at = ready.findIndex((other) => (rank.get(other) ?? 0) > own);
				ready.splice(at < 0 ? ready.length : at, 0, follower);
			}
		}
	}
	return result.length === wanted.length ? result : null;
}

function moveToNeuron(
	edge: Edge,
	closing: ReadonlySet<Edge>,
	component: ReadonlyMap<string, number>,
	outgoing: ReadonlyMap<string, readonly Edge[]>,
	incoming: ReadonlyMap<string, readonly Edge[]>,
	isNeuron: (name: string) => boolean,
): Edge {
	let cut = edge;
	const passed = new Set<string>();
	for (;;) {
		const [from] = cut;
		if (isNeuron(from)) {
			return cut;
		}
		const inCycle = (name: string) => component.get(name) === component.get(from);
		const before = (incoming.get(from) ?? []).filter(([source]) => inCycle(source));
		const leaving = (outgoing.get(from) ?? []).filter(([, target]) => inCycle(target));
		const [only] = before;
		// Back at a node seen before: the cycle has no neuron.
		if (
			passed.has(from) ||
			before.length !== 1 ||
			only === undefined ||
			!leaving.every((one) => one === cut || closing.has(one))
		) {
			return edge;
		}
		passed.add(from);
		cut = only;
	}
}

/** Depth-first search without recursion: edges back to a node still open, and the nodes in topological order without them. */
function depthFirst(
	starts: readonly string[],
	outgoing: ReadonlyMap<string, readonly Edge[]>,
): { closing: Set<Edge>; order: string[] } {
	const closing = new Set<Edge>();
	const finished: string[] = [];
	const state = new Map<string, 'open' | 'done'>();
	for (const start of starts) {
		if (state.has(start)) {
			continue;
		}
		state.set(start, 'open');
		const stack = [{ name: start, next: 0 }];
		for (let top = stack.at(-1); top !== undefined; top = stack.at(-1)) {
			const edge = outgoing.get(top.name)?.[top.next++];
			if (edge === undefined) {
				state.set(top.name, 'done');
				finished.push(top.name);
				stack.pop();
			} else if (state.get(edge[1]) === 'open') {
				closing.add(edge);
			} else if (!state.has(edge[1])) {
				state.set(edge[1], 'open');
				stack.push({ name: edge[1], next: 0 });
			}
		}
	}
	return { closing, order: finished.reverse() };
}

/** Number of the strongly connected component of every node (Kosaraju: backwards, in the order a forward search finished). */
function components(order: readonly string[], incoming: ReadonlyMap<string, readonly Edge[]>): Map<string, number> {
	const component = new Map<string, number>();
	for (const [number, start] of order.entries()) {
		const stack = component.has(start) ? [] : [start];
		for (let name = stack.pop(); name !== undefined; name = stack.pop()) {
			if (!component.has(name)) {
				component.set(name, number);
				stack.push(...(incoming.get(name) ?? []).map(([source]) => source).filter((source) => !component.has(source)));
			}
		}
	}
	return component;
}

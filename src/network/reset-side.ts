import type { GraphNode } from '../model/graph.ts';
import { compares, onlyMoves, operatorFacts } from '../model/operators/index.ts';
import { oncePer } from '../once-per.ts';
import { dynamicInputs } from './graph-index.ts';
import { appliedTo, type RestQuestion, scalarOf } from './one-value.ts';
import { upstream } from './reachability.ts';

/** Resets further behind a decision are not looked for. */
const mostNodes = 64;

/** Membranes to try: two above 0, and two that a network in millivolts has. */
const membranes = [
	[1, 1.5],
	[-40, -39],
] as const;

/** Stands for every other number that a decision looks at. */
const someValue = 0.37;

type Side = 0 | 1 | null;
/** By comparison, and by how those without a reset of their own are written. */
const knownSides = oncePer((_: RestQuestion['sets']) => new Map<GraphNode | string, Side>());

function onceFor(key: GraphNode | string, { sets }: RestQuestion, find: () => Iterable<0 | 1>): Side {
	const known = knownSides(sets);
	const before = known.get(key);
	if (before !== undefined) return before;
	const [only, ...others] = new Set(find());
	const side = others.length === 0 ? (only ?? null) : null;
	known.set(key, side);
	return side;
}

/**
 * At which value of a comparison its neuron fires, by what the comparison does to the membrane: where it fires the membrane is
 * set to a value, or moved by one; where it does not, the membrane stays what it was. A comparison without a reset of its own (at
 * the last timestep) is like the others that are written with the same operator and threshold.
 *
 * @returns null where the graph does not tell
 */
export function firingSide(decision: GraphNode, question: RestQuestion): Side {
	if (!compares(decision)) return null;
	const own = sideOf(decision, question);
	if (own !== null) return own;
	const written = writtenAs(decision, question);
	return onceFor(written, question, () =>
		question.index.graph.nodes.flatMap((other) =>
			compares(other) && writtenAs(other, question) === written ? (sideOf(other, question) ?? []) : [],
		),
	);
}

const writtenAs = ({ op, inputs }: GraphNode, { index }: RestQuestion): string =>
	[op, ...inputs.map((name) => (index.isConstant(name) ? scalarOf(name, index) : 'number'))].join();

const sideOf = (decision: GraphNode, question: RestQuestion): Side =>
	onceFor(decision, question, () => lookedAt(decision, question).flatMap((membrane) => sidesFor(decision, membrane, question)));

/** What a comparison may look at: its numbers up to constants, or those that are added or subtracted just before. */
function lookedAt(decision: GraphNode, question: RestQuestion): string[] {
	const numbersOf = (node: GraphNode | undefined): string[] =>
		node ? dynamicInputs(node, question.index).filter((name) => isNumber(name, question)) : [];
	const roots = numbersOf(decision).map((start) => {
		for (let name = start; ; ) {
			const node = question.index.producer.get(name);
			const [only, ...others] = numbersOf(node);
			if (!node || !isEach(node) || only === undefined || others.length > 0) return name;
			if (dynamicInputs(node, question.index).length > 1) return name;
			name = only;
		}
	});
	return [...new Set([...roots, ...roots.flatMap((root) => numbersOf(question.index.producer.get(root)))])];
}

const isNumber = (tensor: string, { sets }: RestQuestion): boolean => (sets.get(tensor)?.kind ?? 'any') === 'any';
const isEach = (node: GraphNode): boolean => operatorFacts(node)?.elements === 'each' && node.outputs.length === 1;

/** What the last of the arithmetic behind a decision that hangs on it and the membrane alone says. */
function sidesFor(decision: GraphNode, membrane: string, question: RestQuestion): (0 | 1)[] {
	const { index } = question;
	const [start = ''] = decision.outputs;
	const before = new Set(
		dynamicInputs(decision, index).flatMap((name) => [...upstream(name, index, (tensor) => !isNumber(tensor, question))]),
	);
	const valueAfter = (tensor: string, fires: number, at: number): number | null => {
		const known = new Map<string, number | null>([
			[start, fires],
			[membrane, at],
		]);
		const value = (name: string, depth: number): number | null => {
			const found = known.get(name);
			if (found !== undefined) return found;
			if (index.isConstant(name)) return scalarOf(name, index);
			const set = question.sets.get(name);
			if (set?.kind === 'finite' && set.values.length === 1) return set.values[0] as number;
			const node = index.producer.get(name);
			if (!node || depth > mostNodes || !(isEach(node) || onlyMoves(node))) return before.has(name) ? someValue : null;
			// Another decision is not told by this membrane.
			const decides = !isNumber(name, question) && dynamicInputs(node, index).some((input) => isNumber(input, question));
			const inputs = node.inputs.filter((input) => input !== '');
			const result = decides
				? null
				: onlyMoves(node)
					? value(inputs[0] ?? '', depth + 1)
					: appliedTo(
							node,
							inputs.map((input) => value(input, depth + 1)),
							question,
						);
			known.set(name, result);
			return result;
		};
		return value(tensor, 0);
	};
	const told = (tensor: string): boolean => valueAfter(tensor, 0, 1) !== null && valueAfter(tensor, 1, 1) !== null;
	const reached = new Set([start]);
	const open = [start];
	const last: string[] = [];
	for (let name = open.pop(); name !== undefined && reached.size < mostNodes; name = open.pop()) {
		const next = (index.consumers.get(name) ?? [])
			.filter((node) => isEach(node) || onlyMoves(node))
			.flatMap(({ outputs }) => outputs);
		const goesOn = next.filter((output) => output !== '' && told(output));
		if (goesOn.length === 0 && name !== start && isNumber(name, question)) last.push(name);
		for (const output of goesOn) if (!reached.has(output)) open.push(output);
		for (const output of goesOn) reached.add(output);
	}
	// Fires where it is false: then a membrane above 0 is one that fires.
	const inputs = decision.inputs.filter((name) => name !== '');
	const above = appliedTo(
		decision,
		inputs.map((name) => valueAfter(name, 0, 1)),
		question,
	);
	return last
		.flatMap((tensor) => sideAt((fires, at) => valueAfter(tensor, fires, at)) ?? [])
		.filter((side) => side === 1 || above === 0);
}

/** @param next  the membrane after a decision, from the one before */
function sideAt(next: (fires: number, membrane: number) => number | null): 0 | 1 | null {
	const moves = (fires: number, [low, high]: readonly [number, number]): boolean =>
		Math.abs((next(fires, high) ?? 0) - (next(fires, low) ?? 0)) > 1e-6;
	for (const pair of membranes) {
		const [silent, fired] = [moves(0, pair), moves(1, pair)];
		if (silent !== fired) return silent ? 1 : whereFalse(next(0, pair[0]));
		if (!silent) continue;
		const [kept0, kept1] = [next(0, 0) === 0, next(1, 0) === 0];
		return kept0 === kept1 ? null : kept0 ? 1 : whereFalse(next(0, 0));
	}
	return null;
}

/**
 * What is kept where a comparison is true is as often a number that is passed on there: a rectifier, a graded message, a sample that is
 * held. Only a membrane is set below 0 elsewhere, as in millivolts.
 */
const whereFalse = (set: number | null): 0 | null => (set !== null && set < 0 ? 0 : null);

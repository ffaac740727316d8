/** Whether what the table says of an operator is what onnxruntime was seen to do. */
import {
	type AxisCall,
	type Elements,
	type Form,
	finite,
	type OperatorFacts,
	unbounded,
	type ValueCall,
	type ValueSet,
} from '../../src/model/operators/index.ts';
import { elementCount, tensorValues } from '../../src/model/tensors.ts';
import { keepsEntries } from '../../src/simulation/fold/rules.ts';
import { type Answer, type Feeds, type Observations, same, spikeLevels } from './operator-observations.ts';

/** One sentence for every claim that does not hold. */
export function violations(facts: OperatorFacts | undefined, seen: Observations): string[] {
	if (!facts) return ['no row'];
	return [
		...elementsClaim(facts, seen),
		...valuesClaim(facts, seen),
		...axesClaim(facts, seen),
		...formClaim(facts, seen),
		...weightsClaim(facts, seen),
		...variationClaim(facts, seen),
		...rateClaim(facts, seen),
	];
}

const outputOf = ({ numbers }: Observations): Answer => numbers.outputs[0] as Answer;
const firstFed = ({ numbers }: Observations): readonly number[] => [...numbers.feeds.values()][0] ?? [];

/** What the runs say about where elements come from; several may hold (Identity moves and works element by element). */
function possibleElements(seen: Observations): Set<Elements> {
	const possible = new Set<Elements>();
	const output = outputOf(seen);
	const effective = seen.touched.filter(({ outputs }) => outputs === null || outputs.length > 0);
	if (effective.length === 0) return new Set(['made']);
	const fed = new Set([...seen.numbers.feeds.values()].flat());
	const constant = new Set([0, ...[...seen.constants.values()].flatMap((tensor) => [...tensorValues(tensor)])]);
	const known = (value: number): boolean => fed.has(value) || constant.has(value);
	const turned = seen.negated.dims.join() === output.dims.join();
	if (output.values.every(known)) {
		const stays = output.values.every((value, at) => {
			const other = seen.negated.values[at] as number;
			return fed.has(value)
				? same(other, -value) || same(other, seen.example.range[0] + seen.example.range[1] - value)
				: same(value, other);
		});
		possible.add(turned && stays ? 'moved' : 'chosen');
	}
	const places = effective.every(({ position, element, outputs }) => {
		const operand = seen.operands[position];
		if (!operand || elementCount(operand.dims) !== output.values.length) return false;
		return outputs?.every((at) => at === element);
	});
	if (places) possible.add('each');
	if (!places && !possible.has('moved')) possible.add('mixed');
	return possible;
}

function elementsClaim({ elements, varies }: OperatorFacts, seen: Observations): string[] {
	if (varies && seen.differs) return elements === 'made' || elements === 'each' ? [] : [`elements: ${elements} of chance`];
	const possible = possibleElements(seen);
	// Something chosen is computed from several elements too, and a number seen at three values may hide what it depends on.
	if (possible.has(elements) && !(elements === 'mixed' && possible.has('chosen') && elements !== 'mixed')) return [];
	return [`elements: ${elements}, seen: ${[...possible].join(' or ')}`];
}

const kinds = { finite: 0, discrete: 1, any: 2 } as const;

function predicted(
	facts: OperatorFacts,
	seen: Observations,
	fed: (position: number) => ValueSet,
): readonly (ValueSet | undefined)[] {
	const byName = new Map(seen.node.inputs.map((name, position) => [name, position]));
	const call: ValueCall = {
		node: seen.node,
		of(tensor) {
			const constant = seen.constants.get(tensor);
			return constant ? finite(tensorValues(constant), false) : fed(byName.get(tensor) ?? -1);
		},
		producer: () => undefined,
		constant: (tensor) => seen.constants.get(tensor),
	};
	const result = facts.values?.(call) ?? unbounded;
	return 'kind' in result ? [result] : result;
}

const holds = (set: ValueSet, value: number): boolean => {
	if (Number.isNaN(value) || set.kind === 'discrete') return true;
	if (set.kind === 'finite') return set.values.some((one) => same(one, value));
	return value >= set.low - 1e-5 && value <= set.high + 1e-5;
};

function valuesClaim(facts: OperatorFacts, seen: Observations): string[] {
	const spike = (position: number): ValueSet => (seen.spikes.feeds.has(position) ? finite([0, 1], true) : unbounded);
	const ofSpikes = predicted(facts, seen, spike);
	const ofLevels = predicted(facts, seen, (position) => {
		const operand = seen.operands[position];
		return operand && !operand.values ? finite(spikeLevels(operand.type), true) : unbounded;
	});
	const ofNumbers = predicted(facts, seen, () => unbounded);
	const wrong: string[] = [];
	for (const [what, sets, answers] of [
		['spikes', ofSpikes, seen.spikes.outputs],
		['levels', ofLevels, seen.levels.outputs],
		['numbers', ofNumbers, seen.numbers.outputs],
	] as const) {
		for (const [at, answer] of answers.entries()) {
			const set = sets[at];
			const outside = set ? answer.values.find((value) => !holds(set, value)) : undefined;
			if (outside !== undefined) wrong.push(`values: ${outside} is not in what output ${at} holds of ${what}`);
		}
	}
	const kind = ofSpikes[0]?.kind ?? 'any';
	if (kinds[kind] !== kinds[seen.example.spikes]) wrong.push(`values: ${kind} for spikes, expected ${seen.example.spikes}`);
	return wrong;
}

/** Entry of a flat index along an axis. */
function entryOf(index: number, dims: readonly number[], axis: number): number {
	const inner = elementCount(dims.slice(axis + 1));
	return Math.floor(index / inner) % (dims[axis] as number);
}

function axisCall(seen: Observations): AxisCall {
	return {
		node: seen.node,
		outputRank: outputOf(seen).dims.length,
		rankOf: (position) => seen.operands[position]?.dims.length,
		constantOf: (position) => seen.constants.get(seen.node.inputs[position] ?? ''),
	};
}

function axesClaim({ axes, varies }: OperatorFacts, seen: Observations): string[] {
	if (varies && seen.differs) return [];
	const { dims } = outputOf(seen);
	const wrong: string[] = [];
	for (const position of seen.numbers.feeds.keys()) {
		const from = seen.operands[position]?.dims ?? [];
		const touched = seen.touched.filter((one) => one.position === position);
		const independent = (a: number, b: number): boolean =>
			from[a] === dims[b] &&
			touched.every(({ element, outputs }) => outputs?.every((output) => entryOf(output, dims, b) === entryOf(element, from, a)));
		if (axes?.kind === 'flat') continue;
		const claimed = axes?.of(axisCall(seen), position) ?? [];
		for (const [a, b] of claimed)
			if (from[a] === dims[b] && !independent(a, b)) wrong.push(`axes: entries of axis ${a} do not stay apart in axis ${b}`);
		if (seen.example.loose) continue;
		for (const a of from.keys())
			for (const b of dims.keys())
				if ((from[a] ?? 0) > 1 && independent(a, b) && !claimed.some(([x, y]) => x === a && y === b))
					wrong.push(`axes: axis ${a} stays apart in axis ${b}, which the table leaves out`);
	}
	if (axes?.kind === 'flat' && !isSameOrder(seen)) wrong.push('axes: row-major order is not kept');
	const shapes = new Map(seen.node.inputs.map((name, position) => [name, seen.operands[position]?.dims] as const));
	shapes.set(seen.node.outputs[0] ?? '', dims);
	const changing = seen.node.inputs.map((_, position) => seen.numbers.feeds.has(position));
	const rows =
		axes !== undefined &&
		keepsEntries(axes, seen.node, changing, {
			shapeOf: (tensor) => shapes.get(tensor),
			constantOf: (tensor) => seen.constants.get(tensor),
		});
	if (rows && !seen.entryByEntry) wrong.push('axes: two batches laid end to end give something else');
	if (!rows && seen.entryByEntry && !seen.example.loose) wrong.push('axes: the first axis is kept, which the table leaves out');
	return wrong;
}

const isSameOrder = (seen: Observations): boolean => {
	const fed = firstFed(seen);
	const { values } = outputOf(seen);
	return values.length === fed.length && values.every((value, at) => same(value, fed[at] as number));
};

const halfToEven = (value: number): number => {
	const up = Math.round(value);
	return Math.abs(value % 1) === 0.5 && up % 2 !== 0 ? up - 1 : up;
};
const truth = (apply: (a: number, b: number) => boolean) => (a: number, b: number) => Number(apply(a, b));
const arithmetic: Readonly<Partial<Record<Form, (a: number, b: number, c: number) => number>>> = {
	sum: (a, b) => a + b,
	difference: (a, b) => a - b,
	product: (a, b) => a * b,
	quotient: (a, b) => a / b,
	negative: (a) => -a,
	least: (a, b) => Math.min(a, b),
	greatest: (a, b) => Math.max(a, b),
	choice: (a, b, c) => (a === 0 ? c : b),
	sign: (a) => Math.sign(a),
	floor: (a) => Math.floor(a),
	ceiling: (a) => Math.ceil(a),
	nearest: (a) => halfToEven(a),
	cast: (a) => Math.trunc(a),
	greater: truth((a, b) => a > b),
	greaterOrEqual: truth((a, b) => a >= b),
	less: truth((a, b) => a < b),
	lessOrEqual: truth((a, b) => a <= b),
	equal: truth((a, b) => a === b),
	not: (a) => Number(a === 0),
	and: truth((a, b) => a !== 0 && b !== 0),
	or: truth((a, b) => a !== 0 || b !== 0),
	xor: truth((a, b) => (a !== 0) !== (b !== 0)),
	quantised: (a, s, z) => Math.max(0, Math.min(255, halfToEven(a / s) + z)),
	dequantised: (a, s, z) => (a - z) * s,
};

function formClaim({ form }: OperatorFacts, seen: Observations): string[] {
	const output = outputOf(seen);
	const operand = (feeds: Feeds, position: number, at: number): number => {
		const name = seen.node.inputs[position] ?? '';
		const constant = seen.constants.get(name);
		const values = constant ? tensorValues(constant) : (feeds.get(position) ?? [0]);
		return values[at % values.length] as number;
	};
	const apply = form ? arithmetic[form] : undefined;
	const matches = (rule: (a: number, b: number, c: number) => number, feeds: Feeds, answer: Answer): boolean =>
		answer.values.length === elementCount(seen.operands[0]?.dims ?? []) &&
		answer.values.every((value, at) => same(value, rule(operand(feeds, 0, at), operand(feeds, 1, at), operand(feeds, 2, at))));
	const bothTimes = (rule: (a: number, b: number, c: number) => number): boolean =>
		matches(rule, seen.numbers.feeds, output) &&
		matches(rule, seen.spikes.feeds, seen.spikes.outputs[0] as Answer) &&
		matches(rule, seen.levels.feeds, seen.levels.outputs[0] as Answer);
	const sorted = (values: Iterable<number>): string => [...values].sort((a, b) => a - b).join();
	const fed = [...seen.numbers.feeds.values()].flat();
	switch (form) {
		case undefined:
			for (const [known, rule] of Object.entries(arithmetic))
				if (rule.length <= seen.node.inputs.length && bothTimes(rule)) return [`form: none, though it is ${known}`];
			return [];
		case 'same':
			return output.values.length === fed.length && sorted(output.values) === sorted(fed)
				? []
				: ['form: elements are not the same'];
		case 'joined':
			return seen.numbers.feeds.size > 1 && sorted(output.values) === sorted(fed) ? [] : ['form: elements are not joined'];
		case 'bounded': {
			const small = fed.flatMap((value, at) => (value > 0 && value < 0.5 ? [at] : []));
			const kept =
				output.values.length === fed.length && small.every((at) => same(output.values[at] as number, fed[at] as number));
			const below = fed.some((value, at) => value < 0 && !same(output.values[at] as number, value));
			return kept && below ? [] : ['form: potentials near the threshold change'];
		}
		case 'normalised': {
			const byChannel = seen.linear && seen.node.inputs.length === 5;
			return byChannel ? [] : ['form: no factor and shift by channel'];
		}
		default:
			return apply && bothTimes(apply) ? [] : [`form: it is not ${form}`];
	}
}

function weightsClaim({ weights, scales }: OperatorFacts, seen: Observations): string[] {
	const role = (wanted: string): number[] => seen.operands.flatMap((one, at) => (one?.role === wanted ? [at] : []));
	const [weight] = role('weight');
	const wrong: string[] = [];
	if ((weight !== undefined) !== (weights !== undefined))
		return [weights ? 'weights: it has none' : 'weights: they are not known'];
	const stored = [...role('scale'), ...role('weightZero'), ...role('dataZero')].sort((a, b) => a - b);
	const unsaid = stored.filter((position) => !(scales ?? []).includes(position));
	if (unsaid.length > 0) wrong.push(`scales: inputs ${unsaid.join()} are not named`);
	const parameters = seen.operands.flatMap((one, at) =>
		one?.values && !stored.includes(at) && (one.role ?? '') !== '' ? [at] : [],
	);
	if ((scales ?? []).some((position) => parameters.includes(position))) wrong.push('scales: a parameter is taken for a scale');
	if (!weights || weight === undefined) return wrong;
	const operands = weights.operands.find((one) => one.weight === weight);
	const fed = [...seen.numbers.feeds.keys()];
	if (!operands || !fed.includes(operands.data)) return [...wrong, 'weights: they stand at another input'];
	if ((weights.bias ?? -1) !== (role('bias')[0] ?? weights.bias ?? -1)) wrong.push('weights: the bias stands at another input');
	if ((operands.weightZero ?? -1) !== (role('weightZero')[0] ?? -1))
		wrong.push('weights: their zero point stands at another input');
	if ((operands.dataZero ?? -1) !== (role('dataZero')[0] ?? -1))
		wrong.push('weights: the zero point of the data stands at another input');
	return wrong;
}

function variationClaim({ varies }: OperatorFacts, seen: Observations): string[] {
	const claimed = varies?.(seen.node, (name) => seen.constants.get(name)) ?? null;
	if ((claimed === 'random') !== seen.differs)
		return [`varies: ${claimed ?? 'never'}, though two runs ${seen.differs ? 'differ' : 'agree'}`];
	return claimed === 'batch statistics' && !seen.mixesBatch ? ['varies: other samples change nothing'] : [];
}

function rateClaim({ rate, elements }: OperatorFacts, seen: Observations): string[] {
	const possible = possibleElements(seen);
	switch (rate) {
		case 'keeps':
			return possible.has('moved') || isSameOrder(seen) ? [] : ['rate: spikes do not stay'];
		case 'linear':
			return seen.linear || elements === 'each' ? [] : ['rate: the mean does not pass'];
		case 'bends':
			return seen.linear ? ['rate: bends, though it is linear'] : [];
		case 'scores':
			return keepsWinner(seen) ? [] : ['rate: the largest score does not stay the largest'];
		case 'pool':
			return possible.has('chosen') ? [] : ['rate: it does not choose'];
		default:
			return [];
	}
}

/** The largest of each row stays the largest. */
function keepsWinner(seen: Observations): boolean {
	const { dims, values } = outputOf(seen);
	const fed = firstFed(seen);
	const width = dims.at(-1) ?? 1;
	if (values.length !== fed.length || isSameOrder(seen)) return false;
	for (let row = 0; row < values.length; row += width) {
		const [scores, results] = [fed.slice(row, row + width), values.slice(row, row + width)];
		if (results[scores.indexOf(Math.max(...scores))] !== Math.max(...results)) return false;
	}
	return true;
}

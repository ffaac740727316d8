/** How axes of inputs become axes of outputs, in the words most operators share. */
import { intAttribute, intsAttribute } from '../attributes.ts';
import { tensorValues } from '../tensors.ts';
import type { AxisCall, AxisFacts, AxisPairs } from './facts.ts';

export const none: AxisPairs = [];
export const upTo = (count: number): number[] => Array.from({ length: Math.max(0, count) }, (_, axis) => axis);
export const wrapped = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

type Pairs = (call: AxisCall, position: number, rank: number) => AxisPairs;

/** Rules that need an input's rank say nothing where it is not known. */
export const pairs = (
	of: Pairs,
	options: { broadcasts?: boolean; alike?: true; sized?: (call: AxisCall) => boolean } = {},
): AxisFacts => ({
	kind: 'pairs',
	of: (call, position) => {
		const rank = call.rankOf(position);
		return rank === undefined ? none : of(call, position, rank);
	},
	broadcasts: options.broadcasts ?? false,
	...(options.alike ? { alike: true } : {}),
	...(options.sized ? { sized: options.sized } : {}),
});

/** Broadcasting lines axes up from the last one. */
export const toLast: Pairs = ({ outputRank }, _, rank) => upTo(rank).map((axis) => [axis, axis + outputRank - rank]);
export const aligned = pairs(toLast, { broadcasts: true, alike: true });

/** Only the first axis of the first input is kept row by row: samples of a batch. */
export const rows = pairs((_, position) => (position === 0 ? [[0, 0]] : none));

/** Samples and channels of the first input are kept. */
export const images = pairs((_, position) =>
	position === 0
		? [
				[0, 0],
				[1, 1],
			]
		: none,
);

/**
 * Samples of a convolution, and the spatial axes its kernel does not look along: one entry wide, at every entry, without
 * padding. SLAYER keeps time in such an axis.
 *
 * @param weight  position of the weights among the inputs
 */
export const convolved = (weight: number): AxisFacts =>
	pairs(({ node, constantOf }, position, rank) => {
		if (position !== 0) return none;
		const spatial = rank - 2;
		const kernel = intsAttribute(node, 'kernel_shape') ?? constantOf(weight)?.dims.slice(2);
		const strides = intsAttribute(node, 'strides');
		const padding = intsAttribute(node, 'pads');
		const more = intsAttribute(node, 'output_padding');
		const pointwise = upTo(spatial).filter(
			(at) => kernel?.[at] === 1 && (strides?.[at] ?? 1) === 1 && !padding?.[at] && !padding?.[at + spatial] && !more?.[at],
		);
		return [0, ...pointwise.map((at) => at + 2)].map((axis) => [axis, axis]);
	});

/** The first input's axes, except some; `null` where those are not known. */
export const except = (
	excluded: (call: AxisCall, rank: number) => readonly number[] | null,
	options: { all?: boolean; sized?: (call: AxisCall) => boolean } = {},
): AxisFacts =>
	pairs((call, position, rank) => {
		const out = options.all === true || position === 0 ? excluded(call, rank) : null;
		return out
			? upTo(rank)
					.filter((axis) => !out.includes(axis))
					.map((axis) => [axis, axis])
			: none;
	}, options);

/**
 * The axes in front of the one an attribute names, of the first inputs; the others (scale, bias) line up with the last axes.
 *
 * @param data how many inputs hold data
 */
export const before = (fallback: number, data = 1): AxisFacts =>
	pairs(
		(call, position, rank) =>
			position < data
				? upTo(wrapped(intAttribute(call.node, 'axis', fallback), rank)).map((axis) => [axis, axis])
				: toLast(call, position, rank),
		{ broadcasts: true },
	);

export const constantIntegers = (call: AxisCall, position: number): readonly number[] | null => {
	const constant = call.constantOf(position);
	return constant ? Array.from(tensorValues(constant)) : null;
};

/** Axes given as an attribute (older operator sets) or as a constant input; null where absent or computed. */
export const listedAxes = (call: AxisCall, position: number, name = 'axes'): readonly number[] | null =>
	intsAttribute(call.node, name) ?? constantIntegers(call, position);

/** True where an input is there but not constant: what it says is known only while the network runs. */
const computed = (call: AxisCall, position: number): boolean =>
	(call.node.inputs[position] ?? '') !== '' && !call.constantOf(position);

/** Some axes are summed up into one entry, or go. */
export const reduced = pairs((call, position, rank) => {
	if (position !== 0 || (intsAttribute(call.node, 'axes') === null && computed(call, 1))) return none;
	const given = listedAxes(call, 1);
	const keepsAll = given !== null && given.length === 0 && intAttribute(call.node, 'noop_with_empty_axes', 0) === 1;
	const empty = given === null || (given.length === 0 && !keepsAll);
	const gone = (empty ? upTo(rank) : given).map((axis) => wrapped(axis, rank));
	const kept = upTo(rank).filter((axis) => !gone.includes(axis));
	return rank === call.outputRank ? kept.map((axis) => [axis, axis]) : kept.map((axis, at) => [axis, at]);
});

/** As ArgMax has it: one axis, by attribute. */
export const reducedOne = pairs((call, position, rank) => {
	if (position !== 0) return none;
	const gone = wrapped(intAttribute(call.node, 'axis', 0), rank);
	const kept = upTo(rank).filter((axis) => axis !== gone);
	return rank === call.outputRank ? kept.map((axis) => [axis, axis]) : kept.map((axis, at) => [axis, at]);
});

/** Everything but the axis an attribute names. */
export const exceptAttribute = (fallback: number, options: { all?: boolean } = {}): AxisFacts =>
	except(({ node }, rank) => [wrapped(intAttribute(node, 'axis', fallback), rank)], options);

/** Everything but the axis a constant input names. */
export const exceptInput = (position: number): AxisFacts =>
	except((call, rank) => constantIntegers(call, position)?.map((axis) => wrapped(axis, rank)) ?? null);

/** Matrix product: rows of the left operand stay rows; of the right one only the axes of the stack do. */
export const matrix = (transposes: (call: AxisCall, position: number) => boolean = () => false): AxisFacts =>
	pairs(
		(call, position, rank) => {
			if (position > 1) return toLast(call, position, rank);
			const other = call.rankOf(1 - position);
			if (other === undefined || other < 2 || rank < 2) return none;
			const kept = upTo(rank - (position === 0 && !transposes(call, 0) ? 1 : 2));
			const columns = position === 1 ? [transposes(call, 1) ? rank - 2 : rank - 1] : [];
			return [...kept, ...columns].map((axis) => [
				axis,
				position === 1 && columns.includes(axis) ? call.outputRank - 1 : axis + call.outputRank - rank,
			]);
		},
		{ broadcasts: true },
	);

/** Row-major order is kept; `keepsFirst` as AxisFacts has it. */
export const flat = (keepsFirst: (call: AxisCall) => boolean): AxisFacts => ({ kind: 'flat', keepsFirst });

export const notFirst = (axis: number, rank: number | undefined): boolean =>
	axis > 0 || (axis < 0 && rank !== undefined && axis + rank > 0);

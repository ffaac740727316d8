/** Operators whose results are elements of their inputs, in places that shapes and constants tell. */
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import {
	constantIntegers,
	except,
	exceptAttribute,
	flat,
	listedAxes,
	none,
	notFirst,
	pairs,
	rows,
	toLast,
	upTo,
	wrapped,
} from './axes.ts';
import type { AxisCall, OperatorFacts, ValueCall, ValueRule } from './facts.ts';
import { between, boundsOf, finite, finitelyMany, isDiscrete, isSpiking, unbounded, union, type ValueSet } from './value-set.ts';

const at = ({ node, of }: ValueCall, position: number): ValueSet => of(node.inputs[position] ?? '');
const first: ValueRule = (call) => at(call, 0);
/** Every output holds elements of the first input. */
const shared: ValueRule = (call) => call.node.outputs.map(() => at(call, 0));
/** More constants than this are a table of numbers (an embedding, the levels of a quantiser), not spikes that are given a place. */
const mostCodes = 3;
/** Elements of the first input in places that the second tells. */
const lookedUp: ValueRule = (call) => {
	const set = at(call, 0);
	const table = call.constant(call.node.inputs[0] ?? '') && !call.constant(call.node.inputs[1] ?? '');
	return table && set.kind === 'finite' && set.values.length > mostCodes ? between(...boundsOf(set)) : set;
};
/** Elements of the first input, and zeros. */
const withZero: ValueRule = (call) => union([at(call, 0), finite([0], false)]);

const moved = (rest: Partial<OperatorFacts>, values: ValueRule = first): OperatorFacts => ({
	elements: 'moved',
	values,
	...rest,
});

const joined: ValueRule = ({ node, of }) => union(node.inputs.map(of));

const padded: ValueRule = (call) => {
	const set = at(call, 0);
	if (stringAttribute(call.node, 'mode', 'constant') !== 'constant') return set;
	const fill = (call.node.inputs[2] ?? '') === '' ? finite([attributeFill(call)], false) : at(call, 2);
	return union([set, fill]);
};

function attributeFill({ node }: ValueCall): number {
	const value = node.attributes.get('value');
	return value?.kind === 'float' ? value.value : 0;
}

/**
 * Elements of the updates are written into the data. Where they go is a decision if numbers say it (the places of the largest
 * values), and then constants become spikes.
 */
const written =
	(indices: number, updates: number): ValueRule =>
	(call) => {
		const sets = [at(call, 0), at(call, updates)];
		const decided = !call.constant(call.node.inputs[indices] ?? '') && at(call, indices).kind === 'any';
		const reduction = stringAttribute(call.node, 'reduction', 'none');
		const spiking = sets.some(isSpiking) || decided;
		// Sums and products of elements that are written to one place.
		if (reduction === 'add' || reduction === 'mul') return sets.every(isDiscrete) ? { kind: 'discrete', spiking } : unbounded;
		return union(sets, spiking);
	};

const oneHot: ValueRule = (call) => {
	const [indices, values] = [at(call, 0), at(call, 2)];
	return values.kind === 'finite' ? finite(values.values, indices.kind === 'any' || isSpiking(indices)) : unbounded;
};

const resized: ValueRule = (call) => {
	const mode = stringAttribute(call.node, 'mode', 'nearest');
	if (mode !== 'nearest') return unbounded;
	return stringAttribute(call.node, 'coordinate_transformation_mode', 'half_pixel') === 'tf_crop_and_resize'
		? union([at(call, 0), finite([attributeFill(call)], false)])
		: at(call, 0);
};

/** Sizes of the result stand in an operand, that of the first axis among them. */
const resizedBySizes = (call: AxisCall): boolean => (call.node.inputs[3] ?? '') !== '';
const resizedAxes = pairs((_, position) => (position === 0 ? [[0, 0]] : none), { sized: resizedBySizes });

const axesNotFirst =
	(ofOutput: boolean) =>
	(call: AxisCall): boolean => {
		const axes = listedAxes(call, 1);
		const rank = ofOutput ? call.outputRank : call.rankOf(0);
		return axes !== null && axes.length > 0 && axes.every((axis) => notFirst(axis, rank));
	};

const reshapes = (call: AxisCall): boolean => {
	const sizes = listedAxes(call, 1, 'shape');
	return sizes !== null && sizes.length > 0 && call.node.inputs.length < 3 && intAttribute(call.node, 'allowzero', 0) === 0;
};

const sliced = except((call, rank) => {
	const starts = listedAxes(call, 1, 'starts');
	const listed =
		(call.node.inputs[3] ?? '') === ''
			? (intsAttribute(call.node, 'axes') ?? upTo(starts?.length ?? -1))
			: constantIntegers(call, 3);
	if (!listed || (starts === null && listed.length === 0)) return null;
	return listed.map((axis) => wrapped(axis, rank));
});

const paddedAxes = except((call, rank) => {
	const pads = listedAxes(call, 1, 'pads');
	if (!pads) return null;
	const axes = (call.node.inputs[3] ?? '') === '' ? upTo(rank) : constantIntegers(call, 3)?.map((axis) => wrapped(axis, rank));
	return axes?.filter((_, place) => pads[place] !== 0 || pads[place + axes.length] !== 0) ?? null;
});

const tiledAxes = except((call, rank) => {
	const repeats = constantIntegers(call, 1);
	return repeats ? upTo(rank).filter((axis) => repeats[axis] !== 1) : [];
});

const transposed = pairs(({ node }, position, rank) => {
	const order = intsAttribute(node, 'perm') ?? upTo(rank).reverse();
	return position === 0 ? order.map((from, to) => [from, to]) : none;
});

const gathered = pairs((call, position, rank) => {
	const axis = wrapped(intAttribute(call.node, 'axis', 0), position === 0 ? rank : (call.rankOf(0) ?? 0));
	// Axes of the indices take the place of the one that is gathered from.
	if (position === 1) return upTo(rank).map((from) => [from, from + axis]);
	if (position !== 0) return none;
	return upTo(rank)
		.filter((from) => from !== axis)
		.map((from) => [from, from < axis ? from : from + call.outputRank - rank]);
});

/** Leading axes that both operands share sample by sample. */
const gatheredByTuple = pairs((call, position) =>
	position < 2 ? upTo(intAttribute(call.node, 'batch_dims', 0)).map((axis) => [axis, axis]) : none,
);

const expanded = pairs((call, position, rank) => (position === 0 ? toLast(call, position, rank) : none), {
	sized: () => true,
});

const lastTwo = except((_, rank) => [rank - 2, rank - 1]);

export const moving: Readonly<Record<string, OperatorFacts>> = {
	Reshape: moved({ form: 'same', axes: flat(reshapes), rate: 'keeps' }),
	Flatten: moved({
		form: 'same',
		axes: flat((call) => notFirst(intAttribute(call.node, 'axis', 1), call.rankOf(0))),
		rate: 'keeps',
	}),
	Squeeze: moved({ form: 'same', axes: flat(axesNotFirst(false)), rate: 'keeps' }),
	Unsqueeze: moved({ form: 'same', axes: flat(axesNotFirst(true)), rate: 'keeps' }),
	Transpose: moved({ form: 'same', axes: transposed, rate: 'keeps' }),
	Slice: moved({ axes: sliced, rate: 'keeps' }),
	Split: moved({ axes: exceptAttribute(0), rate: 'keeps' }, shared),
	Gather: moved({ axes: gathered, rate: 'keeps' }, lookedUp),
	GatherElements: moved({ axes: exceptAttribute(0, { all: true }) }, lookedUp),
	GatherND: moved({ axes: gatheredByTuple }, lookedUp),
	Concat: moved({ form: 'joined', axes: exceptAttribute(0, { all: true }) }, joined),
	Expand: moved({ axes: expanded, rate: 'keeps', sizedBy: [1] }),
	Tile: moved({ axes: tiledAxes, rate: 'keeps', sizedBy: [1] }),
	Pad: moved({ axes: paddedAxes, rate: 'keeps' }, padded),
	DepthToSpace: moved({ axes: rows, rate: 'keeps' }),
	SpaceToDepth: moved({ axes: rows, rate: 'keeps' }),
	ReverseSequence: moved({}),
	Trilu: moved({ axes: lastTwo }, withZero),
	CenterCropPad: moved({}, withZero),
	Compress: moved({}),
	Unique: moved({}),
	Scatter: moved({}, written(1, 2)),
	ScatterElements: moved({ axes: exceptAttribute(0, { all: true }), rewritten: 'in-place write' }, written(1, 2)),
	ScatterND: moved({ rewritten: 'in-place write' }, written(1, 2)),
	TensorScatter: moved({}, (call) => union([at(call, 0), at(call, 1)])),
	MaxUnpool: moved({}, withZero),
	Resize: moved({ axes: resizedAxes, rate: 'linear', sizedBy: [3] }, resized),
	Upsample: moved({ axes: rows, rate: 'linear' }, resized),
	OneHot: { elements: 'mixed', values: oneHot, sizedBy: [1], matches: true },
	Col2Im: { elements: 'mixed', values: (call) => finitelyMany([at(call, 0)]), axes: rows },
};

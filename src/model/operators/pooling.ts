/** Operators that look at windows of an image. */
import { intAttribute, intsAttribute, stringAttribute } from '../attributes.ts';
import { elementCount } from '../tensors.ts';
import { images, none, pairs } from './axes.ts';
import type { OperatorFacts, Rate, ValueCall, ValueRule } from './facts.ts';
import { finite, finitelyMany, unbounded, union, type ValueSet } from './value-set.ts';

const first = ({ node, of }: ValueCall): ValueSet => of(node.inputs[0] ?? '');
const few: ValueRule = (call) => finitelyMany([first(call)]);
const zero = finite([0], false);

/** The one value besides 0 that a spike has, or null. */
const heightOf = (set: ValueSet): number | null =>
	set.kind === 'finite' && set.values.length <= 2 && set.values.includes(0)
		? (set.values.find((value) => value !== 0) ?? 0)
		: null;

const windowSize = ({ node }: ValueCall): number => elementCount(intsAttribute(node, 'kernel_shape') ?? []);

/** Spikes counted in windows of one size give as many values as the window has places. */
const averages: ValueRule = (call) => {
	const { node } = call;
	const set = first(call);
	if (set.kind === 'any') return unbounded;
	const size = windowSize(call);
	const padded =
		(intsAttribute(node, 'pads') ?? []).some((pad) => pad !== 0) ||
		stringAttribute(node, 'auto_pad', 'NOTSET').startsWith('SAME');
	const wholeWindows = !padded || intAttribute(node, 'count_include_pad', 0) === 1;
	const spike = heightOf(set);
	if (spike === null || !wholeWindows || intAttribute(node, 'ceil_mode', 0) === 1)
		return { kind: 'discrete', spiking: set.spiking };
	return finite(
		Array.from({ length: size + 1 }, (_, count) => Math.fround((spike * count) / size)),
		set.spiking,
	);
};

/** (Σ|x|^p)^(1/p) over a window: padding adds nothing. */
const norms: ValueRule = (call) => {
	const set = first(call);
	const spike = heightOf(set);
	if (set.kind !== 'finite' || spike === null) return finitelyMany([set]);
	const order = intAttribute(call.node, 'p', 2);
	return finite(
		Array.from({ length: windowSize(call) + 1 }, (_, count) => Math.fround(Math.abs(spike) * count ** (1 / order))),
		set.spiking,
	);
};

/** The nearest element, or a zero beside the image; between elements numbers arise. */
const sampled: ValueRule = (call) =>
	stringAttribute(call.node, 'mode', 'linear') === 'nearest' ? union([first(call), zero]) : unbounded;

const pool = (elements: OperatorFacts['elements'], values: ValueRule | undefined, rate?: Rate): OperatorFacts => ({
	elements,
	axes: images,
	...(values ? { values } : {}),
	...(rate ? { rate } : {}),
});

export const pooling: Readonly<Record<string, OperatorFacts>> = {
	/** A second output tells where the largest elements were. */
	MaxPool: pool('chosen', first, 'pool'),
	GlobalMaxPool: pool('chosen', first, 'pool'),
	AveragePool: pool('mixed', averages, 'linear'),
	GlobalAveragePool: pool('mixed', few, 'linear'),
	LpPool: pool('mixed', norms),
	GlobalLpPool: pool('mixed', few),
	MaxRoiPool: { elements: 'chosen', values: (call) => union([first(call), zero]) },
	RoiAlign: { elements: 'mixed' },
	// Every sample has places of its own.
	GridSample: { elements: 'mixed', values: sampled, axes: pairs((_, position) => (position < 2 ? [[0, 0]] : none)) },
	AffineGrid: { elements: 'mixed' },
};

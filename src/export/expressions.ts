/**
 * Membrane arithmetic as expressions: what a tensor is in terms of states, inputs and the neuron's own spike s.
 *
 * Every tensor inside a neuron that NIR can describe has the form rest + s·fired, where both parts are sums of states and inputs,
 * each times a constant, and a constant.
 */

/** Constants of one operator, row-major; broadcast as in ONNX. */
export interface Numbers {
	readonly dims: readonly number[];
	readonly values: Float64Array;
}

/** Coefficient of every state or input, by name; the name '' stands for the constant term. */
export type Affine = ReadonlyMap<string, Numbers>;

export interface Expression {
	readonly rest: Affine;
	readonly fired: Affine;
}

export const number = (value: number): Numbers => ({ dims: [], values: Float64Array.of(value) });
const none: Affine = new Map();

export const constant = (numbers: Numbers): Expression => ({ rest: new Map([['', numbers]]), fired: none });
export const variable = (name: string): Expression => ({ rest: new Map([[name, number(1)]]), fired: none });
/** The spike itself: 0 at rest, 1 when it fires. */
export const spike: Expression = { rest: none, fired: new Map([['', number(1)]]) };

/** Element by element, with broadcasting; null where the shapes do not fit. */
export function combine(a: Numbers, b: Numbers, apply: (x: number, y: number) => number): Numbers | null {
	const rank = Math.max(a.dims.length, b.dims.length);
	const size = ({ dims }: Numbers, axis: number): number => dims[axis - rank + dims.length] ?? 1;
	const dims = Array.from({ length: rank }, (_, axis) => Math.max(size(a, axis), size(b, axis)));
	if (dims.some((extent, axis) => [a, b].some((one) => size(one, axis) !== 1 && size(one, axis) !== extent))) return null;
	const count = dims.reduce((product, extent) => product * extent, 1);
	const [left, right] = [a, b].map((one) => broadcastIndex(one.dims, dims)) as [(at: number) => number, (at: number) => number];
	const values = Float64Array.from({ length: count }, (_, at) =>
		apply(a.values[left(at)] ?? Number.NaN, b.values[right(at)] ?? Number.NaN),
	);
	return { dims, values };
}

/** Position in an array of shape `own` of the element that meets element `at` of the broadcast shape `dims`. */
export function broadcastIndex(own: readonly number[], dims: readonly number[]): (at: number) => number {
	return (at) => {
		let index = 0;
		let stride = 1;
		let rest = at;
		for (let axis = dims.length - 1; axis >= 0; axis -= 1) {
			const extent = dims[axis] ?? 1;
			const size = own[axis - dims.length + own.length] ?? 1;
			if (size !== 1) index += (rest % extent) * stride;
			stride *= size;
			rest = Math.floor(rest / extent);
		}
		return index;
	};
}

export const map = ({ dims, values }: Numbers, change: (value: number) => number): Numbers => ({
	dims,
	values: values.map(change),
});
export const every = ({ values }: Numbers, holds: (value: number) => boolean): boolean => values.every((value) => holds(value));

function sum(a: Affine, b: Affine): Affine | null {
	const result = new Map(a);
	for (const [name, coefficient] of b) {
		const other = result.get(name);
		const total = other === undefined ? coefficient : combine(other, coefficient, (x, y) => x + y);
		if (total === null) return null;
		result.set(name, total);
	}
	return withoutZeros(result);
}

function scaled(affine: Affine, factor: Numbers): Affine | null {
	const result = new Map<string, Numbers>();
	for (const [name, coefficient] of affine) {
		const product = combine(coefficient, factor, (x, y) => x * y);
		if (product === null) return null;
		result.set(name, product);
	}
	return withoutZeros(result);
}

const withoutZeros = (affine: Affine): Affine =>
	new Map([...affine].filter(([, coefficient]) => !every(coefficient, (value) => value === 0)));

const both = (rest: Affine | null, fired: Affine | null): Expression | null =>
	rest === null || fired === null ? null : { rest, fired };

export const add = (a: Expression, b: Expression): Expression | null => both(sum(a.rest, b.rest), sum(a.fired, b.fired));

export const negate = (a: Expression): Expression => times(a, number(-1)) as Expression;

export const times = (a: Expression, factor: Numbers): Expression | null => both(scaled(a.rest, factor), scaled(a.fired, factor));

const onlyNumbers = (affine: Affine): Numbers | null =>
	affine.size === 0 ? number(0) : affine.size === 1 ? (affine.get('') ?? null) : null;

/** The number an expression is, whether the neuron fires or not; null where it depends on more. */
function constantOf({ rest, fired }: Expression): Numbers | null {
	return fired.size === 0 ? onlyNumbers(rest) : null;
}

/** Null where the divisor is no number. */
export function divide(a: Expression, b: Expression): Expression | null {
	const divisor = constantOf(b);
	return (
		divisor &&
		times(
			a,
			map(divisor, (value) => 1 / value),
		)
	);
}

/** (p + q·s)·(rest + s·fired), where p and q are numbers: a gate made from the spike. Null where both sides hold states. */
export function multiply(a: Expression, b: Expression): Expression | null {
	const [gate, value] = onlyNumbers(a.rest) !== null && onlyNumbers(a.fired) !== null ? [a, b] : [b, a];
	const closed = onlyNumbers(gate.rest);
	const opened = onlyNumbers(gate.fired);
	if (closed === null || opened === null) return null;
	const open = combine(closed, opened, (x, y) => x + y);
	const changed = scaled(value.rest, opened);
	const through = open === null ? null : scaled(value.fired, open);
	return both(scaled(value.rest, closed), changed === null || through === null ? null : sum(changed, through));
}

/** What an expression is when the neuron fires. */
export const whenFired = ({ rest, fired }: Expression): Affine | null => sum(rest, fired);

/** A neuron's equations as NIR parameters: forward Euler, turned around. */
import type { Affine, Numbers } from './expressions.ts';
import { combine, every, map, number, whenFired } from './expressions.ts';
import { alike, type Membrane, type Refuse } from './membrane.ts';
import { reasons } from './messages.ts';

/** How a layer's spike changes its potential. */
export type Reset = 'subtract' | 'value' | 'none';

/** A neuron layer without shapes: parameters broadcast to the neurons later. */
export interface NeuronParameters {
	readonly kind: 'integrator' | 'leaky' | 'current' | 'threshold';
	readonly r: Numbers;
	/** Seconds. */
	readonly tau: Numbers | null;
	readonly vLeak: Numbers;
	readonly tauSyn: Numbers | null;
	readonly wIn: Numbers | null;
	/** Null for a layer that never fires. */
	readonly threshold: Numbers | null;
	readonly reset: Reset;
	readonly vReset: Numbers;
	/** What drives it, by NIR node, relative to the first. */
	readonly inputs: ReadonlyMap<string, Numbers>;
}

const zero = number(0);
const get = (affine: Affine, name: string): Numbers => affine.get(name) ?? zero;
const isZero = (numbers: Numbers): boolean => every(numbers, (value) => value === 0);
const divide = (a: Numbers, b: Numbers): Numbers => combined(a, b, (x, y) => x / y);

/** Coefficients of one layer always fit each other: they came out of one expression. */
function combined(a: Numbers, b: Numbers, apply: (x: number, y: number) => number): Numbers {
	const result = combine(a, b, apply);
	if (result === null) throw new RangeError('coefficients of one layer have shapes that do not fit');
	return result;
}

/** @throws UserError where no NIR neuron behaves so */
export function neuronParameters(membrane: Membrane, dt: number, refuse: Refuse): NeuronParameters {
	const states = [...membrane.next.keys()];
	if (states.length > 2) throw refuse(reasons.states(states.length));
	const current = states.length === 2 ? currentOf(membrane, refuse) : null;
	const voltage = states.find((state) => state !== current);
	const changes = voltage === undefined ? null : (membrane.next.get(voltage) ?? null);
	// Without a state, what is compared is the input: all of the decision but its constant.
	const potential: Affine = changes?.rest ?? new Map([...(membrane.decision?.rest ?? [])].filter(([name]) => name !== ''));
	const firing = membrane.decision === null ? null : thresholdOf(membrane, potential, refuse);
	const inputs = new Map([...potential].filter(([name]) => name !== '' && !states.includes(name)));
	const base = {
		...resetOf(membrane, voltage, firing, refuse),
		threshold: firing,
		vLeak: zero,
		tau: null,
		tauSyn: null,
		wIn: null,
	};
	if (voltage === undefined || changes === null) {
		const { r, inputs: relative } = driven(inputs, refuse);
		if (!every(r, (value) => value > 0)) throw refuse(reasons.threshold);
		return { ...base, kind: 'threshold', r, inputs: relative, threshold: divide(firing ?? zero, r) };
	}
	if (current !== null) return withCurrent(membrane, { voltage, current, potential, dt, refuse }, base);
	const kept = get(potential, voltage);
	const { r, inputs: relative } = driven(inputs, refuse);
	if (every(kept, (value) => value === 1)) {
		if (!isZero(get(potential, ''))) throw refuse(reasons.offset);
		return { ...base, kind: 'integrator', r, inputs: relative };
	}
	const fraction = fractionOf(kept, refuse);
	return {
		...base,
		kind: 'leaky',
		tau: map(fraction, (value) => dt / value),
		r: divide(r, fraction),
		vLeak: divide(get(potential, ''), fraction),
		inputs: relative,
	};
}

/** 1 − leak, which is dt/τ. */
function fractionOf(kept: Numbers, refuse: Refuse): Numbers {
	const outside = kept.values.find((value) => !(value >= 0 && value <= 1));
	if (outside !== undefined) throw refuse(reasons.leak(outside));
	if (kept.values.includes(1)) throw refuse(reasons.twoLeaks);
	return map(kept, (value) => 1 - value);
}

/** The gain of the first input, and all inputs in terms of it. */
function driven(inputs: ReadonlyMap<string, Numbers>, refuse: Refuse): { r: Numbers; inputs: ReadonlyMap<string, Numbers> } {
	const [r] = inputs.values();
	if (r === undefined) throw refuse(reasons.noInput);
	return {
		r,
		inputs: new Map([...inputs].map(([name, gain]) => [name, alike(gain, r) ? number(1) : combined(gain, r, (x, y) => x / y)])),
	};
}

/** Of two states, the one that the other does not change. */
function currentOf({ next }: Membrane, refuse: Refuse): string {
	const [one = '', other = ''] = next.keys();
	const uses = (state: string, used: string): boolean => !isZero(get(next.get(state)?.rest ?? new Map(), used));
	if (uses(one, other) === uses(other, one)) throw refuse(reasons.states(2));
	const current = uses(one, other) ? other : one;
	if ((next.get(current)?.fired.size ?? 0) > 0) throw refuse(reasons.current);
	return current;
}

function withCurrent(
	{ next }: Membrane,
	{
		voltage,
		current,
		potential,
		dt,
		refuse,
	}: {
		voltage: string;
		current: string;
		potential: Affine;
		dt: number;
		refuse: Refuse;
	},
	base: Omit<NeuronParameters, 'kind' | 'r' | 'inputs'>,
): NeuronParameters {
	const synapse = next.get(current)?.rest ?? new Map();
	const inputs = new Map([...synapse].filter(([name]) => name !== '' && name !== current));
	const { r: weight, inputs: relative } = driven(inputs, refuse);
	const kept = get(synapse, current);
	if (!isZero(get(synapse, '')) || isZero(kept)) throw refuse(reasons.offset);
	const gain = divide(get(potential, current), kept);
	// With the new current, the potential takes gain · (kept · i + weight · x).
	for (const [name, own] of inputs) {
		if (
			!alike(
				get(potential, name),
				combined(gain, own, (x, y) => x * y),
			)
		)
			throw refuse(reasons.currentOrder);
	}
	const [leak, decay] = [fractionOf(get(potential, voltage), refuse), fractionOf(kept, refuse)];
	return {
		...base,
		kind: 'current',
		tau: map(leak, (value) => dt / value),
		tauSyn: map(decay, (value) => dt / value),
		r: divide(gain, leak),
		wIn: divide(weight, decay),
		vLeak: divide(get(potential, ''), leak),
		inputs: relative,
	};
}

/** The potential at which the decision is 0: the decision is the potential times a positive number, less the threshold. */
function thresholdOf({ decision }: Membrane, potential: Affine, refuse: Refuse): Numbers {
	const affine = decision?.rest ?? new Map<string, Numbers>();
	if ((decision?.fired.size ?? 0) > 0) throw refuse(reasons.threshold);
	const names = [...new Set([...affine.keys(), ...potential.keys()])].filter((name) => name !== '');
	const [first] = names;
	if (first === undefined || isZero(get(potential, first))) throw refuse(reasons.threshold);
	const factor = divide(get(affine, first), get(potential, first));
	const same = names.every((name) =>
		alike(
			get(affine, name),
			combined(get(potential, name), factor, (x, y) => x * y),
		),
	);
	if (!same || !every(factor, (value) => value > 0)) throw refuse(reasons.threshold);
	return combined(get(potential, ''), divide(get(affine, ''), factor), (x, y) => x - y);
}

function resetOf(
	membrane: Membrane,
	voltage: string | undefined,
	threshold: Numbers | null,
	refuse: Refuse,
): { reset: Reset; vReset: Numbers } {
	const change = voltage === undefined ? undefined : membrane.next.get(voltage);
	if (change === undefined || change.fired.size === 0 || threshold === null) return { reset: 'none', vReset: zero };
	const after = whenFired(change);
	if (after === null) throw refuse(reasons.reset);
	const fall = get(change.fired, '');
	const onlyNumber = [...change.fired.keys()].every((name) => name === '');
	if (onlyNumber) {
		if (
			!alike(
				map(fall, (value) => -value),
				threshold,
			)
		)
			throw refuse(reasons.subtracts);
		return { reset: 'subtract', vReset: zero };
	}
	const left = [...after].filter(([name]) => name !== '');
	const gone = left.every(([name, rest]) =>
		every(
			combined(rest, get(change.rest, name), (x, y) => Math.abs(x) / (Math.abs(y) || 1)),
			(value) => value < 1e-6,
		),
	);
	if (!gone) throw refuse(reasons.reset);
	return { reset: 'value', vReset: get(after, '') };
}

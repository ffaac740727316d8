import type * as mathjs from 'mathjs';
import mathematics from 'mathjs/lib/browser/math.js';

/** Exponents of kg, m, s, A, K, cd, mol, angle and bit. All zero: a plain number. */
export type Dimension = readonly number[];

/** A value in SI base units (bits for information) with its dimension and the unit it was written in. */
export interface Quantity {
	readonly si: number;
	readonly dimension: Dimension;
	/** As written, e.g. "pJ"; "" for a plain number. */
	readonly unit: string;
	/** One written unit in SI: a value in `unit` is si / unitSize. */
	readonly unitSize: number;
}

const exponents = 9;
export const dimensionless: Dimension = Array<number>(exponents).fill(0);

const quantityPattern = /^([+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z][A-Za-z0-9 */^().-]*)?$/;
const longestQuantity = 80;

/**
 * Reads "4.6 pJ", "1.78 uW/MHz", "8 KiB" or a plain number.
 *
 * @returns null if the text is not a finite number with a known unit
 */
export function parseQuantity(input: string | number): Quantity | null {
	if (typeof input === 'number') {
		return Number.isFinite(input) ? { si: input, dimension: dimensionless, unit: '', unitSize: 1 } : null;
	}
	if (input.length > longestQuantity) return null;
	const match = quantityPattern.exec(input.trim().replaceAll(/[µμ]/g, 'u'));
	if (!match) return null;
	const value = Number(match[1]);
	const unit = (match[2] ?? '').trim();
	if (!Number.isFinite(value)) return null;
	if (unit === '') return { si: value, dimension: dimensionless, unit, unitSize: 1 };
	const size = unitSize(unit);
	return size === null ? null : { si: value * size.si, dimension: size.dimension, unit, unitSize: size.si };
}

/** Fields of mathjs's Unit that its types leave out. */
interface ParsedUnit {
	value: number | null;
	dimensions: number[];
	units: { readonly unit: { readonly offset: number } }[];
}

function unitSize(unit: string): { si: number; dimension: Dimension } | null {
	try {
		// A unit whose zero lies elsewhere (degC) has no place in a product.
		const parsed = mathematics.unit(1, unit) as unknown as ParsedUnit;
		if (parsed.units.some((part) => part.unit.offset !== 0)) return null;
		if (typeof parsed.value !== 'number' || !Number.isFinite(parsed.value) || parsed.value <= 0) return null;
		const dimension = Array.from({ length: exponents }, (_, index) => parsed.dimensions[index] ?? 0);
		return { si: parsed.value, dimension };
	} catch {
		return null;
	}
}

export function sameDimension(left: Dimension, right: Dimension): boolean {
	return left.every((exponent, index) => Math.abs(exponent - (right[index] ?? 0)) < 1e-9);
}

export function isDimensionless(dimension: Dimension): boolean {
	return sameDimension(dimension, dimensionless);
}

/** The dimension of a product of powers. */
export function combineDimensions(left: Dimension, right: Dimension, by: number): Dimension {
	return left.map((exponent, index) => exponent + by * (right[index] ?? 0));
}

export function raiseDimension(dimension: Dimension, by: number): Dimension {
	return dimension.map((exponent) => exponent * by);
}

const baseUnits = ['kg', 'm', 's', 'A', 'K', 'cd', 'mol', 'rad', 'bit'];

const dimensionOf = (exponentsByUnit: Readonly<Record<string, number>>): Dimension =>
	baseUnits.map((unit) => exponentsByUnit[unit] ?? 0);

// Written out: most commands need these and none of the library of units.
export const energy = dimensionOf({ kg: 1, m: 2, s: -2 });
export const time = dimensionOf({ s: 1 });
export const information = dimensionOf({ bit: 1 });
export const power = dimensionOf({ kg: 1, m: 2, s: -3 });
export const frequency = dimensionOf({ s: -1 });
const voltage = dimensionOf({ kg: 1, m: 2, s: -3, A: -1 });
const over = (left: Dimension, right: Dimension): Dimension => combineDimensions(left, right, -1);

const named: readonly (readonly [string, Dimension])[] = [
	['J', energy],
	['s', time],
	['J/s', power],
	['bit', information],
	['J/bit', over(energy, information)],
	['bit/s', over(information, time)],
	['s/bit', over(time, information)],
	['J s', combineDimensions(energy, time, 1)],
	['J^2', raiseDimension(energy, 2)],
	['s^2', raiseDimension(time, 2)],
	['V', voltage],
	['1/s', frequency],
	['1/J', raiseDimension(energy, -1)],
	['1/V', raiseDimension(voltage, -1)],
	['1/V^2', raiseDimension(voltage, -2)],
];

/** A name for a dimension that a message can print: "J/s", "a plain number", "kg m^2 s^-4". */
export function dimensionName(dimension: Dimension): string {
	if (isDimensionless(dimension)) return 'no unit (a plain number)';
	const known = named.find(([, other]) => sameDimension(other, dimension));
	if (known) return `unit ${known[0]}`;
	const parts = dimension.flatMap((exponent, index) => {
		if (Math.abs(exponent) < 1e-9) return [];
		return [exponent === 1 ? (baseUnits[index] ?? '') : `${baseUnits[index]}^${Number(exponent.toFixed(3))}`];
	});
	return `unit ${parts.join(' ')}`;
}

/** Parses with mathjs's grammar only: nothing is evaluated. */
export function parseSyntax(text: string): mathjs.MathNode {
	return mathematics.parse(text);
}

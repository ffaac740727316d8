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

const knownUnit = (unit: string): Dimension => unitSize(unit)?.dimension ?? dimensionless;

export const energy = knownUnit('J');
export const time = knownUnit('s');
export const information = knownUnit('bit');
export const power = knownUnit('W');
export const frequency = knownUnit('Hz');

const named: readonly (readonly [string, Dimension])[] = [
	...['J', 's', 'J/s', 'bit', 'J/bit', 'bit/s', 's/bit', 'J s', 'J^2', 's^2', 'V'].map(
		(unit) => [unit, knownUnit(unit)] as const,
	),
	...['s', 'J', 'V', 'V^2'].map((unit) => [`1/${unit}`, raiseDimension(knownUnit(unit), -1)] as const),
];
const baseUnits = ['kg', 'm', 's', 'A', 'K', 'cd', 'mol', 'rad', 'bit'];

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

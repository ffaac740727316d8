/**
 * Stands for all of mathjs in the page: its parser over plain numbers and its units, which is what formulas and quantities
 * need. The whole is four times as large.
 */
import { createUnitClass } from 'mathjs';
import { create, type FactoryFunctionMap, parseDependencies } from 'mathjs/number';

declare module 'mathjs' {
	/** Left out of the package's types. */
	export const createUnitClass: (parts: object) => new (value: number, name: string) => object;
}

const { parse } = create(parseDependencies as FactoryFunctionMap);

/** No quantity of a profile is one of these. */
class Absent {}

const Unit = createUnitClass({
	on: undefined,
	config: { number: 'number', predictable: false },
	addScalar: (left: number, right: number) => left + right,
	subtractScalar: (left: number, right: number) => left - right,
	multiplyScalar: (left: number, right: number) => left * right,
	divideScalar: (left: number, right: number) => left / right,
	pow: (base: number, exponent: number) => base ** exponent,
	abs: Math.abs,
	fix: Math.trunc,
	round: Math.round,
	equal: (left: number, right: number) => left === right,
	isNumeric: (value: unknown) => typeof value === 'number',
	format: String,
	number: Number,
	Complex: Absent,
	BigNumber: Absent,
	Fraction: Absent,
});

export default { parse, unit: (value: number, name: string) => new Unit(value, name) };

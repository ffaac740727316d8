import { UserError } from '../../errors.ts';
import { nearestNames } from '../../nearest.ts';
import type { Interval } from '../estimate.ts';
import { type Corner, corners, intervalOf } from '../interval.ts';
import * as messages from '../messages.ts';
import { type Compiled, compile } from './compile.ts';
import { dimensionOf, type FormulaContext } from './dimensions.ts';
import { FormulaError, namesIn } from './formula.ts';
import { mustBePositive } from './read-constant.ts';
import type { Constant } from './types.ts';
import { type Dimension, dimensionless, dimensionName, isDimensionless, parseQuantity, sameDimension } from './units.ts';

/** Computes the constants that are formulas, in the order of their dependence. */
export function evaluateFormulas(constants: ReadonlyMap<string, Constant>): ReadonlyMap<string, Constant> {
	const resolved = new Map([...constants].filter(([, { formula }]) => !formula));
	const given = [...resolved.values()];
	const names = [...constants.keys()];
	const slots = new Float64Array(names.length);
	const steps: { readonly slot: number; readonly evaluate: Compiled }[] = [];
	/** The value of a formula at given constants; those computed before it follow from the same ones. */
	const at =
		(evaluate: Compiled) =>
		(corner: Corner): number => {
			for (const [index, { name }] of given.entries()) slots[names.indexOf(name)] = corner[index] ?? 0;
			for (const step of steps) slots[step.slot] = step.evaluate(slots);
			return evaluate(slots);
		};
	const visit = (name: string, chain: readonly string[]): void => {
		const constant = constants.get(name);
		if (!constant?.formula || resolved.has(name)) return;
		const { file, line } = constant.origin;
		if (chain.includes(name))
			throw new UserError(messages.constantCycle(file, line, [...chain.slice(chain.indexOf(name)), name]));
		for (const other of namesIn(constant.formula.expression)) visit(other, [...chain, name]);
		const { expression } = constant.formula;
		try {
			const dimension = dimensionOf(expression, { ...constantContext(resolved), stores: [], levels: [] }) ?? dimensionless;
			const evaluate = compile(expression, {
				slot: (wanted) => names.indexOf(wanted),
				memorySlot: () => -1,
				table: (wanted) => resolved.get(wanted)?.table ?? undefined,
			});
			const value = formulaInterval(
				at(evaluate),
				given.map((constant) => constant.value),
				dimension,
			);
			steps.push({ slot: names.indexOf(name), evaluate });
			resolved.set(name, { ...constant, value, dimension, ...displayUnit(constant, dimension) });
		} catch (error) {
			if (error instanceof FormulaError)
				throw new UserError(messages.badFormula(file, line, `the formula of constant "${name}"`, error.message));
			throw error;
		}
	};
	for (const name of names) visit(name, []);
	return new Map(names.map((name) => [name, resolved.get(name) as Constant]));
}

function formulaInterval(quantity: (corner: Corner) => number, intervals: readonly Interval[], dimension: Dimension): Interval {
	const { low, nominal, high } = corners(quantity, intervals);
	const value = intervalOf(quantity(low), quantity(nominal), quantity(high));
	if (![value.low, value.nominal, value.high].every(Number.isFinite))
		throw new FormulaError(`gives ${value.nominal}; does it divide by zero`);
	if (value.low < 0 && mustBePositive({ dimension }))
		throw new FormulaError(`gives ${value.low}; energies, times, powers and sizes cannot be negative`);
	return value;
}

function displayUnit({ unit, name, origin }: Constant, dimension: Constant['dimension']): { unit: string; unitSize: number } {
	if (unit === '') return { unit: isDimensionless(dimension) ? '' : dimensionName(dimension).replace(/^unit /, ''), unitSize: 1 };
	const parsed = parseQuantity(`1 ${unit}`);
	if (!parsed || !sameDimension(parsed.dimension, dimension)) {
		throw new UserError(
			messages.wrongDimension(
				origin.file,
				origin.line,
				`the formula of constant "${name}"`,
				dimensionName(dimension),
				`of the stated unit ${unit.slice(0, 40)}`,
				'',
			),
		);
	}
	return { unit, unitSize: parsed.unitSize };
}

/** Lets formulas see constants only. */
export function constantContext(
	constants: ReadonlyMap<string, Constant>,
	further: readonly string[] = [],
): Pick<FormulaContext, 'name' | 'suggestion'> {
	return {
		name: (name) => {
			const constant = constants.get(name);
			if (!constant) return undefined;
			if (constant.table) return { kind: 'table', key: constant.table.keyDimension, value: constant.dimension };
			return { kind: 'value', dimension: constant.dimension };
		},
		suggestion: (name) => {
			const nearest = nearestNames(name, [...constants.keys(), ...further]);
			if (nearest.length > 0) return `; did you mean ${nearest.join(' or ')}`;
			return parseQuantity(`1 ${name}`.slice(0, 60)) ? '; a unit belongs into a constant, not into a formula' : '';
		},
	};
}

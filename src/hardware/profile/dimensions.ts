import { type Expression, FormulaError, memoryFunctions, operators } from './formula.ts';
import {
	combineDimensions,
	type Dimension,
	dimensionless,
	dimensionName,
	energy,
	information,
	isDimensionless,
	raiseDimension,
	sameDimension,
} from './units.ts';

/** What a name in a formula stands for, as far as units go. */
export type NameKind =
	| { readonly kind: 'value'; readonly dimension: Dimension }
	| { readonly kind: 'table'; readonly key: Dimension; readonly value: Dimension };

export interface FormulaContext {
	/** @returns undefined if no such name may be used here */
	readonly name: (name: string) => NameKind | undefined;
	/** A sentence part for an unknown name: what it might have been. */
	readonly suggestion: (name: string) => string;
	readonly stores: readonly string[];
	readonly levels: readonly string[];
}

/**
 * The dimension of a formula's value, by walking it: both branches of a condition are checked and
 * no value is needed. The literal 0 has any dimension; null stands for that.
 *
 * @throws FormulaError if units do not fit or a name is unknown
 */
export function dimensionOf(expression: Expression, context: FormulaContext): Dimension | null {
	switch (expression.kind) {
		case 'number':
			return expression.value === 0 ? null : dimensionless;
		case 'name': {
			const found = context.name(expression.name);
			if (!found) throw new FormulaError(`uses the unknown name "${expression.name}"${context.suggestion(expression.name)}`);
			if (found.kind === 'table')
				throw new FormulaError(`uses the table "${expression.name}" as a number; look it up with interp(${expression.name}, …)`);
			return found.dimension;
		}
		case 'conditional': {
			requirePlain(dimensionOf(expression.condition, context), 'a condition');
			return same(dimensionOf(expression.whenTrue, context), dimensionOf(expression.whenFalse, context), 'chooses between');
		}
		case 'operator':
			return operatorDimension(expression, context);
		case 'call':
			return callDimension(expression, context);
	}
}

function operatorDimension(expression: Expression & { kind: 'operator' }, context: FormulaContext): Dimension | null {
	const [left = null, right = null] = expression.operands.map((operand) => dimensionOf(operand, context));
	const sign = operators[expression.operator];
	switch (expression.operator) {
		case 'unaryMinus':
		case 'unaryPlus':
			return left;
		case 'add':
		case 'subtract':
			return same(left, right, `puts "${sign}" between`);
		case 'multiply':
			return left && right ? combineDimensions(left, right, 1) : null;
		case 'divide':
			if (!right) throw new FormulaError('divides by 0');
			return left ? combineDimensions(left, right, -1) : null;
		case 'pow':
			return power(left, right, expression.operands[1]);
		case 'and':
		case 'or':
		case 'not':
			requirePlain(left, `an operand of "${sign}"`);
			requirePlain(right, `an operand of "${sign}"`);
			return dimensionless;
		default:
			same(left, right, `compares`);
			return dimensionless;
	}
}

function power(base: Dimension | null, exponent: Dimension | null, written: Expression | undefined): Dimension | null {
	requirePlain(exponent, 'an exponent');
	if (!base || isDimensionless(base)) return dimensionless;
	if (written?.kind !== 'number')
		throw new FormulaError(`raises a value of ${dimensionName(base)} to a power that is not a plain number`);
	return raiseDimension(base, written.value);
}

const arity: Readonly<Record<string, readonly [number, number]>> = {
	min: [1, 20],
	max: [1, 20],
	interp: [2, 2],
	memoryEnergy: [1, 2],
	memoryBits: [1, 2],
	footprintBits: [1, 1],
};

function callDimension(expression: Expression & { kind: 'call' }, context: FormulaContext): Dimension | null {
	const { name, operands } = expression;
	const [fewest, most] = arity[name] ?? [1, 1];
	if (operands.length < fewest || operands.length > most) {
		throw new FormulaError(
			`gives ${name} ${operands.length} values; it takes ${fewest === most ? fewest : `${fewest} to ${most}`}`,
		);
	}
	if (memoryFunctions.includes(name)) {
		checkMemoryNames(expression, context);
		return name === 'memoryEnergy' ? energy : information;
	}
	if (name === 'interp') return interpolationDimension(operands, context);
	const dimensions = operands.map((operand) => dimensionOf(operand, context));
	const first = dimensions.reduce((left, right) => same(left, right, `gives ${name}`), null);
	if (name === 'sqrt') return first && raiseDimension(first, 0.5);
	if (name === 'ceil' || name === 'floor' || name === 'round' || name === 'log2') requirePlain(first, `the value of ${name}`);
	return first;
}

function interpolationDimension([table, key]: readonly Expression[], context: FormulaContext): Dimension {
	const found = table?.kind === 'name' ? context.name(table.name) : undefined;
	if (table?.kind !== 'name' || found?.kind !== 'table')
		throw new FormulaError('calls interp without a table; write interp(TABLE, value) with a constant that has a "table"');
	const dimension = key && dimensionOf(key, context);
	if (dimension && !sameDimension(dimension, found.key)) {
		throw new FormulaError(
			`looks up "${table.name}" with a value of ${dimensionName(dimension)}; its keys have ${dimensionName(found.key)}`,
		);
	}
	return found.value;
}

function checkMemoryNames({ name, operands }: Expression & { kind: 'call' }, { stores, levels }: FormulaContext): void {
	const [store, level] = operands;
	if (store?.kind !== 'name' || !stores.includes(store.name)) {
		throw new FormulaError(`calls ${name} without a store of its memory section; the stores are ${stores.join(', ') || 'none'}`);
	}
	if (level && (level.kind !== 'name' || !levels.includes(level.name))) {
		throw new FormulaError(`calls ${name} with an unknown memory level; the levels are ${levels.join(', ')}`);
	}
}

function same(left: Dimension | null, right: Dimension | null, doing: string): Dimension | null {
	if (left && right && !sameDimension(left, right)) {
		throw new FormulaError(`${doing} values of ${dimensionName(left)} and of ${dimensionName(right)}`);
	}
	return left ?? right;
}

function requirePlain(dimension: Dimension | null, role: string): void {
	if (dimension && !isDimensionless(dimension))
		throw new FormulaError(`has ${role} with ${dimensionName(dimension)}; it must be a plain number`);
}

import { UserError } from '../../errors.ts';
import type { Interval } from '../estimate.ts';
import { type Corner, corners, exact, intervalOf } from '../interval.ts';
import * as messages from '../messages.ts';
import { type Compiled, compile } from './compile.ts';
import { dimensionOf, type FormulaContext } from './dimensions.ts';
import { FormulaError, functionNames, namesIn, parseFormula } from './formula.ts';
import type { MergedProfile } from './merge.ts';
import { nearestNames } from './nearest.ts';
import type { RawConstant, RawQuantity } from './schema.ts';
import type { Constant, Origin } from './types.ts';
import {
	type Dimension,
	dimensionless,
	dimensionName,
	isDimensionless,
	parseQuantity,
	type Quantity,
	sameDimension,
} from './units.ts';
import { inferenceVocabulary, layerVocabulary } from './vocabulary.ts';

const reserved: ReadonlySet<string> = new Set([
	...[...layerVocabulary, ...inferenceVocabulary].map(({ name }) => name),
	...functionNames,
	...[
		'bits',
		'and',
		'or',
		'not',
		'xor',
		'mod',
		'to',
		'in',
		'true',
		'false',
		'null',
		'undefined',
		'NaN',
		'Infinity',
		'i',
		'e',
		'pi',
	],
]);

/** A user's change of one constant: --set NAME=VALUE. */
export interface Override {
	readonly name: string;
	readonly value: string;
}

/** @throws UserError unless the text is NAME=VALUE */
export function parseOverride(text: string): Override {
	const match = /^\s*([A-Za-z][A-Za-z0-9_]*)\s*=\s*(\S.*?)\s*$/.exec(text.slice(0, 200));
	if (!match || text.length > 200) throw new UserError(messages.badOverride(text));
	return { name: match[1] ?? '', value: match[2] ?? '' };
}

/** Reads, checks and, where they are computed, evaluates all constants of a profile. */
export function resolveConstants(merged: MergedProfile, overrides: readonly Override[]): ReadonlyMap<string, Constant> {
	const constants = new Map<string, Constant>();
	for (const [name, { value: raw, origin, lineOf }] of merged.constants) {
		if (reserved.has(name)) throw new UserError(messages.reservedName(origin.file, origin.line, name));
		if (!merged.sources.has(raw.source)) {
			const line = lineOf(['source']);
			throw new UserError(messages.unknownSource(origin.file, line, name, raw.source, [...merged.sources.keys()]));
		}
		constants.set(name, readConstant(name, raw, origin, lineOf));
	}
	const asWritten = evaluateFormulas(constants);
	if (overrides.length === 0) return asWritten;
	for (const override of overrides) applyOverride(override, constants, asWritten, merged);
	return evaluateFormulas(constants);
}

type LineOf = (entry: readonly string[]) => number;

function readConstant(name: string, raw: RawConstant, origin: Origin, lineOf: LineOf): Constant {
	const { file, line } = origin;
	const kinds = [raw.value, raw.table, raw.formula].filter((kind) => kind !== undefined);
	if (kinds.length !== 1) throw new UserError(messages.oneKindOfValue(file, line, name));
	const shared = {
		name,
		table: null,
		formula: null,
		evidence: raw.evidence,
		source: raw.source,
		note: raw.note ?? null,
		scope: raw.scope ?? ('per-term' as const),
		scaling: raw.scales ?? null,
		origin,
	};
	for (const key of ['interpolation', 'below', 'above', 'spread'] as const) {
		if (raw[key] !== undefined && raw.table === undefined)
			throw new UserError(messages.tableOnly(file, lineOf([key]), name, key));
	}
	if (raw.table !== undefined) return { ...shared, ...readTable(name, raw, raw.table, origin, lineOf) };
	if (raw.formula !== undefined) {
		const text = String(raw.formula);
		return {
			...shared,
			value: exact(Number.NaN),
			dimension: dimensionless,
			unit: raw.unit ?? '',
			unitSize: 1,
			formula: { text, expression: read(text, file, lineOf(['formula']), name) },
		};
	}
	return { ...shared, ...readValue(name, raw.value as NonNullable<RawConstant['value']>, file, lineOf) };
}

function read(text: string, file: string, line: number, name: string) {
	try {
		return parseFormula(text);
	} catch (error) {
		if (error instanceof FormulaError)
			throw new UserError(messages.badFormula(file, line, `the formula of constant "${name}"`, error.message));
		throw error;
	}
}

function quantity(written: RawQuantity, file: string, line: number, what: string): Quantity {
	const parsed = parseQuantity(written);
	if (!parsed) throw new UserError(messages.badQuantity(file, line, what, String(written)));
	return parsed;
}

function readValue(name: string, value: NonNullable<RawConstant['value']>, file: string, lineOf: LineOf) {
	const line = lineOf(['value']);
	if (typeof value !== 'object') {
		const parsed = quantity(value, file, line, `constant "${name}"`);
		refuseNegative(parsed, name, file, line);
		return { value: exact(parsed.si), dimension: parsed.dimension, unit: parsed.unit, unitSize: parsed.unitSize };
	}
	const [low, nominal, high] = (['low', 'nominal', 'high'] as const).map((end) => {
		const parsed = quantity(value[end], file, lineOf(['value', end]), `constant "${name}" (${end})`);
		refuseNegative(parsed, name, file, line);
		return parsed;
	}) as [Quantity, Quantity, Quantity];
	for (const other of [low, high]) {
		if (!sameDimension(other.dimension, nominal.dimension)) {
			throw new UserError(
				messages.mixedUnits(file, line, `constant "${name}"`, dimensionName(other.dimension), dimensionName(nominal.dimension)),
			);
		}
	}
	if (!(low.si <= nominal.si && nominal.si <= high.si)) throw new UserError(messages.intervalOrder(file, line, name));
	return {
		value: { low: low.si, nominal: nominal.si, high: high.si },
		dimension: nominal.dimension,
		unit: nominal.unit,
		unitSize: nominal.unitSize,
	};
}

/** Plain numbers may be negative (fit coefficients); a negative energy, time, power or size is a mistake. */
function refuseNegative(parsed: Quantity, name: string, file: string, line: number): void {
	if (parsed.si < 0 && mustBePositive(parsed))
		throw new UserError(messages.negativeConstant(file, line, name, `${parsed.si / parsed.unitSize} ${parsed.unit}`));
}

const positive = ['J', 's', 'W', 'Hz', 'bit', 'J/bit', 'bit/s'].map(
	(unit) => parseQuantity(`1 ${unit}`)?.dimension ?? dimensionless,
);
const mustBePositive = ({ dimension }: Pick<Quantity, 'dimension'>): boolean =>
	positive.some((other) => sameDimension(other, dimension));

function readTable(name: string, raw: RawConstant, table: NonNullable<RawConstant['table']>, origin: Origin, lineOf: LineOf) {
	const { file } = origin;
	const line = lineOf(['table']);
	const points = Object.entries(table).map(([key, value]) => ({
		key: quantity(key, file, lineOf(['table', key]), `a key of table "${name}"`),
		value: quantity(value, file, lineOf(['table', key]), `a value of table "${name}"`),
	}));
	const [first] = points as [(typeof points)[number]];
	for (const { key, value } of points) {
		for (const [one, other] of [
			[key, first.key],
			[value, first.value],
		] as const) {
			if (!sameDimension(one.dimension, other.dimension)) {
				throw new UserError(
					messages.mixedUnits(
						file,
						line,
						`the table of constant "${name}"`,
						dimensionName(other.dimension),
						dimensionName(one.dimension),
					),
				);
			}
			refuseNegative(one, name, file, line);
		}
	}
	points.sort((left, right) => left.key.si - right.key.si);
	if (points.some(({ key }, index) => key.si === points[index - 1]?.key.si))
		throw new UserError(messages.badTable(file, line, name, 'has one key twice'));
	const interpolation = raw.interpolation ?? 'linear';
	if (interpolation === 'log-log' && points.some(({ key, value }) => key.si <= 0 || value.si <= 0)) {
		throw new UserError(messages.badTable(file, line, name, 'is log-log, so its keys and values must be greater than 0'));
	}
	const below = raw.below ?? 'clamp';
	if (below === 'proportional' && first.key.si <= 0)
		throw new UserError(messages.badTable(file, line, name, 'is proportional below its first key, which must be greater than 0'));
	return {
		value: { low: raw.spread?.low ?? 1, nominal: 1, high: raw.spread?.high ?? 1 },
		dimension: first.value.dimension,
		unit: first.value.unit,
		unitSize: first.value.unitSize,
		table: {
			keys: points.map(({ key }) => key.si),
			values: points.map(({ value }) => value.si),
			interpolation,
			below,
			above: raw.above ?? ('clamp' as const),
			keyDimension: first.key.dimension,
			keyUnit: first.key.unit,
			keyUnitSize: first.key.unitSize,
		},
	};
}

function applyOverride(
	{ name, value }: Override,
	constants: Map<string, Constant>,
	asWritten: ReadonlyMap<string, Constant>,
	{ name: profile }: MergedProfile,
): void {
	const constant = asWritten.get(name);
	if (!constant) throw new UserError(messages.overrideUnknown(name, profile, nearestNames(name, [...constants.keys()])));
	if (constant.table) throw new UserError(messages.overrideTable(name));
	const parsed = parseQuantity(value);
	if (!parsed) throw new UserError(messages.badOverride(`${name}=${value}`));
	if (parsed.si < 0 && mustBePositive(parsed)) throw new UserError(messages.overrideNegative(name, value));
	if (!sameDimension(parsed.dimension, constant.dimension)) {
		const example = `${Number((constant.value.nominal / constant.unitSize).toPrecision(6))}${constant.unit}`;
		throw new UserError(
			messages.overrideUnit(name, value, dimensionName(parsed.dimension), dimensionName(constant.dimension), example),
		);
	}
	constants.set(name, {
		...constant,
		value: exact(parsed.si),
		dimension: parsed.dimension,
		unit: parsed.unit,
		unitSize: parsed.unitSize,
		formula: null,
		evidence: 'assumed',
		note: `set to ${value} by the user${constant.note ? `; the profile says: ${constant.note}` : ''}`,
	});
}

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

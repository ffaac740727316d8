import { UserError } from '../../errors.ts';
import { exact } from '../interval.ts';
import * as messages from '../messages.ts';
import { FormulaError, parseFormula } from './formula.ts';
import type { RawConstant, RawQuantity } from './schema.ts';
import type { Constant, Origin } from './types.ts';
import { dimensionless, dimensionName, parseQuantity, type Quantity, sameDimension } from './units.ts';

type LineOf = (entry: readonly string[]) => number;

/** A constant as its file says it; a computed one is still without value. @throws UserError naming file, line and what is wrong */
export function readConstant(name: string, raw: RawConstant, origin: Origin, lineOf: LineOf): Constant {
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

/** Whether a value of this dimension is an energy, time, power, frequency or size, which cannot be negative. */
export const mustBePositive = ({ dimension }: Pick<Quantity, 'dimension'>): boolean =>
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

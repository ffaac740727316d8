import { UserError } from '../../errors.ts';
import { nearestNames } from '../../nearest.ts';
import { exact } from '../interval.ts';
import * as messages from '../messages.ts';
import { evaluateFormulas } from './computed-constants.ts';
import { functionNames } from './formula.ts';
import type { MergedProfile } from './merge.ts';
import { mustBePositive, readConstant } from './read-constant.ts';
import type { Constant, Profile } from './types.ts';
import { dimensionName, parseQuantity, sameDimension } from './units.ts';
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

/** A user's change of one constant: --set NAME=VALUE; of a table, a factor on all its values. */
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
	for (const override of overrides) applyOverride(override, constants, asWritten, merged.name);
	return evaluateFormulas(constants);
}

function applyOverride(
	{ name, value }: Override,
	constants: Map<string, Constant>,
	asWritten: ReadonlyMap<string, Constant>,
	profile: string,
): void {
	const constant = asWritten.get(name);
	if (!constant) throw new UserError(messages.overrideUnknown(name, profile, nearestNames(name, [...constants.keys()])));
	const parsed = parseQuantity(value);
	if (constant.table) {
		if (!parsed || !(parsed.si >= 0) || parsed.unit !== '') throw new UserError(messages.overrideTable(name, value));
		constants.set(name, { ...constant, ...asSet(constant, value), value: exact(parsed.si) });
		return;
	}
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
		...asSet(constant, value),
		value: exact(parsed.si),
		dimension: parsed.dimension,
		unit: parsed.unit,
		unitSize: parsed.unitSize,
		formula: null,
	});
}

const asSet = ({ note, table }: Constant, value: string): Pick<Constant, 'evidence' | 'note'> => ({
	evidence: 'assumed',
	note: `${table ? `its table times ${value}` : `set to ${value}`} by the user${note ? `; the profile says: ${note}` : ''}`,
});

/**
 * A loaded profile with some of its constants changed, as `loadProfile` with `set` gives it, without reading its files again:
 * formulas stay what they are, only their numbers move.
 *
 * @param profile  without changes
 * @param set      changes, "NAME=VALUE" with a unit
 * @throws UserError for an unknown constant, a value that is none, or another unit's
 */
export function withConstants(profile: Profile, set: readonly string[]): Profile {
	if (set.length === 0) return profile;
	const constants = new Map(profile.constants);
	for (const override of set.map(parseOverride)) applyOverride(override, constants, profile.constants, profile.name);
	return { ...profile, constants: evaluateFormulas(constants), overrides: set };
}

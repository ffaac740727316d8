import { UserError } from '../../errors.ts';
import * as messages from '../messages.ts';
import { readChain } from './chain.ts';
import { constantContext } from './computed-constants.ts';
import { parseOverride, resolveConstants } from './constants.ts';
import { dataflowAssumption, splitDataflow, withDataflow } from './dataflow.ts';
import { dimensionOf, type FormulaContext } from './dimensions.ts';
import { type ProfileDocument, readProfileDocument } from './document.ts';
import { findProfile, profileFiles, shippedProfiles } from './find.ts';
import { FormulaError, namesIn, parseFormula, storesIn } from './formula.ts';
import { resolveDataflows, resolveMemory } from './memory-section.ts';
import { type MergedProfile, mergeChain, type Placed } from './merge.ts';
import type { ProfileSummary } from './shipped-list.ts';
import type { Constant, Origin, Profile, Term } from './types.ts';
import {
	type Dimension,
	dimensionless,
	dimensionName,
	energy,
	information,
	isDimensionless,
	sameDimension,
	time,
} from './units.ts';
import { eventNames, inferenceNames, inferenceVocabulary, layerVocabulary, structureNames } from './vocabulary.ts';

/** Where profiles are looked for, and what is changed in them. */
export interface LoadOptions {
	/** Folders searched before the profiles that ship with the tool. */
	readonly directories?: readonly string[];
	/** Changes of single constants, "NAME=VALUE" with a unit, e.g. "E_ac=0.4pJ". */
	readonly set?: readonly string[];
}

/**
 * All profiles of the given folders and those that ship with the tool, by name.
 *
 * @throws UserError if one of them is invalid
 */
export function listProfiles(directories: readonly string[] = []): readonly ProfileSummary[] {
	const folders = [...directories, shippedProfiles];
	return [...profileFiles(folders)]
		.map(([name, path]) => {
			const { title, scope, files } = loadProfile(path, { directories });
			return { name, title, scope, file: files[0] ?? path };
		})
		.sort((left, right) => left.name.localeCompare(right.name, 'en'));
}

/**
 * Loads a profile by name or path, checks it wholly and converts every value to SI units.
 *
 * @throws UserError naming file, line, what was found and what was expected
 */
export function loadProfile(nameOrPath: string, { directories = [], set = [] }: LoadOptions = {}): Profile {
	const folders = [...directories, shippedProfiles];
	const { name, dataflow } = splitDataflow(nameOrPath);
	const profile = buildProfile(readProfileDocument(findProfile(name, folders)), folders, set);
	return dataflow === null ? profile : withDataflow(profile, dataflow);
}

/** @throws UserError if the profile or one it extends is not valid */
export function buildProfile(
	document: ProfileDocument,
	folders: readonly string[] = [shippedProfiles],
	set: readonly string[] = [],
): Profile {
	const merged = mergeChain(readChain(document, folders));
	const overrides = set.map(parseOverride);
	const constants = resolveConstants(merged, overrides);
	const asWritten = merged.memory ? resolveMemory(merged.memory, constants) : null;
	const dataflows = resolveDataflows(merged, asWritten, constants);
	const [flow] = dataflows;
	const memory = flow?.memory ?? asWritten;
	const memoryNames = {
		stores: memory?.stores.map(({ name }) => name) ?? [],
		levels: memory?.levels.map(({ name }) => name) ?? [],
	};
	const terms = (
		placed: MergedProfile['energy'],
		section: string,
		expected: Dimension,
		context: Pick<FormulaContext, 'name' | 'suggestion'>,
	) =>
		[...placed].map(([name, term]) =>
			readTerm(name, term, `${section} term "${name}"`, expected, { ...context, ...memoryNames }),
		);
	const layer = vocabularyContext(constants, layerNames, new Map());
	const structure = vocabularyContext(constants, structureNames, new Map());
	const resources = terms(merged.resources, 'resource', dimensionless, structure);
	const inferencePlain = new Map<string, Dimension>(resources.map(({ name }) => [name, dimensionless]));
	const forLatency = vocabularyContext(constants, inferenceNames, new Map([...inferencePlain, ['layerLatency', time]]));
	const forEnergy = vocabularyContext(
		constants,
		inferenceNames,
		new Map([...inferencePlain, ['layerLatency', time], ['latency', time], ['layerEnergy', energy]]),
	);
	const dense = merged.dense.value;
	const denseTerm = (name: 'quantizedMac' | 'int8Mac', typed: ReadonlyMap<string, Dimension>): Term | null => {
		const value = dense[name];
		if (value === undefined) return null;
		const context = { ...vocabularyContext(constants, [], typed), ...memoryNames };
		return readTerm(name, { value, origin: merged.dense.origin }, `dense.${name}`, energy, context);
	};
	const profile: Profile = {
		name: merged.name,
		title: merged.title,
		summary: merged.summary.trim(),
		scope: merged.scope,
		technology: merged.technology,
		files: merged.files,
		sources: new Map(
			[...merged.sources].map(([key, { citation, doi = null, url = null, note = null }]) => [key, { citation, doi, url, note }]),
		),
		constants,
		energy: terms(merged.energy, 'energy', energy, layer),
		latency: terms(merged.latency, 'latency', time, layer),
		roofline: terms(merged.roofline, 'roofline', time, layer),
		inferenceEnergy: terms(merged.inferenceEnergy, 'inference energy', energy, forEnergy),
		inferenceLatency: terms(merged.inferenceLatency, 'inference latency', time, forLatency),
		resources,
		memory,
		dataflows,
		dataflow: flow?.name ?? null,
		memoryProfile: merged.memoryProfile,
		dense: {
			unsupported: dense.unsupported ?? null,
			quantizedMac: denseTerm('quantizedMac', new Map([['bits', dimensionless]])),
			int8Mac: denseTerm('int8Mac', new Map()),
			int8Widths: (dense.int8Widths ?? []).map((name) => widthConstant(name, merged.dense.origin, constants)),
		},
		unpriced: merged.unpriced,
		includes: [...merged.includes, ...(flow?.includes ?? [])],
		assumptions: [
			...merged.assumptions.map(({ sentence, change = null }) => ({ sentence, change })),
			...(flow ? [dataflowAssumption(merged.name, flow)] : []),
		],
		chip: merged.chip,
		overrides: set,
	};
	checkScope(profile, merged);
	return profile;
}

/** Stores of every dataflow, so that none of them hides a double charge. */
const storesOf = ({ memory, dataflows }: Profile) =>
	dataflows.length > 0 ? dataflows.flatMap((flow) => flow.memory.stores) : (memory?.stores ?? []);

function widthConstant(name: string, { file, line }: Origin, constants: ReadonlyMap<string, Constant>): string {
	const constant = constants.get(name);
	if (constant && sameDimension(constant.dimension, information) && !constant.table && !constant.formula) return name;
	throw new UserError(
		messages.badFormula(file, line, 'dense.int8Widths', `names "${name}"; expected a constant that is a width in bits`),
	);
}

const layerNames = layerVocabulary.map(({ name }) => name);

function vocabularyContext(
	constants: ReadonlyMap<string, Constant>,
	names: readonly string[],
	typed: ReadonlyMap<string, Dimension>,
): Pick<FormulaContext, 'name' | 'suggestion'> {
	const known = new Set(names);
	const base = constantContext(constants, [...names, ...typed.keys()]);
	return {
		name: (name) => {
			const dimension = typed.get(name) ?? (known.has(name) ? dimensionless : undefined);
			return dimension ? { kind: 'value', dimension } : base.name(name);
		},
		suggestion: (name) => {
			const elsewhere = [...layerVocabulary, ...inferenceVocabulary].some((entry) => entry.name === name);
			return elsewhere ? ', which has no meaning in this section' : base.suggestion(name);
		},
	};
}

function readTerm(
	name: string,
	{ value, origin }: Placed<string | number>,
	what: string,
	expected: Dimension,
	context: FormulaContext,
): Term {
	try {
		const text = String(value);
		const expression = parseFormula(text);
		const dimension = dimensionOf(expression, context);
		if (dimension && !sameDimension(dimension, expected)) {
			throw new UserError(
				messages.wrongDimension(
					origin.file,
					origin.line,
					what,
					dimensionName(dimension),
					expectation(expected),
					advice(dimension, expected),
				),
			);
		}
		return { name, text, expression, origin };
	} catch (error) {
		if (error instanceof FormulaError) throw new UserError(messages.badFormula(origin.file, origin.line, what, error.message));
		throw error;
	}
}

function expectation(dimension: Dimension): string {
	if (sameDimension(dimension, energy)) return 'an energy (unit J)';
	return sameDimension(dimension, time) ? 'a time (unit s)' : `of ${dimensionName(dimension)}`;
}

function advice(found: Dimension, expected: Dimension): string {
	const power = energy.map((exponent, index) => exponent - (time[index] ?? 0));
	if (!sameDimension(expected, energy)) return isDimensionless(found) ? ' Multiply the count by the time of one event.' : '';
	if (sameDimension(found, power))
		return ' It is a power: multiply it by a time, or move it to inference.energy and multiply it by latency.';
	return isDimensionless(found) ? ' Multiply the count by the energy of one event.' : '';
}

/** Refuses profiles that would charge something twice. */
function checkScope(profile: Profile, { scopeOrigin }: MergedProfile): void {
	const energies = [...profile.energy, ...profile.inferenceEnergy];
	if (energies.length === 0) throw new UserError(messages.nothingPriced(profile.files[0] ?? profile.name));
	if (profile.scope === 'all-in' && energies.length > 1) {
		throw new UserError(messages.allInBesideOthers(scopeOrigin.file, scopeOrigin.line, energies.length));
	}
	for (const { name, expression, origin } of energies) {
		const used = reachable(namesIn(expression), profile.constants);
		const stores = storesIn(expression);
		for (const store of storesOf(profile)) {
			if (!stores.has(store.name)) continue;
			for (const term of [store.reads, store.writes]) namesIn(term.expression, used);
		}
		for (const constant of used) {
			if (profile.scope === 'per-term' && profile.constants.get(constant)?.scope === 'all-in') {
				throw new UserError(messages.allInConstant(origin.file, origin.line, name, constant));
			}
		}
		for (const event of eventNames) {
			if (!used.has(event)) continue;
			if (profile.includes.includes(event)) throw new UserError(messages.chargedTwice(origin.file, origin.line, name, event));
			if (profile.unpriced.includes(event))
				throw new UserError(messages.pricedAndUnpriced(origin.file, origin.line, name, event));
		}
	}
}

/** The names together with the constants their formulas use. */
function reachable(names: Set<string>, constants: ReadonlyMap<string, Constant>): Set<string> {
	for (const name of names) {
		const formula = constants.get(name)?.formula;
		if (formula) for (const inner of namesIn(formula.expression)) names.add(inner);
	}
	return names;
}

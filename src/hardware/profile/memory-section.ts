import { UserError } from '../../errors.ts';
import * as messages from '../messages.ts';
import { constantContext } from './computed-constants.ts';
import { dimensionOf } from './dimensions.ts';
import { FormulaError, parseFormula } from './formula.ts';
import type { MergedProfile } from './merge.ts';
import type { Constant, Dataflow, MemoryLevel, MemoryModel, MemoryStore, Term } from './types.ts';
import { type Dimension, dimensionless, dimensionName, energy, information, sameDimension } from './units.ts';
import { layerVocabulary, structureNames } from './vocabulary.ts';

const layerNames = layerVocabulary.map(({ name }) => name);

/** Checks a profile's memory section against its constants. */
export function resolveMemory(
	{ value: raw, origin, lineOf }: NonNullable<MergedProfile['memory']>,
	constants: ReadonlyMap<string, Constant>,
): MemoryModel {
	const { file } = origin;
	const names = Object.keys(raw.levels);
	const levels = Object.entries(raw.levels).map(([name, level], index): MemoryLevel => {
		const need = (role: string, constantName: string, expected: string, fits: (constant: Constant) => boolean): void => {
			const constant = constants.get(constantName);
			if (!constant || !fits(constant)) {
				throw new UserError(
					messages.unknownMemoryConstant(file, lineOf(['levels', name, role]), name, role, constantName, expected),
				);
			}
		};
		const sized = ({ table }: Constant): boolean => !table || sameDimension(table.keyDimension, information);
		need(
			'access',
			level.access,
			'an energy, or a table of energies by size',
			(constant) => sameDimension(constant.dimension, energy) && sized(constant),
		);
		need('word', level.word, 'a width in bits', (constant) => sameDimension(constant.dimension, information) && !constant.table);
		const last = index === names.length - 1;
		if ((level.capacity === undefined) !== last)
			throw new UserError(messages.levelCapacity(file, lineOf(['levels', name]), name, last));
		if (level.capacity !== undefined) {
			need(
				'capacity',
				level.capacity,
				'a size in bits or bytes',
				(constant) => sameDimension(constant.dimension, information) && !constant.table,
			);
		}
		return { name, access: level.access, word: level.word, capacity: level.capacity ?? null };
	});
	const stores = Object.entries(raw.stores).map(([name, store]): MemoryStore => {
		const term = (role: 'elements' | 'width' | 'reads' | 'writes', known: readonly string[], expected: Dimension): Term => {
			const line = lineOf(['stores', name, role]);
			return readTerm(name, role, String(store[role] ?? 0), { file, line }, known, expected, constants);
		};
		return {
			name,
			elements: term('elements', structureNames, dimensionless),
			width: term('width', structureNames, information),
			reads: term('reads', layerNames, dimensionless),
			writes: term('writes', layerNames, dimensionless),
			transfer: store.transfer ?? 'per-access',
		};
	});
	return { packing: raw.packing, buffers: raw.buffers, levels, stores, origin };
}

/**
 * The dataflows of a profile, each with the memory it gives. A dataflow speaks of every store, so that none is charged
 * by the habits of another.
 */
export function resolveDataflows(
	merged: MergedProfile,
	memory: MemoryModel | null,
	constants: ReadonlyMap<string, Constant>,
): readonly Dataflow[] {
	if (!merged.dataflows) return [];
	const { value, origin, lineOf } = merged.dataflows;
	const { file } = origin;
	if (!memory) throw new UserError(messages.dataflowWithoutMemory(file, origin.line));
	const known = memory.stores.map(({ name }) => name);
	return Object.entries(value).map(([name, { title, summary, stores, includes = [] }]): Dataflow => {
		for (const store of known)
			if (!stores[store]) throw new UserError(messages.dataflowStore(file, lineOf([name, 'stores']), name, store, true));
		for (const store of Object.keys(stores))
			if (!known.includes(store))
				throw new UserError(messages.dataflowStore(file, lineOf([name, 'stores', store]), name, store, false));
		const term = (store: string, role: 'elements' | 'reads' | 'writes', names: readonly string[], otherwise: Term): Term => {
			const text = stores[store]?.[role];
			if (role === 'elements' && text === undefined) return otherwise;
			const line = lineOf([name, 'stores', store, role]);
			return readTerm(store, role, String(text ?? 0), { file, line }, names, dimensionless, constants);
		};
		return {
			name,
			title,
			summary: summary.trim(),
			includes,
			memory: {
				...memory,
				stores: memory.stores.map((store) => ({
					...store,
					elements: term(store.name, 'elements', structureNames, store.elements),
					reads: term(store.name, 'reads', layerNames, store.reads),
					writes: term(store.name, 'writes', layerNames, store.writes),
				})),
			},
		};
	});
}

function readTerm(
	store: string,
	role: string,
	text: string,
	origin: Term['origin'],
	known: readonly string[],
	expected: Dimension,
	constants: ReadonlyMap<string, Constant>,
): Term {
	const what = `"${role}" of memory store "${store}"`;
	const base = constantContext(constants, known);
	try {
		const expression = parseFormula(text);
		const dimension = dimensionOf(expression, {
			...base,
			name: (name) => (known.includes(name) ? { kind: 'value', dimension: dimensionless } : base.name(name)),
			stores: [],
			levels: [],
		});
		if (dimension && !sameDimension(dimension, expected)) {
			throw new UserError(
				messages.wrongDimension(origin.file, origin.line, what, dimensionName(dimension), `of ${dimensionName(expected)}`, ''),
			);
		}
		return { name: `${store}.${role}`, text, expression, origin };
	} catch (error) {
		if (error instanceof FormulaError) throw new UserError(messages.badFormula(origin.file, origin.line, what, error.message));
		throw error;
	}
}

import type { Interval } from './estimate.ts';
import type { Corner } from './interval.ts';
import { type Compiled, compile } from './profile/compile.ts';
import { memoryFunctions, namesIn } from './profile/formula.ts';
import type { MemoryModel, Profile, Term } from './profile/types.ts';
import { eventNames, inferenceVocabulary, structureNames } from './profile/vocabulary.ts';
import { dependencies } from './unpriced.ts';

export interface CompiledTerm {
	readonly term: Term;
	readonly evaluate: Compiled;
}

export interface CompiledStore {
	readonly name: string;
	readonly elements: Compiled;
	readonly width: Compiled;
	readonly reads: Compiled;
	readonly writes: Compiled;
	readonly eachElementOnce: boolean;
}

export interface CompiledLevel {
	readonly name: string;
	/** Joules of a word access in a buffer of so many bits. */
	readonly access: (slots: Float64Array, bufferBits: number) => number;
	readonly word: number;
	/** Slot, or null for the last level. */
	readonly capacity: number | null;
}

export interface CompiledMemory {
	readonly model: MemoryModel;
	readonly stores: readonly CompiledStore[];
	readonly levels: readonly CompiledLevel[];
	/** Slots of the constants on which it depends where stores live and how large they are. */
	readonly sizeSlots: readonly number[];
	/** First slot of the store's results: energy and bits in all, then by level, then the footprint. */
	readonly slotOf: (store: number) => number;
	readonly slotsPerStore: number;
}

/** A profile compiled once: every formula a closure over one array of slots in SI units. */
export interface Program {
	readonly profile: Profile;
	/** Constants that are given, not computed: what a {@link Corner} has a value for. */
	readonly given: readonly string[];
	readonly intervals: readonly Interval[];
	/** Whether any energy or latency depends on it, by the same index. */
	readonly moves: readonly boolean[];
	readonly slotCount: number;
	/** Writes a corner's constants and those computed from them into the slots. */
	readonly setConstants: (slots: Float64Array, corner: Corner) => void;
	readonly eventSlot: number;
	readonly structureSlot: number;
	readonly timestepSlot: number;
	readonly extraSlot: (name: string) => number;
	readonly energy: readonly CompiledTerm[];
	readonly latency: readonly CompiledTerm[];
	readonly roofline: readonly CompiledTerm[];
	readonly inferenceEnergy: readonly CompiledTerm[];
	readonly inferenceLatency: readonly CompiledTerm[];
	readonly resources: readonly CompiledTerm[];
	readonly quantizedMac: CompiledTerm | null;
	readonly int8Mac: CompiledTerm | null;
	readonly memory: CompiledMemory | null;
}

const programs = new WeakMap<Profile, Program>();

/** The profile's program; compiled at most once. */
export function programOf(profile: Profile): Program {
	const known = programs.get(profile);
	if (known) return known;
	const program = compileProfile(profile);
	programs.set(profile, program);
	return program;
}

/**
 * Gives a profile the program of another from which it differs by the values of constants alone, where it does: nothing is compiled
 * anew, and stores whose sizes are the same lie where they lay.
 */
export function shareProgram(from: Program, profile: Profile): void {
	const given = [...profile.constants.values()].filter(({ formula }) => !formula);
	const same =
		profile.energy === from.profile.energy &&
		profile.memory === from.profile.memory &&
		given.length === from.given.length &&
		given.every(({ name, table }, index) => name === from.given[index] && table === from.profile.constants.get(name)?.table);
	if (same) programs.set(profile, { ...from, profile, intervals: given.map(({ value }) => value) });
}

function compileProfile(profile: Profile): Program {
	const constants = [...profile.constants.values()];
	const names: string[] = [
		...constants.map(({ name }) => name),
		...eventNames,
		...structureNames,
		'timestep',
		...inferenceVocabulary.map(({ name }) => name),
		...profile.resources.map(({ name }) => `resource ${name}`),
		'bits',
	];
	const slots = new Map(names.map((name, index) => [name, index]));
	const memory = profile.memory;
	const storeNames = memory?.stores.map(({ name }) => name) ?? [];
	const levelNames = memory?.levels.map(({ name }) => name) ?? [];
	const slotsPerStore = 2 * (levelNames.length + 1) + 1;
	const memorySlot = (name: string, store: string, level: string | null): number => {
		const first = names.length + storeNames.indexOf(store) * slotsPerStore;
		if (name === 'footprintBits') return first + slotsPerStore - 1;
		const place = level === null ? 0 : 1 + levelNames.indexOf(level);
		return first + 2 * place + memoryFunctions.indexOf(name as (typeof memoryFunctions)[number]);
	};
	const slot = (name: string): number => slots.get(name) ?? slots.get(`resource ${name}`) ?? -1;
	const context = { slot, memorySlot, table: (name: string) => profile.constants.get(name)?.table ?? undefined };
	const compileTerm = (term: Term): CompiledTerm => ({ term, evaluate: compile(term.expression, context) });
	const given = constants.filter(({ formula }) => !formula);
	const givenSlots = given.map(({ name }) => slot(name));
	const computed = inOrder(profile).flatMap((name) => {
		const formula = profile.constants.get(name)?.formula;
		return formula ? [{ slot: slot(name), evaluate: compile(formula.expression, context) }] : [];
	});
	const reachable = dependencies(profile, [
		...profile.energy,
		...profile.inferenceEnergy,
		...profile.latency,
		...profile.roofline,
		...profile.inferenceLatency,
	]);
	return {
		profile,
		given: given.map(({ name }) => name),
		intervals: given.map(({ value }) => value),
		moves: given.map(({ name }) => reachable.has(name)),
		slotCount: names.length + storeNames.length * slotsPerStore,
		setConstants: (values, corner) => {
			for (let index = 0; index < givenSlots.length; index++) values[givenSlots[index] as number] = corner[index] as number;
			for (const { slot, evaluate } of computed) values[slot] = evaluate(values);
		},
		eventSlot: slot(eventNames[0] ?? ''),
		structureSlot: slot(structureNames[0] ?? ''),
		timestepSlot: slot('timestep'),
		extraSlot: slot,
		energy: profile.energy.map(compileTerm),
		latency: profile.latency.map(compileTerm),
		roofline: profile.roofline.map(compileTerm),
		inferenceEnergy: profile.inferenceEnergy.map(compileTerm),
		inferenceLatency: profile.inferenceLatency.map(compileTerm),
		resources: profile.resources.map(compileTerm),
		quantizedMac: profile.dense.quantizedMac ? compileTerm(profile.dense.quantizedMac) : null,
		int8Mac: profile.dense.int8Mac ? compileTerm(profile.dense.int8Mac) : null,
		memory: memory
			? {
					model: memory,
					stores: memory.stores.map((store) => ({
						name: store.name,
						elements: compile(store.elements.expression, context),
						width: compile(store.width.expression, context),
						reads: compile(store.reads.expression, context),
						writes: compile(store.writes.expression, context),
						eachElementOnce: store.transfer === 'once-per-timestep',
					})),
					levels: memory.levels.map(({ name, access, word, capacity }) => ({
						name,
						access: accessPrice(profile, access, slot(access)),
						word: slot(word),
						capacity: capacity === null ? null : slot(capacity),
					})),
					sizeSlots: sizeNames(memory)
						.filter((name) => profile.constants.has(name))
						.map(slot),
					slotOf: (store) => names.length + store * slotsPerStore,
					slotsPerStore,
				}
			: null,
	};
}

function sizeNames({ stores, levels }: MemoryModel): string[] {
	const names = new Set(levels.flatMap(({ word, capacity }) => (capacity === null ? [word] : [word, capacity])));
	for (const { elements, width } of stores) for (const { expression } of [elements, width]) namesIn(expression, names);
	return [...names];
}

function accessPrice(profile: Profile, name: string, slot: number): (slots: Float64Array, bufferBits: number) => number {
	if (!profile.constants.get(name)?.table) return (slots) => slots[slot] ?? 0;
	const key = new Float64Array(slot + 2);
	const lookUp = compile(
		{
			kind: 'call',
			name: 'interp',
			operands: [
				{ kind: 'name', name },
				{ kind: 'name', name: 'buffer' },
			],
		},
		{
			slot: (wanted) => (wanted === 'buffer' ? slot + 1 : slot),
			memorySlot: () => -1,
			table: (wanted) => profile.constants.get(wanted)?.table ?? undefined,
		},
	);
	return (slots, bufferBits) => {
		key[slot] = slots[slot] ?? 1;
		key[slot + 1] = bufferBits;
		return lookUp(key);
	};
}

/** Computed constants, each after those it uses; loading made sure there is no cycle. */
function inOrder({ constants }: Profile): string[] {
	const ordered: string[] = [];
	const visit = (name: string): void => {
		const formula = constants.get(name)?.formula;
		if (!formula || ordered.includes(name)) return;
		for (const used of namesIn(formula.expression)) visit(used);
		ordered.push(name);
	};
	for (const name of constants.keys()) visit(name);
	return ordered;
}

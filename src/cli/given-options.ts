import type { Argv } from 'yargs';
import { optionGivenTwice, optionWithoutValue } from './messages.ts';

/** Stands for "-", which the parser takes for an option without a name. */
const dash = '\0-';

export const shieldedDash = (word: string): string => (word === '-' ? dash : word);

/** Gives every "-" back among the values the parser hands over. */
export function unshieldDashes(values: Record<string, unknown>): void {
	const given = (value: unknown): unknown => (value === dash ? '-' : Array.isArray(value) ? value.map(given) : value);
	for (const [name, value] of Object.entries(values)) values[name] = given(value);
}

/** Names by what was declared of them. */
interface DeclaredOptions {
	/** Every option and positional, aliases among them. */
	readonly key: Readonly<Record<string, unknown>>;
	readonly array: readonly string[];
	readonly number: readonly string[];
	readonly string: readonly string[];
}

/** What the parser knows of the command it runs, which its types leave out. */
interface ParserState {
	getOptions(): DeclaredOptions;
	getGroups(): Readonly<Record<string, readonly string[]>>;
}

/**
 * Whether every option is there once, unless it may repeat, and has its value: the parser makes a list of an option that is
 * given twice, and nothing of a number that is missing.
 *
 * @throws UserError naming the option
 */
export function checkGivenOptions(values: Readonly<Record<string, unknown>>, parser: Argv): void {
	const state = parser as unknown as ParserState;
	const declared = state.getOptions();
	const positionals = state.getGroups()['Positionals:'] ?? [];
	for (const name of Object.keys(declared.key)) {
		if (!Object.hasOwn(values, name) || declared.array.includes(name) || positionals.includes(name)) continue;
		const value = values[name];
		if (Array.isArray(value)) throw optionGivenTwice(name, value.length);
		const missing = declared.number.includes(name) ? value === undefined : declared.string.includes(name) && value === '';
		if (missing) throw optionWithoutValue(name);
	}
}

import type { Argv } from 'yargs';

/** What a parser knows of the options a command declared, which its types leave out. */
export interface Declared {
	getOptions(): {
		/** Every option and positional, aliases among them. */
		readonly key: Readonly<Record<string, unknown>>;
		readonly alias: Readonly<Record<string, readonly string[]>>;
		readonly array: readonly string[];
		readonly boolean: readonly string[];
		readonly number: readonly string[];
		readonly string: readonly string[];
		readonly choices: Readonly<Record<string, readonly string[]>>;
		readonly default: Readonly<Record<string, unknown>>;
		readonly hiddenOptions: readonly string[];
	};
	getGroups(): Readonly<Record<string, readonly string[]>>;
	getDemandedOptions(): Readonly<Record<string, unknown>>;
	getInternalMethods(): { getUsageInstance(): { getDescriptions(): Readonly<Record<string, string | undefined>> } };
}

/** What a command has declared on a parser, once its builder has run. */
export const declaredOn = (parser: Argv): Declared => parser as unknown as Declared;

export const positionalsOf = (declared: Declared): readonly string[] => declared.getGroups()['Positionals:'] ?? [];

/** Names of the options of a command, rarely needed ones among them, without positionals and other spellings. */
export function optionNames(declared: Declared): string[] {
	const { key, alias } = declared.getOptions();
	const others = new Set(
		Object.values(alias)
			.flat()
			.filter((name) => name.length === 1),
	);
	const positionals = positionalsOf(declared);
	return Object.keys(key).filter((name) => !positionals.includes(name) && !others.has(name));
}

import type createParser from 'yargs/yargs';
import { UserError } from '../errors.ts';
import { nearestChoices, nearestNames } from '../nearest.ts';
import type { Command } from './command.ts';
import { type Declared, declaredOn, optionNames } from './declared.ts';
import * as messages from './messages.ts';
import { shielded, unshield } from './parser.ts';
import { verbOf } from './verbs.ts';

/**
 * Whether every word of a command line that must be one of some names is one: the verb below a verb, options, and values that
 * name something. Runs before what is missing or does not fit is told: a mistyped word often is the cause of it.
 *
 * @param words  the command line without the program's name
 * @throws UserError naming the first word that is wrong, and those it may stand for
 */
export async function refuseMistyped(verb: Command, words: readonly string[], yargs: typeof createParser): Promise<void> {
	const rest = words.slice(words.indexOf(verbOf(verb.command)) + 1);
	const below = subcommandIn(verb, rest);
	const command = below ?? verb;
	const path = [verb, ...(below ? [below] : [])].map((one) => verbOf([one.command].flat()[0])).join(' ');
	const declared = declaredOn(command.builder(yargs([]).help(false).version(false)));
	const { Parser } = yargs as unknown as {
		readonly Parser: (words: readonly string[], options: object) => Record<string, unknown>;
	};
	const values = Parser(shielded(rest), declared.getOptions());
	refuseOptions(values, declared, rest);
	unshield(values);
	const given = [values._]
		.flat()
		.map(String)
		.filter((word) => below === undefined || word !== verbOf(below.command));
	const problem = wrongChoice(values, declared) ?? (await wrongNameIn(path, values, given[0], declared));
	if (problem !== null) throw new UserError(problem, { exitCode: 2 });
}

/** The verb below a verb, the one that stands for it where none is named; undefined where it has none. */
function subcommandIn(verb: Command, rest: readonly string[]): Command | undefined {
	const below = verb.subcommands ?? [];
	const named = below.find((one) => rest.includes(verbOf(one.command)));
	const [word = ''] = rest;
	if (below.length === 0 || named !== undefined) return named;
	if (word === '' || word.startsWith('-')) return below.find((one) => [one.command].flat().includes('$0'));
	const near = nearestNames(
		word,
		below.map((one) => verbOf(one.command)),
	).map((name) => `${verbOf(verb.command)} ${name}`);
	throw new UserError(messages.unknownCommand(`${verbOf(verb.command)} ${word}`, near), { exitCode: 2 });
}

function refuseOptions(values: Readonly<Record<string, unknown>>, declared: Declared, words: readonly string[]): void {
	const { key, alias } = declared.getOptions();
	const own = optionNames(declared);
	const known = new Set(['_', '--', 'force', ...Object.keys(key), ...Object.values(alias).flat()].flatMap(spellings));
	const wrong = [
		...new Set(
			Object.keys(values)
				.filter((name) => !known.has(name))
				.map(dashed),
		),
	];
	if (wrong.length === 0) return;
	const near = wrong.flatMap((name) => {
		if (name.length === 1) return nearLetter(name, own, alias);
		const negated = words.includes(`--no-${name}`) ? 'no-' : '';
		return nearestNames(name, own, 1).map((one) => `--${negated}${one}`);
	});
	throw new UserError(messages.unknownOptions(wrong, [...new Set(near)]), { exitCode: 2 });
}

/** A letter in the other case, or the options that begin with it. */
function nearLetter(letter: string, own: readonly string[], alias: Readonly<Record<string, readonly string[]>>): string[] {
	const other = Object.values(alias)
		.flat()
		.find((one) => one.length === 1 && one.toLowerCase() === letter.toLowerCase());
	if (other !== undefined) return [`-${other}`];
	return own
		.filter((name) => name.startsWith(letter))
		.slice(0, 3)
		.map((name) => `--${name}`);
}

const camelCase = (name: string): string => name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const dashed = (name: string): string =>
	name.replaceAll(/[A-Z]/g, (letter, at: number) => (at === 0 ? letter : `-${letter.toLowerCase()}`));
const spellings = (name: string): string[] => [name, camelCase(name)];

function wrongChoice(values: Readonly<Record<string, unknown>>, declared: Declared): string | null {
	const { choices } = declared.getOptions();
	for (const name of optionNames(declared)) {
		const known = (choices[name] ?? []).map(String);
		if (known.length === 0) continue;
		const wrong = typedValues(values[name]).find((value) => !known.includes(value));
		if (wrong !== undefined) return messages.unknownChoice(name, wrong, nearestChoices(wrong, known), known);
	}
	return null;
}

async function wrongNameIn(
	path: string,
	values: Readonly<Record<string, unknown>>,
	positional: string | undefined,
	declared: Declared,
): Promise<string | null> {
	const { default: defaults } = declared.getOptions();
	const given = optionNames(declared).filter((name) => typedValues(values[name]).length > 0 && values[name] !== defaults[name]);
	// Most command lines name nothing; the tables of names are left alone then.
	if (given.length === 0 && positional === undefined) return null;
	const { namesOfOption, namesOfPositional, wrongName } = await import('./known-names.ts');
	for (const name of given) {
		const known = namesOfOption(path, name);
		if (known === undefined) continue;
		for (const value of typedValues(values[name])) {
			const problem = await wrongName(`--${name}`, value, known);
			if (problem !== null) return problem;
		}
	}
	const known = namesOfPositional(path);
	return known === undefined || positional === undefined ? null : wrongName(path, positional, known);
}

/** A value that is missing or given twice is told of later. */
const typedValues = (value: unknown): string[] =>
	[value]
		.flat()
		.flatMap((one) =>
			typeof one === 'string' && one !== '' ? [one] : typeof one === 'number' && !Number.isNaN(one) ? [String(one)] : [],
		);

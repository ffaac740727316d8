import { existsSync } from 'node:fs';
import type { Argv } from 'yargs';
import type createParser from 'yargs/yargs';
import { UserError } from '../errors.ts';
import { tool } from '../version.ts';
import type { Command } from './command.ts';
import { nameNotText, optionGivenTwice, optionNotANumber, optionWithoutValue, parserSentences } from './messages.ts';

/** Stands before a word that the parser must not take for an option: no argument of a program can hold it. */
const shield = '\0';

/** A command line whose "-", and all words behind "--", the parser takes for values; it would lose the latter. */
export function shielded(words: readonly string[]): string[] {
	const end = words.includes('--') ? words.indexOf('--') : words.length;
	return [
		...words.slice(0, end).map((word) => (word === '-' ? shield + word : word)),
		...words.slice(end + 1).map((word) => shield + word),
	];
}

/**
 * Node.js puts U+FFFD for bytes that are not UTF-8, and the name a program is handed then leads nowhere.
 *
 * @throws UserError naming the word
 */
export function refuseNamesNotText(words: readonly string[]): void {
	const lost = words.find((word) => word.includes('\uFFFD') && !existsSync(word));
	if (lost !== undefined) throw new UserError(nameNotText(lost), { exitCode: 2 });
}

/** Gives every shielded word back among the values the parser hands over. */
export function unshield(values: Record<string, unknown>): void {
	const given = (value: unknown): unknown =>
		typeof value === 'string' && value.startsWith(shield)
			? value.slice(shield.length)
			: Array.isArray(value)
				? value.map(given)
				: value;
	for (const [name, value] of Object.entries(values)) values[name] = given(value);
}

/** Names by what was declared of them. */
interface DeclaredOptions {
	/** Every option and positional, aliases among them. */
	readonly key: Readonly<Record<string, unknown>>;
	readonly array: readonly string[];
	readonly number: readonly string[];
	readonly string: readonly string[];
	readonly alias: Readonly<Record<string, readonly string[]>>;
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
export function checkGivenOptions(values: Readonly<Record<string, unknown>>, parser: Argv, argv: readonly string[] = []): void {
	const state = parser as unknown as ParserState;
	const declared = state.getOptions();
	const positionals = state.getGroups()['Positionals:'] ?? [];
	for (const name of Object.keys(declared.key)) {
		if (!Object.hasOwn(values, name) || declared.array.includes(name) || positionals.includes(name)) continue;
		const value = values[name];
		if (Array.isArray(value)) throw optionGivenTwice(name, value.length);
		const missing = declared.number.includes(name) ? value === undefined : declared.string.includes(name) && value === '';
		if (missing) throw optionWithoutValue(name);
		if (declared.number.includes(name) && Number.isNaN(value)) throw optionNotANumber(name, wordBehind(name, state, argv));
	}
}

/** What was typed as the value of an option. */
function wordBehind(name: string, parser: ParserState, argv: readonly string[]): string {
	const aliases = parser.getOptions().alias[name] ?? [];
	const spellings = [name, ...aliases].map((one) => (one.length === 1 ? `-${one}` : `--${one}`));
	for (const [at, word] of argv.entries()) {
		if (spellings.includes(word)) return argv[at + 1] ?? '';
		const spelling = spellings.find((one) => word.startsWith(`${one}=`));
		if (spelling !== undefined) return word.slice(spelling.length + 1);
	}
	return 'NaN';
}

/**
 * The parser of a command line whose words are no mistyped ones: it tells what is missing, then values that are not what they
 * should be. What runs behind that is the caller's.
 *
 * @param words  the command line without the program's name, options of a file among them
 */
export function commandParser(yargs: typeof createParser, words: readonly string[], commands: readonly Command[]): Argv {
	let parser: Argv = yargs(shielded(words))
		.scriptName(tool.name)
		// Sentences that differ by number are objects, which the parser takes and its types leave out.
		.updateStrings(parserSentences as unknown as Record<string, string>)
		.version(tool.version)
		.help(false)
		.strict()
		.demandCommand(1, 'Name a command; "snn-energy --help" lists them.')
		.option('force', {
			type: 'boolean',
			default: false,
			describe: 'Let results replace a file of another kind',
			group: 'Output:',
		})
		.exitProcess(false)
		.middleware(unshield)
		.middleware((values): void => checkGivenOptions(values, parser, words))
		.fail((message, error) => {
			// The parser complains in text, or in errors of its own.
			if (error && error.name !== 'YError') throw error;
			throw new UserError(
				(message ?? error?.message ?? '')
					.replaceAll(shield, '')
					.trim()
					.replace(/\s*\n\s*/g, ' '),
				{ exitCode: 2 },
			);
		});
	for (const command of commands) parser = parser.command(command);
	return parser;
}

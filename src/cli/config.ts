import { existsSync } from 'node:fs';
import { dirname, isAbsolute, join, relative } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';
import { notAMapping } from '../hardware/messages.ts';
import { parseProfileDocument } from '../hardware/profile/document.ts';
import { readText } from '../input-text.ts';
import { nearestNames } from '../nearest.ts';
import type { Command } from './command.ts';
import { subcommandOf } from './command-help.ts';
import { configKey } from './config-file.ts';
import { type Declared, declaredOn, optionNames } from './declared.ts';
import * as messages from './messages.ts';
import type { Configured } from './options.ts';
import { loadCommands } from './verbs.ts';

/** Options that say what one command does, and may replace a file: no file gives them unseen. */
const onlyTyped = new Set([
	'out',
	'force',
	'labels-out',
	'save-activity',
	'bib',
	'report',
	'resume',
	'shard',
	'tables',
	'help',
	'version',
]);

/**
 * The options of a file that a command has and its line does not give, as the line would give them: the parser checks them like
 * any other. Options under the name of a verb are for that verb alone.
 *
 * @param newParser  a parser without options
 * @throws UserError where the file is not what it should be, or names an option no command has
 */
export async function configuredOptions(
	path: string,
	verb: Command,
	argv: readonly string[],
	newParser: () => Argv,
): Promise<Configured> {
	const file = relative(process.cwd(), path) || path;
	const { content, lineOf } = readOptions(path, file);
	const { command, path: called } = subcommandOf(verb, argv.slice(1));
	const declared = declaredOn(command.builder(newParser()));
	const own = optionNames(declared);
	const name = called.split(' ')[0] ?? '';
	const known = await knownNames(newParser);
	const options = new Map<string, readonly string[]>();
	const take = (key: string, value: unknown, place: string, required: boolean): void => {
		if (!known.options.has(key) || (required && !own.includes(key)))
			throw new UserError(
				messages.unknownSetting(
					place,
					key,
					nearestNames(key, required ? own : [...known.options, ...known.verbs]),
					required ? name : undefined,
				),
			);
		if (onlyTyped.has(key)) throw new UserError(messages.onlyTyped(place, key), { exitCode: 2 });
		if (own.includes(key)) options.set(key, wordsOf(key, value, declared, place, dirname(path)));
	};
	for (const [key, value] of Object.entries(content)) {
		const place = `${file}:${lineOf([key])}`;
		if (!known.verbs.has(key) || !isMapping(value)) take(key, value, place, false);
	}
	const section = Object.hasOwn(content, name) ? content[name] : undefined;
	if (isMapping(section))
		for (const [key, value] of Object.entries(section)) take(key, value, `${file}:${lineOf([name, key])}`, true);
	const typed = typedNames(argv, declared);
	return { file, options: new Map([...options].filter(([key]) => !typed.has(key))) };
}

interface Options {
	readonly content: Readonly<Record<string, unknown>>;
	readonly lineOf: (keys: readonly string[]) => number;
}

function readOptions(path: string, file: string): Options {
	const text = readText(path);
	// An empty file sets nothing.
	if (text.replaceAll(/#.*$/gm, '').trim() === '') return { content: {}, lineOf: () => 1 };
	const { content, lineOf } = parsedMapping(text, path, file);
	if (!path.endsWith('package.json')) return { content, lineOf };
	const own = content[configKey];
	if (!isMapping(own)) throw new UserError(messages.notASetOfOptions(file, configKey), { exitCode: 2 });
	return { content: own, lineOf: (keys) => lineOf([configKey, ...keys]) };
}

/** @throws UserError that speaks of options where profiles would be spoken of */
function parsedMapping(text: string, path: string, file: string): Options {
	try {
		return parseProfileDocument(text, path, file);
	} catch (error) {
		if (error instanceof UserError && error.message === notAMapping(file))
			throw new UserError(messages.notOptions(file), { cause: error, exitCode: 2 });
		throw error;
	}
}

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every verb, and every option of any. */
async function knownNames(newParser: () => Argv): Promise<{ readonly verbs: Set<string>; readonly options: Set<string> }> {
	const commands = await loadCommands();
	const all = commands.flatMap((command) => [command, ...(command.subcommands ?? [])]);
	return {
		verbs: new Set(commands.map(({ command }) => String([command].flat()[0]).split(' ')[0] ?? '')),
		options: new Set(all.flatMap((command) => optionNames(declaredOn(command.builder(newParser()))))),
	};
}

function wordsOf(key: string, value: unknown, declared: Declared, place: string, folder: string): readonly string[] {
	const { array, boolean } = declared.getOptions();
	const entries = [value].flat();
	if (entries.some((entry) => !['string', 'number', 'boolean'].includes(typeof entry)) || entries.length === 0)
		throw new UserError(messages.settingValue(place, key), { exitCode: 2 });
	if (Array.isArray(value) && !array.includes(key)) throw new UserError(messages.settingOnce(place, key), { exitCode: 2 });
	if (boolean.includes(key)) {
		if (typeof value !== 'boolean') throw new UserError(messages.settingTruth(place, key), { exitCode: 2 });
		return [value ? `--${key}` : `--no-${key}`];
	}
	return entries.map((entry) => `--${key}=${fileBeside(String(entry), folder)}`);
}

/** A file or folder beside the file of options, which may be read from another folder; anything else as it is. */
function fileBeside(value: string, folder: string): string {
	const beside = join(folder, value);
	return !isAbsolute(value) && folder !== process.cwd() && value !== '' && existsSync(beside) ? beside : value;
}

/** Options that stand on a command line, in any of their spellings. */
function typedNames(argv: readonly string[], declared: Declared): Set<string> {
	const { alias } = declared.getOptions();
	const words = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
	return new Set(
		optionNames(declared).filter((name) => {
			const long = [name, ...(alias[name] ?? [])].filter((one) => one.length > 1).flatMap((one) => [`--${one}`, `--no-${one}`]);
			const short = (alias[name] ?? []).filter((one) => one.length === 1).map((one) => `-${one}`);
			return words.some(
				(word) => long.includes(word.split('=')[0] ?? '') || short.some((one) => word.startsWith(one) && !word.startsWith('--')),
			);
		}),
	);
}

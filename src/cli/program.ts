import { createRequire } from 'node:module';
import { stderr, stdout } from 'node:process';
import type { Argv } from 'yargs';
import type createParser from 'yargs/yargs';
import { UserError } from '../errors.ts';
import { forgetInputs } from '../inputs.ts';
import { fileProblem, isSystemProblem } from '../system-errors.ts';
import { tool } from '../version.ts';
import type { Configured } from './options.ts';
import { watchStandardStreams } from './standard-streams.ts';
import { loadCommands, nameOf, verbGroups, verbNamed } from './verbs.ts';

/** Runs the command line; resolves to the exit code. Results go to stdout, everything else to stderr. */
export async function runProgram(argv: readonly string[]): Promise<number> {
	forgetInputs();
	watchStandardStreams();
	// What is thrown where nobody waits for it, such as a program that cannot be loaded for want of open files.
	process.on('uncaughtException', (error) => {
		process.exitCode = tell(error);
		process.exit();
	});
	let configured: Configured | undefined;
	try {
		const help = helpAsked(argv);
		// The top page is asked for most often and needs neither the parser nor a command.
		if (help?.words.length === 0) {
			const { topHelp } = await import('./top-help.ts');
			stdout.write(topHelp(tool.name));
			return 0;
		}
		const [first, second = ''] = argv;
		if (first === '--version' && argv.length === 1) {
			stdout.write(`${tool.version}\n`);
			return 0;
		}
		if (first === '--completion' || first === '--complete') {
			const { completions, completionScripts } = await import('./completion.ts');
			if (first === '--complete') {
				const newParser = createRequire(import.meta.url)('yargs/yargs') as typeof createParser;
				const found = await completions(argv.slice(1), () => newParser([]).help(false).version(false));
				stdout.write(found.map((name) => `${name}\n`).join(''));
				return 0;
			}
			const script = completionScripts[second];
			const { unknownShell } = await import('./messages.ts');
			if (script === undefined) throw new UserError(unknownShell(second), { exitCode: 2 });
			stdout.write(script);
			return 0;
		}
		const verb = verbNamed((help?.words ?? argv)[0]);
		if (verb === undefined) {
			const { renamed, renamedSentence } = await import('./renamed.ts');
			const former = renamed(help?.words ?? argv);
			if (former) throw new UserError(renamedSentence(tool.name, former), { exitCode: 2 });
		}
		// The package's single-file build, which loads three times faster than its modules.
		const yargs = createRequire(import.meta.url)('yargs/yargs') as typeof createParser;
		if (help && verb) {
			const { commandHelp, subcommandOf } = await import('./command-help.ts');
			const { command, path } = subcommandOf(await verb.load(), help.words.slice(1));
			stdout.write(commandHelp(`${tool.name} ${path}`, command, yargs([]).help(false).version(false), help.all));
			return 0;
		}
		const { commandParser, refuseNamesNotText } = await import('./parser.ts');
		refuseNamesNotText(argv);
		if (verb === undefined) await refuseVerb(argv, help);
		const newParser = (): Argv => yargs([]).help(false).version(false);
		const { findConfigFile } = await import('./config-file.ts');
		const file = verb ? findConfigFile(process.cwd()) : null;
		if (file !== null && verb) {
			const { configuredOptions } = await import('./config.ts');
			configured = await configuredOptions(file, await verb.load(), argv, newParser);
		}
		const words = withWords(argv, [...(configured?.options.values() ?? [])].flat());
		const { refuseMistyped } = await import('./mistyped.ts');
		if (verb) await refuseMistyped(await verb.load(), words, yargs);
		const { firstChecks } = await import('./first-checks.ts');
		const commands = await loadCommands(argv[0]);
		const parser = commandParser(yargs, words, commands)
			.middleware((values): Promise<void> => tellConfigured(values, configured))
			.middleware(async (values): Promise<void> => {
				if (values.out !== undefined || words.some((word) => word.startsWith('--format')))
					(await import('./out-format.ts')).inferFormat(values, parser, argv, words);
			})
			.middleware(firstChecks);
		await parser.parseAsync();
		return typeof process.exitCode === 'number' ? process.exitCode : 0;
	} catch (error) {
		return tell(error, configured);
	}
}

interface HelpRequest {
	/** What stands before the request: a verb and what it was given. */
	readonly words: readonly string[];
	/** Whether options that are rarely needed are asked for too. */
	readonly all: boolean;
}

/** The help a command line asks for, by an option or by the word "help" before a verb; null where it asks for none. */
function helpAsked(argv: readonly string[]): HelpRequest | null {
	const [first, ...rest] = argv;
	const options = argv.slice(0, argv.includes('--') ? argv.indexOf('--') : undefined);
	const all = options.includes('--help-all');
	if (first === 'help') return { words: rest.filter((word) => !word.startsWith('-')), all };
	if (!all && !options.includes('--help') && !options.includes('-h')) return null;
	return { words: options.filter((word) => !word.startsWith('-')), all };
}

/** @throws UserError for a first word that is no verb, with the nearest */
async function refuseVerb(argv: readonly string[], help: HelpRequest | null): Promise<void> {
	const [typed = ''] = help?.words ?? argv;
	if (typed === '') return;
	const { nearestNames } = await import('../nearest.ts');
	const { unknownCommand, unknownOptions } = await import('./messages.ts');
	const isOption = typed.startsWith('-');
	const known = isOption ? ['--help', '--version', '--completion'] : verbGroups.flatMap(({ verbs }) => verbs.map(nameOf));
	const near = nearestNames(typed, known, isOption ? 1 : 3);
	const sentence = isOption ? unknownOptions([typed.replace(/^-+/, '')], near) : unknownCommand(typed, near);
	throw new UserError(sentence, { exitCode: 2 });
}

/** A command line with options that a file gives behind its own. */
function withWords(argv: readonly string[], more: readonly string[]): readonly string[] {
	const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
	return [...argv.slice(0, end), ...more, ...argv.slice(end)];
}

/** Says on stderr what a file gave, and hands it to the command. */
async function tellConfigured(values: Record<string, unknown>, configured: Configured | undefined): Promise<void> {
	if (configured === undefined || configured.options.size === 0) return;
	values.configured = configured;
	const { appliedOptions } = await import('./configured.ts');
	const words = appliedOptions(configured, values);
	if (values.quiet !== true && words.length > 0) stderr.write(`snn-energy: ${configured.file} sets ${words.join(' ')}.\n`);
}

/** Says on stderr what went wrong. @returns the exit code */
function tell(error: unknown, configured?: Configured): number {
	if (error instanceof UserError) {
		const blamed = [...(configured?.options.keys() ?? [])].find((name) => new RegExp(`--${name}(?![\\w-])`).test(error.message));
		const where = blamed === undefined ? '' : ` (${configured?.file} sets --${blamed}.)`;
		stderr.write(`snn-energy: ${error.message}${where}\n`);
		return error.exitCode;
	}
	if (isSystemProblem(error)) {
		const { path } = error as NodeJS.ErrnoException;
		stderr.write(`snn-energy: ${path === undefined ? '' : `${path}: `}${fileProblem(error)}.\n`);
		return 1;
	}
	const detail = error instanceof Error ? error : new Error(String(error));
	stderr.write(
		`snn-energy: internal error: ${detail.message}\n  This is a bug in snn-energy. Set SNN_ENERGY_DEBUG=1 to see where it happened.\n`,
	);
	if (process.env.SNN_ENERGY_DEBUG) stderr.write(`${detail.stack ?? ''}\n`);
	return 70;
}

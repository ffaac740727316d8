import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { configuredSentence } from '../reporting/sentences.ts';
import type { Configured } from './options.ts';
import { isRunOption } from './options.ts';

/** What a result says of the options a file gave: those that are kept, by name; null where it gave none of them. */
function configuredNote(configured: Configured | undefined, keeps: (name: string) => boolean): string | null {
	const words = [...(configured?.options ?? [])].flatMap(([name, given]) => (keeps(name) ? given : []));
	return configured === undefined || words.length === 0 ? null : configuredSentence(configured.file, words);
}

/** A result with that sentence among what it rests on. */
export function withConfiguredNote<Result extends { readonly run: { readonly assumptions: readonly string[] } }>(
	result: Result,
	configured: Configured | undefined,
	keeps: (name: string) => boolean,
): Result {
	const note = configuredNote(configured, keeps);
	if (note === null) return result;
	return { ...result, run: { ...result.run, assumptions: [...result.run.assumptions, note] } };
}

/** The words of a file that change what the command does: a saved run is not run again, so what says how to run is idle. */
export function appliedOptions(configured: Configured, values: Readonly<Record<string, unknown>>): string[] {
	const inputs = ['model', 'models', 'network', 'run', 'results'].flatMap((name) => [values[name]].flat());
	const files = inputs.filter((file): file is string => typeof file === 'string');
	const saved = files.length > 0 && files.every(isSavedRun);
	return [...configured.options].flatMap(([name, words]) => (saved && isRunOption(name) ? [] : words));
}

function isSavedRun(file: string): boolean {
	// To look into a pipe would wait for its writer, and take from the reader behind it what comes.
	if (!file.endsWith('.json') || !statSync(file, { throwIfNoEntry: false })?.isFile()) return false;
	const start = Buffer.alloc(4096);
	const descriptor = openSync(file, 'r');
	try {
		return /"schema":\s*"snn-energy\//.test(start.toString('latin1', 0, readSync(descriptor, start)));
	} finally {
		closeSync(descriptor);
	}
}

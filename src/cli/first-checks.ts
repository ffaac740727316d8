import { existsSync, readdirSync, statSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { fileMissing } from '../formats/messages.ts';

/** What commands call the files they read: models, saved results, networks with their mapping. */
const files = ['model', 'models', 'network', 'run', 'results', 'dnn', 'shards', 'labels', 'files'] as const;
/** Those among them that may be folders, which stand for the model in them. */
const modelNames = ['model', 'models', 'network', 'run', 'results'] as const;

/**
 * Tells what is mistyped most often, a file or a profile that is not there, before anything heavy loads, and whether the
 * result can be put where it is wanted, before anything is computed. Whether a file is what it should be, its reader says.
 *
 * @throws UserError
 */
export async function firstChecks(values: Record<string, unknown>): Promise<void> {
	for (const path of files.flatMap((name) => texts(values[name]))) {
		if (path === piped) continue;
		try {
			statSync(path);
		} catch (cause) {
			const { code } = cause as NodeJS.ErrnoException;
			// Anything else, such as a folder that may not be entered, the reader words better.
			if (code !== 'ENOENT' && code !== 'ENOTDIR') continue;
			throw new UserError(`${fileMissing(path)}${await filesMeant(path)}`, { cause });
		}
	}
	for (const name of modelNames) {
		const value = values[name];
		if (value === undefined) continue;
		const { modelFileOf } = await import('../formats/model-folder.ts');
		if (typeof value === 'string') values[name] = modelFileOf(value);
		if (Array.isArray(value)) values[name] = value.map((path) => modelFileOf(String(path)));
	}
	await checkOutputs(values);
	const profiles = [values.profile, [values._].flat()[0] === 'profiles' ? values.name : undefined].flatMap(texts);
	if (profiles.length === 0) return;
	const { findProfile, looksLikePath, shippedProfiles } = await import('../hardware/profile/find.ts');
	for (const name of profiles) {
		try {
			findProfile(name, [shippedProfiles]);
		} catch (cause) {
			if (!(cause instanceof UserError) || !looksLikePath(name) || existsSync(name)) throw cause;
			throw new UserError(`${cause.message}${await filesMeant(name)}`, { cause, exitCode: cause.exitCode });
		}
	}
}

/** " Did you mean …?" with the names beside a path that leads nowhere; empty where none is like it. */
export async function filesMeant(path: string): Promise<string> {
	const near = await nearestFiles(path);
	return near.length > 0 ? ` ${(await import('./messages.ts')).didYouMean(near)}` : '';
}

/** The names beside a path that leads nowhere which are like its last. */
async function nearestFiles(path: string): Promise<string[]> {
	const { basename, dirname, join } = await import('node:path');
	const { nearestNames } = await import('../nearest.ts');
	const folder = dirname(path);
	try {
		const near = nearestNames(basename(path), readdirSync(folder), 2);
		return near.map((name) => (folder === '.' ? name : join(folder, name)));
	} catch {
		return [];
	}
}

/** Names the standard streams instead of a file. */
const piped = '-';

/** Commands whose --out may name a folder, which is made where it is missing. */
const outputFolders: ReadonlySet<unknown> = new Set(['export', 'batch plan', 'train']);
/** Commands that save the counts of several models in a folder. */
const activityFolders: ReadonlySet<unknown> = new Set(['compare', 'report']);

async function checkOutputs(values: Readonly<Record<string, unknown>>): Promise<void> {
	const named = ['out', 'labelsOut', 'saveActivity', 'bib', 'report'].filter((name) => texts(values[name]).length > 0);
	if (named.length === 0) return;
	const { allowReplacing, checkOutput } = await import('../files.ts');
	const { arrayKind } = await import('../file-kinds.ts');
	const kindsOfOut: Readonly<Record<string, string>> = { convert: 'a model (ONNX)', data: arrayKind };
	const { watchInputs } = await import('../inputs.ts');
	allowReplacing(values.force === true);
	watchInputs();
	const [command, step] = [values._].flat();
	const check = (name: string, kind?: string): void => {
		for (const path of texts(values[name])) if (path !== piped) checkOutput(path, kind);
	};
	const figures = command === 'report' && values.figure !== undefined;
	if (!outputFolders.has(command) && !outputFolders.has(`${command} ${step}`) && !figures)
		check('out', kindsOfOut[`${command}`] ?? kindOfFormat(command, values.format));
	check('labelsOut', arrayKind);
	if (!activityFolders.has(command)) check('saveActivity', 'a saved result (activity)');
	check('bib', 'text');
	check('report', 'an HTML page');
}

/** Undefined where the command decides which of several records it writes. */
function kindOfFormat(command: unknown, format: unknown): string | undefined {
	if (format === 'json') return command === 'analyze' ? 'a saved result (analysis)' : undefined;
	if (format === undefined) return undefined;
	return format === 'html' ? 'an HTML page' : 'text';
}

const texts = (value: unknown): readonly string[] =>
	[value].flat().filter((entry): entry is string => typeof entry === 'string' && entry !== '');

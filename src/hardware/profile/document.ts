import { isMap, isPair, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from 'yaml';
import { files } from '#platform/files';
import { UserError } from '../../errors.ts';
import { readText } from '../../input-text.ts';
import { refuseDeepYaml } from '../../json.ts';
import * as messages from '../messages.ts';
import { lineIn, parsedByBuild } from '../parsed-documents.ts';

/** A profile file as written, with the line of every entry. */
export interface ProfileDocument {
	/** As messages name it: relative to the working directory if that is shorter. */
	readonly file: string;
	/** Absolute or as given: what opens it. */
	readonly path: string;
	readonly content: Readonly<Record<string, unknown>>;
	/** The line of an entry's key, or of its nearest ancestor's. */
	readonly lineOf: (path: readonly string[]) => number;
}

const largestProfileBytes = 1_000_000;

/**
 * Reads a YAML (or JSON) file.
 *
 * @throws UserError if it is missing, too large, or not a YAML mapping
 */
export function readProfileDocument(path: string): ProfileDocument {
	const file = files.shortName(path);
	let text: string;
	try {
		text = readText(path, { largest: largestProfileBytes });
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(messages.cannotReadProfile(file, reason(error)), { cause: error });
	}
	const parsed = parsedByBuild(path, text);
	if (parsed === null) return parseProfileDocument(text, path, file);
	return { file, path, content: parsed.content as ProfileDocument['content'], lineOf: (entries) => lineIn(parsed, entries) };
}

/** @throws UserError if the text is not a YAML mapping */
export function parseProfileDocument(text: string, path: string, file: string = files.shortName(path)): ProfileDocument {
	const lineCounter = new LineCounter();
	const lineAt = (offset: number): number => Math.max(1, lineCounter.linePos(offset).line);
	let content: unknown;
	let root: unknown;
	try {
		refuseDeepYaml(text);
		const document = parseDocument(text, {
			lineCounter,
			prettyErrors: false,
			schema: 'core',
			uniqueKeys: true,
			stringKeys: true,
		});
		const [problem] = [...document.errors, ...document.warnings];
		if (problem)
			throw new UserError(
				messages.invalidYaml(file, lineAt(problem.pos[0]), yamlAdvice(problem.message.replaceAll(/\s+/g, ' '))),
			);
		content = document.toJS({ maxAliasCount: 20 });
		root = document.contents;
	} catch (error) {
		if (error instanceof UserError) throw error;
		throw new UserError(messages.invalidYaml(file, 1, yamlAdvice(reason(error))), {
			cause: error,
		});
	}
	if (typeof content !== 'object' || content === null || Array.isArray(content)) throw new UserError(messages.notAMapping(file));
	return {
		file,
		path,
		content: content as Readonly<Record<string, unknown>>,
		lineOf: (entries) => lineAt(offsetOf(root, entries)),
	};
}

function offsetOf(root: unknown, path: readonly string[]): number {
	let node: unknown = root;
	let offset = 0;
	for (const key of path) {
		if (isMap(node)) {
			const pair: Pair | undefined = node.items.find(
				(item) => isPair(item) && isScalar(item.key) && String(item.key.value) === key,
			);
			if (!pair) return offset;
			offset = (pair.key as Node).range?.[0] ?? offset;
			node = pair.value;
		} else if (isSeq(node)) {
			node = node.items[Number(key)];
			offset = (node as Node | undefined)?.range?.[0] ?? offset;
		} else return offset;
	}
	return offset;
}

function yamlAdvice(problem: string): string {
	if (problem.includes('call stack')) return 'it is nested too deeply.';
	return problem.startsWith('Nested mappings')
		? `${problem}. If the value is a formula with a colon, put it in quotes.`
		: problem;
}

function reason(error: unknown): string {
	const code = (error as { code?: unknown }).code;
	if (code === 'ENOENT') return 'there is no such file';
	if (code === 'EISDIR') return 'it is a folder';
	if (code === 'EACCES') return 'permission denied';
	return error instanceof Error ? error.message : String(error);
}

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { parseDocument } from 'yaml';
import { packageFolder } from '#platform/package';
import { UserError } from '../../errors.ts';
import { readInputText } from '../../inputs.ts';
import { refuseDeepYaml } from '../../json.ts';
import { parsedByBuild } from '../parsed-documents.ts';
import type { CaseKind, ValidationCase } from './case.ts';
import { caseSchemas } from './case-schema.ts';
import * as messages from './messages.ts';

/** A case and where it came from; paths inside it are relative to the file. */
export interface CaseFile {
	readonly path: string;
	readonly content: ValidationCase;
}

/** The cases that ship with the tool. */
export const shippedCases: string = join(packageFolder, 'hardware-profiles/validation/');

const largestCaseBytes = 1_000_000;

/**
 * Reads the case files (*.yaml, *.yml, *.case.json) of a folder, in the order of their names.
 *
 * @throws UserError if the folder cannot be read, holds none, or one of them is not a case
 */
export function readCases(folder: string): readonly CaseFile[] {
	let names: string[];
	try {
		names = readdirSync(folder);
	} catch (cause) {
		throw new UserError(messages.unreadableFolder(folder, reason(cause)), { cause });
	}
	const files = names.filter((name) => /\.(ya?ml|case\.json)$/.test(name)).sort();
	if (files.length === 0) throw new UserError(messages.noCases(folder));
	return files.map((name) => readCase(join(folder, name)));
}

/** @throws UserError naming the file and the first thing wrong */
function readCase(path: string): CaseFile {
	let text: string;
	try {
		text = readInputText(path, { largest: largestCaseBytes });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(messages.unreadableFolder(path, reason(cause)), { cause });
	}
	return { path, content: checkedCase(parsedByBuild(path, text)?.content ?? parseCaseText(text, path), path) };
}

/** @throws UserError if the text is not a case */
export function parseCase(text: string, path: string): ValidationCase {
	return checkedCase(parseCaseText(text, path), path);
}

/** @throws UserError if the text is not YAML */
export function parseCaseText(text: string, path: string): unknown {
	try {
		refuseDeepYaml(text);
	} catch (cause) {
		throw new UserError(messages.invalidCase(path, '', reason(cause)), { cause });
	}
	const document = parseDocument(text, { prettyErrors: false, uniqueKeys: true });
	const [problem] = document.errors;
	if (problem) throw new UserError(messages.invalidCase(path, '', problem.message.replaceAll(/\s+/g, ' ')));
	return document.toJS({ maxAliasCount: 20 });
}

/** @throws UserError if what was parsed is not a case */
function checkedCase(content: unknown, path: string): ValidationCase {
	const kind = kindOf(content);
	if (kind === null) {
		const found = typeof content === 'object' && content !== null && 'kind' in content ? String(content.kind) : null;
		throw new UserError(messages.unknownKind(path, found, Object.keys(caseSchemas)));
	}
	const validate = validatorOf(kind);
	if (validate(content)) return content;
	const [place, words] = described(validate.errors ?? []);
	throw new UserError(messages.invalidCase(path, place, words));
}

function kindOf(content: unknown): CaseKind | null {
	if (typeof content !== 'object' || content === null || !('kind' in content)) return null;
	return Object.keys(caseSchemas).find((kind): kind is CaseKind => kind === content.kind) ?? null;
}

const validators = new Map<CaseKind, ValidateFunction<ValidationCase>>();

function validatorOf(kind: CaseKind): ValidateFunction<ValidationCase> {
	const known = validators.get(kind);
	if (known !== undefined) return known;
	const compiled = new Ajv({ strict: false }).compile<ValidationCase>(caseSchemas[kind]);
	validators.set(kind, compiled);
	return compiled;
}

function described(errors: readonly ErrorObject[]): [place: string, words: string] {
	const error = errors.find(({ keyword }) => keyword !== 'anyOf') ?? errors[0];
	if (error === undefined) return ['', 'is not valid'];
	const place = error.instancePath.slice(1).replaceAll('/', '.');
	if (error.keyword === 'additionalProperties') return [place, `has the unknown entry "${error.params.additionalProperty}"`];
	if (error.keyword === 'enum') return [place, `must be one of ${error.params.allowedValues.join(', ')}`];
	return [place, error.message ?? 'is not valid'];
}

/**
 * The cases with one of the given words in their names; all of them without any.
 *
 * @throws UserError if a word is in no name
 */
export function selectCases(cases: readonly CaseFile[], only: readonly string[]): readonly CaseFile[] {
	const names = cases.map(({ content }) => content.name);
	for (const word of only) {
		if (!names.some((name) => name.includes(word))) throw new UserError(messages.noSuchCase(word, names));
	}
	return only.length === 0 ? cases : cases.filter(({ content }) => only.some((word) => content.name.includes(word)));
}

/** The name of a case in messages and results. */
export function displayName(path: string): string {
	return basename(path);
}

function reason(cause: unknown): string {
	return cause instanceof Error ? cause.message : String(cause);
}

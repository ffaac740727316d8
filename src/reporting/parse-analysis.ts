/** Reads a saved Analysis back, trusting nothing in it. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import { packageFolder } from '#platform/package';
import { join } from '#platform/paths';
import { readText } from '../input-text.ts';
import { parseJson } from '../json.ts';
import type { Analysis } from './analysis.ts';
import { wrongSum } from './check-sums.ts';
import { invalidAnalysis, notAnalysis, notJson } from './messages.ts';
import { unsealed } from './seal.ts';

let compiled: ValidateFunction<Analysis> | null = null;

/** JSON Schema of the record, published with the package. */
export function analysisSchema(): object {
	return JSON.parse(readText(join(packageFolder, 'src/reporting/schemas/analysis.schema.json'))) as object;
}

/** Whether a parsed JSON value says it is an Analysis. */
export function looksLikeAnalysis(value: unknown): boolean {
	return schemaOf(value) === 'snn-energy/analysis@1';
}

/**
 * Parses and checks the text of an analysis file.
 *
 * @param file  name for messages
 * @throws UserError naming file, place and problem when the text is no complete, consistent Analysis
 */
export function parseAnalysis(text: string, file: string): Analysis {
	let value: unknown;
	try {
		value = parseJson(text);
	} catch {
		throw notJson(file);
	}
	if (!looksLikeAnalysis(value)) throw notAnalysis(file, describeSchema(value));
	return checkedAnalysis(unsealed(value as object, file), file);
}

/**
 * Checks a parsed record without its checksum.
 *
 * @throws UserError as {@link parseAnalysis} does
 */
export function checkedAnalysis(value: object, file: string): Analysis {
	compiled ??= new Ajv2020({ allErrors: false, strict: true, strictTypes: false }).compile<Analysis>(analysisSchema());
	const validate = compiled;
	if (!validate(value)) {
		const error = validate.errors?.at(0);
		throw invalidAnalysis(file, error?.instancePath || 'the top', errorWords(error));
	}
	const wrong = wrongSum(value);
	if (wrong) throw invalidAnalysis(file, wrong.place, wrong.problem);
	return value;
}

function schemaOf(value: unknown): unknown {
	return typeof value === 'object' && value !== null && 'schema' in value ? value.schema : undefined;
}

function describeSchema(value: unknown): string {
	const schema = schemaOf(value);
	return typeof schema === 'string' ? `schema "${schema.slice(0, 60)}"` : 'JSON without a known schema';
}

function errorWords(error: ErrorObject | undefined): string {
	if (error === undefined) return 'it does not match the schema';
	if (error.keyword === 'required') return `"${String(error.params.missingProperty)}" is missing`;
	if (error.keyword === 'additionalProperties') return `"${String(error.params.additionalProperty)}" is not a known field`;
	return `it ${error.message ?? 'does not match the schema'}`;
}

import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { dirname, join } from '#platform/paths';
import { UserError } from '../../errors.ts';
import { readText } from '../../input-text.ts';
import { nearestNames } from '../../nearest.ts';
import * as messages from '../messages.ts';
import type { ProfileDocument } from './document.ts';
import { shippedProfiles } from './find.ts';
import { readShippedList } from './shipped-list.ts';

/** What a checked document may hold; quantities and formulas are still text. */
export interface RawProfile {
	readonly name: string;
	readonly title?: string;
	readonly summary?: string;
	readonly extends?: string;
	readonly technology?: Readonly<Record<string, string | number>>;
	readonly scope?: 'per-term' | 'all-in';
	readonly sources?: Readonly<Record<string, { citation: string; doi?: string; url?: string; note?: string }>>;
	readonly constants?: Readonly<Record<string, RawConstant>>;
	readonly energy?: RawTerms;
	readonly latency?: RawTerms;
	readonly roofline?: RawTerms;
	readonly inference?: { readonly energy?: RawTerms; readonly latency?: RawTerms };
	readonly resources?: RawTerms;
	readonly memory?: RawMemory;
	readonly dataflows?: Readonly<Record<string, RawDataflow>>;
	readonly memoryProfile?: string;
	readonly dense?: {
		readonly unsupported?: string;
		readonly quantizedMac?: string | number;
		readonly int8Mac?: string | number;
		readonly int8Widths?: readonly string[];
	};
	readonly unpriced?: readonly string[];
	readonly includes?: readonly string[];
	readonly assumptions?: readonly { readonly sentence: string; readonly change?: string }[];
	readonly chip?: Readonly<Record<string, unknown>>;
}

export type RawTerms = Readonly<Record<string, string | number | null>>;
export type RawQuantity = string | number;

export interface RawConstant {
	readonly value?: RawQuantity | { readonly low: RawQuantity; readonly nominal: RawQuantity; readonly high: RawQuantity };
	readonly table?: Readonly<Record<string, RawQuantity>>;
	readonly interpolation?: 'linear' | 'log-log' | 'step';
	readonly below?: 'clamp' | 'extrapolate' | 'proportional';
	readonly above?: 'clamp' | 'extrapolate';
	readonly spread?: { readonly low: number; readonly high: number };
	readonly formula?: string | number;
	readonly unit?: string;
	readonly evidence: 'measured' | 'fitted' | 'simulated' | 'published' | 'vendor' | 'derived' | 'assumed';
	readonly source: string;
	readonly note?: string;
	readonly scope?: 'per-term' | 'all-in';
	readonly scales?: 'logic' | 'sram' | 'dram';
}

export interface RawDataflow {
	readonly title: string;
	readonly summary: string;
	readonly stores: Readonly<Record<string, Partial<Record<'elements' | 'reads' | 'writes', string | number>>>>;
	readonly includes?: readonly string[];
}

export interface RawMemory {
	readonly packing: 'none' | 'full';
	readonly buffers: 'per-layer' | 'shared';
	readonly levels: Readonly<Record<string, { readonly access: string; readonly word: string; readonly capacity?: string }>>;
	readonly stores: Readonly<
		Record<
			string,
			{
				readonly elements: string | number;
				readonly width: string | number;
				readonly reads?: string | number;
				readonly writes?: string | number;
				readonly transfer?: 'per-access' | 'once-per-timestep';
			}
		>
	>;
}

let validator: ValidateFunction<RawProfile> | undefined;

function validate(): ValidateFunction<RawProfile> {
	if (!validator) {
		const schema = JSON.parse(readText(join(shippedProfiles, 'profile.schema.json')));
		validator = new Ajv({
			allErrors: true,
			verbose: true,
			allowUnionTypes: true,
			strictRequired: false,
			strictTypes: false,
		}).compile<RawProfile>(schema);
	}
	return validator;
}

/** Sentences for every way a document breaks the published JSON Schema, in the order of its lines. */
export function schemaProblems(document: ProfileDocument): string[] {
	const check = validate();
	if (check(document.content)) return [];
	const problems = (check.errors ?? []).filter(({ keyword }) => keyword !== 'if' && keyword !== 'propertyNames');
	return problems
		.map((error) => sentence(document, error))
		.sort((left, right) => left.line - right.line || left.rank - right.rank)
		.map(({ text }) => text);
}

/** Whether the build checked the shipped profiles as they are now: to compile the schema takes longer than to price a network. */
let shippedAreChecked: boolean | null = null;

/** @throws UserError with the first problem */
export function checkSchema(document: ProfileDocument): RawProfile {
	shippedAreChecked ??= readShippedList() !== null;
	if (!shippedAreChecked || dirname(document.path) !== shippedProfiles) {
		const [problem] = schemaProblems(document);
		if (problem) throw new UserError(problem);
	}
	return document.content as unknown as RawProfile;
}

function sentence({ file, lineOf }: ProfileDocument, error: ErrorObject): { line: number; rank: number; text: string } {
	const path = error.instancePath
		.split('/')
		.slice(1)
		.map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
	const parameters = error.params as Readonly<Record<string, unknown>>;
	if (error.keyword === 'additionalProperties') {
		const name = String(parameters.additionalProperty);
		const known = Object.keys((error.parentSchema?.properties as object | undefined) ?? {});
		const [nearest] = nearestNames(name, known);
		const line = lineOf([...path, name]);
		const advice = nearest ? `did you mean "${nearest}"` : `known here: ${known.join(', ')}`;
		// A misspelt entry explains the missing one beside it, so it is named first.
		return {
			line,
			rank: 0,
			text: messages.schemaViolation(file, line, whereIs(path), `has an unknown entry "${name.slice(0, 60)}"; ${advice}`),
		};
	}
	const badName = error.propertyName;
	const line = lineOf(badName === undefined ? path : [...path, badName]);
	const where = badName === undefined ? whereIs(path) : `${whereIs(path)}: the name "${badName.slice(0, 60)}"`;
	return { line, rank: 1, text: messages.schemaViolation(file, line, where, problemOf(error, parameters)) };
}

function whereIs(path: readonly string[]): string {
	if (path.length === 0) return 'the profile';
	const [section, name, ...rest] = path;
	if (section === 'constants' && name) return `constant "${name}"${rest.length > 0 ? ` (${rest.join('.')})` : ''}`;
	if (section === 'sources' && name) return `source "${name}"${rest.length > 0 ? ` (${rest.join('.')})` : ''}`;
	return `"${path.join('.')}"`;
}

function problemOf(error: ErrorObject, parameters: Readonly<Record<string, unknown>>): string {
	switch (error.keyword) {
		case 'required': {
			const missing = String(parameters.missingProperty);
			const advice: Readonly<Record<string, string>> = {
				source: ': add "source: KEY" with a key listed under sources',
				evidence: ': add "evidence:" measured, fitted, simulated, published, vendor, derived or assumed',
				unpriced: ': list the events it puts no price on, or write unpriced: []',
			};
			return `has no "${missing}"${advice[missing] ?? ''}`;
		}
		case 'enum':
			return `must be one of ${(parameters.allowedValues as unknown[]).join(', ')}`;
		case 'type':
			return `must be ${[parameters.type].flat().join(' or ').replaceAll('object', 'a mapping')}`;
		case 'pattern':
			return 'must consist of letters, digits and "_" and begin with a letter (profile names: lower case, digits, "-" and ".")';
		default:
			return error.message ?? 'is not valid';
	}
}

import { UserError } from '../../errors.ts';
import { messages } from './messages.ts';

/** A JSON value that was not checked yet. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** A place in model.json, for messages: "layer "conv"" and the like. */
export interface Place {
	readonly file: string;
	readonly place: string;
}

const show = (value: Json | undefined): string => {
	const text = value === undefined ? 'missing' : JSON.stringify(value);
	return text.length > 60 ? `${text.slice(0, 60)}…` : text;
};

export function malformed(at: Place, field: string, found: Json | undefined, expected: string): UserError {
	return new UserError(messages.malformed(at.file, `"${field}" of ${at.place}`, show(found), expected));
}

export function isObject(value: Json | undefined): value is JsonObject {
	return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectAt(from: JsonObject, field: string, at: Place): JsonObject {
	const value = from[field];
	if (!isObject(value)) {
		throw malformed(at, field, value, 'an object');
	}
	return value;
}

export function arrayAt(from: JsonObject, field: string, at: Place): readonly Json[] {
	const value = from[field];
	if (!Array.isArray(value)) {
		throw malformed(at, field, value, 'a list');
	}
	return value;
}

export function textAt(from: JsonObject, field: string, at: Place): string {
	const value = from[field];
	if (typeof value !== 'string') {
		throw malformed(at, field, value, 'text');
	}
	return value;
}

export function numberAt(from: JsonObject, field: string, at: Place, standard?: number): number {
	const value = from[field] ?? standard;
	if (typeof value !== 'number' || !Number.isFinite(value)) {
		throw malformed(at, field, value, 'a number');
	}
	return value;
}

export function flagAt(from: JsonObject, field: string, at: Place, standard: boolean): boolean {
	const value = from[field] ?? standard;
	if (typeof value !== 'boolean') {
		throw malformed(at, field, value, 'true or false');
	}
	return value;
}

/** Whole numbers, one for each of `count` axes; a single number stands for all. */
export function sizesAt(from: JsonObject, field: string, at: Place, count: number, standard?: number): number[] {
	const value = from[field] ?? standard;
	const sizes: readonly Json[] = Array.isArray(value) ? value : Array.from({ length: count }, () => value ?? null);
	const numbers = sizes.filter((size): size is number => typeof size === 'number' && Number.isSafeInteger(size) && size > 0);
	if (numbers.length !== count || sizes.length !== count) {
		throw malformed(at, field, value, `${count} positive whole number${count === 1 ? '' : 's'}`);
	}
	return numbers;
}

import { UserError } from '../../errors.ts';
import * as messages from './messages.ts';

/** Rows [pre, post, weight] read straight from the text into columns. */
export interface Triples {
	readonly preIndex: Uint32Array;
	readonly postIndex: Uint32Array;
	readonly weight: Float64Array;
}

/** A JSON document whose row arrays were lifted out; a placeholder string stands for each. */
export interface LiftedDocument {
	readonly document: unknown;
	/** The rows a placeholder stands for; undefined if the value is none. */
	rowsOf(placeholder: unknown): Triples | undefined;
}

/** A user's file cannot hold this by accident. */
const PLACEHOLDER = '\u0000rows ';
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = 0x5b;
const CLOSE = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LARGEST_INDEX = 2 ** 32 - 1;

/**
 * Parses JSON, reading every array under the given key at the given depth (the document's own keys are at
 * depth 1) as rows [integer, integer, number] into typed arrays.
 *
 * A network's synapses are nearly all of its file. JSON.parse would make an object of each row and fails on
 * texts above half a gigabyte; this reads them at some 100 MB/s in 16 bytes a synapse.
 *
 * @throws UserError naming file and line if the text is not JSON or a row is not such a row
 */
export function parseLifting(bytes: Uint8Array, key: string, keyDepth: number, file: string): LiftedDocument {
	const triples: Triples[] = [];
	const pieces: Uint8Array[] = [];
	let kept = 0;
	let depth = 0;
	let at = 0;
	while (at < bytes.length) {
		const byte = bytes[at];
		if (byte !== QUOTE) {
			if (byte === OPEN || byte === OPEN_OBJECT) depth++;
			else if (byte === CLOSE || byte === CLOSE_OBJECT) depth--;
			at++;
			continue;
		}
		const start = at + 1;
		at = endOfString(bytes, start);
		const isKey = depth === keyDepth && at - start === key.length && matches(bytes, start, key);
		at++;
		if (!isKey) continue;
		const colon = skipSpace(bytes, at);
		if (bytes[colon] !== COLON) continue;
		const open = skipSpace(bytes, colon + 1);
		if (bytes[open] !== OPEN) continue;
		const rows = readRows(bytes, open, file);
		pieces.push(bytes.subarray(kept, open), Buffer.from(JSON.stringify(`${PLACEHOLDER}${triples.length}`)));
		triples.push(rows.triples);
		kept = rows.end;
		at = rows.end;
	}
	pieces.push(bytes.subarray(kept));
	return {
		document: parsed(Buffer.concat(pieces), file),
		rowsOf: (placeholder) =>
			typeof placeholder === 'string' && placeholder.startsWith(PLACEHOLDER)
				? triples[Number(placeholder.slice(PLACEHOLDER.length))]
				: undefined,
	};
}

function parsed(text: Buffer, file: string): unknown {
	try {
		return JSON.parse(text.toString('utf8'));
	} catch (cause) {
		throw new UserError(messages.notJson(file, cause instanceof Error ? cause.message : String(cause)), { cause });
	}
}

function readRows(bytes: Uint8Array, open: number, file: string): { readonly triples: Triples; readonly end: number } {
	let capacity = 1024;
	let preIndex = new Uint32Array(capacity);
	let postIndex = new Uint32Array(capacity);
	let weight = new Float64Array(capacity);
	let count = 0;
	const cursor = { at: skipSpace(bytes, open + 1) };
	const fail = (expected: string): UserError =>
		new UserError(messages.badSynapseRow(file, lineOf(bytes, cursor.at), count, expected));
	const expect = (byte: number, expected: string): void => {
		if (bytes[cursor.at] !== byte) throw fail(expected);
		cursor.at = skipSpace(bytes, cursor.at + 1);
	};
	const index = (): number => {
		const value = readNumber(bytes, cursor);
		if (!Number.isInteger(value) || value < 0 || value > LARGEST_INDEX) throw fail('two neuron numbers (integers from 0)');
		return value;
	};
	if (bytes[cursor.at] === CLOSE) cursor.at++;
	else {
		for (;;) {
			if (count === capacity) {
				capacity *= 2;
				preIndex = grown(preIndex, new Uint32Array(capacity));
				postIndex = grown(postIndex, new Uint32Array(capacity));
				weight = grown(weight, new Float64Array(capacity));
			}
			expect(OPEN, 'a row [pre, post, weight]');
			preIndex[count] = index();
			expect(COMMA, 'a row [pre, post, weight]');
			postIndex[count] = index();
			expect(COMMA, 'a row [pre, post, weight] with three numbers');
			const value = readNumber(bytes, cursor);
			if (!Number.isFinite(value)) throw fail('a finite weight');
			weight[count] = value;
			expect(CLOSE, 'a row [pre, post, weight] with three numbers');
			count++;
			if (bytes[cursor.at] === CLOSE) {
				cursor.at++;
				break;
			}
			expect(COMMA, 'a comma or the end of the list after a row');
		}
	}
	const triples = {
		preIndex: preIndex.subarray(0, count),
		postIndex: postIndex.subarray(0, count),
		weight: weight.subarray(0, count),
	};
	return { triples, end: cursor.at };
}

function grown<A extends Uint32Array | Float64Array>(old: A, larger: A): A {
	larger.set(old);
	return larger;
}

/** Reads a number and the space after it; NaN when there is none. Plain integers need no string. */
function readNumber(bytes: Uint8Array, cursor: { at: number }): number {
	const start = cursor.at;
	let at = start;
	const negative = bytes[at] === MINUS;
	if (negative) at++;
	let value = 0;
	const firstDigit = at;
	for (; at - firstDigit < 15; at++) {
		const digit = (bytes[at] ?? 0) - ZERO;
		if (digit < 0 || digit > 9) break;
		value = value * 10 + digit;
	}
	if (at === firstDigit) return Number.NaN;
	if (!isNumberByte(bytes[at])) {
		cursor.at = skipSpace(bytes, at);
		return negative ? -value : value;
	}
	while (isNumberByte(bytes[at])) at++;
	cursor.at = skipSpace(bytes, at);
	return Number(Buffer.from(bytes.buffer, bytes.byteOffset + start, at - start).toString('latin1'));
}

function isNumberByte(byte: number | undefined): boolean {
	if (byte === undefined) return false;
	return (byte >= ZERO && byte <= NINE) || byte === 0x2e || byte === 0x65 || byte === 0x45 || byte === 0x2b || byte === MINUS;
}

function skipSpace(bytes: Uint8Array, at: number): number {
	let next = at;
	while (bytes[next] === 0x20 || bytes[next] === 0x0a || bytes[next] === 0x0d || bytes[next] === 0x09) next++;
	return next;
}

function endOfString(bytes: Uint8Array, start: number): number {
	let at = start;
	while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
	return at;
}

function matches(bytes: Uint8Array, start: number, word: string): boolean {
	for (let i = 0; i < word.length; i++) if (bytes[start + i] !== word.charCodeAt(i)) return false;
	return true;
}

function lineOf(bytes: Uint8Array, at: number): number {
	let line = 1;
	for (let i = 0; i < Math.min(at, bytes.length); i++) if (bytes[i] === 0x0a) line++;
	return line;
}

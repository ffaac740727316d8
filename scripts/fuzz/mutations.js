// Changes that break files: of bytes, where nothing is known of the format, and of decoded content, which stays well formed.
// All are drawn from fast-check, so that one seed gives one input.
import fc from 'fast-check';

const bytewise = fc.noBias(fc.integer({ min: 0, max: 255 }));
const extremes = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff];
const numbers = [
	0,
	-0,
	1,
	-1,
	2,
	0.5,
	-2.5,
	127,
	256,
	65536,
	2 ** 31,
	2 ** 32,
	2 ** 53,
	1e18,
	1e300,
	-1e300,
	5e-324,
	Number.MAX_VALUE,
];
const notNumbers = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
const words = [
	'',
	' ',
	'0',
	'-1',
	'NaN',
	'1e999',
	'null',
	'__proto__',
	'constructor',
	'../../x',
	'\u0000',
	'é😀',
	'x'.repeat(5000),
	'1 pJ',
	'4 GB',
	'{x}',
];

/** @param {import('fast-check').GeneratorValue} draw */
const below = (draw, size) => draw(fc.noBias, fc.integer({ min: 0, max: Math.max(0, size - 1) }));
const oneOf = (draw, list) => list[below(draw, list.length)];

/** One to eight edits of bytes: flipped bits, extreme integers, cut, doubled or foreign pieces. */
export function mutateBytes(draw, original, others) {
	let bytes = Buffer.from(original);
	for (let edits = 1 + below(draw, 8); edits > 0; edits--) bytes = editBytes(draw, bytes, others);
	return bytes;
}

function editBytes(draw, bytes, others) {
	const at = below(draw, bytes.length);
	const length = 1 + below(draw, Math.min(64, bytes.length + 1));
	switch (below(draw, 8)) {
		case 0:
			if (bytes.length > 0) bytes[at] ^= 1 << below(draw, 8);
			return bytes;
		case 1:
			if (bytes.length > 0) bytes[at] = draw(() => bytewise);
			return bytes;
		case 2: {
			// Headers lie in the first bytes of a file.
			const place = below(draw, Math.min(bytes.length, 512));
			const value = oneOf(draw, extremes);
			const width = oneOf(draw, [1, 2, 4]);
			if (place + width > bytes.length) return bytes;
			const kept = width === 4 ? value : value % 2 ** (8 * width);
			if (below(draw, 2)) bytes.writeUIntLE(kept, place, width);
			else bytes.writeUIntBE(kept, place, width);
			return bytes;
		}
		case 3:
			return bytes.subarray(0, at);
		case 4:
			return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)]);
		case 5:
			return Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]);
		case 6: {
			const other = Buffer.from(oneOf(draw, others));
			const from = below(draw, other.length);
			return Buffer.concat([bytes.subarray(0, at), other.subarray(from, from + 16 * length), bytes.subarray(at)]);
		}
		default: {
			const foreign = Buffer.from(Array.from({ length }, () => draw(() => bytewise)));
			return Buffer.concat([bytes.subarray(0, at), foreign, bytes.subarray(at)]);
		}
	}
}

const mostPlaces = 20_000;

/** Where a decoded file can be changed: every entry of every list, record and map in it. */
function placesIn(root) {
	const found = [];
	const visit = (value, depth) => {
		if (found.length >= mostPlaces || depth > 60 || typeof value !== 'object' || value === null || ArrayBuffer.isView(value))
			return;
		const entries = value instanceof Map ? [...value] : Object.entries(value);
		for (const [key, child] of entries) {
			if (key === '$typeName' || key === '$unknown') continue;
			found.push({ parent: value, key, value: child });
			visit(child, depth + 1);
		}
	};
	visit(root, 0);
	return found;
}

function put(parent, key, value) {
	if (parent instanceof Map) parent.set(key, value);
	else parent[key] = value;
}

/** One to four edits of a decoded file, in place: other values, other kinds of value, entries gone, doubled or swapped. */
export function mutateContent(draw, root) {
	for (let edits = 1 + below(draw, 4); edits > 0; edits--) {
		const places = placesIn(root);
		if (places.length === 0) return root;
		editPlace(draw, oneOf(draw, places), places);
	}
	return root;
}

function editPlace(draw, { parent, key, value }, places) {
	switch (below(draw, 8)) {
		case 0:
			if (Array.isArray(parent)) parent.splice(Number(key), 1);
			else if (parent instanceof Map) parent.delete(key);
			else delete parent[key];
			return;
		case 1:
			if (Array.isArray(parent)) parent.splice(Number(key), 0, value);
			else if (parent instanceof Map) parent.set(`${key}2`, value);
			else parent[oneOf(draw, words)] = value;
			return;
		case 2:
			// A value of the same kind from elsewhere in the file: names that exist, sizes that fit something else.
			put(
				parent,
				key,
				oneOf(
					draw,
					places.filter((place) => typeof place.value === typeof value),
				).value,
			);
			return;
		case 3:
			put(parent, key, oneOf(draw, places).value);
			return;
		default:
			put(parent, key, otherValue(draw, value));
	}
}

function otherValue(draw, value) {
	if (typeof value === 'number') {
		const near = [value + 1, value - 1, -value, value * 2, Math.trunc(value / 2), value * 1e9];
		return oneOf(draw, [...near, ...numbers, ...(below(draw, 4) === 0 ? notNumbers : [])]);
	}
	if (typeof value === 'bigint')
		return oneOf(draw, [0n, -1n, 1n, value + 1n, value - 1n, -value, value * 2n, 2n ** 31n, 2n ** 62n]);
	if (typeof value === 'boolean') return !value;
	if (typeof value === 'string') return oneOf(draw, [...words, `${value}x`, value.slice(1), value.toUpperCase(), value + value]);
	if (value instanceof Uint8Array) return new Uint8Array(mutateBytes(draw, value, [value]));
	if (ArrayBuffer.isView(value)) return value.slice(0, below(draw, value.length));
	if (Array.isArray(value)) return oneOf(draw, [[], value.slice(0, -1), value.toReversed(), [...value, ...value], {}, 7]);
	return oneOf(draw, [null, [], {}, 0, 'text', true]);
}

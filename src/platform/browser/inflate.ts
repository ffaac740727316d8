import { Inflate, Unzlib } from 'fflate';
import { concatBytes } from '../../bytes.ts';
import type { InflateOptions } from '../ports.ts';

/** Input is handed over in pieces, so that a bomb is noticed before it has unfolded. */
const piece = 2 ** 14;

export function inflate(bytes: Uint8Array, { raw, most = Infinity, partial = false }: InflateOptions): Uint8Array {
	const parts: Uint8Array[] = [];
	let size = 0;
	let complete = false;
	const stream = new (raw ? Inflate : Unzlib)((part, last) => {
		parts.push(part);
		size += part.length;
		complete = last;
	});
	for (let at = 0; at < bytes.length && !complete; at += piece) {
		stream.push(bytes.subarray(at, at + piece), !partial && at + piece >= bytes.length);
		if (size > most) throw Object.assign(new RangeError('there is more than may be'), { code: 'ERR_BUFFER_TOO_LARGE' });
	}
	if (!complete && !partial) throw new Error('unexpected end of file');
	return concatBytes(parts);
}

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
	let rest = byte;
	for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xedb88320 : rest >>> 1;
	return rest;
});

export function crc32(bytes: Uint8Array): number {
	let rest = 0xffffffff;
	for (const byte of bytes) rest = (rest >>> 8) ^ (table[(rest ^ byte) & 0xff] as number);
	return ~rest >>> 0;
}

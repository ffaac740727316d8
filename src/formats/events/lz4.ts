/**
 * LZ4 frames. The packages on npm are unmaintained or native; the format is small.
 *
 * @see https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md
 */
import { viewOf } from './byte-file.ts';

const frameMagic = 0x184d2204;
const skippableMagic = 0x184d2a5;
/** A byte of a block stands for at most this many. */
const largestExpansion = 255;

/**
 * The content of a frame.
 *
 * @param most  bytes it may have
 * @throws RangeError where the frame is damaged or holds more
 */
export function decodeLz4(bytes: Uint8Array, most: number): Uint8Array {
	const view = viewOf(bytes);
	const wrong = (what: string): RangeError => new RangeError(`the LZ4 frame ${what}`);
	let at = 0;
	while (view.getUint32(at, true) >>> 4 === skippableMagic) at += 8 + view.getUint32(at + 4, true);
	if (view.getUint32(at, true) !== frameMagic) throw wrong('does not start with its signature');
	const header = at + 4;
	const flags = view.getUint8(header);
	const [version, blockChecksums, hasSize, checksum, dictionary] = [
		flags >> 6,
		(flags & 0x10) !== 0,
		(flags & 0x08) !== 0,
		(flags & 0x04) !== 0,
		(flags & 0x01) !== 0,
	];
	if (version !== 1 || dictionary) throw wrong('is of an unknown version');
	at = header + 2;
	const size = hasSize ? Number(view.getBigUint64(at, true)) : null;
	at += hasSize ? 8 : 0;
	if (((xxHash32(bytes.subarray(header, at)) >>> 8) & 0xff) !== view.getUint8(at)) throw wrong('has a damaged header');
	at += 1;
	const limit = Math.min(most, size ?? most, (bytes.length + 64) * largestExpansion);
	let out = new Uint8Array(Math.min(limit, Math.max(1024, bytes.length * 4)));
	let length = 0;
	const grow = (needed: number): void => {
		if (needed > limit) throw wrong('holds more than it may');
		if (needed <= out.length) return;
		const larger = new Uint8Array(Math.min(limit, Math.max(needed, 2 * out.length)));
		larger.set(out);
		out = larger;
	};
	for (;;) {
		const word = view.getUint32(at, true);
		at += 4;
		if (word === 0) break;
		const blockBytes = word & 0x7fffffff;
		if (at + blockBytes > bytes.length) throw wrong('is cut off');
		const block = bytes.subarray(at, at + blockBytes);
		if (word >>> 31 === 1) {
			grow(length + blockBytes);
			out.set(block, length);
			length += blockBytes;
		} else length = decodeBlock(block, length);
		at += blockBytes;
		if (blockChecksums) {
			if (xxHash32(block) !== view.getUint32(at, true)) throw wrong('does not match its checksum');
			at += 4;
		}
	}
	const content = out.subarray(0, length);
	if (size !== null && length !== size) throw wrong('holds another number of bytes than it says');
	if (checksum && xxHash32(content) !== view.getUint32(at, true)) throw wrong('does not match its checksum');
	return content;

	/** Literals and repetitions of what was decoded before; blocks may refer to earlier ones. */
	function decodeBlock(block: Uint8Array, start: number): number {
		let from = 0;
		let to = start;
		const next = (): number => {
			const byte = block[from];
			if (byte === undefined) throw wrong('is cut off');
			from += 1;
			return byte;
		};
		const lengthOf = (nibble: number): number => {
			let sum = nibble;
			if (nibble !== 15) return sum;
			for (let byte = 255; byte === 255; sum += byte) byte = next();
			return sum;
		};
		while (from < block.length) {
			const token = next();
			const literals = lengthOf(token >> 4);
			if (from + literals > block.length) throw wrong('is cut off');
			grow(to + literals);
			out.set(block.subarray(from, from + literals), to);
			from += literals;
			to += literals;
			// The last sequence has only literals.
			if (from === block.length) break;
			const offset = next() | (next() << 8);
			const repeated = 4 + lengthOf(token & 15);
			if (offset === 0 || offset > to) throw wrong('repeats what was not there');
			grow(to + repeated);
			// Byte by byte: a repetition may overlap what it writes.
			for (let end = to + repeated; to < end; to += 1) out[to] = out[to - offset] as number;
		}
		return to;
	}
}

const [prime1, prime2, prime3, prime4, prime5] = [0x9e3779b1, 0x85ebca77, 0xc2b2ae3d, 0x27d4eb2f, 0x165667b1] as const;
const rotated = (value: number, bits: number): number => (value << bits) | (value >>> (32 - bits));
const round = (sum: number, word: number): number => Math.imul(rotated(sum + Math.imul(word, prime2), 13), prime1);

/**
 * xxHash of 32 bits with seed 0.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 */
export function xxHash32(bytes: Uint8Array): number {
	const view = viewOf(bytes);
	let at = 0;
	let hash: number = prime5;
	if (bytes.length >= 16) {
		let [a, b, c, d] = [(prime1 + prime2) | 0, prime2 | 0, 0, -prime1 | 0];
		for (; at + 16 <= bytes.length; at += 16) {
			a = round(a, view.getUint32(at, true));
			b = round(b, view.getUint32(at + 4, true));
			c = round(c, view.getUint32(at + 8, true));
			d = round(d, view.getUint32(at + 12, true));
		}
		hash = rotated(a, 1) + rotated(b, 7) + rotated(c, 12) + rotated(d, 18);
	}
	hash = (hash + bytes.length) | 0;
	for (; at + 4 <= bytes.length; at += 4)
		hash = Math.imul(rotated(hash + Math.imul(view.getUint32(at, true), prime3), 17), prime4);
	for (; at < bytes.length; at += 1) hash = Math.imul(rotated(hash + Math.imul(view.getUint8(at), prime5), 11), prime1);
	hash = Math.imul(hash ^ (hash >>> 15), prime2);
	hash = Math.imul(hash ^ (hash >>> 13), prime3);
	return (hash ^ (hash >>> 16)) >>> 0;
}

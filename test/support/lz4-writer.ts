/** LZ4 frames: a greedy compressor, so that what the tests read holds repetitions, some of them overlapping. */
import { xxHash32 } from '../../src/formats/events/lz4.ts';

const lengthBytes = (length: number): number[] => {
	const bytes: number[] = [];
	let rest = length - 15;
	for (; rest >= 255; rest -= 255) bytes.push(255);
	return length < 15 ? [] : [...bytes, rest];
};

/** One block: literals and matches of at least 4 bytes; the last 5 bytes are literals, as the format wants. */
function encodeBlock(bytes: Uint8Array): number[] {
	const out: number[] = [];
	const places = new Map<string, number>();
	let literals = 0;
	const emit = (end: number, match: number, offset: number): void => {
		const count = end - literals;
		out.push((Math.min(15, count) << 4) | (match === 0 ? 0 : Math.min(15, match - 4)), ...lengthBytes(count));
		out.push(...bytes.subarray(literals, end));
		if (match > 0) out.push(offset & 255, offset >> 8, ...lengthBytes(match - 4));
	};
	for (let at = 0; at + 12 < bytes.length; ) {
		const key = bytes.subarray(at, at + 4).join(',');
		const earlier = places.get(key);
		places.set(key, at);
		if (earlier === undefined || at - earlier > 65535) {
			at += 1;
			continue;
		}
		let length = 4;
		while (at + length < bytes.length - 5 && bytes[earlier + length] === bytes[at + length]) length += 1;
		emit(at, length, at - earlier);
		at += length;
		literals = at;
	}
	emit(bytes.length, 0, 0);
	return out;
}

const u32 = (value: number): number[] => [value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24];

/** A frame of one block with checksums of block and content. */
export function encodeLz4(bytes: Uint8Array): Uint8Array {
	const descriptor = [0x74, 0x70];
	const block = encodeBlock(bytes);
	const stored = block.length < bytes.length ? block : [...bytes];
	const size = stored === block ? block.length : (bytes.length | 0x80000000) >>> 0;
	const content = bytes.length === 0 ? [] : [...u32(size), ...stored, ...u32(xxHash32(Uint8Array.from(stored)))];
	const headerSum = (xxHash32(Uint8Array.from(descriptor)) >>> 8) & 255;
	return Uint8Array.from([...u32(0x184d2204), ...descriptor, headerSum, ...content, ...u32(0), ...u32(xxHash32(bytes))]);
}

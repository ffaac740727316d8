/** The IDX format of MNIST and Fashion-MNIST: big-endian header, then bytes. Plain or gzip. */
import { gunzipSync } from 'node:zlib';
import * as messages from './messages.ts';

const imagesMagic = 0x00000803;
const labelsMagic = 0x00000801;

function unpacked(bytes: Uint8Array, path: string): Uint8Array {
	if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
	try {
		return gunzipSync(bytes);
	} catch (cause) {
		throw messages.cannotRead(path, cause);
	}
}

function header(bytes: Uint8Array, path: string, magic: number, words: number): number[] {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (bytes.length >= 4 && view.getUint32(0) !== magic) throw messages.wrongMagic(path, view.getUint32(0), magic);
	if (bytes.length < 4 * words) throw messages.wrongLength(path, bytes.length, 4 * words, 'the header alone would');
	return Array.from({ length: words - 1 }, (_, index) => view.getUint32(4 * (index + 1)));
}

/** Reads images. @returns pixels [count, rows, columns] */
export function readIdxImages(
	bytes: Uint8Array,
	path: string,
): { count: number; rows: number; columns: number; pixels: Uint8Array } {
	const data = unpacked(bytes, path);
	const [count = 0, rows = 0, columns = 0] = header(data, path, imagesMagic, 4);
	const expected = 16 + count * rows * columns;
	if (data.length !== expected) throw messages.wrongLength(path, data.length, expected, `${count} images of ${rows}x${columns}`);
	return { count, rows, columns, pixels: data.subarray(16) };
}

/** Reads labels and checks that each is one of the classes. */
export function readIdxLabels(bytes: Uint8Array, path: string, classes: number): Uint16Array {
	const data = unpacked(bytes, path);
	const [count = 0] = header(data, path, labelsMagic, 2);
	if (data.length !== 8 + count) throw messages.wrongLength(path, data.length, 8 + count, `${count} labels`);
	const labels = Uint16Array.from(data.subarray(8));
	const wrong = labels.findIndex((label) => label >= classes);
	if (wrong >= 0) throw messages.wrongLabel(path, wrong, labels[wrong] ?? 0, classes);
	return labels;
}

/** The bytes a checksum is taken over: a gzip container may differ, its content may not. */
export const idxContent = unpacked;

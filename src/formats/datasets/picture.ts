/** One picture file, PNG or JPEG, as bytes; and its fit into a square. */

import jpeg from 'jpeg-js';
import pngjs from 'pngjs';
import { UserError } from '../../errors.ts';
import { readInput } from '../../inputs.ts';
import { lookUp } from '../../model/look-up.ts';
import * as messages from './messages.ts';

export interface Picture {
	readonly width: number;
	readonly height: number;
	/** Red, green, blue, opacity of each pixel, row-major; opacity is not used. */
	readonly rgba: Uint8Array;
}

/** Decoders by the ending of a file's name. A file's first bytes say what it is; they are checked by the decoder. */
const decoders: Readonly<Record<string, { readonly title: string; readonly decode: (bytes: Buffer) => Picture }>> = {
	png: { title: 'PNG', decode: decodePng },
	jpg: { title: 'JPEG', decode: decodeJpeg },
	jpeg: { title: 'JPEG', decode: decodeJpeg },
};

const endingOf = (name: string): string => name.slice(name.lastIndexOf('.') + 1).toLowerCase();

/** Whether a file name says that it is a picture this can read. */
export const isPicture = (name: string): boolean => !name.startsWith('.') && Object.hasOwn(decoders, endingOf(name));

function decodePng(bytes: Buffer): Picture {
	checkPngSize(bytes);
	const { width, height, data } = pngjs.PNG.sync.read(bytes);
	return { width, height, rgba: data };
}

function decodeJpeg(bytes: Buffer): Picture {
	// Without the end marker a picture was cut short; the decoder would fill what is missing with grey.
	if (bytes.lastIndexOf(Buffer.of(0xff, 0xd9)) < 0) throw new Error('it ends before its end marker');
	const { width, height, data } = jpeg.decode(bytes, { useTArray: true, formatAsRGBA: true, tolerantDecoding: false });
	return { width, height, rgba: data };
}

/** The bytes of a picture's file. @throws UserError when it cannot be read */
export function readPictureBytes(path: string): Buffer {
	try {
		const { buffer, byteOffset, length } = readInput(path, { largest: largestFile });
		return Buffer.from(buffer, byteOffset, length);
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw messages.cannotRead(path, cause);
	}
}

/** No picture of a data set is longer, in bytes. */
const largestFile = 2 ** 28;

/** No picture of a data set has more pixels; decoded, one takes four bytes. */
const mostPixels = 50_000_000;

/** Width and height stand at the beginning of a PNG: what it claims is known before anything is decompressed. */
function checkPngSize(bytes: Buffer): void {
	const [width, height] = bytes.length < 24 ? [0, 0] : [bytes.readUInt32BE(16), bytes.readUInt32BE(20)];
	if (width * height > mostPixels)
		throw new Error(`it claims ${width} x ${height} pixels, more than the ${mostPixels} that are read`);
}

/**
 * Reads a picture.
 *
 * @throws UserError naming the file when it is damaged or no picture of the kind its name says
 */
export function readPicture(path: string): { readonly picture: Picture; readonly bytes: Uint8Array } {
	const decoder = lookUp(decoders, endingOf(path));
	if (!decoder) throw messages.wrongPicture(path, 'is neither PNG nor JPEG');
	const bytes = readPictureBytes(path);
	try {
		return { picture: decoder.decode(bytes), bytes };
	} catch (cause) {
		throw messages.wrongPicture(path, `is not a ${decoder.title} that can be read (${(cause as Error).message})`);
	}
}

interface Tap {
	readonly start: number;
	readonly weights: Float64Array;
}

/** Weights of a triangle filter that widens when a line shrinks, so that no pixel is skipped. */
function tapsOf(from: number, to: number, offset: number, count: number): Tap[] {
	const scale = from / to;
	const reach = Math.max(1, scale);
	return Array.from({ length: count }, (_, index) => {
		const centre = (index + offset + 0.5) * scale;
		const start = Math.max(0, Math.round(centre - reach));
		const end = Math.min(from, Math.round(centre + reach));
		const raw = Array.from({ length: Math.max(1, end - start) }, (_, tap) =>
			Math.max(0, 1 - Math.abs((start + tap + 0.5 - centre) / reach)),
		);
		const total = raw.reduce((sum, weight) => sum + weight, 0) || 1;
		return { start: Math.min(start, from - 1), weights: Float64Array.from(raw, (weight) => weight / total) };
	});
}

/** The picture scaled so that its shorter side is `size`, and the middle square of that: red, green and blue planes [3, size, size]. */
export function fitSquare({ width, height, rgba }: Picture, size: number): Uint8Array {
	const shorter = Math.min(width, height);
	const scaled = (side: number): number => Math.round((side * size) / shorter);
	const across = tapsOf(width, scaled(width), Math.floor((scaled(width) - size) / 2), size);
	const down = tapsOf(height, scaled(height), Math.floor((scaled(height) - size) / 2), size);
	const plane = size * size;
	const rows = new Float32Array(3 * height * size);
	const out = new Uint8Array(3 * plane);
	// Plain loops: this runs for every pixel of every picture of a set.
	for (let x = 0; x < size; x++) {
		const { start, weights } = across[x] as Tap;
		for (let y = 0; y < height; y++) {
			let red = 0;
			let green = 0;
			let blue = 0;
			for (let tap = 0, at = 4 * (y * width + start); tap < weights.length; tap++, at += 4) {
				const weight = weights[tap] as number;
				red += weight * (rgba[at] as number);
				green += weight * (rgba[at + 1] as number);
				blue += weight * (rgba[at + 2] as number);
			}
			const to = 3 * (y * size + x);
			rows[to] = red;
			rows[to + 1] = green;
			rows[to + 2] = blue;
		}
	}
	for (let y = 0; y < size; y++) {
		const { start, weights } = down[y] as Tap;
		for (let at = 0; at < 3 * size; at++) {
			let sum = 0;
			for (let tap = 0; tap < weights.length; tap++)
				sum += (weights[tap] as number) * (rows[3 * (start + tap) * size + at] as number);
			const channel = at % 3;
			out[channel * plane + y * size + (at - channel) / 3] = Math.min(255, Math.max(0, Math.round(sum)));
		}
	}
	return out;
}

/** The picture as it is: red, green and blue planes [3, height, width]. */
function planes({ width, height, rgba }: Picture): Uint8Array {
	const count = width * height;
	const out = new Uint8Array(3 * count);
	for (let p = 0; p < count; p++) for (let c = 0; c < 3; c++) out[c * count + p] = rgba[4 * p + c] as number;
	return out;
}

/** How the pictures of one folder become samples of one shape. */
export interface PictureFit {
	readonly folder: string;
	/** Every picture becomes a square of this side; null: all must have the size of the first. */
	readonly size: number | null;
	readonly first: string;
	/** Size of the first picture. */
	readonly width: number;
	readonly height: number;
}

/**
 * Reads a picture of a folder, scaled where the folder's name asks for it.
 *
 * @returns the picture's planes [3, height, width], and the bytes of its file
 * @throws UserError naming the picture that is broken or has another size
 */
export function readFitted(path: string, fit: PictureFit): { readonly planes: Uint8Array; readonly bytes: Uint8Array } {
	const { picture, bytes } = readPicture(path);
	if (fit.size !== null) return { planes: fitSquare(picture, fit.size), bytes };
	const { width, height } = picture;
	if (width !== fit.width || height !== fit.height)
		throw messages.wrongPicture(
			path,
			`is ${width}x${height}; ${fit.first} is ${fit.width}x${fit.height}, and all must be alike (imagefolder:${fit.folder}@${Math.min(fit.width, fit.height)} scales them)`,
		);
	return { planes: planes(picture), bytes };
}

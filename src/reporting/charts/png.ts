/** A drawn chart as pixels. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { fontPath } from './font.ts';

const inchesPerPixel = 1 / 96;

let ready: Promise<void> | undefined;

/**
 * @param svg  markup with fixed colours
 * @param dotsPerInch  resolution at the width the picture was drawn for
 */
export async function svgToPngBytes(svg: string, dotsPerInch: number): Promise<Uint8Array> {
	ready ??= initWasm(readFileSync(createRequire(import.meta.url).resolve('@resvg/resvg-wasm/index_bg.wasm')));
	await ready;
	const picture = new Resvg(svg, {
		fitTo: { mode: 'zoom', value: dotsPerInch * inchesPerPixel },
		font: { fontBuffers: [readFileSync(fontPath)], defaultFontFamily: 'Liberation Sans', sansSerifFamily: 'Liberation Sans' },
	});
	try {
		return withResolution(picture.render().asPng(), dotsPerInch);
	} finally {
		picture.free();
	}
}

/** The pHYs chunk after the header (PNG specification 11.3.4.3), so that programs place the picture at its width. */
function withResolution(png: Uint8Array, dotsPerInch: number): Uint8Array {
	const header = 33;
	const chunk = Buffer.alloc(21);
	chunk.writeUInt32BE(9, 0);
	chunk.write('pHYs', 4, 'latin1');
	const dotsPerMetre = Math.round(dotsPerInch / 0.0254);
	chunk.writeUInt32BE(dotsPerMetre, 8);
	chunk.writeUInt32BE(dotsPerMetre, 12);
	chunk.writeUInt8(1, 16);
	chunk.writeUInt32BE(crc32(chunk.subarray(4, 17)), 17);
	return Buffer.concat([png.subarray(0, header), chunk, png.subarray(header)]);
}

/** CRC of PNG chunks: polynomial 0xedb88320 (PNG specification, annex D). */
function crc32(bytes: Uint8Array): number {
	let crc = 0xffffffff;
	for (const byte of bytes) {
		crc ^= byte;
		for (let bit = 0; bit < 8; bit += 1) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}

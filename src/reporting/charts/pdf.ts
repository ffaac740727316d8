/** A drawn chart as a one-page PDF of the picture's size, text kept as text, its font embedded. */

import PdfDocument from 'pdfkit';
import svgToPdf from 'svg-to-pdfkit';
import { fontPath } from './font.ts';

/** CSS pixels are 1/96 inch, PDF points 1/72. */
const pointsPerPixel = 0.75;

/**
 * @param svg    markup with width and height in pixels, fixed colours
 * @param title  document title
 * @returns the file's bytes; the same picture gives the same bytes
 */
export async function svgToPdfBytes(svg: string, title: string): Promise<Uint8Array> {
	const [width, height] = ['width', 'height'].map((name) =>
		Number(new RegExp(`^<svg [^>]*\\b${name}="([\\d.]+)"`).exec(svg)?.[1]),
	);
	if (!width || !height) throw new RangeError('the picture has no size');
	const document = new PdfDocument({
		size: [width * pointsPerPixel, height * pointsPerPixel],
		margin: 0,
		info: { Title: title, CreationDate: new Date(0), ModDate: new Date(0) },
		autoFirstPage: true,
		font: fontPath,
	});
	const chunks: Uint8Array[] = [];
	const finished = new Promise<void>((resolve, reject) => {
		document.on('data', (chunk: Uint8Array) => chunks.push(chunk));
		document.on('end', resolve);
		document.on('error', reject);
	});
	svgToPdf(document, svg, 0, 0, { assumePt: false, fontCallback: () => fontPath });
	document.end();
	await finished;
	return Buffer.concat(chunks);
}

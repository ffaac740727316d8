/** Pictures and the static report: what needs the chart library, which is loaded when it is asked for. */

import type { Analysis } from '../../src/reporting/analysis.ts';

export const canDraw = true;

/** Two columns of a paper, in CSS pixels. */
const pictureWidth = 684;

/** Energy by layer; of several networks, accuracy against energy where it is known. */
export async function pictureOf(analysis: Analysis, all: readonly Analysis[]): Promise<string> {
	const { chartsOf } = await import('../../src/reporting/figures.ts');
	const { drawSvg } = await import('../../src/reporting/charts/draw.ts');
	const { paperTheme } = await import('../../src/reporting/charts/theme.ts');
	const charts = chartsOf(all.length > 1 ? all : [analysis]);
	const chart = charts.find(({ id }) => id.startsWith('accuracy-energy')) ?? charts[0];
	if (!chart) throw new Error('there is nothing to draw: no layer has an energy.');
	return drawSvg(chart, { width: pictureWidth, theme: paperTheme });
}

const pixelRatio = 3;

export async function rasterised(svg: string): Promise<Blob> {
	const picture = new Image();
	const address = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
	try {
		picture.src = address;
		await picture.decode();
		const canvas = document.createElement('canvas');
		canvas.width = picture.naturalWidth * pixelRatio;
		canvas.height = picture.naturalHeight * pixelRatio;
		canvas.getContext('2d')?.drawImage(picture, 0, 0, canvas.width, canvas.height);
		return await new Promise((resolve, reject) =>
			canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the browser drew no picture'))), 'image/png'),
		);
	} finally {
		URL.revokeObjectURL(address);
	}
}

export async function staticReport(all: readonly Analysis[]): Promise<string> {
	const { renderHtmlReport } = await import('../../src/reporting/html/report.ts');
	return renderHtmlReport(all);
}

/** The charts of a run, or of several, as files for papers. */

import type { Analysis } from './analysis.ts';
import { accuracyEnergyChart } from './charts/accuracy-energy.ts';
import type { Chart } from './charts/chart.ts';
import { drawSvg } from './charts/draw.ts';
import { energyByLayerChart } from './charts/energy-by-layer.ts';
import { energyByTermChart } from './charts/energy-by-term.ts';
import { membraneByTimestepsChart } from './charts/membrane-by-timesteps.ts';
import { spikesByTimestepChart } from './charts/spikes-by-timestep.ts';
import { paperTheme } from './charts/theme.ts';
import { type CompareOptions, compareAnalyses, comparedNames } from './compare.ts';
import { estimateName } from './sentences.ts';

export const figureFormats = ['svg', 'pdf', 'png'] as const;
export type FigureFormat = (typeof figureFormats)[number];

/** CSS pixels, which charts are laid out in, of a millimetre. */
const pixelsPerMillimetre = 96 / 25.4;

export interface Figure {
	/** File name without folder, e.g. "energy-by-layer.svg". */
	readonly file: string;
	readonly bytes: Uint8Array;
	readonly chart: Chart;
}

/** Every chart the results give, with names that say what each shows; several runs or profiles are told apart in the name. */
export function chartsOf(analyses: readonly Analysis[], options: CompareOptions = {}): Chart[] {
	const charts: Chart[] = [];
	const add = (chart: Chart | null, ...parts: readonly string[]) => {
		if (chart !== null) charts.push({ ...chart, id: [chart.id, ...parts.map(fileNamePart)].join('-') });
	};
	const names = comparedNames(analyses);
	for (const [index, analysis] of analyses.entries()) {
		const model = analyses.length > 1 ? [(names[index] ?? `${index + 1}`).replace(/T=(?=\d)/, 'T')] : [];
		for (const estimate of analysis.estimates) {
			const profile = analysis.estimates.length > 1 ? [estimateName(estimate)] : [];
			add(energyByLayerChart(estimate), ...model, ...profile);
		}
		add(energyByTermChart(analysis.estimates), ...model);
		add(spikesByTimestepChart(analysis), ...model);
		add(membraneByTimestepsChart(analysis), ...model);
	}
	if (analyses.length > 1) {
		const comparison = compareAnalyses(analyses, options);
		for (const profile of comparison.profiles)
			add(accuracyEnergyChart(comparison, profile), ...(comparison.profiles.length > 1 ? [profile] : []));
	}
	return charts;
}

export interface FigureSize {
	/** As wide as the figure is to stand in a paper. */
	readonly widthMillimetres: number;
	/** Resolution of pixels; 300 by default. */
	readonly dotsPerInch?: number | undefined;
}

/** Draws charts as wide as they are to stand in a paper. */
export async function drawFigures(
	charts: readonly Chart[],
	format: FigureFormat,
	{ widthMillimetres, dotsPerInch = 300 }: FigureSize,
): Promise<Figure[]> {
	const figures: Figure[] = [];
	for (const chart of charts) {
		const svg = await drawSvg(chart, { width: Math.round(widthMillimetres * pixelsPerMillimetre), theme: paperTheme });
		figures.push({ file: `${chart.id}.${format}`, bytes: await encode(svg, chart, format, dotsPerInch), chart });
	}
	return figures;
}

async function encode(svg: string, chart: Chart, format: FigureFormat, dotsPerInch: number): Promise<Uint8Array> {
	if (format === 'svg') return new TextEncoder().encode(`${svg}\n`);
	if (format === 'png') return (await import('./charts/png.ts')).svgToPngBytes(svg, dotsPerInch);
	const { svgToPdfBytes } = await import('./charts/pdf.ts');
	return svgToPdfBytes(svg, chart.title);
}

function fileNamePart(text: string): string {
	return (
		text
			.replace(/[^A-Za-z0-9._]+/g, '-')
			.replace(/^[-.]+|[-.]+$/g, '')
			.slice(0, 60) || 'model'
	);
}

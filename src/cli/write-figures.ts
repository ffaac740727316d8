import { existsSync, statSync } from 'node:fs';
import { extname, join } from 'node:path';
import { stderr, stdout } from 'node:process';
import { UserError } from '../errors.ts';
import { makeFolder, writeWhole } from '../files.ts';
import { nearestNames } from '../nearest.ts';
import type { Chart } from '../reporting/charts/chart.ts';
import { namedCautions } from '../reporting/compare.ts';
import { chartsOf, drawFigures, type FigureFormat, figureFormats } from '../reporting/figures.ts';
import type { Analysis } from '../reporting/index.ts';
import * as messages from './messages.ts';
import { fairVariants } from './results.ts';

interface FigureRequest {
	/** Names separated by commas, "all" or "list". */
	readonly figure: string;
	readonly width: string;
	readonly dpi: number;
	readonly format: string | undefined;
	/** A file for one figure; a folder, which is made if it is not there, for any number. */
	readonly out: string | undefined;
	readonly set: readonly string[];
}

/** Draws the charts asked for, and nothing else; prints the files written. @throws UserError */
export async function writeFigures(
	analyses: readonly Analysis[],
	{ figure, width, dpi, format: asked, out, set }: FigureRequest,
): Promise<void> {
	const all = chartsOf(analyses, { variantsOf: fairVariants(analyses, set) });
	if (all.length === 0) throw new UserError(messages.noCharts());
	if (figure === 'list') {
		for (const { id, title } of all) stdout.write(`${id.padEnd(32)} ${title}\n`);
		return;
	}
	const charts = chosen(all, figure);
	const [file, format] = destination(out, charts, asked);
	if (!(dpi >= 36 && dpi <= 2400)) throw new UserError(messages.badResolution(dpi), { exitCode: 2 });
	const figures = await drawFigures(charts, format, { widthMillimetres: widthMillimetres(width), dotsPerInch: dpi });
	// A picture has no place for it, and the paper that shows it must know.
	for (const caution of namedCautions(analyses)) stderr.write(`snn-energy: ${caution}\n`);
	if (file === null && out !== undefined) makeFolder(out, '--out');
	for (const { file: name, bytes } of figures) {
		const path = file ?? join(out ?? '.', name);
		writeWhole(path, [bytes]);
		stdout.write(`${path}\n`);
	}
}

function chosen(all: readonly Chart[], figure: string): readonly Chart[] {
	if (figure === 'all') return all;
	const known = all.map(({ id }) => id);
	return figure.split(',').map((text) => {
		const name = text.trim();
		const chart = all.find(({ id }) => id === name);
		if (chart === undefined) throw new UserError(messages.unknownChart(name, nearestNames(name, known), known), { exitCode: 2 });
		return chart;
	});
}

/** The file of a single figure, null for a folder, and the format its ending asks for. */
function destination(
	out: string | undefined,
	charts: readonly Chart[],
	asked: string | undefined,
): readonly [string | null, FigureFormat] {
	const ending = extname(out ?? '')
		.slice(1)
		.toLowerCase();
	const format = figureFormats.find((known) => known === ending);
	const isFolder = out !== undefined && existsSync(out) && statSync(out).isDirectory();
	if (out === undefined || isFolder || ending === '') return [null, figureFormats.find((known) => known === asked) ?? 'svg'];
	if (format === undefined) throw new UserError(messages.unknownFigureFormat(out, figureFormats), { exitCode: 2 });
	if (charts.length > 1) throw new UserError(messages.figuresNeedFolder(out, charts.length), { exitCode: 2 });
	return [out, format];
}

const millimetres: Readonly<Record<string, number>> = { mm: 1, cm: 10, in: 25.4, pt: 25.4 / 72 };

/** @throws UserError for what is not a length that can be drawn */
function widthMillimetres(text: string): number {
	const [, number, unit = 'mm'] = /^(\d+(?:\.\d+)?)\s*(mm|cm|in|pt)?$/.exec(text.trim()) ?? [];
	const width = Number(number) * (millimetres[unit] ?? Number.NaN);
	if (!(width >= 40 && width <= 500)) throw new UserError(messages.badWidth(text), { exitCode: 2 });
	return width;
}

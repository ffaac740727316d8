/** Draws a chart as SVG, without a browser. */

import * as vega from 'vega';
import { expressionInterpreter } from 'vega-interpreter';
import { type Config, compile } from 'vega-lite';
import { escapeHtml } from '../escaping.ts';
import type { Chart, Frame } from './chart.ts';
import type { Theme } from './theme.ts';

/**
 * A self-contained SVG element with a text alternative; no script, no style sheet, nothing to load.
 *
 * @returns the markup, `<svg …>…</svg>`
 */
export async function drawSvg(chart: Chart, frame: Frame): Promise<string> {
	const specification = chart.specification(frame);
	const { spec } = compile(specification, { config: configFor(frame.theme), logger: vega.logger(vega.Error) });
	// Expressions are interpreted and not compiled: a page's policy may forbid eval, and a chart has few of them.
	const view = new vega.View(vega.parse(spec, undefined, { ast: true }), {
		expr: expressionInterpreter,
		renderer: 'none',
		logLevel: vega.Error,
	});
	try {
		const svg = await view.toSVG();
		return withAlternative(svg, chart);
	} finally {
		view.finalize();
	}
}

/** One picture to assistive technology, named by what it shows. */
function withAlternative(svg: string, chart: Chart): string {
	const label = escapeHtml(`${chart.title}. ${chart.alternative}`);
	return svg
		.replace(/^<svg /, `<svg role="img" aria-label="${label}" `)
		.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', '')
		.replaceAll(/ (?:aria-hidden|aria-roledescription|pointer-events)="[^"]*"/g, '')
		.replaceAll(/ role="graphics-[^"]*"/g, '');
}

function configFor(theme: Theme): Config {
	const { font, fontSize } = theme;
	return {
		aria: false,
		background: theme.background ?? 'transparent',
		padding: 4,
		font,
		view: { stroke: null },
		axis: {
			labelColor: theme.text,
			titleColor: theme.muted,
			domainColor: theme.muted,
			tickColor: theme.grid,
			gridColor: theme.grid,
			labelFontSize: fontSize,
			titleFontSize: fontSize,
			titleFontWeight: 'normal',
			labelLimit: 400,
			labelPadding: 5,
			titlePadding: 8,
		},
		legend: {
			labelColor: theme.text,
			titleColor: theme.muted,
			labelFontSize: fontSize,
			titleFontSize: fontSize,
			titleFontWeight: 'normal',
			orient: 'top',
			direction: 'horizontal',
			columns: 4,
			labelLimit: 240,
		},
		header: { labelColor: theme.text, titleColor: theme.muted, labelFontSize: fontSize, labelFontWeight: 'bold' },
		bar: { color: theme.accent },
		rule: { color: theme.text },
		text: { color: theme.text, fontSize },
		point: { color: theme.accent, size: 60 },
		line: { color: theme.accent },
		rect: { color: theme.accent },
		range: { category: [...theme.series] },
	};
}

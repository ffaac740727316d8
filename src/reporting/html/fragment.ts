/** The answer, the layers and one picture as markup to put into another page, such as a cell of a notebook. */

import type { Analysis } from '../analysis.ts';
import { accuracyEnergyChart } from '../charts/accuracy-energy.ts';
import { energyByLayerChart } from '../charts/energy-by-layer.ts';
import { lightSeries } from '../charts/theme.ts';
import { type CompareOptions, compareAnalyses } from '../compare.ts';
import { comparisonNotes, comparisonTable } from '../comparison-document.ts';
import { layerTable } from '../layer-table.ts';
import { warningsOf } from '../sentences.ts';
import { figure, list, paragraph, tableElement } from './elements.ts';
import { opening } from './report.ts';

/**
 * Markup without a page around it: no script, nothing from outside, styles that touch nothing else.
 *
 * @param analyses  one run, or several to compare; at least one
 */
export async function renderFragment(analyses: readonly Analysis[], options: CompareOptions = {}): Promise<string> {
	const [first] = analyses;
	if (first === undefined) throw new RangeError('a fragment needs at least one analysis');
	const parts = analyses.length === 1 ? await single(first) : await compared(analyses, options);
	return `<div class="snn-energy">\n<style>${style}</style>\n${parts.join('\n')}\n</div>\n`;
}

async function single(analysis: Analysis): Promise<string[]> {
	const warnings = warningsOf(analysis);
	const charts = await Promise.all(
		analysis.estimates.map(energyByLayerChart).flatMap((chart) => (chart === null ? [] : [figure(chart)])),
	);
	return [
		...(warnings.length === 0 ? [] : [list(warnings)]),
		opening(analysis),
		...charts,
		tableElement(layerTable(analysis, true)),
	];
}

async function compared(analyses: readonly Analysis[], options: CompareOptions): Promise<string[]> {
	const comparison = compareAnalyses(analyses, options);
	const charts = await Promise.all(
		comparison.profiles.flatMap((profile) => {
			const chart = accuracyEnergyChart(comparison, profile);
			return chart === null ? [] : [figure(chart)];
		}),
	);
	const cautions = comparison.cautions.map((text) => paragraph(text, 'caution'));
	return [...cautions, tableElement(comparisonTable(comparison)), list(comparisonNotes(comparison)), ...charts];
}

const colours = lightSeries.map((colour, index) => `--series-${index + 1}: ${colour};`).join(' ');

/** Light only: the page around says nothing about its own colours. */
const style = `
.snn-energy { --page: #ffffff; --card: #f4f6f8; --text: #15191d; --muted: #525c66; --line: #d3d9de; --link: #00568a; --warn: #8a5a00; ${colours} }
.snn-energy { background: var(--page); color: var(--text); font: 14px/1.5 system-ui, sans-serif; padding: .75rem 1rem; max-width: 62rem; }
.snn-energy .answer { font-size: 1.05em; max-width: 52rem; }
.snn-energy .caution { border-left: .3rem solid var(--warn); padding: .25rem .75rem; font-weight: 600; }
.snn-energy ul.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(10rem, 1fr)); gap: .6rem; margin: .8rem 0; padding: 0; list-style: none; }
.snn-energy ul.cards li { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .8rem; margin: 0; }
.snn-energy .label, .snn-energy .value, .snn-energy .detail, .snn-energy .bounds { display: block; }
.snn-energy .label, .snn-energy .detail, .snn-energy .bounds, .snn-energy figcaption, .snn-energy caption { color: var(--muted); font-size: .9em; }
.snn-energy .value { font-size: 1.5em; font-weight: 650; line-height: 1.3; }
.snn-energy figure { margin: 1rem 0; } .snn-energy figure svg { display: block; max-width: 100%; height: auto; } .snn-energy figure .narrow { display: none; }
.snn-energy summary { cursor: pointer; color: var(--link); width: fit-content; }
.snn-energy .scroll { overflow-x: auto; }
.snn-energy table { border-collapse: collapse; font-size: .9em; font-variant-numeric: tabular-nums; margin: .5rem 0; }
.snn-energy caption { caption-side: bottom; text-align: left; }
.snn-energy tr, .snn-energy th, .snn-energy td { background: none; color: var(--text); }
.snn-energy th, .snn-energy td { padding: .25rem .7rem .25rem 0; text-align: left; vertical-align: top; border: 0; border-bottom: 1px solid var(--line); font-weight: 400; }
.snn-energy thead th { border-bottom: 2px solid var(--muted); font-weight: 650; vertical-align: bottom; }
.snn-energy th.number, .snn-energy td.number { text-align: right; white-space: nowrap; }
.snn-energy tr.total th, .snn-energy tr.total td { font-weight: 650; border-top: 2px solid var(--muted); }
`;

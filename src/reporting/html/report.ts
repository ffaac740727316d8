/** The report page of one run or of several: the answer on top, then why, how sure, and how to get it again. */

import type { Estimate } from '../../hardware/estimate.ts';
import type { Sensitivity } from '../../hardware/sensitivity.ts';
import { comparable } from '../../network/findings.ts';
import { tool } from '../../version.ts';
import type { Analysis } from '../analysis.ts';
import { answerCards, type Card } from '../answer-cards.ts';
import { dataflowTable, spikingBands } from '../band.ts';
import { accuracyEnergyChart } from '../charts/accuracy-energy.ts';
import type { Chart } from '../charts/chart.ts';
import { energyByLayerChart } from '../charts/energy-by-layer.ts';
import { energyByTermChart } from '../charts/energy-by-term.ts';
import { membraneByTimestepsChart } from '../charts/membrane-by-timesteps.ts';
import { spikesByTimestepChart } from '../charts/spikes-by-timestep.ts';
import { tornadoChart } from '../charts/tornado.ts';
import { type CompareOptions, compareAnalyses, type ModelComparison, rowName, shortModelName } from '../compare.ts';
import { comparisonNotes, comparisonTable } from '../comparison-document.ts';
import { assumptionSentences, estimateTable, unpricedFacts } from '../describe.ts';
import { escapeHtml } from '../escaping.ts';
import { layerTable } from '../layer-table.ts';
import { methodSections } from '../method.ts';
import { formatAccuracyPercent, formatInterval, formatQuantity, formatRatio, roundingRule } from '../numbers.ts';
import { comparisonFor } from '../quantities.ts';
import { reproduceCommand } from '../reproduce.ts';
import { answerSentence, cautionsOf, closeSentence, estimateName, runSentence, warningsOf } from '../sentences.ts';
import type { Fact, Section } from '../table.ts';
import {
	cards,
	documentSection,
	facts,
	figure,
	folded,
	list,
	type PageSection,
	pageElement,
	paragraph,
	tableElement,
} from './elements.ts';

export interface HtmlReportOptions extends CompareOptions {
	/** What each estimate depends on, where it was worked out. */
	readonly sensitivities?: readonly Sensitivity[];
	/** Further sections, e.g. break-even and scorecard, before the method. */
	readonly sections?: readonly Section[];
}

/**
 * One self-contained HTML file.
 *
 * @param analyses  one run, or several to compare; at least one
 */
export async function renderHtmlReport(analyses: readonly Analysis[], options: HtmlReportOptions = {}): Promise<string> {
	const [first] = analyses;
	if (first === undefined) throw new RangeError('a report needs at least one analysis');
	return analyses.length === 1 ? singleReport(first, options) : comparedReport(analyses, options);
}

/** The charts of one run in a comparison: where its energy goes, and when its neurons fire. */
const chartsOfRun = (analysis: Analysis): (Chart | null)[] => [
	...analysis.estimates.map(energyByLayerChart),
	spikesByTimestepChart(analysis),
];

async function singleReport(analysis: Analysis, options: HtmlReportOptions): Promise<string> {
	const sections: PageSection[] = [...warningSection(warningsOf(analysis))];
	if (analysis.estimates.length > 1)
		sections.push({ id: 'profiles', heading: 'Profiles', body: tableElement(estimateTable(analysis)) });
	sections.push(...(await runSections(analysis, '')));
	sections.push(...(await closingSections([analysis], options)));
	return pageElement({
		title: `What ${shortModelName(analysis.model.file)} costs`,
		subtitle: runSentence(analysis),
		opening: opening(analysis),
		sections,
		generator: `${tool.name} ${tool.version}`,
	});
}

async function comparedReport(analyses: readonly Analysis[], options: HtmlReportOptions): Promise<string> {
	const comparison = compareAnalyses(analyses, options);
	const charts = comparison.profiles.map((profile) => accuracyEnergyChart(comparison, profile));
	const sections: PageSection[] = [...warningSection(comparison.warnings)];
	sections.push({
		id: 'models',
		heading: 'Side by side',
		body: [
			await figures(charts),
			tableElement(comparisonTable(comparison)),
			folded('How to read this table', list(comparisonNotes(comparison))),
		].join('\n'),
	});
	for (const [index, model] of comparison.models.entries()) {
		const [estimate] = model.analysis.estimates;
		const answer =
			estimate === undefined ? '' : answerSentence(model.analysis, estimate, comparisonFor(model.analysis, estimate));
		const cautions = cautionsOf(model.analysis).map((text) => paragraph(text, 'caution'));
		const body = [
			...cautions,
			paragraph(answer),
			await figures(chartsOfRun(model.analysis)),
			folded(`Layers of ${model.name}`, tableElement(layerTable(model.analysis, true))),
			...spikingBands(model.analysis).map((band) => folded('Dataflows', tableElement(dataflowTable(band)))),
		];
		sections.push({ id: `model-${index + 1}`, heading: model.name, body: body.join('\n') });
	}
	sections.push(...(await closingSections(analyses, options)));
	return pageElement({
		title: `${comparison.models.length} networks compared`,
		subtitle: comparison.models.map(({ name }) => name).join(' · '),
		opening: [
			...comparison.cautions.map((text) => paragraph(text, 'caution')),
			paragraph(cheapestSentence(comparison), 'answer'),
			cards(modelCards(comparison)),
		].join('\n'),
		sections,
		generator: `${tool.name} ${tool.version}`,
	});
}

/** Every network that was run, with what it costs and how often it is right. */
function modelCards({ rows, profiles, baseline }: ModelComparison): Card[] {
	return rows
		.filter((row) => row.profile === profiles[0] && row.accuracy !== null)
		.map((row) => {
			const ratio =
				row.ratioToBaseline === null || rowName(row) === baseline ? [] : [`ratio ${formatRatio(row.ratioToBaseline)}`];
			return {
				label: rowName(row),
				value: formatQuantity(row.energyJoules.nominal, 'J'),
				detail: [`accuracy ${formatAccuracyPercent(row.accuracy ?? 0)}`, ...ratio].join(', '),
			};
		});
}

/** Which network is the cheapest, and by how much; networks whose accuracy nobody measured come second, where others were measured. */
function cheapestSentence(comparison: ModelComparison): string {
	const sorted = comparison.rows
		.filter((row) => row.profile === comparison.profiles[0] && comparable(row.model.analysis.balance))
		.sort((one, other) => one.energyJoules.nominal - other.energyJoules.nominal);
	const [first] = sorted;
	if (first === undefined)
		return comparison.rows.length > 0 ? 'No network can be called the cheapest.' : 'No network was priced: no profile was given.';
	const cheapest = sorted.find(({ accuracy }) => accuracy !== null) ?? first;
	const cost = `On ${cheapest.profile}, ${rowName(cheapest)} is the cheapest${first === cheapest ? '' : ' whose accuracy was measured'}: ${formatInterval(cheapest.energyJoules, 'J')} per inference`;
	const ratio =
		cheapest.ratioToBaseline === null || rowName(cheapest) === comparison.baseline
			? ''
			: `, ${formatRatio(cheapest.ratioToBaseline)} less than ${comparison.baseline}`;
	const unmeasured =
		first === cheapest
			? ''
			: ` ${rowName(first)} would need ${formatInterval(first.energyJoules, 'J')}; how often it is right was not measured.`;
	return `${cost}${ratio}.${unmeasured}`;
}

/** The answer: sentence, cautions and cards. */
export function opening(analysis: Analysis): string {
	const [estimate] = analysis.estimates;
	const answer =
		estimate === undefined
			? 'The run was counted but not priced: no profile was given.'
			: answerSentence(analysis, estimate, comparisonFor(analysis, estimate));
	const range = rangeSentence(analysis);
	const cautions = cautionsOf(analysis).map((text) => paragraph(text, 'caution'));
	return [
		...cautions,
		paragraph(answer, 'answer'),
		...(range === null ? [] : [paragraph(range)]),
		cards(answerCards(analysis)),
	].join('\n');
}

/** How far the profiles are apart; null with one. */
function rangeSentence({ estimates }: Analysis): string | null {
	const sorted = estimates.toSorted(
		(one, other) => one.energyPerInferenceJoules.nominal - other.energyPerInferenceJoules.nominal,
	);
	const [least, most] = [sorted[0], sorted.at(-1)];
	if (least === undefined || most === undefined || least === most) return null;
	const words = (estimate: Estimate) =>
		`${formatQuantity(estimate.energyPerInferenceJoules.nominal, 'J')} on ${estimateName(estimate)}`;
	const ratio = formatRatio(most.energyPerInferenceJoules.nominal / least.energyPerInferenceJoules.nominal);
	return `The same run costs from ${words(least)} to ${words(most)}: the choice of hardware matters ${ratio}.`;
}

/** Charts and tables of one run. */
async function runSections(analysis: Analysis, prefix: string): Promise<PageSection[]> {
	const sections: PageSection[] = [];
	const add = async (id: string, heading: string, charts: readonly (Chart | null)[], more = '') => {
		const drawn = await figures(charts);
		if (drawn !== '' || more !== '') sections.push({ id: `${prefix}${id}`, heading, body: [drawn, more].join('\n') });
	};
	await add('layers', 'Energy by layer', analysis.estimates.map(energyByLayerChart), tableElement(layerTable(analysis, true)));
	await add('terms', 'Energy by term', [energyByTermChart(analysis.estimates)]);
	const bands = spikingBands(analysis).map((band) => tableElement(dataflowTable(band)));
	if (bands.length > 0) await add('dataflows', 'Dataflows', [], bands.join('\n'));
	await add('spikes', 'Spikes by layer and timestep', [spikesByTimestepChart(analysis)]);
	await add('membrane', 'Membrane traffic', [membraneByTimestepsChart(analysis)]);
	return sections;
}

async function closingSections(analyses: readonly Analysis[], options: HtmlReportOptions): Promise<PageSection[]> {
	const sections: PageSection[] = [];
	const tornados = (options.sensitivities ?? []).map(tornadoChart);
	const drawn = await figures(tornados);
	if (drawn !== '') sections.push({ id: 'sensitivity', heading: 'What the estimate depends on', body: drawn });
	(options.sections ?? []).forEach((section, index) => {
		sections.push(documentSection(section, `part-${index + 1}`));
	});
	const method = methodSections(analyses).map((section) => documentSection(section, ''));
	sections.push({
		id: 'method',
		heading: 'Method',
		body: method.map(({ heading, body }) => `<h3>${escapeHtml(heading)}</h3>\n${body}`).join('\n'),
	});
	const assumptions = [...new Set(analyses.flatMap(assumptionSentences))];
	const unpriced = analyses.flatMap(unpricedFacts);
	const distinct = [...new Map(unpriced.map((fact) => [`${fact.label}\n${fact.text}`, fact])).values()];
	sections.push({
		id: 'assumptions',
		heading: 'Assumptions',
		body: `${assumptions.length > 0 ? list(assumptions) : ''}\n${facts(distinct)}`,
	});
	sections.push({ id: 'reproduce', heading: 'How to get this again', body: reproduceElement(analyses) });
	return sections;
}

/** Commands, and what files they ran on; what is the same for several is said once. */
function reproduceElement(analyses: readonly Analysis[]): string {
	const entries = analyses.flatMap((analysis) => [
		{ label: 'Model', text: `${analysis.model.file}, sha256 ${analysis.model.sha256}` },
		{ label: 'Data', text: `${analysis.data.source}, sha256 ${analysis.data.sha256 ?? 'unknown'}` },
		{ label: 'Tool', text: `${analysis.tool.name} ${analysis.tool.version}` },
		...closeFacts(analysis),
		...(analysis.run.runtimes ? [{ label: 'Runtime', text: analysis.run.runtimes.join(', ') }] : []),
	]);
	const distinct = [...new Map(entries.map((entry) => [`${entry.label}\n${entry.text}`, entry])).values()];
	const sorted = ['Model', 'Data', 'Tool', 'Runtime', 'Close decisions'].flatMap((wanted) =>
		distinct.filter(({ label }) => label === wanted),
	);
	const commands = analyses.map(reproduceCommand).join('\n');
	return `<pre><code>${escapeHtml(commands)}</code></pre>\n${facts([...sorted, { label: 'Rounding', text: roundingRule }])}`;
}

function closeFacts(analysis: Analysis): Fact[] {
	const text = closeSentence(analysis);
	return text === null ? [] : [{ label: 'Close decisions', text }];
}

function warningSection(warnings: readonly string[]): PageSection[] {
	return warnings.length === 0 ? [] : [{ id: 'warnings', heading: 'Warnings', body: list(warnings), warning: true }];
}

async function figures(charts: readonly (Chart | null)[]): Promise<string> {
	const drawn: string[] = [];
	for (const chart of charts) if (chart !== null) drawn.push(await figure(chart));
	return drawn.join('\n');
}

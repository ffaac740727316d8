/** How the numbers came about: the paragraph a paper needs, the constants and where they come from. */

import type { Estimate } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { bibliography, citationsOf } from './bibliography.ts';
import { formatConstant, formatConstantRange, formatCount, hasSpread, roundingRule } from './numbers.ts';
import { comparisonFor, networkActivity } from './quantities.ts';
import { certainty, estimateName, listInWords, readsAnalog } from './sentences.ts';
import type { ReportDocument, Section, Table } from './table.ts';

/** One paragraph for each set of runs priced alike, ready for a paper; citations in brackets are keys of the bibliography. */
export function methodParagraph(analysis: Analysis): string {
	const { run, estimates } = analysis;
	const spiking = networkActivity(analysis).spiking;
	const sentences = [
		`Energy was estimated with ${analysis.tool.name} ${analysis.tool.version} [${toolKey}].`,
		`The network (${formatCount(analysis.model.parameters)} parameters) was run on ${formatCount(run.samples)} ${analysis.data.random ? 'random inputs' : run.samples === 1 ? 'sample' : 'samples'}${analysis.data.random ? '' : ` of ${analysis.data.source}`}${spiking ? ` for ${formatCount(run.timesteps)} ${run.timesteps === 1 ? 'timestep' : 'timesteps'}` : ''}, and every synaptic event was counted exactly, as the sum over nonzero inputs of the connections each one drives.`,
	];
	if (spiking) {
		sentences.push(spikeRule(analysis));
		if (readsAnalog(analysis)) {
			sentences.push(
				run.encoder === 'once'
					? 'The analog first layer, whose input does not change over time, was charged once per inference.'
					: 'The analog first layer was charged at every timestep.',
			);
		}
	}
	for (const estimate of estimates) sentences.push(...estimateSentences(analysis, estimate));
	return sentences.join(' ');
}

/** BibTeX key of this tool itself. */
const toolKey = 'snnenergy';

function spikeRule(analysis: Analysis): string {
	const { spikeTest, graded } = analysis.run;
	const unit = {
		element: 'each event of a spike',
		timestep: 'each event of a timestep whose input is spikes only',
		layer: 'each event of a layer whose input is spikes only',
	};
	const multiples =
		graded === 'ac'
			? 'a spike of k times the unit magnitude as k accumulations'
			: 'graded and analog inputs as multiply-accumulates';
	return `A layer's ${unit[spikeTest]} was counted as one accumulation (AC), ${multiples}.`.replace("A layer's each", 'Each');
}

function estimateSentences(analysis: Analysis, estimate: Estimate): string[] {
	const keys = citationsOf([estimate]).map(({ key }) => `[${key}]`);
	const constants = estimate.constants.map(({ name, unit, value }) => `${name} = ${formatConstant(value.nominal, unit)}`);
	const sentences = [
		`Under the profile "${estimateName(estimate)}" (${estimate.title})${keys.length > 0 ? ` ${keys.join(' ')}` : ''} ${constants.length > 0 && constants.length <= 6 ? `with ${listInWords(constants)}, ` : ''}energies are means per inference. ${certainty(estimate)}`,
	];
	const comparison = comparisonFor(analysis, estimate);
	if (comparison !== null && networkActivity(analysis).spiking) sentences.push(`DNN ÷ SNN: ${comparison.formula}`);
	return sentences;
}

/** All constants of the estimates, each once, with source and grade. */
export function constantsTable(estimates: readonly Estimate[]): Table {
	const several = new Set(estimates.map(({ profile }) => profile)).size > 1;
	const rows = new Map<string, Table['rows'][number]>();
	for (const estimate of estimates) {
		for (const { name, unit, value, evidence, source, note } of estimate.constants) {
			const bounds = hasSpread(value) ? formatConstantRange(value, unit) : '';
			const words = formatConstant(value.nominal, unit);
			const cells = [name, words, bounds, evidence, note === null ? source : `${source}; ${note}`];
			rows.set(`${estimate.profile} ${name}`, { cells: several ? [estimate.profile, ...cells] : cells });
		}
	}
	const text = (key: string, title: string) => ({ key, title, quantity: 'text' }) as const;
	return {
		id: 'constants',
		caption: 'Constants used, with their range, evidence and source.',
		columns: [
			...(several ? [text('profile', 'profile')] : []),
			text('constant', 'constant'),
			text('value', 'value'),
			text('range', 'range'),
			text('evidence', 'evidence'),
			text('source', 'source'),
		],
		rows: [...rows.values()],
	};
}

/** The method as sections of a report. */
export function methodSections(analyses: readonly Analysis[]): Section[] {
	const paragraphs = methodParagraphs(analyses);
	const sections: Section[] = [
		{ heading: 'How it was estimated', blocks: paragraphs.map((text) => ({ kind: 'paragraph', text })) },
		{ heading: 'What was counted', blocks: [{ kind: 'facts', facts: definitions }] },
	];
	const estimates = analyses.flatMap((analysis) => analysis.estimates);
	const constants = constantsTable(estimates);
	if (constants.rows.length > 0) sections.push({ heading: 'Constants', blocks: [{ kind: 'table', table: constants }] });
	const sources = citationsOf(estimates).map(({ key, citation }) => `[${key}] ${citation}`);
	if (sources.length > 0) sections.push({ heading: 'Sources', blocks: [{ kind: 'list', items: sources }] });
	return sections;
}

const definitions = [
	{
		label: 'synaptic event',
		text: 'one nonzero input element driving one connection that exists (taps in the padding left out)',
	},
	{ label: 'AC', text: 'accumulate: a synaptic event caused by a spike' },
	{ label: 'MAC', text: 'multiply-accumulate: a synaptic event caused by an analog or graded input' },
	{
		label: 'dense MACs',
		text: 'kernel taps × input channels per group × output elements, padding taps included: the textbook number',
	},
	{ label: 'firing rate', text: 'spikes ÷ (neurons · timesteps)' },
	{ label: 'spikes per neuron', text: 'spikes of all timesteps ÷ neurons; may exceed 1' },
	{
		label: 'membrane traffic',
		text: 'membrane words read before every timestep but the first and written after every timestep but the last',
	},
];

/** The paragraph of every run, equal ones once. */
export function methodParagraphs(analyses: readonly Analysis[]): string[] {
	return [...new Set(analyses.map(methodParagraph))];
}

/** What `--method` prints: the paragraph, then the BibTeX it cites. */
export function renderMethod(analyses: readonly Analysis[]): string {
	const paragraphs = methodParagraphs(analyses);
	const bib = bibliography(analyses.flatMap((analysis) => analysis.estimates));
	return `${paragraphs.join('\n\n')}\n\n${roundingRule}\n\n${bib}`;
}

/** The method as a document of its own. */
export function describeMethod(analyses: readonly Analysis[]): ReportDocument {
	return { title: 'Method', sections: methodSections(analyses) };
}

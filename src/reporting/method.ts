/** How the numbers came about: the paragraph a paper needs, the constants and where they come from. */

import type { Estimate } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { bibliography, citationsOf, toolKey } from './bibliography.ts';
import { comparedNames, namedCautions } from './compare.ts';
import { escapeLatexProse, escapeMarkdown, visible } from './escaping.ts';
import { formatConstant, formatConstantRange, formatCount, hasSpread, roundingRule } from './numbers.ts';
import { comparisonFor, networkActivity } from './quantities.ts';
import { analogCharge, certainty, estimateName, listInWords } from './sentences.ts';
import type { Section, Table } from './table.ts';

/** How a paragraph is written: its text escaped, sources cited by the keys of the bibliography. */
interface Wording {
	readonly text: (text: string) => string;
	readonly cite: (keys: readonly string[]) => string;
}

const methodForms = ['text', 'markdown', 'latex'] as const;
export type MethodForm = (typeof methodForms)[number];

const wordings: Readonly<Record<MethodForm, Wording>> = {
	text: { text: (text) => text, cite: (keys) => ` ${keys.map((key) => `[${key}]`).join(' ')}` },
	markdown: { text: escapeMarkdown, cite: (keys) => ` [${keys.map((key) => `@${key}`).join('; ')}]` },
	latex: { text: escapeLatexProse, cite: (keys) => `~\\cite{${keys.join(',')}}` },
};

/** The paragraph of a run, ready for a paper; only what this run did is said. */
export const methodParagraph = (analysis: Analysis, form: MethodForm = 'text'): string => methodOfAll([analysis], form);

/**
 * One paragraph for all runs: what holds for all is said once, what holds for some is said of them by name.
 *
 * @param analyses  at least one
 */
export function methodOfAll(analyses: readonly Analysis[], form: MethodForm = 'text'): string {
	const wording = wordings[form];
	const names = comparedNames(analyses);
	const [first] = analyses;
	const versions = new Set(analyses.map(({ tool: { name, version } }) => `${name} ${version}`));
	const opening = `${wording.text(`Energy was estimated with ${listInWords([...versions])}`)}${wording.cite([toolKey])}.`;
	const warnings = namedCautions(analyses).map((caution) => wording.text(caution));
	const runs = wording.text(first && analyses.length === 1 ? runOf(first, 'The network') : runsOf(analyses, names));
	const each = analyses.map((analysis) => countingSentences(analysis, wording));
	const byHolders = new Map<string, string[]>([['', []]]);
	for (const sentence of new Set(each.flat())) {
		const holders = names.filter((_, index) => each[index]?.includes(sentence));
		const of = holders.length === names.length ? '' : `${wording.text(`For ${listInWords(holders)}:`)} `;
		byHolders.set(of, [...(byHolders.get(of) ?? []), sentence]);
	}
	const rest = [...byHolders].flatMap(([of, sentences]) => (sentences.length === 0 ? [] : [`${of}${sentences.join(' ')}`]));
	return [...warnings, opening, runs, ...rest].join(' ');
}

const countedExactly =
	'every synaptic event was counted exactly, as the sum over nonzero inputs of the connections each one drives';

/** "B (n parameters) was run on 300 samples of D for 5 timesteps". */
function runClause(analysis: Analysis, subject: string): string {
	const { run, data } = analysis;
	const samples = `${formatCount(run.samples)} ${data.random ? 'random inputs' : run.samples === 1 ? 'sample' : 'samples'}`;
	const steps = networkActivity(analysis).spiking
		? ` for ${formatCount(run.timesteps)} ${run.timesteps === 1 ? 'timestep' : 'timesteps'}`
		: '';
	return `${subject} (${formatCount(analysis.model.parameters)} parameters) was run on ${samples}${data.random ? '' : ` of ${data.source}`}${steps}`;
}

const runOf = (analysis: Analysis, subject: string): string => `${runClause(analysis, subject)}, and ${countedExactly}.`;
const runsOf = (analyses: readonly Analysis[], names: readonly string[]): string =>
	`${analyses.map((analysis, index) => runClause(analysis, names[index] ?? '')).join('; ')}. In each run ${countedExactly}.`;

/** What was counted as what, and what it was priced with. */
function countingSentences(analysis: Analysis, wording: Wording): string[] {
	const { text } = wording;
	const sentences: string[] = [];
	if (analysis.run.partial) sentences.push(text('The run was interrupted: only part of the samples was counted.'));
	if (networkActivity(analysis).spiking) {
		sentences.push(text(spikeRule(analysis)));
		const charged = analogCharge(analysis);
		if (charged === 'once')
			sentences.push(text('The analog first layer, whose input does not change over time, was charged once per inference.'));
		if (charged === 'every timestep') sentences.push(text('The analog first layer was charged at every timestep.'));
	}
	for (const estimate of analysis.estimates) sentences.push(...estimateSentences(analysis, estimate, wording));
	return sentences;
}

function spikeRule({ run: { spikeTest, graded }, layers }: Analysis): string {
	const unit = {
		element: 'Each synaptic event caused by a spike',
		timestep: 'Each event of a timestep whose input is spikes only',
		layer: 'Each event of a layer whose input is spikes only',
	};
	const has = (kind: string) => layers.some((layer) => layer.kind === 'synaptic' && layer.inputKind === kind);
	const others = [...(has('graded') ? ['graded spikes'] : []), ...(has('analog') ? ['real-valued inputs'] : [])].join(' and of ');
	const multiples =
		graded === 'ac' && has('graded')
			? ', a spike of k times the unit height as k accumulations'
			: others === ''
				? ''
				: `, each of ${others} as one multiply-accumulate (MAC)`;
	return `${unit[spikeTest]} was counted as one accumulation (AC)${multiples}.`;
}

function estimateSentences(analysis: Analysis, estimate: Estimate, { text, cite }: Wording): string[] {
	const keys = citationsOf([estimate]).map(({ key }) => key);
	const constants = estimate.constants
		.filter(({ unit }) => unit !== '')
		.map(({ name, unit, value }) => `${name} = ${formatConstant(value.nominal, unit)}`);
	const given = constants.length > 0 && constants.length <= 6 ? ` with ${listInWords(constants)}` : '';
	const sentences = [
		`${text(`Energies are means per inference under the profile ${estimateName(estimate)} (${estimate.title})`)}${keys.length > 0 ? cite(keys) : ''}${text(`${given}.`)}`,
		text(certainty(estimate)),
	];
	const comparison = comparisonFor(analysis, estimate);
	if (comparison !== null && networkActivity(analysis).spiking)
		sentences.push(text(`The ratio of DNN to SNN energy: ${lowerFirst(comparison.formula)}`));
	return sentences;
}

const lowerFirst = (sentence: string): string => `${sentence.slice(0, 1).toLowerCase()}${sentence.slice(1)}`;

/** All constants of the estimates, each once, with source and grade. */
export function constantsTable(estimates: readonly Estimate[]): Table {
	const several = new Set(estimates.map(({ profile }) => profile)).size > 1;
	const rows = new Map<string, Table['rows'][number]>();
	for (const estimate of estimates) {
		for (const { name, unit, value, evidence, source, note } of estimate.constants) {
			const bounds = hasSpread(value) ? formatConstantRange(value, unit) : '';
			const words = formatConstant(value.nominal, unit);
			const cells = [name, words, bounds, evidence, visible(source).trim(), note ?? ''];
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
			{ ...text('source', 'source'), cites: new Map(citationsOf(estimates).map(({ citation, key }) => [citation, key])) },
			{ ...text('note', 'note'), dropOrder: 5 },
		],
		rows: [...rows.values()],
	};
}

/** The method as sections of a report. */
export function methodSections(analyses: readonly Analysis[]): Section[] {
	const sections: Section[] = [
		{ heading: 'How it was estimated', blocks: [{ kind: 'paragraph', text: methodOfAll(analyses) }] },
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
	{ label: 'MAC', text: 'multiply-accumulate: a synaptic event caused by a real-valued input or a graded spike' },
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

/** What `--method` prints: the paragraph, and the BibTeX they cite unless it goes to a file of its own. */
export function renderMethod(analyses: readonly Analysis[], form: MethodForm, withBibliography: boolean): string {
	const paragraphs = [methodOfAll(analyses, form), wordings[form].text(roundingRule)].join('\n\n');
	if (!withBibliography) return `${paragraphs}\n`;
	const bib = bibliography(analyses.flatMap((analysis) => analysis.estimates));
	if (form === 'latex') return `${paragraphs}\n\n% The .bib file (--bib FILE writes it):\n${bib.replace(/^(?=.)/gm, '% ')}`;
	return `${paragraphs}\n\n${form === 'markdown' ? `\`\`\`bibtex\n${bib}\`\`\`\n` : bib}`;
}

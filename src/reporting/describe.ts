/** An Analysis as a document: the answer first, then why, then what it rests on. */

import type { DataflowStudy } from '../hardware/dataflow-study.ts';
import type { Estimate } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import {
	bandEnergyWords,
	bandFact,
	bandFor,
	bandRatioWords,
	dataflowTable,
	isArithmetic,
	samplingWords,
	signSentence,
	spikingBands,
} from './band.ts';
import { shortModelName } from './compare.ts';
import { layerTable } from './layer-table.ts';
import { formatAccuracy, formatCount, formatInterval, roundingRule } from './numbers.ts';
import { comparisonFor, denseMacsPerPass, networkActivity, perInference, ratioOrNull } from './quantities.ts';
import {
	activitySentence,
	cautionsOf,
	closeSentence,
	estimateName,
	eventWords,
	listInWords,
	runSentence,
	termWords,
	verdictWithBand,
	warningsOf,
} from './sentences.ts';
import type { Block, Fact, ReportDocument, Row, Section, Table } from './table.ts';

/**
 * Everything a reader wants to know of one run, in reading order.
 *
 * @param verbose  every layer in a row of its own, with every column
 */
export function describeAnalysis(analysis: Analysis, verbose = false): ReportDocument {
	const { estimates } = analysis;
	const sections: Section[] = [{ heading: 'Result', blocks: answerBlocks(analysis, verbose) }];
	const layers = layerTable(analysis, verbose);
	sections.push({ heading: 'Layers', blocks: [{ kind: 'table', table: layers }] });
	if (estimates.some((estimate) => Object.keys(estimate.terms).length > 1))
		sections.push({ heading: 'Energy by term', blocks: [{ kind: 'table', table: termTable(analysis) }] });
	for (const band of spikingBands(analysis))
		sections.push({ heading: `Dataflows of ${band.memoryProfile}`, blocks: [{ kind: 'table', table: dataflowTable(band) }] });
	sections.push({ heading: 'What it rests on', blocks: basisBlocks(analysis, layers) });
	const warnings = warningsOf(analysis);
	if (warnings.length > 0) sections.push({ heading: 'Warnings', blocks: [{ kind: 'list', items: warnings }] });
	const title = analysis.data.random ? `${analysis.model.file} on random input, no real data` : analysis.model.file;
	return { title, subject: subjectOf(analysis), cautions: cautionsOf(analysis), sections };
}

/** "fashion-cnn, T = 1, profile 45nm". */
function subjectOf({ model, run, estimates, layers }: Analysis): string {
	const spiking = layers.some((layer) => layer.kind === 'neuron' && layer.spiking);
	const [only, ...more] = estimates;
	const profile = only === undefined || more.length > 0 ? '' : `, profile ${only.profile}`;
	return `${shortModelName(model.file)}${spiking ? `, T = ${run.timesteps}` : ''}${profile}`;
}

/** The cost first, then how it compares and how well the network answers; after them what the numbers come from. */
function answerBlocks(analysis: Analysis, verbose: boolean): Block[] {
	const [only, ...more] = analysis.estimates;
	const facts: Fact[] = [];
	const accuracy = {
		label: 'Accuracy',
		text: analysis.accuracy === null ? 'not measured: no labels were given' : formatAccuracy(analysis.accuracy),
	};
	if (only !== undefined && more.length === 0) facts.push(...estimateFacts(analysis, only, accuracy));
	else facts.push(accuracy, ...(more.length > 0 ? spikingBands(analysis).map(severalFact) : []));
	facts.push(
		{ label: 'Spikes', text: activitySentence(analysis) },
		{ label: 'Operations', text: operationsSentence(analysis) },
		{ label: 'Run', text: runSentence(analysis) },
	);
	const close = closeSentence(analysis);
	if (close !== null && (verbose || (analysis.decisions?.close ?? 0) > 0)) facts.push({ label: 'Close decisions', text: close });
	const table: Block[] = more.length > 0 ? [{ kind: 'table', table: estimateTable(analysis) }] : [];
	return [...table, { kind: 'facts', facts }];
}

/** What the one profile of a result says, with the accuracy behind cost and ratio. */
function estimateFacts(analysis: Analysis, estimate: Estimate, accuracy: Fact): Fact[] {
	const { spiking } = networkActivity(analysis);
	const comparison = spiking ? comparisonFor(analysis, estimate) : null;
	const band = spiking ? bandFor(analysis, estimate) : null;
	const alone = band && isArithmetic(band) ? ', arithmetic alone' : '';
	const facts: Fact[] = [
		{
			label: `Energy on ${estimate.profile}`,
			text: `${formatInterval(estimate.energyPerInferenceJoules, 'J')} per inference${alone}`,
			strong: true,
		},
	];
	if (comparison !== null)
		facts.push({
			label: 'DNN baseline',
			text: `${formatInterval(comparison.dnnEnergyJoules, 'J')}; the spiking network ${verdictWithBand(comparison, band)}`,
			strong: true,
		});
	facts.push(accuracy);
	if (band) facts.push(bandFact(band));
	const sign = comparison && band && signSentence(band, comparison.ratio.nominal);
	if (sign) facts.push({ label: 'Which needs less', text: sign, strong: true });
	const sampling = samplingWords(estimate, analysis.run.samples);
	if (sampling !== '') facts.push({ label: 'Energy varies', text: sampling });
	facts.push({ label: 'Latency', text: latencyWords(estimate) });
	return facts;
}

/** The band of one of several profiles. */
function severalFact(band: DataflowStudy): Fact {
	const ratio = bandRatioWords(band);
	const against = ratio === null ? '' : `; DNN ÷ spiking network ${ratio}`;
	return {
		label: `${band.profile} by dataflow`,
		text: `${bandEnergyWords(band)} per inference (${band.memoryProfile})${against}`,
	};
}

function formulaFacts(analysis: Analysis): Fact[] {
	if (!networkActivity(analysis).spiking) return [];
	const formulas = new Set(analysis.comparison?.profiles.map(({ formula }) => formula));
	return [...formulas].map((text) => ({ label: 'Ratio formed as', text }));
}

function operationsSentence(analysis: Analysis): string {
	const { totals, run, layers, model } = analysis;
	const each = (count: number) => formatCount(perInference(count, run));
	const zeros =
		totals.macsDense === totals.macs ? '' : ` (${each(totals.macsDense)} where zeros of real-valued inputs are multiplied too)`;
	const dense = `a dense pass is ${formatCount(denseMacsPerPass(layers))} MACs; ${formatCount(model.parameters)} parameters`;
	return `${each(totals.synapticEvents)} synaptic operations (SOPs) per inference: ${each(totals.acs)} ACs and ${each(totals.macs)} MACs${zeros}; ${dense}`;
}

/** "1.20 ms per inference", or that the profile does not say. */
function latencyWords(estimate: Estimate): string {
	if (estimate.latencyPerInferenceSeconds === null) return `not priced by ${estimate.profile}`;
	const evidence = estimate.latencyEvidence ? `; evidence: ${estimate.latencyEvidence}` : '';
	return `${formatInterval(estimate.latencyPerInferenceSeconds, 's')} per inference${evidence}`;
}

/** One row a profile: energy, latency, and the DNN baseline beside it. */
export function estimateTable(analysis: Analysis): Table {
	const accountings = analysis.estimates.some(({ accounting }) => accounting !== 'exact');
	const rows: Row[] = analysis.estimates.map((estimate) => {
		const comparison = comparisonFor(analysis, estimate);
		return {
			cells: [
				estimate.profile,
				...(accountings ? [estimate.accounting] : []),
				estimate.energyPerInferenceJoules,
				estimate.latencyPerInferenceSeconds,
				comparison?.dnnEnergyJoules ?? null,
				comparison?.ratio ?? null,
				estimate.evidence,
			],
		};
	});
	return {
		id: 'estimates',
		caption: 'Energy and latency of one inference under each profile.',
		note: 'Ratio: DNN baseline ÷ SNN.',
		columns: [
			{ key: 'profile', title: 'profile', quantity: 'text' },
			...(accountings ? [{ key: 'accounting', title: 'accounting', quantity: 'text' } as const] : []),
			{ key: 'energyPerInferenceJoules', title: 'energy', quantity: 'joules', keepsBounds: true },
			{ key: 'latencyPerInferenceSeconds', title: 'latency', quantity: 'seconds', dropOrder: 1 },
			{ key: 'dnnEnergyJoules', title: 'DNN baseline', quantity: 'joules', dropOrder: 3 },
			{ key: 'dnnToSnnRatio', title: 'ratio', quantity: 'ratio', dropOrder: 2 },
			{ key: 'evidence', title: 'evidence', quantity: 'text', dropOrder: 4 },
		],
		rows,
	};
}

/** Energy by term of every profile. */
export function termTable(analysis: Analysis): Table {
	const several = analysis.estimates.length > 1;
	const rows = analysis.estimates.flatMap((estimate): Row[] =>
		Object.entries(estimate.terms).map(([term, energy]) => ({
			cells: [
				...(several ? [estimateName(estimate)] : []),
				termWords(term),
				energy,
				ratioOrNull(energy.nominal, estimate.energyPerInferenceJoules.nominal),
			],
		})),
	);
	return {
		id: 'terms',
		caption: 'Energy per inference by term.',
		columns: [
			...(several ? [{ key: 'profile', title: 'profile', quantity: 'text' } as const] : []),
			{ key: 'term', title: 'term', quantity: 'text' },
			{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
			{ key: 'energyShare', title: 'share', quantity: 'percent' },
		],
		rows,
	};
}

function basisBlocks(analysis: Analysis, { note }: Table): Block[] {
	const layerFacts = note === undefined ? [] : [{ label: 'Layers', text: `${note} --verbose shows every layer and column.` }];
	const blocks: Block[] = [
		{
			kind: 'facts',
			facts: [...formulaFacts(analysis), ...unpricedFacts(analysis), ...layerFacts, { label: 'Rounding', text: roundingRule }],
		},
	];
	const assumptions = assumptionSentences(analysis);
	if (assumptions.length > 0) {
		blocks.unshift({ kind: 'paragraph', text: 'Assumptions:' }, { kind: 'list', items: assumptions });
	}
	return blocks;
}

/** How good the constants of each estimate are and what it leaves out. */
export function unpricedFacts(analysis: Analysis): Fact[] {
	return analysis.estimates.flatMap((estimate) => {
		const several = analysis.estimates.length > 1 ? ` (${estimateName(estimate)})` : '';
		const unpriced =
			estimate.unpriced.length === 0
				? 'nothing: every event counted has a price'
				: listInWords(estimate.unpriced.map(eventWords));
		return [
			{ label: `Evidence${several}`, text: evidenceWords(estimate) },
			{ label: `Not priced${several}`, text: unpriced },
		];
	});
}

/** Energy's grade, and latency's, which rests on other constants. */
function evidenceWords({ evidence, latencyEvidence }: Estimate): string {
	const latency = latencyEvidence ? `; latency ${latencyEvidence}` : '';
	return `energy ${evidence}${latency}: the weakest among the constants used`;
}

/** What was assumed, each once, and what changes it. */
export function assumptionSentences(analysis: Analysis): string[] {
	const sentences = new Set(analysis.run.assumptions);
	const profiles = new Map<string, Set<string>>();
	for (const estimate of analysis.estimates) {
		for (const { sentence, change } of estimate.assumptions) {
			const words = change === null ? sentence : `${sentence} Change it with ${change}.`;
			profiles.set(words, (profiles.get(words) ?? new Set()).add(estimateName(estimate)));
		}
	}
	const everywhere = new Set(analysis.estimates.map(estimateName)).size;
	for (const [words, names] of profiles) sentences.add(names.size === everywhere ? words : `${[...names].join(', ')}: ${words}`);
	return [...sentences];
}

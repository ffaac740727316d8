/** Several runs side by side: a row a model under every profile, and what makes them hard to compare. */

import type { Estimate, Interval } from '../hardware/estimate.ts';
import { comparable } from '../network/findings.ts';
import type { Analysis } from './analysis.ts';
import { axisLabels } from './charts/chart.ts';
import { differenceInterval, formatCount } from './numbers.ts';
import { comparisonFor, type NetworkActivity, networkActivity, perInference, ratioOrNull } from './quantities.ts';
import { cautionsOf, estimateName, isRefusal, listInWords, warningsOf } from './sentences.ts';

/** A plain network as fair hardware would run it, beside the spiking ones. */
export interface FairVariant {
	/** "dense", "zero-skipping" or "4-bit". */
	readonly name: string;
	readonly energyJoules: Interval;
	/** How the energy was formed, one sentence. */
	readonly formula: string;
	/** MACs it computes per inference. */
	readonly macs: number;
	/** Whether it computes the very numbers that were measured; a quantised net does not, so its accuracy is unknown. */
	readonly exact: boolean;
}

/** One of the models of a comparison. */
export interface ComparedModel {
	/** Short name, unique among the models. */
	readonly name: string;
	readonly analysis: Analysis;
	readonly activity: NetworkActivity;
}

/** One model under one profile; `variant` names how the DNN baseline is run. */
export interface ComparedRow {
	readonly model: ComparedModel;
	readonly variant: string | null;
	readonly profile: string;
	/** Fraction of right answers; null when it was not measured for this row. */
	readonly accuracy: number | null;
	readonly macs: number;
	readonly energyJoules: Interval;
	readonly latencySeconds: Interval | null;
	/** Baseline's energy ÷ this row's: above 1 this row is cheaper. */
	readonly ratioToBaseline: number | null;
}

/** Models side by side, a row each under every profile: energy, latency, accuracy, ratio to the baseline. */
export interface ModelComparison {
	readonly models: readonly ComparedModel[];
	/** Name of the row all ratios refer to. */
	readonly baseline: string;
	readonly profiles: readonly string[];
	readonly rows: readonly ComparedRow[];
	/** How the variants of the DNN baseline were formed. */
	readonly formulas: readonly string[];
	/** What stands before the numbers, with the model's name. */
	readonly cautions: readonly string[];
	/** For each model with an accuracy: whether it equals the baseline's, with the 95 % interval of the difference. */
	readonly accuracyGaps: readonly string[];
	readonly warnings: readonly string[];
}

/** What a comparison is relative to, and which ways of running a plain network it includes. */
export interface CompareOptions {
	/** Place among the analyses of the model the ratios refer to; by default the first plain network, or the first of all. */
	readonly baseline?: number;
	/** The ways a plain network among the models could fairly be run: dense, zero-skipping, quantised. Dense alone by default. */
	readonly variantsOf?: (analysis: Analysis, estimate: Estimate) => readonly FairVariant[];
}

/**
 * Sets models side by side: each model under each profile, and its ratio to a baseline. DNNs stand first, then spiking
 * networks by name and timesteps.
 *
 * @param analyses  at least one, in any order
 */
export function compareAnalyses(analyses: readonly Analysis[], options: CompareOptions = {}): ModelComparison {
	const names = comparedNames(analyses);
	const given = analyses.map((analysis, index) => ({ name: names[index] ?? '', analysis, activity: networkActivity(analysis) }));
	const models = given.toSorted(inOrder);
	const baseline = given[options.baseline ?? -1] ?? models[0];
	const profiles = [...new Set(analyses.flatMap(({ estimates }) => estimates.map(estimateName)))];
	const formulas = new Map<string, Set<string>>();
	const refused = new Set<string>();
	const rows = profiles.flatMap((profile) => {
		const unrated = models.flatMap((model) => {
			const reason = refusalOf(model, profile);
			if (reason === null) return rowsOf(model, profile, options, formulas);
			refused.add(`${model.name} cannot run on ${profile}: ${reason}`);
			return [];
		});
		const reference = unrated.find((row) => row.model === baseline)?.energyJoules.nominal;
		return unrated.map((row) => ({
			...row,
			ratioToBaseline:
				reference === undefined || !comparable(row.model.analysis.balance) || !comparable(baseline?.analysis.balance)
					? null
					: ratioOrNull(reference, row.energyJoules.nominal),
		}));
	});
	const first = rows.find((row) => row.model === baseline);
	return {
		models,
		baseline: first === undefined ? (baseline?.name ?? '') : rowName(first),
		profiles,
		rows,
		formulas: [...formulas].map(([formula, names]) => `${[...names].join(', ')}: ${formula}`),
		cautions: [
			...refused,
			...models.flatMap(({ name, analysis }) => cautionsOf(analysis).map((caution) => `${name}: ${caution}`)),
		],
		accuracyGaps: accuracyGaps(models, baseline),
		warnings: comparisonWarnings(models),
	};
}

/** Why a plain network cannot run on a profile's hardware; null if it can, or spikes. */
function refusalOf({ analysis, activity }: ComparedModel, profile: string): string | null {
	if (activity.spiking) return null;
	return analysis.estimates.find((estimate) => estimateName(estimate) === profile)?.denseUnsupported ?? null;
}

/** Energies compare networks that answer equally well; this says how far they do. */
function accuracyGaps(models: readonly ComparedModel[], baseline: ComparedModel | undefined): string[] {
	const reference = baseline?.analysis.accuracy;
	if (!baseline || !reference || reference.total === 0) return [];
	return models.flatMap((model) => {
		const { accuracy } = model.analysis;
		if (model === baseline || !accuracy || accuracy.total === 0) return [];
		const { low, high, gap } = differenceInterval(reference, accuracy);
		const standing = gap === 0 ? 'as accurate as' : `${formatPoints(gap)} points ${gap < 0 ? 'less' : 'more'} accurate than`;
		const words = `${standing} ${model.name} (95 % interval ${formatPoints(low, true)} to ${formatPoints(high, true)})`;
		const equal = low <= 0 && high >= 0 ? '; a difference is not shown' : '; the accuracies are not equal';
		return [`The baseline ${baseline.name} is ${words}${equal}.`];
	});
}

const formatPoints = (share: number, signed = false): string => (100 * (signed ? share : Math.abs(share))).toFixed(2);

/** Short names of models, no two alike; a spiking one's ends in its timesteps: "fashion-cnn T=5", "fashion-cnn relu". */
export function comparedNames(analyses: readonly Analysis[]): string[] {
	const names = analyses.map((analysis) => {
		const { timesteps } = analysis.run;
		const name = shortModelName(analysis.model.file);
		return networkActivity(analysis).spiking
			? `${name.replace(new RegExp(`[ _-]T[ =]?${timesteps}$`, 'i'), '')} T=${timesteps}`
			: name;
	});
	return axisLabels(names, 60);
}

/** What must be known before the numbers of several results, each with the name of its model; of one, without. */
export function namedCautions(analyses: readonly Analysis[]): string[] {
	const names = comparedNames(analyses);
	return analyses.flatMap((analysis, at) =>
		cautionsOf(analysis).map((caution) => (analyses.length === 1 ? caution : `${names[at]}: ${caution}`)),
	);
}

const collator = new Intl.Collator('en', { numeric: true });

/** DNNs first, then by name and timesteps. */
function inOrder(one: ComparedModel, other: ComparedModel): number {
	return Number(one.activity.spiking) - Number(other.activity.spiking) || collator.compare(one.name, other.name);
}

/** What was measured first, then variants by their bits, then those that borrow the zeros of a spiking network. */
function variantOrder({ variant }: ComparedRow): number {
	const bits = Number(/^(\d+)-bit/.exec(variant ?? '')?.[1] ?? 0);
	return bits + (variant?.includes(',') ? 100 : 0);
}

/** A spiking net as it is; a plain one in each way it could fairly be run, dense first. */
function rowsOf(
	model: ComparedModel,
	profile: string,
	options: CompareOptions,
	formulas: Map<string, Set<string>>,
): ComparedRow[] {
	const estimate = model.analysis.estimates.find((candidate) => estimateName(candidate) === profile);
	if (estimate === undefined) return [];
	const own: ComparedRow = {
		model,
		profile,
		variant: null,
		accuracy: accuracyOf(model.analysis),
		macs: perInference(model.analysis.totals.macs, model.analysis.run),
		energyJoules: estimate.energyPerInferenceJoules,
		latencySeconds: estimate.latencyPerInferenceSeconds,
		ratioToBaseline: null,
	};
	if (model.activity.spiking) return [own];
	const variants = options.variantsOf?.(model.analysis, estimate) ?? denseVariant(model.analysis, estimate);
	const rows = variants.map(({ name, energyJoules, formula, macs, exact }): ComparedRow => {
		formulas.set(formula, (formulas.get(formula) ?? new Set()).add(name));
		const isOwn = sameEnergy(energyJoules, own.energyJoules);
		const accuracy = exact ? own.accuracy : null;
		return { ...own, variant: name, accuracy, macs, energyJoules, latencySeconds: isOwn ? own.latencySeconds : null };
	});
	if (rows.length === 0) return [own];
	rows.sort((one, other) => variantOrder(one) - variantOrder(other));
	return rows.some(({ latencySeconds, energyJoules }) => latencySeconds !== null || sameEnergy(energyJoules, own.energyJoules))
		? rows
		: [...rows, { ...own, variant: 'as counted' }];
}

function denseVariant(analysis: Analysis, estimate: Estimate): FairVariant[] {
	const comparison = comparisonFor(analysis, estimate);
	if (comparison === null) return [];
	return [
		{
			name: 'dense',
			energyJoules: comparison.dnnEnergyJoules,
			formula: 'Every connection is computed once.',
			macs: comparison.denseMacs,
			exact: true,
		},
	];
}

function sameEnergy(one: Interval, other: Interval): boolean {
	return Math.abs(one.nominal - other.nominal) <= 1e-9 * Math.abs(other.nominal);
}

export function rowName(row: ComparedRow): string {
	return row.variant === null ? row.model.name : `${row.model.name} (${row.variant})`;
}

/** File name without folders; with the folder where the name alone says nothing: "mnist-cnn", "mnist-cnn T5", "mnist-cnn relu". */
export function shortModelName(file: string): string {
	const parts = file.split(/[\\/]/).filter((part) => part !== '');
	const last = parts.at(-1) ?? file;
	const stem = last.replace(/\.(onnx|nir|json)$/i, '');
	const folder = parts.at(-2);
	const general = /^(?:model(?:-(.+))?|(relu|control.*))$/i.exec(stem);
	if (folder === undefined || general === null) return stem;
	const rest = general[1] ?? general[2];
	return rest === undefined ? folder : `${folder} ${rest}`;
}

/** Rows no other row beats in both accuracy and energy; rows without accuracy are never on the front. */
export function paretoFront(rows: readonly ComparedRow[]): ComparedRow[] {
	return rows.filter((row) => {
		const { accuracy } = row;
		if (accuracy === null) return false;
		return !rows.some((other) => {
			const rival = other.accuracy;
			if (rival === null) return false;
			const better = rival > accuracy || other.energyJoules.nominal < row.energyJoules.nominal;
			return better && rival >= accuracy && other.energyJoules.nominal <= row.energyJoules.nominal;
		});
	});
}

export function accuracyOf(analysis: Analysis): number | null {
	return analysis.accuracy === null ? null : ratioOrNull(analysis.accuracy.correct, analysis.accuracy.total);
}

function comparisonWarnings(models: readonly ComparedModel[]): string[] {
	const [first, ...others] = models;
	if (first === undefined) return [];
	const differing = (same: (one: Analysis, other: Analysis) => boolean) =>
		others.filter((other) => !same(first.analysis, other.analysis)).map(({ name }) => `"${name}"`);
	const warnings: string[] = [];
	const warn = (names: readonly string[], words: (list: string, verb: string) => string) => {
		if (names.length > 0) warnings.push(words(listInWords(names), names.length === 1 ? 'was' : 'were'));
	};
	warn(
		differing((one, other) => one.data.source === other.data.source && one.data.sha256 === other.data.sha256),
		(list, verb) =>
			`${list} ${verb} not run on the data of "${first.name}" (${first.analysis.data.source}): energies depend on the input.`,
	);
	warn(
		differing((one, other) => one.run.samples === other.run.samples),
		(list, verb) =>
			`${list} ${verb} run on another number of samples than the ${formatCount(first.analysis.run.samples)} of "${first.name}".`,
	);
	warn(
		differing((one, other) => architectureOf(one) === architectureOf(other)),
		(list) =>
			`The weight layers of ${list} differ in number or shape from those of "${first.name}": the architectures are not the same.`,
	);
	warn(
		differing((one, other) => countingRules(one) === countingRules(other)),
		(list, verb) => `${list} ${verb} counted by other rules than "${first.name}" (--encoder, --spike-test, --graded).`,
	);
	for (const { name, analysis } of models)
		for (const warning of warningsOf(analysis)) if (!isRefusal(warning)) warnings.push(`${name}: ${warning}`);
	return warnings;
}

/** Shapes of the weight layers in order: equal for the same net with and without spikes, and at any T. */
function architectureOf(analysis: Analysis): string {
	const shapes = analysis.layers.flatMap((layer) =>
		layer.kind === 'synaptic' ? [[layer.geometry.weightElements, layer.geometry.denseMacs, layer.geometry.outputElements]] : [],
	);
	return JSON.stringify(shapes);
}

function countingRules(analysis: Analysis): string {
	return JSON.stringify([analysis.run.encoder, analysis.run.spikeTest, analysis.run.graded]);
}

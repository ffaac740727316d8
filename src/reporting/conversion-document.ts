/** A converted network: accuracy, spikes and energy at each number of timesteps, beside the plain network. */

import { tool } from '../version.ts';
import type { Analysis } from './analysis.ts';
import type { CurvePoint } from './charts/conversion-curve.ts';
import { accuracyOf } from './compare.ts';
import { formatCount } from './numbers.ts';
import type { Printable } from './printable.ts';
import { membraneWords, networkActivity, perInference, ratioOrNull } from './quantities.ts';
import type { Block, Cell, Column, Row, Section, Table } from './table.ts';

export interface ConversionReport {
	/** File of the plain network, and of the spiking one. */
	readonly source: string;
	readonly result: string;
	readonly method: string;
	readonly plain: Analysis;
	readonly curve: readonly Analysis[];
	/** Networks trained after conversion, each at the number of timesteps it was trained for. */
	readonly trained: readonly Analysis[];
	readonly thresholds: readonly { readonly layer: string; readonly threshold: number }[];
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
}

/** The curve in every form it can be printed in. */
export function describeConversion(report: ConversionReport): Printable {
	const table = curveTable(report);
	const { source, result, method, thresholds, assumptions, warnings } = report;
	const samples = report.plain.run.samples;
	const sections: Section[] = [
		{ heading: 'Accuracy, spikes and energy by timesteps', blocks: [{ kind: 'table', table }] },
		{ heading: 'Thresholds', blocks: [{ kind: 'table', table: thresholdTable(report) }] },
	];
	const list = (heading: string, items: readonly string[]): void => {
		const blocks: Block[] = [{ kind: 'list', items }];
		if (items.length > 0) sections.push({ heading, blocks });
	};
	list('What it rests on', [
		...assumptions,
		`Every row is a run on the same ${formatCount(samples)} samples of ${report.plain.data.source}.`,
	]);
	list('Warnings', [
		...new Set([...warnings, ...report.plain.warnings, ...curvePoints(report).flatMap(({ analysis }) => analysis.warnings)]),
	]);
	return {
		document: { title: `${result}: ${source} as a spiking network (${method})`, sections },
		record: {
			schema: 'snn-energy/conversion@1',
			tool,
			source,
			result,
			method,
			samples,
			plain: point(report.plain),
			curve: report.curve.map(point),
			trained: report.trained.map(point),
			thresholds,
			assumptions,
			warnings,
		},
		table,
	};
}

function point(analysis: Analysis): Readonly<Record<string, unknown>> {
	const { totals, run } = analysis;
	const activity = networkActivity(analysis);
	return {
		timesteps: run.timesteps,
		accuracy: analysis.accuracy,
		spikesPerInference: activity.spiking ? activity.spikesPerInference : null,
		spikesPerNeuron: activity.spiking ? activity.spikesPerNeuron : null,
		acsPerInference: perInference(totals.acs, run),
		macsPerInference: perInference(totals.macs, run),
		membraneWordsPerInference: membraneWords(totals, run),
		estimates: analysis.estimates.map(({ profile, energyPerInferenceJoules }) => ({ profile, energyPerInferenceJoules })),
	};
}

/** Every run of the spiking network: as it was converted, then as it was trained. */
export const curvePoints = ({ curve, trained }: ConversionReport): CurvePoint[] => [
	...curve.map((analysis) => ({ network: 'converted', analysis })),
	...trained.map((analysis) => ({ network: 'trained', analysis })),
];

function curveTable(report: ConversionReport): Table {
	const { plain } = report;
	const profiles = plain.estimates.map(({ profile }) => profile);
	const several = profiles.length > 1;
	const columns: Column[] = [
		{ key: 'network', title: 'network', quantity: 'text' },
		{ key: 'timesteps', title: 'T', quantity: 'count' },
		{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy' },
		{ key: 'spikes', perInference: true, title: 'spikes', quantity: 'count', dropOrder: 2 },
		{
			key: 'spikesPerNeuron',
			title: 'spikes/neuron',
			quantity: 'number',
			dropOrder: 3,
			meaning: 'spikes of all timesteps ÷ neurons',
		},
		{ key: 'acs', perInference: true, title: 'ACs', quantity: 'count', dropOrder: 1 },
		{ key: 'macs', perInference: true, title: 'MACs', quantity: 'count', dropOrder: 1 },
		...profiles.flatMap((profile, at): Column[] => [
			{ key: `energyJoules${at}`, title: several ? `energy ${profile}` : 'energy', quantity: 'joules' },
			{
				key: `ratio${at}`,
				title: several ? `ratio ${profile}` : 'ratio',
				quantity: 'ratio',
				meaning: 'energy of the plain network ÷ energy of the row',
			},
		]),
	];
	const row = (name: string, analysis: Analysis): Row => {
		const activity = networkActivity(analysis);
		const energies = analysis.estimates.flatMap(({ energyPerInferenceJoules }, at): Cell[] => {
			const reference = plain.estimates[at]?.energyPerInferenceJoules.nominal ?? 0;
			return [energyPerInferenceJoules, ratioOrNull(reference, energyPerInferenceJoules.nominal)];
		});
		return {
			cells: [
				name,
				analysis.run.timesteps,
				accuracyOf(analysis),
				activity.spiking ? activity.spikesPerInference : null,
				activity.spiking ? activity.spikesPerNeuron : null,
				perInference(analysis.totals.acs, analysis.run),
				perInference(analysis.totals.macs, analysis.run),
				...energies,
			],
		};
	};
	return {
		id: 'conversion',
		caption: `Accuracy, spikes and energy per inference by number of timesteps${several ? '' : `, profile ${profiles[0] ?? 'none'}`}.`,
		note: 'Ratio: energy of the DNN ÷ energy of the row.',
		columns,
		rows: [row('plain', plain), ...curvePoints(report).map(({ network, analysis }) => row(network, analysis))],
	};
}

function thresholdTable({ thresholds }: ConversionReport): Table {
	return {
		id: 'thresholds',
		caption: 'Threshold of each layer of neurons, in units of the plain network.',
		columns: [
			{ key: 'layer', title: 'layer', quantity: 'text' },
			{ key: 'threshold', title: 'threshold', quantity: 'number' },
		],
		rows: thresholds.map(({ layer, threshold }) => ({ cells: [layer, threshold] })),
	};
}

/** How a network was trained: accuracy over the epochs, and how often each layer fires at the end of every stage. */

import type { Chart } from './chart.ts';

/** One epoch of a run. */
export interface TrainingEpoch {
	/** "ReLU net", "T = 5", … */
	readonly stage: string;
	/** Epochs of image passes since the start of its path, this one included. */
	readonly passes: number;
	/** "plain", "staged" or "direct": epochs of one path are joined by a line. */
	readonly path: string;
	readonly trainAccuracy: number;
	/** On the test set, or on held-out training images. */
	readonly accuracy: number;
}

/** Firing rate of one neuron layer at the end of a stage. */
export interface LayerRate {
	readonly stage: string;
	readonly layer: string;
	/** Spikes per neuron and timestep. */
	readonly rate: number;
}

const panelHeight = 190;
/** Room left of a plot for its axis. */
const axisWidth = 90;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

/**
 * @param measuredOn  which images `accuracy` is of: "test", or "validation"
 */
export function trainingCurvesChart(
	name: string,
	epochs: readonly TrainingEpoch[],
	rates: readonly LayerRate[],
	measuredOn = 'test',
): Chart {
	const paths = [...new Set(epochs.map(({ path }) => path))];
	const stages = [...new Set(rates.map(({ stage }) => stage))];
	const layers = [...new Set(rates.map(({ layer }) => layer))];
	const lastOf = (path: string): TrainingEpoch | undefined => epochs.findLast((epoch) => epoch.path === path);
	const points = epochs.flatMap(({ path, stage, passes, trainAccuracy, accuracy }) => [
		{ path, stage, passes, set: 'training', accuracy: 100 * trainAccuracy },
		{ path, stage, passes, set: measuredOn, accuracy: 100 * accuracy },
	]);
	return {
		id: 'training-curves',
		title: `Training of ${name}`,
		alternative: paths
			.map(
				(path) =>
					`${path}: ${measuredOn} accuracy ${percent(lastOf(path)?.accuracy ?? 0)} after the last epoch (${lastOf(path)?.stage})`,
			)
			.join('; ')
			.concat('.'),
		table: {
			id: 'firing-rates',
			caption: `Firing rates of ${name} at the end of each stage`,
			columns: [
				{ key: 'stage', title: 'stage', quantity: 'text' },
				{ key: 'layer', title: 'layer', quantity: 'text' },
				{ key: 'firingRate', title: 'spikes per neuron and timestep', quantity: 'number' },
			],
			rows: rates.map(({ stage, layer, rate }) => ({ cells: [stage, layer, rate] })),
		},
		specification: ({ width, theme }) => {
			const color = (field: string, domain: readonly string[]) =>
				({
					field,
					type: 'nominal',
					title: null,
					scale: { domain: [...domain], range: theme.series.slice(0, domain.length) },
				}) as const;
			return {
				vconcat: [
					{
						title: { text: 'accuracy by image passes', anchor: 'start', color: theme.text, fontWeight: 'normal' },
						width: width - axisWidth,
						height: panelHeight,
						data: { values: points },
						mark: { type: 'line', point: { filled: true, size: 24 } },
						encoding: {
							x: {
								field: 'passes',
								type: 'quantitative',
								title: 'epochs (image passes over the training set)',
								scale: { zero: true },
								axis: { grid: false },
							},
							y: {
								field: 'accuracy',
								type: 'quantitative',
								title: `accuracy (%): solid ${measuredOn}, dashed training`,
								scale: { zero: false },
								axis: { minExtent: 48 },
							},
							color: color('path', paths),
							strokeDash: {
								field: 'set',
								type: 'nominal',
								// A legend would show points, which are alike: the axis says it.
								legend: null,
								scale: {
									domain: [measuredOn, 'training'],
									range: [
										[1, 0],
										[4, 3],
									],
								},
							},
						},
					},
					{
						title: { text: 'firing rate by layer', anchor: 'start', color: theme.text, fontWeight: 'normal' },
						width: width - axisWidth,
						height: panelHeight,
						data: { values: [...rates] },
						mark: { type: 'line', point: { filled: true, size: 36 } },
						encoding: {
							x: {
								field: 'layer',
								type: 'nominal',
								sort: layers,
								title: null,
								axis: { labelAngle: -40 },
								scale: { padding: 0.5 },
							},
							y: { field: 'rate', type: 'quantitative', title: 'spikes per neuron and timestep', axis: { minExtent: 48 } },
							color: { ...color('stage', stages), legend: { columns: 6, labelLimit: 300 } },
						},
					},
				],
				spacing: 24,
				resolve: { scale: { color: 'independent' }, legend: { color: 'independent' } },
			};
		},
	};
}

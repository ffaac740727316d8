/** What more timesteps cost in membrane traffic: words moved per inference if the net ran for 1, 2, … T timesteps. */

import type { Analysis } from '../analysis.ts';
import { formatCount } from '../numbers.ts';
import type { Table } from '../table.ts';
import type { Chart } from './chart.ts';

/** Points drawn at most. */
const mostPoints = 40;

/** Words moved per inference at T timesteps: each state word is read before every step but the first and written after every step but the last. */
function membraneWordsAt(analysis: Pick<Analysis, 'layers'>, timesteps: number): number {
	const words = analysis.layers.reduce((sum, layer) => sum + (layer.kind === 'neuron' ? layer.neurons * layer.stateWords : 0), 0);
	return 2 * words * (timesteps - 1);
}

/** @returns null for a net without state */
export function membraneByTimestepsChart(analysis: Analysis): Chart | null {
	const { timesteps } = analysis.run;
	if (membraneWordsAt(analysis, 2) === 0) return null;
	const until = Math.max(timesteps, 5);
	const step = Math.ceil(until / mostPoints);
	const counts = Array.from({ length: Math.floor((until - 1) / step) + 1 }, (_, index) => 1 + index * step);
	if (!counts.includes(timesteps)) counts.push(timesteps);
	counts.sort((one, other) => one - other);
	const points = counts.map((count) => ({
		timesteps: count,
		words: membraneWordsAt(analysis, count),
		here: count === timesteps,
	}));
	const now = membraneWordsAt(analysis, timesteps);
	return {
		id: 'membrane-traffic',
		title: 'Membrane traffic against timesteps',
		alternative: `At one timestep no membrane potential is moved; every further timestep moves ${formatCount(membraneWordsAt(analysis, 2))} words, so this run of ${formatCount(timesteps)} moves ${formatCount(now)} per inference.`,
		table: tableOf(points),
		specification: ({ width, theme }) => ({
			width,
			height: 200,
			autosize: { type: 'fit-x', contains: 'padding' },
			data: { values: points },
			layer: [
				{
					mark: { type: 'bar' },
					encoding: {
						x: {
							field: 'timesteps',
							type: 'ordinal',
							title: points.length > 1 ? 'timesteps (light bars: by formula, not run)' : 'timesteps',
							axis: { labelAngle: 0, labelOverlap: true },
						},
						y: { field: 'words', type: 'quantitative', title: 'words per inference', axis: { format: '~s' } },
						opacity: { condition: { test: 'datum.here', value: 1 }, value: 0.45 },
					},
				},
				{
					transform: [{ filter: 'datum.here' }],
					mark: { type: 'text', dy: -7, color: theme.text },
					encoding: {
						x: { field: 'timesteps', type: 'ordinal' },
						y: { field: 'words', type: 'quantitative' },
						text: { value: 'this run' },
					},
				},
			],
		}),
	};
}

function tableOf(points: readonly { readonly timesteps: number; readonly words: number }[]): Table {
	return {
		id: 'membrane-traffic',
		caption: 'Membrane words read and written per inference, by number of timesteps.',
		columns: [
			{ key: 'timesteps', title: 'timesteps', quantity: 'count' },
			{ key: 'membraneWords', title: 'membrane words', quantity: 'count' },
		],
		rows: points.map(({ timesteps, words }) => ({ cells: [timesteps, words] })),
	};
}

/** When a spiking network stops beating its DNN baseline. */

import type { BreakEven, Crossing, Rival } from '../hardware/index.ts';
import { formatCount, formatPercent, formatQuantity, formatRatio, formatSignificant } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Table } from './table.ts';

export function describeBreakEven(result: BreakEven): Printable {
	const table: Table = {
		id: 'break-even',
		caption: 'Where the spiking network and the DNN baseline on the same hardware cost the same.',
		columns: [
			{ key: 'rival', title: 'against', quantity: 'text' },
			{ key: 'energyJoules', title: 'its energy', quantity: 'joules' },
			{ key: 'ratio', title: 'DNN ÷ SNN', quantity: 'ratio' },
			{ key: 'firingRate', title: 'wins up to rate', quantity: 'worded' },
			{ key: 'timesteps', title: 'wins up to T', quantity: 'worded' },
		],
		rows: result.rivals.map((rival) => ({
			cells: [
				rival.title,
				rival.energyJoules,
				rival.ratio,
				crossing(rival.firingRate, formatPercent),
				crossing(rival.timesteps, formatCount),
			],
		})),
	};
	return {
		record: result,
		table,
		document: {
			title: `Break-even on ${result.profile}`,
			sections: [
				{
					heading: 'Measured',
					blocks: [
						{
							kind: 'facts',
							facts: [
								{ label: 'energy per inference', text: formatQuantity(result.snnEnergyJoules, 'J'), strong: true },
								{
									label: 'firing rate',
									text: `${formatPercent(result.firingRate)} of the neurons per timestep, ${formatCount(result.timesteps)} ${result.timesteps === 1 ? 'timestep' : 'timesteps'}`,
								},
								{ label: 'spikes per synapse', text: `${formatSignificant(result.spikesPerSynapse)} per inference` },
							],
						},
					],
				},
				{
					heading: 'Break-even',
					blocks: [
						{ kind: 'table', table },
						{ kind: 'list', items: result.rivals.map(rivalSentence) },
					],
				},
				{
					heading: 'Published thresholds',
					blocks: [{ kind: 'list', items: result.verdicts.map(({ sentence, citation }) => `${sentence} (${citation}.)`) }],
				},
			],
		},
	};
}

function crossing(value: Crossing | null, say: (value: number) => string): string | null {
	if (!value) return null;
	if (value.kind === 'at') return say(value.value);
	return value.kind === 'always' ? 'any' : 'none';
}

function rivalSentence({ title, assumption, reason, ratio }: Rival): string {
	if (reason !== null) return `${title}: not priced. ${reason}`;
	const outcome =
		ratio === null
			? ''
			: formatRatio(Math.max(ratio, 1 / ratio)) === formatRatio(1)
				? ' It needs as much energy as the spiking network.'
				: ratio > 1
					? ` It needs ${formatRatio(ratio)} the energy of the spiking network.`
					: ` It needs ${formatRatio(1 / ratio)} less energy than the spiking network.`;
	return `${title}: ${assumption}${outcome}`;
}

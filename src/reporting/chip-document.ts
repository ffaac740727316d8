/** A run of an explicit network on a many-core chip, as a document. */

import type { SimulatedChip } from '../hardware/chip/explicit.ts';
import type { ChipCounts } from '../hardware/chip/run.ts';
import { formatCount, formatQuantity } from './numbers.ts';
import type { Printable } from './printable.ts';
import type { Column, Row, Table } from './table.ts';

const timingSentences = {
	simple: 'Simple timing: a timestep lasts as long as its busiest core, plus the barrier; hops take no time.',
	detailed: 'Detailed timing: packets queue at full links and at their destination; the barrier follows the last.',
} as const;

const columns: readonly Column[] = [
	{ key: 'timestep', title: 'timestep', quantity: 'count' },
	{ key: 'fired', title: 'fired', quantity: 'count', meaning: 'neurons that fired, inputs included' },
	{
		key: 'updated',
		title: 'updated',
		quantity: 'count',
		dropOrder: 2,
		meaning: 'neurons with input, potential, bias or a spike',
	},
	{ key: 'packets', title: 'packets', quantity: 'count', dropOrder: 1, meaning: 'one per firing neuron and destination core' },
	{ key: 'hops', title: 'hops', quantity: 'count', dropOrder: 2 },
	{ key: 'synapticEvents', title: 'synaptic events', quantity: 'count' },
	{ key: 'energyJoules', title: 'energy', quantity: 'joules' },
	{ key: 'latencySeconds', title: 'latency', quantity: 'seconds' },
	{ key: 'bottleneck', title: 'bottleneck', quantity: 'text', dropOrder: 3, meaning: 'busiest core and what kept it busy' },
];

/** All timesteps; the printed document shows the slowest ones. */
export function describeChipRun(run: SimulatedChip): Printable {
	const slowest = [...run.perTimestep].sort((a, b) => b.latencySeconds - a.latencySeconds || a.timestep - b.timestep).slice(0, 5);
	const { totals } = run;

	return {
		record: run,
		table: timestepTable(run.perTimestep, 'timesteps', 'Every timestep.'),
		document: {
			title: `${run.network} on ${run.profile}, mapping ${run.mapping}, ${formatCount(run.perTimestep.length)} timesteps`,
			sections: [
				{
					heading: 'Totals',
					blocks: [
						{
							kind: 'facts',
							facts: [
								{ label: 'Energy', text: formatQuantity(totals.energyJoules, 'J'), strong: true },
								{ label: 'Time', text: formatQuantity(totals.latencySeconds, 's'), strong: true },
								{ label: 'Energy by event', text: termsText(totals.energyTermsJoules) },
								{ label: 'Synaptic events', text: formatCount(totals.synapticEvents) },
								{ label: 'Packets and hops', text: `${formatCount(totals.packets)} and ${formatCount(totals.hops)}` },
								{ label: 'Fired and updated', text: `${formatCount(totals.fired)} and ${formatCount(totals.updated)}` },
							],
						},
						{ kind: 'paragraph', text: timingSentences[run.timing] },
						...(run.doesNotFit.length > 0 ? [{ kind: 'list' as const, items: run.doesNotFit }] : []),
					],
				},
				{
					heading: 'Slowest timesteps',
					blocks: [{ kind: 'table', table: timestepTable(slowest, 'slowest', 'The slowest timesteps.') }],
				},
			],
		},
	};
}

function timestepTable(steps: SimulatedChip['perTimestep'], id: string, caption: string): Table {
	const rows = steps.map(
		(step): Row => ({
			cells: [
				step.timestep,
				step.fired,
				step.updated,
				step.packets,
				step.hops,
				step.synapticEvents,
				step.energyJoules,
				step.latencySeconds,
				step.bottleneck.resource === 'barrier' ? 'barrier' : `core ${step.bottleneck.core} ${step.bottleneck.resource}`,
			],
		}),
	);
	return { id, caption, columns, rows };
}

const termNames: Readonly<Record<keyof ChipCounts['energyTermsJoules'], string>> = {
	synapses: 'synapses',
	neuronsIdle: 'neurons idle',
	neuronsDriven: 'driven',
	neuronsSpiking: 'spiking',
	axons: 'axons',
	hops: 'hops',
	static: 'static',
};

function termsText(terms: ChipCounts['energyTermsJoules']): string {
	return (Object.keys(termNames) as (keyof typeof termNames)[])
		.filter((term) => terms[term] > 0)
		.map((term) => `${termNames[term]} ${formatQuantity(terms[term], 'J')}`)
		.join(', ');
}

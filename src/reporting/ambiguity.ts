/** How much the answer moves between the readings a file leaves open. */

import type { Analysis } from './analysis.ts';
import type { Printable } from './printable.ts';
import { networkActivity, perInference } from './quantities.ts';
import type { Table } from './table.ts';

/** One way of reading the same file. */
export interface Reading {
	/** The flags that ask for it, e.g. "--reset subtract"; "as analysed" for the first. */
	readonly flags: string;
	readonly analysis: Analysis;
}

/** @param readings the reading the user asked for first, then others, priced under the same profiles */
export function describeAmbiguity(readings: readonly [Reading, ...Reading[]]): Printable {
	const [base] = readings;
	const profiles = base.analysis.estimates.map(({ profile }) => profile);
	const energyOf = (analysis: Analysis, at: number): number => analysis.estimates[at]?.energyPerInferenceJoules.nominal ?? 0;
	const table: Table = {
		id: 'ambiguity',
		caption: 'The same file under each reading it leaves open; means per inference.',
		columns: [
			{ key: 'reading', title: 'reading', quantity: 'text' },
			{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy' },
			{ key: 'spikes', perInference: true, title: 'spikes', quantity: 'count' },
			{ key: 'acs', perInference: true, title: 'ACs', quantity: 'count' },
			{ key: 'macs', perInference: true, title: 'MACs', quantity: 'count' },
			...profiles.flatMap((profile) => [
				{
					key: `energyJoules:${profile}`,
					title: profiles.length > 1 ? `energy ${profile}` : 'energy',
					quantity: 'joules' as const,
				},
				{ key: `factor:${profile}`, title: '÷ first', quantity: 'ratio' as const },
			]),
		],
		rows: readings.map(({ flags, analysis }) => ({
			cells: [
				flags,
				analysis.accuracy === null ? null : analysis.accuracy.correct / analysis.accuracy.total,
				networkActivity(analysis).spiking ? perInference(analysis.totals.spikes, analysis.run) : null,
				perInference(analysis.totals.acs, analysis.run),
				perInference(analysis.totals.macs, analysis.run),
				...profiles.flatMap((_, at) => {
					const first = energyOf(base.analysis, at);
					return [energyOf(analysis, at), first === 0 ? null : energyOf(analysis, at) / first];
				}),
			],
		})),
	};
	return {
		table,
		record: {
			schema: 'snn-energy/ambiguity@1',
			tool: base.analysis.tool,
			model: base.analysis.model,
			readings: readings.map(({ flags, analysis }) => ({
				reading: flags,
				accuracy: analysis.accuracy,
				totals: analysis.totals,
				estimates: analysis.estimates.map(({ profile, energyPerInferenceJoules, latencyPerInferenceSeconds }) => ({
					profile,
					energyPerInferenceJoules,
					latencyPerInferenceSeconds,
				})),
			})),
		},
		document: {
			title: `${base.analysis.model.file}: readings`,
			sections: [{ heading: 'Readings', blocks: [{ kind: 'table', table }] }],
		},
	};
}

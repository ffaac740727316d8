/** A comparison of models in every form it can be printed in. */

import { tool } from '../version.ts';
import { type ModelComparison, rowName } from './compare.ts';
import { membraneWords, perInference } from './quantities.ts';
import type { Printable } from './render-document.ts';
import type { ReportDocument, Section, Table } from './table.ts';

/** The comparison as one table, grouped by profile. */
export function comparisonTable(comparison: ModelComparison): Table {
	const several = comparison.profiles.length > 1;
	return {
		id: 'comparison',
		caption: `Accuracy, activity, energy and latency per inference${several ? '' : ` under the profile ${comparison.profiles[0] ?? 'none'}`}.`,
		note: `Ratio: energy of ${comparison.baseline} ÷ energy of the row.`,
		columns: [
			{ key: 'model', title: 'model', quantity: 'text' },
			{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy' },
			{ key: 'timesteps', title: 'T', quantity: 'count' },
			{ key: 'parameters', title: 'parameters', quantity: 'count', dropOrder: 6 },
			{ key: 'spikes', perInference: true, title: 'spikes', quantity: 'count', dropOrder: 3 },
			{ key: 'firingRate', title: 'firing', quantity: 'percent', dropOrder: 2, meaning: 'spikes ÷ (neurons · timesteps)' },
			{ key: 'macs', perInference: true, title: 'MACs', quantity: 'count', dropOrder: 4 },
			{ key: 'acs', perInference: true, title: 'ACs', quantity: 'count', dropOrder: 4 },
			{ key: 'membraneWords', perInference: true, title: 'membrane', quantity: 'count', dropOrder: 5 },
			{ key: 'energyPerInferenceJoules', title: 'energy', quantity: 'joules', keepsBounds: true },
			{ key: 'latencyPerInferenceSeconds', title: 'latency', quantity: 'seconds', dropOrder: 1 },
			{ key: 'ratioToBaseline', title: 'ratio', quantity: 'ratio' },
		],
		rows: comparison.rows.map((row) => {
			const { analysis, activity } = row.model;
			const { totals, run } = analysis;
			return {
				...(several ? { group: row.profile } : {}),
				cells: [
					rowName(row),
					row.accuracy,
					run.timesteps,
					analysis.model.parameters,
					activity.spiking ? activity.spikesPerInference : null,
					activity.spiking ? activity.firingRate : null,
					row.macs,
					perInference(totals.acs, run),
					membraneWords(totals, run),
					row.energyJoules,
					row.latencySeconds,
					row.ratioToBaseline,
				],
			};
		}),
	};
}

/** The comparison in every form it can be printed in. */
export function comparisonPrintable(comparison: ModelComparison): Printable {
	const rows = comparison.rows.map((row) => {
		const { analysis, activity } = row.model;
		return {
			model: row.model.name,
			file: analysis.model.file,
			variant: row.variant,
			profile: row.profile,
			accuracy: row.accuracy,
			timesteps: analysis.run.timesteps,
			samples: analysis.run.samples,
			parameters: analysis.model.parameters,
			spikesPerInference: activity.spiking ? activity.spikesPerInference : null,
			firingRate: activity.firingRate,
			macsPerInference: row.macs,
			acsPerInference: perInference(analysis.totals.acs, analysis.run),
			membraneWordsPerInference: membraneWords(analysis.totals, analysis.run),
			energyPerInferenceJoules: row.energyJoules,
			latencyPerInferenceSeconds: row.latencySeconds,
			ratioToBaseline: row.ratioToBaseline,
		};
	});
	const { baseline, formulas, accuracyGaps, cautions, warnings } = comparison;
	return {
		document: describeComparison(comparison),
		record: { schema: 'snn-energy/comparison@1', tool, baseline, rows, formulas, accuracyGaps, cautions, warnings },
		table: comparisonTable(comparison),
	};
}

/** How to read the table. */
export function comparisonNotes(comparison: ModelComparison): string[] {
	return [
		`Ratio: energy of ${comparison.baseline} ÷ energy of the row; above 1 the row is cheaper.`,
		'MACs and ACs are events of inputs that are not zero; a profile whose hardware cannot skip the zeros of analog inputs charges those too.',
		...comparison.formulas,
		...comparison.accuracyGaps,
	];
}

export function describeComparison(comparison: ModelComparison): ReportDocument {
	const sections: Section[] = [{ heading: 'Models', blocks: [{ kind: 'table', table: comparisonTable(comparison) }] }];
	const notes = comparisonNotes(comparison);
	sections.push({ heading: 'How to read it', blocks: [{ kind: 'list', items: notes }] });
	if (comparison.warnings.length > 0) {
		sections.push({ heading: 'Warnings', blocks: [{ kind: 'list', items: comparison.warnings }] });
	}
	const profile = comparison.profiles.length === 1 ? ` on ${comparison.profiles[0]}` : '';
	return { title: `${comparison.models.length} models${profile}`, cautions: comparison.cautions, sections };
}

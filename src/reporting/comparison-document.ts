/** A comparison of models in every form it can be printed in. */

import type { Interval } from '../hardware/estimate.ts';
import { tool } from '../version.ts';
import { type ComparedRow, type ModelComparison, rowName } from './compare.ts';
import { wilsonInterval } from './numbers.ts';
import type { Printable } from './printable.ts';
import { membraneWords, perInference } from './quantities.ts';
import type { ReportDocument, Section, Table } from './table.ts';

/**
 * The comparison as one table, in groups: the DNN baselines and the spiking networks of each profile.
 *
 * @param flat  for machines: full names, and groups only where there are several profiles
 */
export function comparisonTable(comparison: ModelComparison, flat = false): Table {
	const several = comparison.profiles.length > 1;
	const kinds = new Set(comparison.rows.map(({ model }) => model.activity.spiking));
	const mixed = !flat && kinds.size > 1;
	const groupOf = (row: ComparedRow): string | undefined => {
		const kind = mixed ? [row.model.activity.spiking ? 'Spiking networks' : `DNN baselines: ${row.model.name}`] : [];
		const parts = [...(several ? [row.profile] : []), ...kind];
		return parts.length === 0 ? undefined : parts.join(', ');
	};
	return {
		id: 'comparison',
		caption: `Accuracy, activity, energy and latency per inference${several ? '' : ` under the profile ${comparison.profiles[0] ?? 'none'}`}.`,
		note: `Ratio: energy of ${comparison.baseline} ÷ energy of the row. Accuracy with its 95 % interval; –: not measured.`,
		columns: [
			{ key: 'model', title: 'model', quantity: 'text' },
			{ key: 'accuracy', title: 'accuracy', quantity: 'accuracy', keepsBounds: true, missing: 'not measured' },
			{ key: 'timesteps', title: 'T', quantity: 'count', dropOrder: 7 },
			{ key: 'parameters', title: 'parameters', quantity: 'count', dropOrder: 6 },
			{ key: 'spikes', perInference: true, title: 'spikes', quantity: 'count', dropOrder: 3 },
			{ key: 'firingRate', title: 'firing', quantity: 'percent', dropOrder: 2, meaning: 'spikes ÷ (neurons · timesteps)' },
			{ key: 'macs', perInference: true, title: 'MACs', quantity: 'count', dropOrder: 4 },
			{ key: 'acs', perInference: true, title: 'ACs', quantity: 'count', dropOrder: 4 },
			{ key: 'membraneWords', perInference: true, title: 'membrane words', quantity: 'count', dropOrder: 5 },
			{ key: 'energyPerInferenceJoules', title: 'energy', quantity: 'joules', keepsBounds: true },
			{ key: 'latencyPerInferenceSeconds', title: 'latency', quantity: 'seconds', dropOrder: 1 },
			{ key: 'ratioToBaseline', title: 'ratio', quantity: 'ratio' },
		],
		rows: comparison.rows.map((row) => {
			const { analysis, activity } = row.model;
			const { totals, run } = analysis;
			const group = groupOf(row);
			return {
				...(group === undefined ? {} : { group }),
				cells: [
					mixed && !activity.spiking ? (row.variant ?? 'as run') : rowName(row),
					accuracyInterval(row),
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

/** The accuracy of a row with its 95 % interval; null where it was not measured. */
function accuracyInterval({ accuracy, model }: ComparedRow): Interval | null {
	const counted = model.analysis.accuracy;
	if (accuracy === null || counted === null || counted.total === 0) return null;
	return { nominal: accuracy, ...wilsonInterval(counted.correct, counted.total) };
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
		table: comparisonTable(comparison, true),
	};
}

/** How to read the table. */
export function comparisonNotes(comparison: ModelComparison): string[] {
	return [
		...(comparison.rows.some(({ ratioToBaseline }) => ratioToBaseline !== null)
			? [`Ratio: energy of ${comparison.baseline} ÷ energy of the row; above 1 the row is cheaper.`]
			: []),
		'MACs and ACs are events of inputs that are not zero; a profile whose hardware cannot skip the zeros of real-valued inputs charges those too.',
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
	return { title: `${modelsInWords(comparison)}${profile}`, cautions: comparison.cautions, sections };
}

/** "6 spiking networks beside 1 DNN". */
function modelsInWords({ models }: ModelComparison): string {
	const spiking = models.filter(({ activity }) => activity.spiking).length;
	const words = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
	const dnns = words(models.length - spiking, 'DNN');
	if (spiking === 0) return dnns;
	return `${words(spiking, 'spiking network')}${spiking === models.length ? '' : ` beside ${dnns}`}`;
}

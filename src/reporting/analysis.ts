/**
 * Analysis: the stable record of one run, priced: what happened (integer counts) and what it costs.
 *
 * This is the JSON contract "snn-energy/analysis@1"; its JSON Schema is
 * src/reporting/schemas/analysis.schema.json. `totals` and layer counts are integers summed over
 * all samples; estimates are means per inference.
 */

import type { Activity, ActivityTotals, LayerActivity } from '../activity/activity.ts';
import type { DataflowStudy } from '../hardware/dataflow-study.ts';
import type { DenseComparison, Estimate } from '../hardware/estimate.ts';
import type { Balance } from '../network/findings.ts';
import { tool } from '../version.ts';

/** The DNN baseline under each profile the run was priced with. */
export interface AnalysisComparison {
	/** Dense MACs of one pass of the plain network, per inference. */
	readonly denseMacs: number;
	readonly profiles: readonly DenseComparison[];
}

/** A counted run with its prices: what every report is made from, and what "--format json" writes. */
export interface Analysis {
	readonly schema: 'snn-energy/analysis@1';
	readonly tool: { readonly name: string; readonly version: string };
	readonly model: Activity['model'];
	readonly data: Activity['data'];
	readonly run: Activity['run'] & {
		/** Accounting of the events behind the estimates, e.g. "exact"; several joined by ", ". */
		readonly accounting: string;
	};
	readonly accuracy: { readonly correct: number; readonly total: number } | null;
	readonly totals: ActivityTotals;
	/** Decisions within rounding of their threshold; results of earlier versions have none. */
	readonly decisions?: Activity['decisions'];
	readonly spread: Activity['spread'];
	readonly layers: readonly LayerActivity[];
	readonly estimates: readonly Estimate[];
	readonly comparison: AnalysisComparison | null;
	/** What stands against the numbers; results of earlier versions have none. */
	readonly balance?: Balance;
	/** Energy and ratio under every dataflow of the profiles that price memory, or have a companion that does. */
	readonly dataflows?: readonly DataflowStudy[];
	readonly warnings: readonly string[];
}

/**
 * Joins a run and its prices into one record.
 *
 * @param activity     what happened, summed over all samples
 * @param estimates    its cost, an Estimate for each profile and accounting
 * @param comparisons  the DNN baseline on the same hardware, one for each profile where there is one
 * @param dataflows    the same counts under every dataflow, one study for each profile that has them
 */
export function buildAnalysis(
	activity: Activity,
	estimates: readonly Estimate[],
	comparisons: readonly DenseComparison[] = [],
	dataflows: readonly DataflowStudy[] = [],
): Analysis {
	const accountings = new Set(estimates.map((estimate) => estimate.accounting));
	const first = comparisons[0];
	return {
		schema: 'snn-energy/analysis@1',
		tool: { name: tool.name, version: tool.version },
		model: activity.model,
		data: activity.data,
		run: { ...activity.run, accounting: accountings.size === 0 ? 'exact' : [...accountings].join(', ') },
		accuracy: activity.accuracy,
		totals: activity.totals,
		spread: activity.spread,
		layers: activity.layers,
		estimates,
		comparison: first === undefined ? null : { denseMacs: first.denseMacs, profiles: comparisons },
		...(activity.decisions === undefined ? {} : { decisions: activity.decisions }),
		...(activity.balance === undefined ? {} : { balance: activity.balance }),
		...(dataflows.length > 0 ? { dataflows } : {}),
		warnings: activity.warnings,
	};
}

/** The Activity inside an Analysis, so that a saved result can be priced again. */
export function activityOf(analysis: Analysis): Activity {
	const { accounting: _, ...run } = analysis.run;
	return {
		schema: 'snn-energy/activity@1',
		tool: analysis.tool,
		model: analysis.model,
		data: analysis.data,
		run,
		accuracy: analysis.accuracy,
		totals: analysis.totals,
		spread: analysis.spread,
		layers: analysis.layers,
		...(analysis.decisions === undefined ? {} : { decisions: analysis.decisions }),
		...(analysis.balance === undefined ? {} : { balance: analysis.balance }),
		warnings: analysis.warnings,
	};
}

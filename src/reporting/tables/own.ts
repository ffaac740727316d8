/** The tables of a paper about a user's own results. */

import type { Analysis } from '../analysis.ts';
import { dataflowTable, spikingBands } from '../band.ts';
import { type CompareOptions, compareAnalyses, comparedNames, namedCautions } from '../compare.ts';
import { comparisonTable } from '../comparison-document.ts';
import { estimateTable, termTable } from '../describe.ts';
import { layerTable } from '../layer-table.ts';
import { constantsTable } from '../method.ts';
import { cautionsOf } from '../sentences.ts';
import type { Table } from '../table.ts';
import { spikeRateTable } from './energy.ts';
import { type MeasuredRun, measuredRuns } from './measured.ts';

/**
 * The comparison where there are several results, the layers, terms and dataflows of each, spike rates, and the
 * constants with their sources. Identifiers name the model where several have such a table.
 */
export function ownTables(analyses: readonly Analysis[], options: CompareOptions = {}): Table[] {
	const several = analyses.length > 1;
	const names = tableNames(analyses);
	const perModel = analyses.flatMap((analysis, at) => {
		const cautions = cautionsOf(analysis);
		const own = (table: Table, kind = table.id): Table => ({
			...table,
			cautions,
			id: several ? `${kind}-${names[at]}` : kind,
		});
		const more = analysis.estimates.length > 1 ? [own(estimateTable(analysis))] : [];
		const bands = spikingBands(analysis);
		const flows = bands.map((band) => own(dataflowTable(band), bands.length > 1 ? `dataflows-${band.profile}` : 'dataflows'));
		return [own(layerTable(analysis)), own(termTable(analysis)), ...more, ...flows];
	});
	const runs: readonly MeasuredRun[] = measuredRuns(analyses.map((analysis, at) => ({ family: names[at] ?? '', analysis })));
	const rates = spikeRateTable([], runs);
	const constants = constantsTable(analyses.flatMap(({ estimates }) => estimates));
	const comparison = several ? compareAnalyses(analyses, options) : null;
	const cautions = comparison?.cautions ?? namedCautions(analyses);
	const tables = [
		...(comparison ? [{ ...comparisonTable(comparison), cautions }] : []),
		...perModel,
		{ ...rates, rows: rates.rows.map(({ cells }) => ({ cells })), cautions },
		constants,
	];
	return tables.filter(({ rows }) => rows.length > 0);
}

/** A short name for each result, each once, fit for a file's name and a LaTeX label. */
function tableNames(analyses: readonly Analysis[]): string[] {
	const short = comparedNames(analyses).map((name) => name.replace(/T=(?=\d)/, 'T'));
	return short.map((name, at) => {
		const clean = name.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '') || 'model';
		return short.indexOf(name) === at && short.lastIndexOf(name) === at ? clean : `${at + 1}-${clean}`;
	});
}

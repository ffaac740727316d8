import { writeWhole } from '../files.ts';
import type { Sensitivity } from '../hardware/index.ts';
import { comparable } from '../network/findings.ts';
import { type RenderOptions, renderDocument } from '../reporting/formats.ts';
import { type Analysis, activityOf, type ReportFormat, renderAnalysis } from '../reporting/index.ts';
import { networkActivity } from '../reporting/quantities.ts';
import type { Section } from '../reporting/table.ts';
import type { TerminalOptions } from '../reporting/terminal.ts';
import { latexOptionsOf } from './latex-options.ts';
import type { SharedArguments } from './options.ts';
import { fairVariants, loadProfileOrNull, priced } from './results.ts';

/** What a command prints of its results: in the format asked for, or as the method paragraph of a paper. */
export async function resultText(
	analyses: readonly Analysis[],
	values: Pick<SharedArguments, 'format' | 'set' | 'method' | 'bib' | 'out' | 'columns' | 'verbose'>,
	terminal: TerminalOptions,
	baseline?: number,
): Promise<string> {
	const { format = 'table', bib, method } = values;
	if (bib !== undefined) {
		const { bibliography } = await import('../reporting/bibliography.ts');
		writeWhole(bib, [bibliography(analyses.flatMap(({ estimates }) => estimates))]);
	}
	if (method) {
		const { renderMethod } = await import('../reporting/method.ts');
		return renderMethod(analyses, format === 'latex' || format === 'markdown' ? format : 'text', bib === undefined);
	}
	return renderResults(
		analyses,
		format,
		values.set ?? [],
		{ ...terminal, ...latexOptionsOf(values), verbose: values.verbose === true },
		baseline,
	);
}

/** One result as it is, several as a comparison, in any format. */
async function renderResults(
	analyses: readonly Analysis[],
	format: ReportFormat,
	set: readonly string[],
	terminal: RenderOptions,
	baseline?: number,
): Promise<string> {
	const [only, ...others] = analyses;
	const compare = { variantsOf: fairVariants(analyses, set), ...(baseline === undefined ? {} : { baseline }) };
	if (only !== undefined && others.length === 0) {
		const extras = format === 'html' ? await reportExtras(only, set) : {};
		return renderAnalysis(only, format, { ...terminal, ...extras });
	}
	if (format === 'html') {
		const { renderHtmlReport } = await import('../reporting/html/report.ts');
		return renderHtmlReport(analyses, compare);
	}
	const { compareAnalyses } = await import('../reporting/compare.ts');
	const { comparisonPrintable } = await import('../reporting/comparison-document.ts');
	return renderDocument(comparisonPrintable(compareAnalyses(analyses, compare)), format, terminal);
}

/**
 * What a report shows beyond the result itself: sensitivity and break-even under each profile that is at hand and
 * still gives the energy the result holds.
 */
async function reportExtras(analysis: Analysis, set: readonly string[]): Promise<RenderOptions> {
	const { breakEven, sensitivity } = await import('../hardware/index.ts');
	const { describeBreakEven } = await import('../reporting/break-even-document.ts');
	const activity = activityOf(analysis);
	const sensitivities: Sensitivity[] = [];
	const sections: Section[] = [];
	for (const estimate of analysis.estimates) {
		if (estimate.accounting !== 'exact') continue;
		const profile = loadProfileOrNull(estimate.profile, set);
		if (profile === null) continue;
		const again = priced(activity, { profiles: [estimate.profile], set, accountings: ['exact'] }).estimates[0];
		if (again?.energyPerInferenceJoules.nominal !== estimate.energyPerInferenceJoules.nominal) continue;
		sensitivities.push(sensitivity(activity, profile));
		const study = networkActivity(analysis).spiking && comparable(analysis.balance) ? breakEven(activity, profile) : null;
		if (study?.rivals.some(({ energyJoules }) => energyJoules !== null)) {
			const { document } = describeBreakEven(study);
			sections.push({
				heading: `Break-even on ${estimate.profile}`,
				blocks: document.sections.flatMap(({ blocks }) => blocks),
			});
		}
	}
	sections.push(await scorecardSection(analysis));
	return { sensitivities, sections };
}

/** Reference points of the profiles behind a result; those that need a model to be run are left to "validate". */
async function scorecardSection(analysis: Analysis): Promise<Section> {
	const { readCases, scorecard, shippedCases } = await import('../hardware/validation/index.ts');
	const { scorecardSummary } = await import('../reporting/scorecard-summary.ts');
	const profiles = [...new Set(analysis.estimates.map(({ profile }) => profile))];
	const cases = readCases(shippedCases).filter(
		({ content }) => content.kind !== 'tool-counts' && 'profile' in content && profiles.includes(content.profile),
	);
	const covered = new Set(cases.map(({ content }) => ('profile' in content ? content.profile : '')));
	const card = await scorecard(cases, () => {
		throw new Error('a reference point that runs a model was not left out');
	});
	return scorecardSummary(
		card,
		profiles.filter((profile) => !covered.has(profile)),
	);
}

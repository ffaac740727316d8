/** What neighbours may use of reporting. */

export { type Analysis, type AnalysisComparison, activityOf, buildAnalysis } from './analysis.ts';
export { bibliography } from './bibliography.ts';
export {
	type ComparedModel,
	type ComparedRow,
	type CompareOptions,
	compareAnalyses,
	type FairVariant,
	type ModelComparison,
	paretoFront,
} from './compare.ts';
export { comparisonPrintable } from './comparison-document.ts';
export { type AnalysisDiff, diffAnalyses } from './diff.ts';
export { brokenLimits, type Limits, parseAccuracyLimit, parseEnergyLimit, parseLatencyLimit } from './gate.ts';
export { describeInspection, type InspectedShapes, type Inspection, inspectNetwork } from './inspection.ts';
export { methodParagraph, renderMethod } from './method.ts';
export { analysisSchema, checkedAnalysis, looksLikeAnalysis, parseAnalysis } from './parse-analysis.ts';
export type { NetworkActivity } from './quantities.ts';
export { type RenderOptions, type ReportFormat, renderAnalysis, renderJson, reportFormats } from './render.ts';
export { type DocumentFormat, documentFormats, type Printable, renderDocument } from './render-document.ts';
export { sealed, unsealed } from './seal.ts';
export { type TerminalOptions, terminalOptions } from './terminal.ts';

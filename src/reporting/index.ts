/** What neighbours may use of reporting. */

export { type Analysis, type AnalysisComparison, activityOf, buildAnalysis } from './analysis.ts';
export {
	type ComparedModel,
	type ComparedRow,
	type CompareOptions,
	compareAnalyses,
	type FairVariant,
	type ModelComparison,
} from './compare.ts';
export { type RenderOptions, type ReportFormat, renderAnalysis, reportFormats } from './formats.ts';
export { renderJson } from './json-text.ts';
export { checkedAnalysis, looksLikeAnalysis, parseAnalysis } from './parse-analysis.ts';
export type { NetworkActivity } from './quantities.ts';
export { sealed, unsealed } from './seal.ts';
export { type TerminalOptions, terminalOptions } from './terminal.ts';

/** What neighbours may use of reporting. */

export { type Analysis, type AnalysisComparison, activityOf, buildAnalysis } from './analysis.ts';
export { analysisSchema, looksLikeAnalysis, parseAnalysis } from './parse-analysis.ts';
export { type ReportFormat, renderAnalysis, renderJson, reportFormats } from './render.ts';
export { type TerminalOptions, terminalOptions } from './terminal.ts';

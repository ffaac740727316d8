export { type LayerSize, layerSizes } from './architecture-sizes.ts';
export { type CaseFile, readCase, readCases, selectCases, shippedCases } from './case-file.ts';
export type { CountModel } from './kinds/tool-counts.ts';
export type { CaseResult, Comparison, Grade, JudgedComparison } from './result.ts';
export { type Scorecard, scorecard, type Tally, type Worth } from './scorecard.ts';
export { activityOfRates } from './synthetic-activity.ts';

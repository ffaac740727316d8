export {
	type Accounting,
	type AccountingMethod,
	accountingMethod,
	accountingNames,
} from './accounting/accountings.ts';
export { type AccountingComparison, type AccountingRow, compareAccountings } from './accounting/compare.ts';
export {
	type BreakEven,
	type BreakEvenOptions,
	breakEven,
	type Crossing,
	type Rival,
	type RivalName,
} from './break-even.ts';
export { checkProfile } from './check-profile.ts';
export { type DataflowRow, type DataflowStudy, dataflowStudy } from './dataflow-study.ts';
export { compareWithDense } from './dense.ts';
export * from './estimate.ts';
export { type MembranePoint, type MemoryStudy, memoryStudy } from './membrane.ts';
export { type EstimateOptions, estimate } from './price.ts';
export { withConstants } from './profile/constants.ts';
export { type LoadOptions, listProfiles, loadProfile } from './profile/load.ts';
export type { ProfileSummary } from './profile/shipped-list.ts';
export type {
	Constant,
	Dataflow,
	DenseModel,
	MemoryLevel,
	MemoryModel,
	MemoryStore,
	Origin,
	Profile,
	Scope,
	Source,
	Term,
} from './profile/types.ts';
export { bitsFor } from './rivals.ts';
export { logicEnergy, scaleToNode, technologyNodes } from './scaling.ts';
export {
	type Quantity,
	type Sensitivity,
	type SensitivityBar,
	type Sweep,
	type SweepPoint,
	sensitivity,
	sweep,
} from './sensitivity.ts';
export type { Verdict } from './verdicts.ts';

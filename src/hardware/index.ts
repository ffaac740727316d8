export { type Accounting, accountingNames } from './accounting.ts';
export { compareWithDense } from './dense.ts';
export * from './estimate.ts';
export { type EstimateOptions, estimate } from './price.ts';
export { checkProfile, type LoadOptions, listProfiles, loadProfile, type ProfileSummary } from './profile/load.ts';
export type { Constant, MemoryModel, Origin, Profile, Scope, Source, Term } from './profile/types.ts';

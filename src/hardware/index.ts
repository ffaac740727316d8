export * from './estimate.ts';
export { checkProfile, type LoadOptions, listProfiles, loadProfile, type ProfileSummary } from './profile/load.ts';
export type { Constant, MemoryModel, Origin, Profile, Scope, Source, Term } from './profile/types.ts';

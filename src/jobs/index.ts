/** One run shared by several processes, and many runs as lists of commands. What neighbours may use. */

export { type CountedModel, countModel, type WorkOptions } from './count-model.ts';
export type { ModelRun } from './protocol.ts';

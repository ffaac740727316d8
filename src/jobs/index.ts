/** One run shared by several processes, and many runs as lists of commands. What neighbours may use. */

export { countModel, type WorkOptions } from './count-model.ts';

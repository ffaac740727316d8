import { memoryFiles } from '../memory-files.ts';

/** The files that were placed in memory. */
export const files = memoryFiles;

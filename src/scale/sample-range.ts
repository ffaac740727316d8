/** Samples start … end − 1 of a run. */
export type SampleRange = readonly [start: number, end: number];

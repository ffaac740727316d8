/** Runs cut into parts: shards, workers, resuming, merging. What neighbours may use. */

export { countRanges } from './count-ranges.ts';
export { describeRun } from './describe-run.ts';
export { mergeActivities, mergeParts, readParts } from './merge.ts';
export { isWhole, joinParts, type Part } from './part.ts';
export { readPart, savedActivity } from './part-document.ts';
export { parseShard, type Shard } from './shard.ts';

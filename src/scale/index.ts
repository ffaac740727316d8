/** Runs cut into parts: shards, workers, resuming, merging. What neighbours may use. */

export { countRanges } from './count-ranges.ts';
export { describeRun } from './describe-run.ts';
export { mergeActivities, mergeParts, type NamedPart, readParts } from './merge.ts';
export { activityOfPart, isWhole, joinParts, type Part } from './part.ts';
export { type PartialActivity, readPart, savedActivity } from './part-document.ts';
export { parseShard, type Shard } from './shard.ts';

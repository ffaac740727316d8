export { decodeNir } from './decode.ts';
export { encodeNir } from './encode.ts';
export { type NirOptions, nirShapes, nirToModel, otherTimestepsKey, readNir } from './reader.ts';
export type { NirArray, NirFile, NirGraph, NirNode } from './records.ts';

export { encodeModel } from './codec.ts';
export { parseOnnx, readOnnx } from './reader.ts';

import type { Model } from '../../model/graph.ts';
import { parseOnnx } from './reader.ts';

/** Reads an ONNX model held in memory, without external data. @throws UserError when it is not a whole model */
export const decodeModel = (bytes: Uint8Array, name = 'model'): Model => parseOnnx(bytes, name);

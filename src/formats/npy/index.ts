export { type ArrayType, type NdArray, toFloat32 } from './array.ts';
export { hasNpySignature } from './header.ts';
export { readArrays, requireFinite } from './load.ts';
export { readNpy } from './npy.ts';
export { readNpz } from './npz.ts';
export { openRows, type RowReader } from './rows.ts';
export { parseStructured, type StructuredField, type StructuredHeader } from './structured.ts';
export { encodeNpy, encodeNpz, npyHeader } from './write.ts';
export { extractEntry, listZip } from './zip.ts';

/** Bytes of a float32 and of a vector of four. */
export const numberBytes: usize = 4;
export const vectorBytes: usize = 16;

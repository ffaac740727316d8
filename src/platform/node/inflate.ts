import { constants, inflateRawSync, inflateSync, crc32 as zlibCrc32 } from 'node:zlib';
import type { InflateOptions } from '../ports.ts';

export function inflate(bytes: Uint8Array, { raw, most, partial = false }: InflateOptions): Uint8Array {
	const options = {
		...(most === undefined ? {} : { maxOutputLength: Math.max(most, 1) }),
		...(partial ? { finishFlush: constants.Z_SYNC_FLUSH } : {}),
	};
	return raw ? inflateRawSync(bytes, options) : inflateSync(bytes, options);
}

export const crc32 = (bytes: Uint8Array): number => zlibCrc32(bytes);

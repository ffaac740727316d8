import { sha256 as create } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Digest } from '../ports.ts';

/** Synchronous and in pieces, which the browser's own digest is not. */
export const sha256 = (): Digest => {
	const hash = create.create();
	const digest: Digest = {
		update(data) {
			hash.update(typeof data === 'string' ? utf8ToBytes(data) : data);
			return digest;
		},
		hex: () => bytesToHex(hash.digest()),
	};
	return digest;
};

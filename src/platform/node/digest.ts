import { createHash } from 'node:crypto';
import type { Digest } from '../ports.ts';

/** What Node.js takes at once; it refuses 2 GiB and more. */
const longestPiece = 2 ** 30;

export const sha256 = (): Digest => {
	const hash = createHash('sha256');
	const digest: Digest = {
		update(data) {
			if (typeof data === 'string') hash.update(data);
			else for (let at = 0; at < data.length; at += longestPiece) hash.update(data.subarray(at, at + longestPiece));
			return digest;
		},
		hex: () => hash.digest('hex'),
	};
	return digest;
};

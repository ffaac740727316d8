import { createHash } from 'node:crypto';
import type { Digest } from '../ports.ts';

export const sha256 = (): Digest => {
	const hash = createHash('sha256');
	const digest: Digest = {
		update(data) {
			hash.update(data);
			return digest;
		},
		hex: () => hash.digest('hex'),
	};
	return digest;
};

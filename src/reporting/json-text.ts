import { plainJson } from './escaping.ts';

/** JSON that never holds -0; a number JSON cannot hold is a bug upstream and stops here. */
export function renderJson(value: unknown): string {
	const text = JSON.stringify(
		value,
		(_key, entry: unknown) => {
			if (typeof entry !== 'number') return entry;
			if (!Number.isFinite(entry)) throw new RangeError(`a result holds ${entry}, which is not a number`);
			return entry === 0 ? 0 : entry;
		},
		'\t',
	);
	return `${plainJson(text)}\n`;
}

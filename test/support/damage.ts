/** Damage to the bytes of a file, the same every time. */
import { randomNumbers } from './random-numbers.ts';

type Damage = (bytes: Uint8Array, below: (most: number) => number) => Uint8Array;

const changed = (bytes: Uint8Array, change: (copy: Uint8Array) => void): Uint8Array => {
	const copy = Uint8Array.from(bytes);
	change(copy);
	return copy;
};

/** Numbers that claim gigabytes, wrap around or point nowhere. */
const wild = [0xffffffff, 0x7fffffff, 0x80000000, 0x20000000, 0x40000000, 1, 0];

const kinds: readonly Damage[] = [
	// Cut short.
	(bytes, below) => bytes.slice(0, below(bytes.length)),
	// One to eight bits the other way round.
	(bytes, below) =>
		changed(bytes, (copy) => {
			for (let flips = 1 + below(8); flips > 0; flips -= 1) {
				const at = below(copy.length);
				copy[at] = (copy[at] ?? 0) ^ (1 << below(8));
			}
		}),
	// A word that claims far more than there is.
	(bytes, below) =>
		changed(bytes, (copy) => {
			const at = 4 * below(Math.floor(copy.length / 4));
			new DataView(copy.buffer).setUint32(at, wild[below(wild.length)] ?? 0, true);
		}),
	// Zeros, as where a copy was interrupted.
	(bytes, below) => changed(bytes, (copy) => copy.fill(0, below(copy.length), below(copy.length))),
	// A part that stands in another's place.
	(bytes, below) =>
		changed(bytes, (copy) => {
			const length = 1 + below(64);
			const from = below(Math.max(1, copy.length - length));
			copy.copyWithin(below(Math.max(1, copy.length - length)), from, from + length);
		}),
];

/** `count` variants of a file, each damaged in one way. */
export function damagedVariants(bytes: Uint8Array, count: number, seed: number): Uint8Array[] {
	const next = randomNumbers(seed);
	const below = (most: number): number => Math.floor(next() * most);
	return Array.from({ length: count }, (_, at) => (kinds[at % kinds.length] as Damage)(bytes, below));
}

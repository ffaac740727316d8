/**
 * Seeded random numbers. Every stream is named by integers (seed, stage, epoch, step, …), so nothing
 * but the names has to be remembered to continue a run exactly where it stopped.
 */

/** A source of 32-bit unsigned integers. */
export type RandomSource = () => number;

/** Starts the stream with the given name: xoshiro128** seeded by splitmix32 over the integers. */
export function randomStream(...name: readonly number[]): RandomSource {
	let mixed = 0x9e3779b9;
	const next = (): number => {
		mixed = (mixed + 0x9e3779b9) | 0;
		let z = mixed ^ (mixed >>> 16);
		z = Math.imul(z, 0x21f0aaad);
		z ^= z >>> 15;
		z = Math.imul(z, 0x735a2d97);
		return (z ^ (z >>> 15)) >>> 0;
	};
	for (const part of name) mixed = (next() ^ Math.imul(part | 0, 0x85ebca6b)) | 0;
	let a = next();
	let b = next();
	let c = next();
	let d = next() || 1;
	return () => {
		const product = Math.imul(b, 5);
		const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
		const t = b << 9;
		c ^= a;
		d ^= b;
		b ^= c;
		a ^= d;
		c ^= t;
		d = (d << 11) | (d >>> 21);
		return result;
	};
}

/** Uniform in [0, 1). */
const uniform = (random: RandomSource): number => random() / 4294967296;

/** A standard normal number (Box–Muller). */
export function normal(random: RandomSource): number {
	const radius = Math.sqrt(-2 * Math.log(1 - uniform(random)));
	return radius * Math.cos(2 * Math.PI * uniform(random));
}

/** The numbers 0 … count−1 in random order (Fisher–Yates). */
export function permutation(count: number, random: RandomSource): Uint32Array {
	const order = Uint32Array.from({ length: count }, (_, index) => index);
	for (let i = count - 1; i > 0; i--) {
		const j = random() % (i + 1);
		const kept = order[i] as number;
		order[i] = order[j] as number;
		order[j] = kept;
	}
	return order;
}

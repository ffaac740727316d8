/** Numbers in sentences of the claim checker. */

const steps: readonly (readonly [number, string])[] = [
	[1e12, 'T'],
	[1e9, 'G'],
	[1e6, 'M'],
	[1e3, 'k'],
	[1, ''],
];
const small: readonly (readonly [number, string])[] = [
	[1, ''],
	[1e-3, 'm'],
	[1e-6, 'µ'],
	[1e-9, 'n'],
	[1e-12, 'p'],
	[1e-15, 'f'],
];

function scaled(value: number, table: readonly (readonly [number, string])[], digits: number): string {
	const size = Math.abs(Number(value.toPrecision(digits)));
	if (size === 0) return '0 ';
	const [scale, prefix] = table.find(([step]) => size >= step) ?? (table.at(-1) as readonly [number, string]);
	const rounded = Number((value / scale).toPrecision(digits));
	return `${Math.abs(rounded) >= 1000 || digits > 3 ? rounded : (value / scale).toPrecision(digits)} ${prefix}`;
}

/** "348 M". */
export const compact = (count: number, digits = 3): string => scaled(count, steps, digits).trim();

/** "1.60 mJ". */
export const joules = (energy: number): string => `${scaled(energy, small, 3)}J`;

/** "12.3 %". */
export const percentOf = (fraction: number): string => `${Number((100 * fraction).toPrecision(3))} %`;

/** The price of one operation, in the unit papers print: "0.441 pJ". */
export const picojoules = (energy: number): string => `${Number((energy * 1e12).toPrecision(3))} pJ`;

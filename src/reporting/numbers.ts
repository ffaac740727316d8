/**
 * How every number is worded, in one place, so that it reads the same in every format.
 *
 * The rule: quantities with a unit and ratios carry three significant digits under an SI prefix;
 * counts are whole (means per inference too, from 100 up; three significant digits below); shares
 * and rates are percent with one decimal, accuracies with two. A number that is not finite is worded as a dash.
 */

import type { Interval } from '../hardware/estimate.ts';

/** One sentence for captions and method sections. */
export const roundingRule =
	'Energies, times and ratios are rounded to three significant digits, counts to whole events, shares and rates to 0.1 %, accuracies to 0.01 %; JSON and CSV carry full precision.';

/** What stands where there is no number. */
export const noValue = '–';

const prefixes: readonly (readonly [exponent: number, symbol: string])[] = [
	[-15, 'f'],
	[-12, 'p'],
	[-9, 'n'],
	[-6, 'µ'],
	[-3, 'm'],
	[0, ''],
	[3, 'k'],
	[6, 'M'],
	[9, 'G'],
	[12, 'T'],
];

/** Units the reports know: joules, seconds, watts, joule seconds, bytes. */
export type Unit = 'J' | 's' | 'W' | 'J·s' | 'B';

/** An SI prefix: its power of ten and its symbol. */
export interface Prefix {
	readonly exponent: number;
	readonly symbol: string;
}

/**
 * A number with three significant digits and no exponent, thousands separated: 1,230 · 12.3 · 0.00123.
 *
 * @throws nothing; a number that is not finite gives a dash
 */
export function formatSignificant(value: number, digits = 3): string {
	if (!Number.isFinite(value)) return noValue;
	if (value === 0) return '0';
	const rounded = Number(value.toPrecision(digits));
	const magnitude = Math.floor(Math.log10(Math.abs(rounded)) + 1e-12);
	const decimals = Math.max(0, digits - 1 - magnitude);
	return decimals > 20 ? rounded.toExponential(digits - 1) : separateThousands(rounded.toFixed(decimals));
}

/** The prefix under which a value reads as 1 … 999 after rounding; none for 0. */
export function prefixOf(value: number): Prefix {
	const rounded = Math.abs(Number(value.toPrecision(3)));
	if (!Number.isFinite(rounded) || rounded === 0) return { exponent: 0, symbol: '' };
	let chosen: readonly [number, string] = prefixes[0] as readonly [number, string];
	for (const prefix of prefixes) if (rounded >= scaleOf(prefix[0])) chosen = prefix;
	return { exponent: chosen[0], symbol: chosen[1] };
}

/** A quantity in a sensible unit: "9.97 µJ", "88.1 nJ", "0 J". */
export function formatQuantity(value: number, unit: Unit): string {
	if (!Number.isFinite(value)) return noValue;
	const prefix = prefixOf(value);
	return `${formatUnder(value, prefix)} ${prefix.symbol}${unit}`;
}

/** The bare number of a quantity under a given prefix, so that a column can share one. */
export function formatUnder(value: number, prefix: Prefix): string {
	return formatSignificant(underPrefix(value, prefix));
}

/** value ÷ 10^exponent without the rounding error of multiplying by 1e-12 and the like. */
export function underPrefix(value: number, prefix: Prefix): number {
	return prefix.exponent < 0 ? value * scaleOf(-prefix.exponent) : value / scaleOf(prefix.exponent);
}

/** Whether an interval says more than its nominal value. */
export function hasSpread(interval: Interval): boolean {
	return interval.low !== interval.nominal || interval.high !== interval.nominal;
}

/** "9.97 µJ (8.10 to 12.4 µJ)"; the nominal value alone when no interval is known. All three under the nominal's prefix. */
export function formatInterval(interval: Interval, unit: Unit): string {
	if (!hasSpread(interval)) return formatQuantity(interval.nominal, unit);
	const prefix = prefixOf(interval.nominal === 0 ? interval.high : interval.nominal);
	const [low, nominal, high] = [interval.low, interval.nominal, interval.high].map((value) => formatUnder(value, prefix));
	return `${nominal} ${prefix.symbol}${unit} (${low} to ${high} ${prefix.symbol}${unit})`;
}

const prefixedUnits: ReadonlySet<string> = new Set(['J', 's', 'W', 'Hz', 'V', 'A', 'F', 'B', 'm']);

/** A constant as its profile gives it, to six digits: "4.6 pJ", "500 MHz", "0.64"; a prefix where the unit has none and takes one. */
export function formatConstant(value: number, unit: string): string {
	if (!Number.isFinite(value)) return noValue;
	const prefix = prefixedUnits.has(unit) ? prefixOf(value) : { exponent: 0, symbol: '' };
	const digits = String(Number(underPrefix(value, prefix).toPrecision(6)) + 0);
	const words = digits.includes('e') ? digits : separateThousands(digits);
	return unit === '' ? words : `${words} ${prefix.symbol}${unit}`;
}

/** "0.72 to 1.1 pJ": the ends of a constant's range. */
export function formatConstantRange(range: Pick<Interval, 'low' | 'high'>, unit: string): string {
	if (prefixedUnits.has(unit)) return `${formatConstant(range.low, unit)} to ${formatConstant(range.high, unit)}`;
	return `${formatConstant(range.low, '')} to ${formatConstant(range.high, unit)}`;
}

/** "28.1×". */
export function formatRatio(ratio: number): string {
	return Number.isFinite(ratio) ? `${formatSignificant(ratio)}×` : noValue;
}

/** "28.1× (20.3 to 33.0×)"; the nominal value alone when no interval is known. */
export function formatRatioInterval(ratio: Interval): string {
	if (!hasSpread(ratio)) return formatRatio(ratio.nominal);
	return `${formatRatio(ratio.nominal)} (${formatSignificant(ratio.low)} to ${formatRatio(ratio.high)})`;
}

/** A whole count, or a mean of counts: "338,403,328", "1,843" (mean 1843.2), "12.3". */
export function formatCount(value: number): string {
	if (!Number.isFinite(value)) return noValue;
	if (Number.isInteger(value)) return separateThousands(String(value === 0 ? 0 : value));
	return Math.abs(value) >= 99.95 ? separateThousands(value.toFixed(0)) : formatSignificant(value);
}

/** A count in few characters: "338 M"; the same rounding as a quantity's. */
export function formatCompactCount(value: number): string {
	if (!Number.isFinite(value)) return noValue;
	if (Math.abs(value) < 99_999.5) return formatCount(value);
	const prefix = prefixOf(value);
	return `${formatUnder(value, prefix)} ${prefix.symbol}`;
}

/** A fraction as percent with one decimal: "12.3 %", "<0.1 %", "0 %". */
export function formatPercent(fraction: number): string {
	if (!Number.isFinite(fraction)) return noValue;
	if (fraction === 0) return '0 %';
	const percent = fraction * 100;
	if (Math.abs(percent) < 0.05) return percent > 0 ? '<0.1 %' : '>-0.1 %';
	return `${separateThousands(percent.toFixed(1))} %`;
}

/** An accuracy as percent with two decimals, which is exact for a test set of 10,000: "93.05 %". */
export function formatAccuracyPercent(fraction: number): string {
	return Number.isFinite(fraction) ? `${(fraction * 100).toFixed(2)} %` : noValue;
}

/** Two decimals, as spike rates are published: "0.68". */
export function formatHundredths(value: number): string {
	return Number.isFinite(value) ? separateThousands((value === 0 ? 0 : value).toFixed(2)).replace(/^-(0\.00)$/, '$1') : noValue;
}

/** A plain decimal for machines: shortest form that reads back equal, never an exponent-free lie, never -0. */
export function plainNumber(value: number): string {
	if (!Number.isFinite(value)) return '';
	return String(value === 0 ? 0 : value);
}

/**
 * 95 % interval of a proportion by Wilson's score (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927).
 *
 * @returns fractions between 0 and 1
 */
export function wilsonInterval(correct: number, total: number): { readonly low: number; readonly high: number } {
	const z = 1.959963984540054;
	const proportion = correct / total;
	const denominator = 1 + (z * z) / total;
	const centre = (proportion + (z * z) / (2 * total)) / denominator;
	const half = (z / denominator) * Math.sqrt((proportion * (1 - proportion)) / total + (z * z) / (4 * total * total));
	return { low: correct === 0 ? 0 : centre - half, high: correct === total ? 1 : centre + half };
}

/**
 * Difference of two proportions with its 95 % interval (R. G. Newcombe, Statistics in Medicine 17, 1998, method 10). The
 * two are taken as independent: on the same samples the interval is at most as wide.
 */
export function differenceInterval(
	one: { readonly correct: number; readonly total: number },
	other: { readonly correct: number; readonly total: number },
): { readonly gap: number; readonly low: number; readonly high: number } {
	const [first, second] = [one.correct / one.total, other.correct / other.total];
	const [ofFirst, ofSecond] = [wilsonInterval(one.correct, one.total), wilsonInterval(other.correct, other.total)];
	const gap = first - second;
	return {
		gap,
		low: gap - Math.hypot(first - ofFirst.low, ofSecond.high - second),
		high: gap + Math.hypot(ofFirst.high - first, second - ofSecond.low),
	};
}

/** "93.75 % (15 of 16; 95 % interval 71.67 to 98.89 %)". */
export function formatAccuracy(accuracy: { readonly correct: number; readonly total: number }): string {
	const { correct, total } = accuracy;
	if (total === 0) return noValue;
	const { low, high } = wilsonInterval(correct, total);
	const bounds = `${(low * 100).toFixed(2)} to ${formatAccuracyPercent(high)}`;
	return `${formatAccuracyPercent(correct / total)} (${formatCount(correct)} of ${formatCount(total)}; 95 % interval ${bounds})`;
}

function separateThousands(digits: string): string {
	const [whole = '', fraction] = digits.split('.');
	const separated = whole.replace(/\B(?=(\d{3})+$)/g, ',');
	return fraction === undefined ? separated : `${separated}.${fraction}`;
}

function scaleOf(exponent: number): number {
	return Number(`1e${exponent}`);
}

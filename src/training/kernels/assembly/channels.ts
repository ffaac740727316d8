/**
 * Passes over [rows, channels], channels last: sums by channel, and what batch normalisation does with them.
 *
 * Sums go on in double precision after a few rows, so that a mean over millions of numbers keeps float32's precision.
 */
import { numberBytes, vectorBytes } from './numbers';

const rowsPerSum = 32;
const doubleBytes: usize = 8;

/** Adds a vector's four numbers to four doubles. */
function addToDoubles(at: usize, vector: v128): void {
	v128.store(at, f64x2.add(v128.load(at), f64x2.promote_low_f32x4(vector)));
	const high = v128.shuffle<i32>(vector, vector, 2, 3, 2, 3);
	v128.store(at, f64x2.add(v128.load(at, 16), f64x2.promote_low_f32x4(high)), 16);
}

/** The numbers of a vector where those at `mask` are above 0, else 0; all of them without a mask. */
function masked(at: usize, mask: usize, offset: usize): v128 {
	const vector = v128.load(at + offset);
	return mask === 0 ? vector : v128.and(vector, f32x4.gt(v128.load(mask + offset), f32x4.splat(0)));
}

function maskedNumber(at: usize, mask: usize, offset: usize): f32 {
	return mask === 0 || load<f32>(mask + offset) > 0 ? load<f32>(at + offset) : 0;
}

/** Σ a to `sums` and Σ a·b to the doubles behind it; a counts where `mask` (0: none) is above 0. Without b (0) only Σ a. */
function addSums(a: usize, b: usize, mask: usize, sums: usize, rows: i32, channels: i32): void {
	const products = sums + <usize>channels * doubleBytes;
	const rowBytes = <usize>channels * numberBytes;
	memory.fill(sums, 0, 2 * <usize>channels * doubleBytes);
	for (let row = 0; row < rows; row += rowsPerSum) {
		const start = <usize>row * rowBytes;
		const end = <usize>min(rows, row + rowsPerSum) * rowBytes;
		let channel = 0;
		for (; channel + 4 <= channels; channel += 4) {
			const column = <usize>channel * numberBytes;
			let sum = f32x4.splat(0);
			let product = f32x4.splat(0);
			for (let at = start + column; at < end; at += rowBytes) {
				const value = masked(a, mask, at);
				sum = f32x4.add(sum, value);
				if (b !== 0) product = f32x4.add(product, f32x4.mul(value, v128.load(b + at)));
			}
			addToDoubles(sums + <usize>channel * doubleBytes, sum);
			addToDoubles(products + <usize>channel * doubleBytes, product);
		}
		for (; channel < channels; channel++) {
			const place = <usize>channel * doubleBytes;
			let sum = load<f64>(sums + place);
			let product = load<f64>(products + place);
			for (let at = start + <usize>channel * numberBytes; at < end; at += rowBytes) {
				const value = <f64>maskedNumber(a, mask, at);
				sum += value;
				if (b !== 0) product += value * <f64>load<f32>(b + at);
			}
			store<f64>(sums + place, sum);
			store<f64>(products + place, product);
		}
	}
}

/** `count` doubles as float32. */
function round(from: usize, to: usize, count: i32): void {
	for (let i = 0; i < count; i++) store<f32>(to + <usize>i * numberBytes, <f32>load<f64>(from + <usize>i * doubleBytes));
}

/**
 * Σ x by channel.
 *
 * @param out  receives [channels]
 * @param scratch  4·channels numbers
 */
export function channelSums(x: usize, out: usize, scratch: usize, rows: i32, channels: i32): void {
	addSums(x, 0, 0, scratch, rows, channels);
	round(scratch, out, channels);
}

/**
 * Σ dy and Σ dy·x by channel.
 *
 * @param mask  [rows, channels], dy counts where it is above 0; or 0: everywhere
 */
export function channelProducts(
	dy: usize,
	x: usize,
	mask: usize,
	sums: usize,
	products: usize,
	scratch: usize,
	rows: i32,
	channels: i32,
): void {
	addSums(dy, x, mask, scratch, rows, channels);
	round(scratch, sums, channels);
	round(scratch + <usize>channels * doubleBytes, products, channels);
}

/** Mean and population variance by channel. */
export function moments(x: usize, mean: usize, variance: usize, scratch: usize, rows: i32, channels: i32): void {
	addSums(x, x, 0, scratch, rows, channels);
	for (let channel = 0; channel < channels; channel++) {
		const place = <usize>channel * doubleBytes;
		const average = load<f64>(scratch + place) / <f64>rows;
		const square = load<f64>(scratch + <usize>channels * doubleBytes + place) / <f64>rows;
		store<f32>(mean + <usize>channel * numberBytes, <f32>average);
		store<f32>(variance + <usize>channel * numberBytes, <f32>max<f64>(0, square - average * average));
	}
}

/** a·x + b by channel, then max(0, ·) where `rectify`. */
export function affine(x: usize, a: usize, b: usize, y: usize, rows: i32, channels: i32, rectify: bool): void {
	const rowBytes = <usize>channels * numberBytes;
	const vectors = rowBytes & ~(vectorBytes - 1);
	const zeros = f32x4.splat(0);
	for (let row = 0; row < rows; row++, x += rowBytes, y += rowBytes) {
		let at: usize = 0;
		for (; at < vectors; at += vectorBytes) {
			const value = f32x4.add(f32x4.mul(v128.load(a + at), v128.load(x + at)), v128.load(b + at));
			v128.store(y + at, rectify ? f32x4.max(value, zeros) : value);
		}
		for (; at < rowBytes; at += numberBytes) {
			const value = load<f32>(a + at) * load<f32>(x + at) + load<f32>(b + at);
			store<f32>(y + at, rectify ? max<f32>(value, 0) : value);
		}
	}
}

/**
 * a·dy + b·x + c by channel.
 *
 * @param mask  [rows, channels], dy counts where it is above 0; or 0: everywhere
 */
export function combine(
	dy: usize,
	x: usize,
	mask: usize,
	a: usize,
	b: usize,
	c: usize,
	out: usize,
	rows: i32,
	channels: i32,
): void {
	const rowBytes = <usize>channels * numberBytes;
	const vectors = rowBytes & ~(vectorBytes - 1);
	const end = <usize>rows * rowBytes;
	for (let start: usize = 0; start < end; start += rowBytes) {
		let at: usize = 0;
		for (; at < vectors; at += vectorBytes) {
			const scaled = f32x4.mul(v128.load(a + at), masked(dy, mask, start + at));
			const sum = f32x4.add(f32x4.add(scaled, f32x4.mul(v128.load(b + at), v128.load(x + start + at))), v128.load(c + at));
			v128.store(out + start + at, sum);
		}
		for (; at < rowBytes; at += numberBytes) {
			const scaled = load<f32>(a + at) * maskedNumber(dy, mask, start + at);
			store<f32>(out + start + at, scaled + load<f32>(b + at) * load<f32>(x + start + at) + load<f32>(c + at));
		}
	}
}

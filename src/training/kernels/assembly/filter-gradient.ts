/**
 * The gradient of a convolution to its filter: Σ over images and positions of what a tap sees, times the output's gradient.
 *
 * Both lie channels last, so a tile of 4 inputs × 8 outputs needs no packing: at each position four inputs are each spread over a
 * vector and multiplied by two vectors of gradients, into eight sums that stay in registers. A row of taps sees kw·Cin numbers
 * that lie side by side; they count as so many inputs.
 */
import { numberBytes } from './numbers';

/** A block of positions, images × rows × columns, whose values a processor keeps near; steps are in bytes. */
let images: i32 = 0;
let rows: i32 = 0;
let columns: i32 = 0;
let imageStep: usize = 0;
let rowStep: usize = 0;
let columnStep: usize = 0;
/** From one position's gradients to the next one's, and from one input's sums to the next one's. */
let outputStep: usize = 0;

/** Rows [first, first + count) of one image, with zeros outside the image: [count, w + 2·padding, cin]. */
function copyPadded(image: usize, to: usize, first: i32, count: i32, h: i32, rowBytes: usize, marginBytes: usize): void {
	for (let row = first; row < first + count; row++) {
		if (row < 0 || row >= h) {
			memory.fill(to, 0, rowBytes + 2 * marginBytes);
		} else {
			memory.fill(to, 0, marginBytes);
			memory.copy(to + marginBytes, image + <usize>row * rowBytes, rowBytes);
			memory.fill(to + marginBytes + rowBytes, 0, marginBytes);
		}
		to += rowBytes + 2 * marginBytes;
	}
}

function tile4x8(x: usize, dy: usize, dw: usize): void {
	const step = outputStep;
	const across = columnStep;
	let a0 = v128.load(dw);
	let a1 = v128.load(dw, 16);
	let b0 = v128.load(dw + step);
	let b1 = v128.load(dw + step, 16);
	let c0 = v128.load(dw + 2 * step);
	let c1 = v128.load(dw + 2 * step, 16);
	let d0 = v128.load(dw + 3 * step);
	let d1 = v128.load(dw + 3 * step, 16);
	for (let image = images; image > 0; image--, x += imageStep) {
		let line = x;
		for (let row = rows; row > 0; row--, line += rowStep) {
			let at = line;
			for (let column = columns; column > 0; column--, at += across, dy += step) {
				const g0 = v128.load(dy);
				const g1 = v128.load(dy, 16);
				const a = v128.load32_splat(at);
				a0 = f32x4.add(a0, f32x4.mul(a, g0));
				a1 = f32x4.add(a1, f32x4.mul(a, g1));
				const b = v128.load32_splat(at, 4);
				b0 = f32x4.add(b0, f32x4.mul(b, g0));
				b1 = f32x4.add(b1, f32x4.mul(b, g1));
				const c = v128.load32_splat(at, 8);
				c0 = f32x4.add(c0, f32x4.mul(c, g0));
				c1 = f32x4.add(c1, f32x4.mul(c, g1));
				const d = v128.load32_splat(at, 12);
				d0 = f32x4.add(d0, f32x4.mul(d, g0));
				d1 = f32x4.add(d1, f32x4.mul(d, g1));
			}
		}
	}
	v128.store(dw, a0);
	v128.store(dw, a1, 16);
	v128.store(dw + step, b0);
	v128.store(dw + step, b1, 16);
	v128.store(dw + 2 * step, c0);
	v128.store(dw + 2 * step, c1, 16);
	v128.store(dw + 3 * step, d0);
	v128.store(dw + 3 * step, d1, 16);
}

function tile1x8(x: usize, dy: usize, dw: usize): void {
	const step = outputStep;
	let a0 = v128.load(dw);
	let a1 = v128.load(dw, 16);
	for (let image = images; image > 0; image--, x += imageStep) {
		let line = x;
		for (let row = rows; row > 0; row--, line += rowStep) {
			let at = line;
			for (let column = columns; column > 0; column--, at += columnStep, dy += step) {
				const a = v128.load32_splat(at);
				a0 = f32x4.add(a0, f32x4.mul(a, v128.load(dy)));
				a1 = f32x4.add(a1, f32x4.mul(a, v128.load(dy, 16)));
			}
		}
	}
	v128.store(dw, a0);
	v128.store(dw, a1, 16);
}

function tile1x1(x: usize, dy: usize, dw: usize): void {
	let sum = load<f32>(dw);
	for (let image = images; image > 0; image--, x += imageStep) {
		let line = x;
		for (let row = rows; row > 0; row--, line += rowStep) {
			let at = line;
			for (let column = columns; column > 0; column--, at += columnStep, dy += outputStep) sum += load<f32>(at) * load<f32>(dy);
		}
	}
	store<f32>(dw, sum);
}

/** Adds the block's part for inputs [input, input + count), count 4 or 1, and all outputs. */
function addInputs(seen: usize, dy: usize, sums: usize, input: i32, count: i32, cout: i32): void {
	const x = seen + <usize>input * numberBytes;
	const dw = sums + <usize>input * outputStep;
	let output = 0;
	for (; output + 8 <= cout; output += 8) {
		const at = <usize>output * numberBytes;
		if (count === 4) tile4x8(x, dy + at, dw + at);
		else tile1x8(x, dy + at, dw + at);
	}
	for (; output < cout; output++) {
		const at = <usize>output * numberBytes;
		for (let i = 0; i < count; i++) tile1x1(x + <usize>i * numberBytes, dy + at, dw + <usize>i * outputStep + at);
	}
}

/**
 * @param x  [n, h, w, cin]
 * @param dy  [n, oh, ow, cout]
 * @param dw  receives [kh, kw, cin, cout]
 * @param imagesAtOnce  more than 1 only where rowsAtOnce reaches oh: a block's gradients follow each other
 * @param scratch  imagesAtOnce · ((rowsAtOnce − 1)·stride + kh) · (w + 2·padding) · cin numbers
 */
export function filterGradient(
	x: usize,
	dy: usize,
	dw: usize,
	scratch: usize,
	n: i32,
	h: i32,
	w: i32,
	cin: i32,
	oh: i32,
	ow: i32,
	cout: i32,
	kh: i32,
	kw: i32,
	stride: i32,
	padding: i32,
	imagesAtOnce: i32,
	rowsAtOnce: i32,
): void {
	const rowBytes = <usize>(w * cin) * numberBytes;
	const marginBytes = <usize>(padding * cin) * numberBytes;
	const paddedRow = rowBytes + 2 * marginBytes;
	const inputs = kw * cin;
	columns = ow;
	columnStep = <usize>(stride * cin) * numberBytes;
	rowStep = <usize>stride * paddedRow;
	outputStep = <usize>cout * numberBytes;
	memory.fill(dw, 0, <usize>(kh * inputs) * outputStep);
	for (let image = 0; image < n; image += imagesAtOnce) {
		images = min(imagesAtOnce, n - image);
		for (let row = 0; row < oh; row += rowsAtOnce) {
			rows = min(rowsAtOnce, oh - row);
			const seenRows = (rows - 1) * stride + kh;
			imageStep = <usize>seenRows * paddedRow;
			for (let i = 0; i < images; i++) {
				const from = x + <usize>((image + i) * h) * rowBytes;
				copyPadded(from, scratch + <usize>i * imageStep, row * stride - padding, seenRows, h, rowBytes, marginBytes);
			}
			const gradients = dy + <usize>((image * oh + row) * ow) * outputStep;
			for (let tapRow = 0; tapRow < kh; tapRow++) {
				const seen = scratch + <usize>tapRow * paddedRow;
				const sums = dw + <usize>(tapRow * inputs) * outputStep;
				let input = 0;
				for (; input + 4 <= inputs; input += 4) addInputs(seen, gradients, sums, input, 4, cout);
				for (; input < inputs; input++) addInputs(seen, gradients, sums, input, 1, cout);
			}
		}
	}
}

/**
 * A filter as its gradient to the input needs it: turned by 180°, inputs and outputs exchanged.
 *
 * @param weight  [cout, cin, taps]
 * @param out  receives [taps, cout, cin]
 */
export function flipFilter(weight: usize, out: usize, pairs: i32, taps: i32): void {
	for (let tap = 0; tap < taps; tap++) {
		let from = weight + <usize>(taps - 1 - tap) * numberBytes;
		for (let pair = 0; pair < pairs; pair++, from += <usize>taps * numberBytes, out += numberBytes)
			store<f32>(out, load<f32>(from));
	}
}

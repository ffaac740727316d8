/** Passes over the elements of tensors of one shape. */
import { numberBytes, vectorBytes } from './numbers';

/** How many of `count` numbers are above 0; `out` receives one number. */
export function countPositive(x: usize, out: usize, count: i32): void {
	const zeros = f32x4.splat(0);
	let positive = 0;
	let vector = i32x4.splat(0);
	let i = 0;
	// A true comparison is −1.
	for (; i + 4 <= count; i += 4, x += vectorBytes) vector = i32x4.sub(vector, f32x4.gt(v128.load(x), zeros));
	for (; i < count; i++, x += numberBytes) if (load<f32>(x) > 0) positive++;
	positive += i32x4.extract_lane(vector, 0) + i32x4.extract_lane(vector, 1);
	positive += i32x4.extract_lane(vector, 2) + i32x4.extract_lane(vector, 3);
	store<f32>(out, <f32>positive);
}

/** dy where y is above 0, else 0. */
export function maskByOutput(dy: usize, y: usize, out: usize, count: i32): void {
	const zeros = f32x4.splat(0);
	let i = 0;
	for (; i + 4 <= count; i += 4, dy += vectorBytes, y += vectorBytes, out += vectorBytes)
		v128.store(out, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zeros)));
	for (; i < count; i++, dy += numberBytes, y += numberBytes, out += numberBytes)
		store<f32>(out, load<f32>(y) > 0 ? load<f32>(dy) : 0);
}

/** x [times, count] by the same factors [count] each time. */
export function multiply(x: usize, factors: usize, out: usize, times: i32, count: i32): void {
	for (; times > 0; times--) {
		let factor = factors;
		let i = 0;
		for (; i + 4 <= count; i += 4, x += vectorBytes, factor += vectorBytes, out += vectorBytes)
			v128.store(out, f32x4.mul(v128.load(x), v128.load(factor)));
		for (; i < count; i++, x += numberBytes, factor += numberBytes, out += numberBytes)
			store<f32>(out, load<f32>(x) * load<f32>(factor));
	}
}

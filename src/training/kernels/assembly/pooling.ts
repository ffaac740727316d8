/** The way back through pooling: pooled [rows, columns, channels], whole [rows·size, columns·size, channels]; images lie one below the other. */
import { numberBytes, vectorBytes } from './numbers';

/** Each window's gradient, divided equally. */
export function averagePoolBackward(dy: usize, dx: usize, rows: i32, columns: i32, channels: i32, size: i32): void {
	const pixel = <usize>channels * numberBytes;
	const vectors = pixel & ~(vectorBytes - 1);
	const share: f32 = 1 / <f32>(size * size);
	const shares = f32x4.splat(share);
	for (let row = 0; row < rows; row++) {
		for (let i = 0; i < size; i++) {
			let from = dy + <usize>(row * columns) * pixel;
			for (let column = 0; column < columns; column++, from += pixel) {
				for (let j = 0; j < size; j++, dx += pixel) {
					let at: usize = 0;
					for (; at < vectors; at += vectorBytes) v128.store(dx + at, f32x4.mul(v128.load(from + at), shares));
					for (; at < pixel; at += numberBytes) store<f32>(dx + at, load<f32>(from + at) * share);
				}
			}
		}
	}
}

/** Each window's gradient in equal parts to the elements that equal its maximum. */
export function maxPoolBackward(
	dy: usize,
	x: usize,
	maxima: usize,
	dx: usize,
	rows: i32,
	columns: i32,
	channels: i32,
	size: i32,
): void {
	const pixel = <usize>channels * numberBytes;
	const line = <usize>(columns * size) * pixel;
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			const corner = <usize>(row * size) * line + <usize>(column * size) * pixel;
			for (let channel = 0; channel < channels; channel++, dy += numberBytes, maxima += numberBytes) {
				const first = corner + <usize>channel * numberBytes;
				const maximum = load<f32>(maxima);
				let ties: f32 = 0;
				for (let i = 0; i < size; i++)
					for (let j = 0; j < size; j++) if (load<f32>(x + first + <usize>i * line + <usize>j * pixel) === maximum) ties++;
				const share = load<f32>(dy) / ties;
				for (let i = 0; i < size; i++) {
					for (let j = 0; j < size; j++) {
						const at = first + <usize>i * line + <usize>j * pixel;
						store<f32>(dx + at, load<f32>(x + at) === maximum ? share : 0);
					}
				}
			}
		}
	}
}

/** The compiled kernels against the same sums written out in double precision, on sizes that leave vectors half full. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { type Address, type Kernels, kernelsOn, newMemory, pageBytes } from '../../../src/training/kernels/load.ts';
import { randomNumbers } from '../../support/random-numbers.ts';

const random = randomNumbers(11);
const numbers = (length: number): Float32Array => Float32Array.from({ length }, () => random() * 4 - 2);
/** Many zeros and negative numbers, as spikes and what a ReLU lets through. */
const outputs = (length: number): Float32Array => Float32Array.from({ length }, () => Math.max(0, Math.round(random() * 4 - 2)));

const memory = newMemory();
const kernels = kernelsOn(memory);
const guard = 123456;

interface Run {
	readonly inputs: readonly Float32Array[];
	/** Lengths of the outputs. */
	readonly sizes: readonly number[];
	readonly scratch?: number;
	readonly call: (kernels: Kernels, inputs: readonly Address[], outputs: readonly Address[], scratch: Address) => void;
}

/** Runs a kernel on tensors with a guard behind each, and says what it wrote; fails if it wrote anywhere else. */
function run({ inputs, sizes, scratch = 0, call }: Run): Float32Array[] {
	const lengths = [...inputs.map(({ length }) => length), ...sizes, scratch];
	const starts: number[] = [];
	// Tensors start at any number, not only where a vector does.
	let end = 5;
	for (const length of lengths) {
		starts.push(end);
		end += length + 1;
	}
	const lacking = end * 4 - memory.buffer.byteLength;
	if (lacking > 0) memory.grow(Math.ceil(lacking / pageBytes));
	const values = new Float32Array(memory.buffer, 0, end);
	values.fill(guard);
	for (const [index, input] of inputs.entries()) values.set(input, starts[index] as number);
	const addresses = starts.map((start) => start * 4);
	const [first, last] = [inputs.length, lengths.length - 1];
	call(kernels, addresses.slice(0, first), addresses.slice(first, last), addresses[last] as number);
	for (const [index, start] of starts.entries()) expect(values[start + (lengths[index] as number)]).toBe(guard);
	expect(values.slice(0, 5)).toEqual(new Float32Array(5).fill(guard));
	for (const [index, input] of inputs.entries()) {
		const start = starts[index] as number;
		expect(values.slice(start, start + input.length)).toEqual(input);
	}
	return sizes.map((size, index) => {
		const start = starts[first + index] as number;
		return values.slice(start, start + size);
	});
}

function expectClose(found: Float32Array | undefined, expected: readonly number[], tolerance = 1e-5): void {
	expect(found?.length).toBe(expected.length);
	const isClose = (value: number, index: number): boolean =>
		Math.abs((found?.[index] ?? Number.NaN) - value) <= tolerance * Math.max(1, Math.abs(value));
	const wrong = expected.findIndex((value, index) => !isClose(value, index));
	if (wrong >= 0) expect({ index: wrong, value: found?.[wrong] }).toEqual({ index: wrong, value: expected[wrong] });
}

const at = (values: ArrayLike<number>, index: number): number => values[index] as number;
const range = <T>(count: number, value: (index: number) => T): T[] => Array.from({ length: count }, (_, index) => value(index));
const sum = (count: number, value: (index: number) => number): number => range(count, value).reduce((a, b) => a + b, 0);
const upTo = (max: number): fc.Arbitrary<number> => fc.integer({ min: 1, max });
const settings = { seed: 5, numRuns: 60 };

test('the compiled module is what its source compiles to', () => {
	const script = fileURLToPath(new URL('../../../scripts/compile-kernels.js', import.meta.url));
	const { status, stderr } = spawnSync(process.execPath, [script, '--check'], { encoding: 'utf8' });
	expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

describe('convolutions', () => {
	const shapes = fc
		.record({
			n: upTo(4),
			h: upTo(7),
			w: upTo(7),
			cin: upTo(9),
			cout: upTo(19),
			kh: upTo(4),
			kw: upTo(4),
			stride: upTo(3),
			padding: fc.integer({ min: 0, max: 3 }),
			imagesAtOnce: upTo(5),
			rowsAtOnce: upTo(4),
		})
		.filter(({ h, w, kh, kw, padding }) => padding < Math.min(kh, kw) && h + 2 * padding >= kh && w + 2 * padding >= kw);

	test('the gradient to the filter, in blocks of any size', () => {
		fc.assert(
			fc.property(shapes, ({ n, h, w, cin, cout, kh, kw, stride, padding, imagesAtOnce, rowsAtOnce }) => {
				const [oh, ow] = [Math.floor((h + 2 * padding - kh) / stride) + 1, Math.floor((w + 2 * padding - kw) / stride) + 1];
				// Several images at once go with all of their rows.
				const images = rowsAtOnce >= oh ? imagesAtOnce : 1;
				const [x, dy] = [numbers(n * h * w * cin), numbers(n * oh * ow * cout)];
				const expected = range(kh * kw * cin * cout, () => 0);
				for (let image = 0; image < n; image++)
					for (let r = 0; r < oh; r++)
						for (let c = 0; c < ow; c++)
							for (let a = 0; a < kh; a++)
								for (let b = 0; b < kw; b++) {
									const [row, column] = [r * stride + a - padding, c * stride + b - padding];
									if (row < 0 || row >= h || column < 0 || column >= w) continue;
									for (let i = 0; i < cin; i++)
										for (let o = 0; o < cout; o++) {
											const place = ((a * kw + b) * cin + i) * cout + o;
											const seen = at(x, ((image * h + row) * w + column) * cin + i);
											expected[place] = at(expected, place) + seen * at(dy, ((image * oh + r) * ow + c) * cout + o);
										}
								}
				const [dw] = run({
					inputs: [x, dy],
					sizes: [expected.length],
					scratch: images * ((rowsAtOnce - 1) * stride + kh) * (w + 2 * padding) * cin,
					call: (k, [x = 0, dy = 0], [dw = 0], scratch) =>
						k.filterGradient(
							...[x, dy, dw, scratch, n, h, w, cin, oh, ow, cout],
							...([kh, kw, stride, padding, images, rowsAtOnce] as const),
						),
				});
				expectClose(dw, expected, 1e-4);
			}),
			settings,
		);
	});

	test('a flipped filter', () => {
		fc.assert(
			fc.property(upTo(5), upTo(5), upTo(9), (cout, cin, taps) => {
				const weight = numbers(cout * cin * taps);
				const [out] = run({
					inputs: [weight],
					sizes: [weight.length],
					call: (k, [weight = 0], [out = 0]) => k.flipFilter(weight, out, cout * cin, taps),
				});
				const flipped = range(taps, (tap) => range(cout * cin, (pair) => at(weight, pair * taps + taps - 1 - tap)));
				expect([...(out ?? [])]).toEqual(flipped.flat());
			}),
			settings,
		);
	});
});

describe('neurons', () => {
	const layer = fc.record({ neurons: fc.oneof(upTo(9), fc.constant(700)), timesteps: upTo(5), repeated: fc.boolean() });
	const f = Math.fround;
	const [theta, leak] = [f(0.7), f(0.85)];
	const scalars = [Float32Array.of(theta), Float32Array.of(leak)];

	/** Membranes before the reset, [timesteps, neurons], rounded to float32 after every operation. */
	function membranesOf(current: Float32Array, neurons: number, timesteps: number, repeated: boolean): Float32Array {
		const membranes = new Float32Array(neurons * timesteps);
		for (let t = 0; t < timesteps; t++)
			for (let i = 0; i < neurons; i++) {
				const input = at(current, (repeated ? 0 : t * neurons) + i);
				const before = t === 0 ? 0 : at(membranes, (t - 1) * neurons + i);
				membranes[t * neurons + i] = t === 0 ? input : f(f(leak * f(before > theta ? before - theta : before)) + input);
			}
		return membranes;
	}

	test('spikes and membranes to the last bit', () => {
		fc.assert(
			fc.property(layer, ({ neurons, timesteps, repeated }) => {
				const current = numbers(neurons * (repeated ? 1 : timesteps));
				const [spikes, membranes] = run({
					inputs: [current, ...scalars],
					sizes: [neurons * timesteps, neurons * timesteps],
					call: (k, [current = 0, v = 0, lambda = 0], [o = 0, u = 0]) =>
						k.lifForward(current, v, lambda, o, u, neurons, timesteps, Number(repeated)),
				});
				const expected = membranesOf(current, neurons, timesteps, repeated);
				expect(membranes).toEqual(expected);
				expect(spikes).toEqual(expected.map((membrane) => Number(membrane > theta)));
			}),
			settings,
		);
	});

	test('the way back', () => {
		fc.assert(
			fc.property(layer, ({ neurons, timesteps, repeated }) => {
				const current = numbers(neurons * (repeated ? 1 : timesteps));
				const membranes = membranesOf(current, neurons, timesteps, repeated);
				const dy = numbers(membranes.length);
				const inputs = [dy, membranes, ...scalars];
				const [dCurrent, dThreshold, dLeak] = run({
					inputs,
					sizes: [current.length, 1, 1],
					call: (k, [dy = 0, u = 0, v = 0, lambda = 0], [dI = 0, dV = 0, dLambda = 0]) =>
						k.lifBackward(dy, u, v, lambda, dI, dV, dLambda, neurons, timesteps, Number(repeated), 0.3),
				});
				const expected = range(current.length, () => 0);
				let [toThreshold, toLeak] = [0, 0];
				for (let i = 0; i < neurons; i++) {
					let carried = 0;
					for (let t = timesteps - 1; t >= 0; t--) {
						const place = t * neurons + i;
						const membrane = at(membranes, place);
						const z = membrane / theta - 1;
						const slope = (at(dy, place) * 0.3 * Math.max(0, 1 - Math.abs(z))) / theta;
						const total = carried + slope;
						toThreshold -= (slope * membrane) / theta + (membrane > theta ? carried : 0);
						const target = repeated ? i : place;
						expected[target] = at(expected, target) + total;
						if (t > 0) {
							const before = at(membranes, place - neurons);
							toLeak += total * (before > theta ? before - theta : before);
						}
						carried = leak * total;
					}
				}
				expectClose(dCurrent, expected);
				expectClose(dThreshold, [toThreshold], 1e-4);
				expectClose(dLeak, [toLeak], 1e-4);
				if (timesteps === 1) expect(dLeak?.[0]).toBe(0);
			}),
			settings,
		);
	});
});

describe('by channel', () => {
	const sheet = fc.record({ rows: fc.oneof(upTo(5), fc.integer({ min: 31, max: 99 })), channels: upTo(11) });
	const column = (values: Float32Array, channels: number, channel: number): number[] =>
		[...values].filter((_, index) => index % channels === channel);

	test('sums, products and moments', () => {
		fc.assert(
			fc.property(sheet, fc.boolean(), ({ rows, channels }, withMask) => {
				const [dy, x, mask] = [numbers(rows * channels), numbers(rows * channels), outputs(rows * channels)];
				const counted = dy.map((value, index) => (withMask && at(mask, index) <= 0 ? 0 : value));
				const scratch = 4 * channels;
				const [plain] = run({
					inputs: [x],
					sizes: [channels],
					scratch,
					call: (k, [x = 0], [out = 0], scratch) => k.channelSums(x, out, scratch, rows, channels),
				});
				const [sums, products] = run({
					inputs: [dy, x, mask],
					sizes: [channels, channels],
					scratch,
					call: (k, [dy = 0, x = 0, mask = 0], [sums = 0, products = 0], scratch) =>
						k.channelProducts(dy, x, withMask ? mask : 0, sums, products, scratch, rows, channels),
				});
				const [mean, variance] = run({
					inputs: [x],
					sizes: [channels, channels],
					scratch,
					call: (k, [x = 0], [mean = 0, variance = 0], scratch) => k.moments(x, mean, variance, scratch, rows, channels),
				});
				const columns = (values: Float32Array): number[][] => range(channels, (channel) => column(values, channels, channel));
				const total = (values: readonly number[]): number => sum(values.length, (row) => at(values, row));
				expectClose(plain, columns(x).map(total));
				expectClose(sums, columns(counted).map(total));
				expectClose(
					products,
					columns(counted).map((values, channel) => sum(rows, (row) => at(values, row) * at(x, row * channels + channel))),
				);
				const means = columns(x).map((values) => total(values) / rows);
				expectClose(mean, means);
				expectClose(
					variance,
					columns(x).map((values, channel) => sum(rows, (row) => (at(values, row) - at(means, channel)) ** 2) / rows),
				);
			}),
			settings,
		);
	});

	test('mean and variance of many numbers far from zero are exact to float32', () => {
		const rows = 200_000;
		const x = Float32Array.from({ length: rows }, (_, index) => 100 + (index % 7) + index / 1e6);
		const [mean, variance] = run({
			inputs: [x],
			sizes: [1, 1],
			scratch: 4,
			call: (k, [x = 0], [mean = 0, variance = 0], scratch) => k.moments(x, mean, variance, scratch, rows, 1),
		});
		let [total, squares] = [0, 0];
		for (const value of x) total += value;
		for (const value of x) squares += (value - total / rows) ** 2;
		expectClose(mean, [total / rows], 1e-7);
		expectClose(variance, [squares / rows], 1e-6);
	});

	test('mean and variance in vectors of four keep four digits where the mean is fifty deviations away', () => {
		const rows = 50_000;
		const x = Float32Array.from({ length: 4 * rows }, (_, index) => 100 + (index % 7) + index / 1e6);
		const [mean, variance] = run({
			inputs: [x],
			sizes: [4, 4],
			scratch: 16,
			call: (k, [x = 0], [mean = 0, variance = 0], scratch) => k.moments(x, mean, variance, scratch, rows, 4),
		});
		const [totals, squares] = [new Float64Array(4), new Float64Array(4)];
		for (const [index, value] of x.entries()) totals[index % 4] = at(totals, index % 4) + value / rows;
		for (const [index, value] of x.entries())
			squares[index % 4] = at(squares, index % 4) + (value - at(totals, index % 4)) ** 2 / rows;
		expectClose(mean, [...totals], 2e-7);
		expectClose(variance, [...squares], 1e-4);
	});

	test('a·x + b with and without a ReLU, and a·dy + b·x + c with and without its mask', () => {
		fc.assert(
			fc.property(sheet, fc.boolean(), ({ rows, channels }, rectify) => {
				const size = rows * channels;
				const [dy, x, mask] = [numbers(size), numbers(size), outputs(size)];
				const [a, b, c] = [numbers(channels), numbers(channels), numbers(channels)];
				const [y] = run({
					inputs: [x, a, b],
					sizes: [size],
					call: (k, [x = 0, a = 0, b = 0], [y = 0]) => k.affine(x, a, b, y, rows, channels, Number(rectify)),
				});
				const affine = range(size, (i) => at(a, i % channels) * at(x, i) + at(b, i % channels));
				expectClose(
					y,
					affine.map((value) => (rectify ? Math.max(0, value) : value)),
				);
				const [out] = run({
					inputs: [dy, x, mask, a, b, c],
					sizes: [size],
					call: (k, [dy = 0, x = 0, mask = 0, a = 0, b = 0, c = 0], [out = 0]) =>
						k.combine(dy, x, rectify ? mask : 0, a, b, c, out, rows, channels),
				});
				const expected = range(size, (i) => {
					const counted = rectify && at(mask, i) <= 0 ? 0 : at(dy, i);
					return at(a, i % channels) * counted + at(b, i % channels) * at(x, i) + at(c, i % channels);
				});
				expectClose(out, expected);
			}),
			settings,
		);
	});

	test('a NaN gets through normalisation and ReLU', () => {
		const x = Float32Array.of(1, Number.NaN, 2, 3, Number.NaN);
		for (const rectify of [0, 1]) {
			const [y] = run({
				inputs: [x, new Float32Array(5).fill(1), new Float32Array(5)],
				sizes: [5],
				call: (k, [x = 0, a = 0, b = 0], [y = 0]) => k.affine(x, a, b, y, 1, 5, rectify),
			});
			expect([...(y ?? [])]).toEqual([1, Number.NaN, 2, 3, Number.NaN]);
		}
	});
});

test('elements: above zero, masked, multiplied', () => {
	fc.assert(
		fc.property(upTo(40), upTo(3), (size, times) => {
			const [x, y, long] = [numbers(size), outputs(size), numbers(size * times)];
			const [count] = run({ inputs: [y], sizes: [1], call: (k, [y = 0], [out = 0]) => k.countPositive(y, out, size) });
			expect(count?.[0]).toBe(y.filter((value) => value > 0).length);
			const [masked] = run({
				inputs: [x, y],
				sizes: [size],
				call: (k, [x = 0, y = 0], [out = 0]) => k.maskByOutput(x, y, out, size),
			});
			expect(masked).toEqual(x.map((value, index) => (at(y, index) > 0 ? value : 0)));
			const [product] = run({
				inputs: [long, x],
				sizes: [long.length],
				call: (k, [long = 0, x = 0], [out = 0]) => k.multiply(long, x, out, times, size),
			});
			expect(product).toEqual(long.map((value, index) => value * at(x, index % size)));
		}),
		settings,
	);
});

test('pooling: the mean shares equally, the maximum among equals', () => {
	fc.assert(
		fc.property(upTo(4), upTo(4), upTo(9), upTo(3), (rows, columns, channels, size) => {
			const [pooled, whole] = [rows * columns * channels, rows * columns * channels * size * size];
			const [dy, x] = [numbers(pooled), outputs(whole)];
			/** Of each element of the whole, its place among the pooled. */
			const windowOf = range(whole, (index) => {
				const [pixel, channel] = [Math.floor(index / channels), index % channels];
				const [row, column] = [Math.floor(pixel / (columns * size)), pixel % (columns * size)];
				return (Math.floor(row / size) * columns + Math.floor(column / size)) * channels + channel;
			});
			const [spread] = run({
				inputs: [dy],
				sizes: [whole],
				call: (k, [dy = 0], [dx = 0]) => k.averagePoolBackward(dy, dx, rows, columns, channels, size),
			});
			expectClose(
				spread,
				windowOf.map((window) => at(dy, window) / size ** 2),
			);
			const maxima = Float32Array.from({ length: pooled }, (_, window) =>
				Math.max(...x.filter((_, index) => windowOf[index] === window)),
			);
			const equals = range(pooled, (window) =>
				sum(whole, (i) => Number(windowOf[i] === window && at(x, i) === at(maxima, window))),
			);
			const [shared] = run({
				inputs: [dy, x, maxima],
				sizes: [whole],
				call: (k, [dy = 0, x = 0, maxima = 0], [dx = 0]) => k.maxPoolBackward(dy, x, maxima, dx, rows, columns, channels, size),
			});
			expectClose(
				shared,
				windowOf.map((window, index) => (at(x, index) === at(maxima, window) ? at(dy, window) / at(equals, window) : 0)),
			);
		}),
		settings,
	);
});

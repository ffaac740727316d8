import { decodeNir, encodeNir, type NirNode, type NirOptions, nirToModel } from '../../../src/formats/nir/index.ts';
import { array, input, nirFile, output } from '../../support/nir-graph.ts';
import { runStepModel } from '../../support/run-step-model.ts';

/** What the one node gives at each timestep, from the file's bytes on. */
async function run(
	node: NirNode,
	shape: number[],
	steps: readonly (readonly number[])[],
	options: NirOptions = {},
): Promise<number[][]> {
	const file = decodeNir(encodeNir(nirFile({ in: input(...shape), node, out: output(...shape) })), 'a.nir');
	const results = await runStepModel(
		nirToModel(file, 'a.nir', options),
		steps.map((values) => ({ in: values })),
	);
	return results.map((outputs) => [...(outputs.get('out')?.data ?? [])]);
}

const close = (found: readonly number[][], expected: readonly (readonly number[])[]) => {
	expect(found.map((values) => values.length)).toEqual(expected.map((values) => values.length));
	for (const [step, values] of found.entries()) {
		for (const [index, value] of values.entries()) {
			expect(value).toBeCloseTo(expected[step]?.[index] ?? Number.NaN, 5);
		}
	}
};

const currents = [0.5, 0.75, 0, 0.25, 2.5, 0, 0, 0.125, 1, 3];

test('Affine is W·x + b and Linear is W·x, also on the last of several axes', async () => {
	const weight = array([1, 2, 3, 4, 5, 6], [2, 3]);
	expect(await run({ type: 'Affine', weight, bias: array([10, 20]) }, [3], [[1, 0, 2]])).toEqual([[17, 36]]);
	expect(await run({ type: 'Linear', weight }, [3], [[1, 0, 2]])).toEqual([[7, 16]]);
	expect(await run({ type: 'Affine', weight, bias: array([10, 20]) }, [2, 3], [[1, 0, 2, 0, 1, 0]])).toEqual([[17, 36, 12, 25]]);
});

test('Scale multiplies element by element', async () => {
	expect(await run({ type: 'Scale', scale: array([2, 3]) }, [2], [[5, 7]])).toEqual([[10, 21]]);
});

test('Conv2d strides, pads, dilates and groups as the equation says', async () => {
	const base = { type: 'Conv2d', stride: [1, 1], padding: [0, 0], dilation: [1, 1], groups: 1, bias: array([1]) } as const;
	const image = [1, 2, 3, 4, 5, 6, 7, 8, 9];
	const two = array([1, 0, 0, 1], [1, 1, 2, 2]);
	expect(await run({ ...base, weight: two }, [1, 3, 3], [image])).toEqual([[7, 9, 13, 15]]);
	expect(await run({ ...base, weight: two, stride: [2] }, [1, 3, 3], [image])).toEqual([[7]]);
	expect(await run({ ...base, weight: two, dilation: [2, 2] }, [1, 3, 3], [image])).toEqual([[11]]);
	expect(await run({ ...base, weight: two, padding: [1, 0] }, [1, 3, 3], [image])).toEqual([[3, 4, 7, 9, 13, 15, 8, 9]]);
	expect(await run({ ...base, weight: two, padding: 'same' }, [1, 3, 3], [image])).toEqual([[7, 9, 4, 13, 15, 7, 8, 9, 10]]);
	expect(await run({ ...base, weight: two, padding: 'valid' }, [1, 3, 3], [image])).toEqual([[7, 9, 13, 15]]);
	const grouped = { ...base, groups: 2, weight: array([2, 3], [2, 1, 1, 1]), bias: array([0, 0]) };
	expect(await run(grouped, [2, 1, 2], [[1, 2, 3, 4]])).toEqual([[2, 4, 9, 12]]);
});

test('Conv1d slides along one axis', async () => {
	const node = {
		type: 'Conv1d',
		weight: array([1, -1], [1, 1, 2]),
		stride: [1],
		padding: [0],
		dilation: [1],
		groups: 1,
		bias: array([0]),
	} as const;
	expect(await run(node, [1, 4], [[1, 4, 9, 16]])).toEqual([[-3, -5, -7]]);
	expect(await run({ ...node, stride: [2], padding: [1] }, [1, 4], [[1, 4, 9, 16]])).toEqual([[-1, -5, 16]]);
});

test('SumPool2d adds spikes to whole numbers, for every size of window and every number of spikes', async () => {
	for (const [height, width] of [
		[2, 2],
		[1, 5],
		[2, 3],
		[3, 3],
		[4, 6],
		[5, 5],
		[7, 3],
		[1, 7],
		[11, 1],
	] as const) {
		const size = height * width;
		const node: NirNode = { type: 'SumPool2d', kernelSize: [height, width], stride: [height, width], padding: [0, 0] };
		const steps = Array.from({ length: size + 1 }, (_, ones) =>
			Array.from({ length: size }, (_, index) => (index < ones ? 1 : 0)),
		);
		const found = await run(node, [1, height, width], steps);
		expect(found).toEqual(steps.map((_, ones) => [ones]));
	}
});

test.each([
	[
		[2, 2],
		[2, 1],
		[0, 0],
	],
	[
		[3, 3],
		[2, 2],
		[1, 1],
	],
	[
		[5, 5],
		[2, 3],
		[2, 1],
	],
	[
		[7, 1],
		[1, 2],
		[3, 0],
	],
] as const)(
	'SumPool2d with kernel %j, stride %j and padding %j sums what the windows cover',
	async (kernelSize, stride, padding) => {
		const [height, width] = [9, 8];
		const image = Array.from({ length: height * width }, (_, index) => (index * 7) % 5);
		const expected: number[] = [];
		for (let y = -padding[0]; y + kernelSize[0] <= height + padding[0]; y += stride[0]) {
			for (let x = -padding[1]; x + kernelSize[1] <= width + padding[1]; x += stride[1]) {
				let sum = 0;
				for (let row = y; row < y + kernelSize[0]; row++) {
					for (let column = x; column < x + kernelSize[1]; column++) {
						sum += row >= 0 && row < height && column >= 0 && column < width ? (image[row * width + column] ?? 0) : 0;
					}
				}
				expected.push(sum);
			}
		}
		const node: NirNode = { type: 'SumPool2d', kernelSize, stride, padding };
		const source = nirToModel(nirFile({ in: input(1, height, width), node, out: output(1) }), 'a.nir');
		const [outputs] = await runStepModel(source, [{ in: image }]);
		expect([...(outputs?.get('out')?.data ?? [])]).toEqual(expected);
	},
);

test('AvgPool2d counts its padding, and says so', async () => {
	const node: NirNode = { type: 'AvgPool2d', kernelSize: [2, 2], stride: [2, 2], padding: [1, 1] };
	expect(await run(node, [1, 2, 2], [[4, 8, 12, 16]])).toEqual([[1, 2, 3, 4]]);
	const source = nirToModel(nirFile({ in: input(1, 2, 2), node, out: output(1, 2, 2) }), 'a.nir');
	expect(source.assumptions).toContain('AvgPool2d "node" counts the zeros of its padding in the mean.');
});

test('Flatten joins the axes it names', () => {
	const shapeOf = (startDim: number, endDim: number) => {
		const source = nirToModel(
			nirFile({ in: input(2, 3, 4), node: { type: 'Flatten', startDim, endDim }, out: output(24) }),
			'a.nir',
		);
		return source.model.graph.outputs[0]?.dims;
	};
	expect(shapeOf(0, -1)).toEqual(['batch', 24]);
	expect(shapeOf(1, 2)).toEqual(['batch', 2, 12]);
	expect(shapeOf(-2, -1)).toEqual(['batch', 2, 12]);
	expect(shapeOf(0, 1)).toEqual(['batch', 6, 4]);
});

test('a Flatten that counts the batch axis is recognised by the weights that follow', () => {
	const nodes = {
		in: input(2, 3),
		flat: { type: 'Flatten', startDim: 1, endDim: -1 },
		fc: { type: 'Linear', weight: array([1, 1, 1, 1, 1, 1], [1, 6]) },
		out: output(1),
	} as const;
	const source = nirToModel(nirFile(nodes), 'a.nir');
	expect(source.model.graph.outputs[0]?.dims).toEqual(['batch', 1]);
	expect(source.assumptions).toContain(
		'Flatten "flat" counts its axes with the batch axis, because only so does it fit the next layer.',
	);
});

test('I adds r·x at each timestep and gives the sum', async () => {
	expect(await run({ type: 'I', r: array([2]) }, [1], [[1], [2], [3]])).toEqual([[2], [6], [12]]);
});

test.each(['zero', 'subtract'] as const)('IF spikes above its threshold and resets to v_reset, with reset %s', async (reset) => {
	const node: NirNode = { type: 'IF', r: array([1]), vThreshold: array([1]), vReset: array([0.25]) };
	let v = 0;
	const expected = currents.map((current) => {
		v += current;
		const spike = v > 1;
		v = spike ? (reset === 'zero' ? 0.25 : v - 1) : v;
		return [spike ? 1 : 0];
	});
	expect(
		await run(
			node,
			[1],
			currents.map((current) => [current]),
			{ reset },
		),
	).toEqual(expected);
});

test('a potential exactly at the threshold does not spike', async () => {
	const node: NirNode = { type: 'IF', r: array([1]), vThreshold: array([1]) };
	expect(await run(node, [1], [[1], [0.5]])).toEqual([[0], [1]]);
	expect(await run({ type: 'Threshold', threshold: array([1]) }, [2], [[1, 1.5]])).toEqual([[0, 1]]);
});

test('LI and LIF follow forward Euler, each neuron with its own parameters', async () => {
	const tau = [0.002, 0.004];
	const r = [1, 3];
	const vLeak = [0.1, -0.2];
	const steps = currents.map((current) => [current, current / 2]);
	const v = [0, 0];
	const potentials = steps.map((values) =>
		values.map((x, index) => {
			v[index] = (v[index] ?? 0) + (0.001 / (tau[index] ?? 1)) * ((vLeak[index] ?? 0) - (v[index] ?? 0) + (r[index] ?? 0) * x);
			return v[index] ?? 0;
		}),
	);
	const common = { tau: array(tau), r: array(r), vLeak: array(vLeak) };
	close(await run({ type: 'LI', ...common }, [2], steps, { dt: 0.001 }), potentials);
	for (const reset of ['zero', 'subtract'] as const) {
		const threshold = [0.6, 0.5];
		const vReset = [-0.1, 0.05];
		const u = [0, 0];
		const spikes = steps.map((values) =>
			values.map((x, index) => {
				let next = (u[index] ?? 0) + (0.001 / (tau[index] ?? 1)) * ((vLeak[index] ?? 0) - (u[index] ?? 0) + (r[index] ?? 0) * x);
				const spike = next > (threshold[index] ?? 0);
				next = spike ? (reset === 'zero' ? (vReset[index] ?? 0) : next - (threshold[index] ?? 0)) : next;
				u[index] = next;
				return spike ? 1 : 0;
			}),
		);
		const found = await run({ type: 'LIF', ...common, vThreshold: array(threshold), vReset: array(vReset) }, [2], steps, {
			dt: 0.001,
			reset,
		});
		expect(found).toEqual(spikes);
		expect(new Set(spikes.flat())).toEqual(new Set([0, 1]));
	}
});

test('CubaLI and CubaLIF update the current first, then the potential with the new current', async () => {
	const record = { tauSyn: array([0.002]), tauMem: array([0.004]), r: array([2]), vLeak: array([0.1]), wIn: array([3]) };
	let i = 0;
	let v = 0;
	const potentials = currents.map((x) => {
		i += 0.5 * (3 * x - i);
		v += 0.25 * (0.1 - v + 2 * i);
		return [v];
	});
	const steps = currents.map((current) => [current]);
	close(await run({ type: 'CubaLI', ...record }, [1], steps, { dt: 0.001 }), potentials);
	[i, v] = [0, 0];
	const spikes = currents.map((x) => {
		i += 0.5 * (3 * x - i);
		v += 0.25 * (0.1 - v + 2 * i);
		const spike = v > 1;
		v = spike ? 0 : v;
		return [spike ? 1 : 0];
	});
	expect(await run({ type: 'CubaLIF', ...record, vThreshold: array([1]) }, [1], steps, { dt: 0.001 })).toEqual(spikes);
	expect(new Set(spikes.flat())).toEqual(new Set([0, 1]));
});

test('a Delay gives every element its own delay, whole, fractional and none', async () => {
	const delay = array([0.002, 0, 0.001, 0.0029]);
	const steps = [1, 2, 3, 4, 5].map((value) => [value, value, value, value]);
	expect(await run({ type: 'Delay', delay }, [4], steps, { dt: 0.001 })).toEqual([
		[0, 1, 0, 0],
		[0, 2, 1, 0],
		[1, 3, 2, 0],
		[2, 4, 3, 1],
		[3, 5, 4, 2],
	]);
	expect(await run({ type: 'Delay', delay: array([0.003]) }, [2, 2], steps, { dt: 0.001 })).toEqual(
		[0, 0, 0, 1, 2].map((value) => [value, value, value, value]),
	);
	expect(await run({ type: 'Delay', delay: array([0]) }, [4], steps, { dt: 0.001 })).toEqual(steps);
});

test('parameters of one number for each channel act on their channel, and the reader says so', async () => {
	const node: NirNode = { type: 'IF', r: array([1, 2]), vThreshold: array([1]) };
	expect(await run(node, [2, 1, 2], [[0.75, 0, 0.75, 0.25]])).toEqual([[0, 0, 1, 0]]);
	const source = nirToModel(nirFile({ in: input(2, 1, 2), node, out: output(2, 1, 2) }), 'a.nir');
	expect(source.assumptions).toContain('"r" of node "node" is taken per channel.');
});

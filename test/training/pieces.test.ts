import fc from 'fast-check';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { startEngine } from '../../src/training/engines.ts';
import { shardGradient } from '../../src/training/gradients.ts';
import { onnxSource } from '../../src/training/onnx-engine/source.ts';
import { initialParameters, layoutOf } from '../../src/training/parameters.ts';
import { cacheBytes, joinPieces, pieceSize, piecesOf } from '../../src/training/pieces.ts';
import { buildPlan } from '../../src/training/plan.ts';

const plan = buildPlan(parseArchitecture('4 A 6 8d'), [2, 8, 8], 4);
const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
const parameters = initialParameters(plan, layout, 1);
for (const { role, offset } of layout.entries) {
	if (role === 'threshold') parameters[offset] = 0.4;
	if (role === 'leak') parameters[offset] = 0.8;
}
const shard = {
	images: new Float32Array(7 * 128).map((_, index) => Math.sin(index * 1.37) * 1.5),
	labels: Uint8Array.from([0, 1, 2, 3, 3, 1, 0]),
	timesteps: 3,
	dropout: 0.3,
	labelSmoothing: 0.1,
	stream: [5],
};

test.each(['cpu', 'onnx'] as const)(
	'a shard cut into pieces has the gradient of the whole, dropout included: %s',
	async (engine) => {
		await startEngine('cpu');
		const onnx = onnxSource();
		const compute = async (part: typeof shard) =>
			engine === 'cpu' ? [await shardGradient(plan, layout, parameters, part)] : await onnx.run(plan, layout, parameters, [part]);
		const [whole] = await compute(shard);
		if (!whole) throw new Error('no result');
		for (const size of [1, 3, 4]) {
			const pieces = piecesOf(shard, size);
			expect(pieces.map(({ labels }) => labels.length).reduce((a, b) => a + b)).toBe(7);
			const joined = joinPieces((await Promise.all(pieces.map(async (piece) => compute(piece as typeof shard)))).flat());
			expect(joined.count).toBe(7);
			expect(joined.correct).toBe(whole.correct);
			expect(joined.spikes).toEqual(whole.spikes);
			expect(joined.lossSum).toBeCloseTo(whole.lossSum, 4);
			const scale = Math.max(...whole.gradient.map(Math.abs));
			expect(scale).toBeGreaterThan(0);
			for (const [index, value] of joined.gradient.entries())
				expect(Math.abs(value - (whole.gradient[index] ?? Number.NaN)) / scale).toBeLessThan(1e-5);
		}
		await onnx.close();
	},
);

test('the largest layer of a piece fits in the budget, and five timesteps take no more memory than one', () => {
	const vgg = buildPlan(parseArchitecture('32 32 A 64 64 A 128 128 A'), [3, 32, 32], 10);
	const spiking = layoutOf(vgg, { neuron: 'lif', normalised: false });
	const bytes = (timesteps: number): number => pieceSize(vgg, spiking, timesteps, 128, cacheBytes) * timesteps * 32 * 32 * 32 * 4;
	expect(bytes(1)).toBeLessThanOrEqual(cacheBytes);
	expect(bytes(5)).toBeLessThanOrEqual(cacheBytes);
	expect(bytes(5)).toBeGreaterThan(cacheBytes / 2);
});

test('batch normalisation is never cut', () => {
	const normalised = layoutOf(plan, { neuron: 'relu', normalised: true });
	expect(pieceSize(plan, normalised, 1, 500, 1)).toBe(500);
});

test('a shard is cut into the fewest pieces that hold no more than the size found, all nearly equal', () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 600 }),
			fc.integer({ min: 1, max: 2 ** 22 }),
			fc.integer({ min: 1, max: 5 }),
			(count, budget, t) => {
				const size = pieceSize(plan, layout, t, count, budget);
				expect(size).toBeGreaterThanOrEqual(1);
				expect(size).toBeLessThanOrEqual(count);
				expect(Math.ceil(count / size) * size - count).toBeLessThan(Math.max(size, Math.ceil(count / size)));
			},
		),
		{ seed: 7 },
	);
});

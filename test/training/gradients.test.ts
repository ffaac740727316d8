import { gradientCases } from '../support/gradient-cases.ts';
import { gradientsOnEveryEngine } from '../support/training-engines.ts';
import { referenceGradient } from '../support/training-reference.ts';

const references = new Map(
	gradientCases.map(({ title, plan, layout, parameters, shard }) => [title, referenceGradient(plan, layout, parameters, shard)]),
);
const outcomes = await gradientsOnEveryEngine(gradientCases);
const ran = outcomes.flatMap((outcome) => ('results' in outcome ? [outcome] : []));
const refusals = outcomes.flatMap((outcome) => ('refused' in outcome ? [outcome] : []));

/** The largest difference within one parameter, relative to that parameter's largest gradient. */
function worstDifference(found: ArrayLike<number>, expected: Float64Array): number {
	const scale = Math.max(1e-3, ...expected.map(Math.abs));
	return Math.max(...expected.map((value, index) => Math.abs(value - (found[index] ?? Number.NaN)))) / scale;
}

describe.each(ran)('gradients on $engine', ({ cases, results }) => {
	test.each(cases.map((one, index) => ({ ...one, found: results[index] })))('are the finite differences of $title', (one) => {
		const { title, layout, shard, found } = one;
		const expected = references.get(title);
		if (!expected || !found) throw new Error('no result');
		expect(found.spikes).toEqual(expected.spikes);
		expect(found.lossSum / found.count).toBeCloseTo(expected.loss, 4);
		for (const { name, role, offset, size } of layout.entries) {
			const gradient = found.gradient.slice(offset, offset + size);
			const difference = worstDifference(gradient, expected.gradient.subarray(offset, offset + size));
			expect([name, difference]).toEqual([name, expect.closeTo(0, 4)]);
			if (role === 'leak' && shard.timesteps === 1) expect(Math.abs(gradient[0] ?? 1)).toBe(0);
		}
	});
});

test('every parameter of every architecture has a gradient in one of the cases', () => {
	const seen = new Map<string, number>();
	for (const { title, plan, layout } of gradientCases)
		for (const { name, offset, size } of layout.entries) {
			const key = `${plan.architecture.name} ${layout.mode.neuron} ${layout.mode.normalised} ${name}`;
			const largest = Math.max(...(references.get(title)?.gradient.subarray(offset, offset + size) ?? []).map(Math.abs));
			seen.set(key, Math.max(seen.get(key) ?? 0, largest));
		}
	expect([...seen].filter(([, largest]) => largest === 0).map(([key]) => key)).toEqual([]);
});

test('onnxruntime and JavaScript ran, and every engine that SNN_ENERGY_ENGINES demands', () => {
	const demanded = (process.env.SNN_ENERGY_ENGINES ?? '').split(',').filter((name) => name !== '');
	const names = ran.map(({ engine }) => engine.split(' ')[0]);
	expect(names).toEqual(expect.arrayContaining(['onnx', 'cpu', ...demanded]));
});

if (refusals.length > 0)
	test.each(refusals)('$engine did not run here, so its gradients are unchecked: $refused', ({ engine, refused }) => {
		expect(refused).toContain(`--engine ${engine.split(' ')[0]}`);
	});

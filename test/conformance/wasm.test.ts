import { activityOf, countEvents, loadNetwork, parseAnalysis } from '../../src/core.ts';
import { runtime } from '../../src/runtime/session.ts';
import { snnEnergy } from '../support/built-cli.ts';
import { corpusFiles, corpusReference, countCorpus, difference, expectedCounts, foundCounts } from '../support/corpus.ts';

/**
 * onnxruntime's WebAssembly build, as a page and the Python package use it, here in Node: chosen once for all the modules, so that
 * this file has its own. @own-modules
 */
beforeAll(() => {
	process.env.SNN_ENERGY_RUNTIME = 'wasm';
});
afterAll(() => {
	delete process.env.SNN_ENERGY_RUNTIME;
});

test('the runtime is the WebAssembly build, and says so', async () => {
	const { name, kind, version } = await runtime();
	expect([name, kind]).toEqual(['onnxruntime-web', 'wasm']);
	expect(version).toMatch(/^1\.\d+\.\d+$/);
});

/** Every tenth: weights are multiples of powers of two, so that sums are exact in any order. */
const files = corpusFiles().filter((_, at) => at % 10 === 0);

test.each(files)('%s/%s: every count of the WebAssembly build is the integer of the reference', async (name, file) => {
	expect(difference(foundCounts(await countCorpus(name, file)), expectedCounts(corpusReference(name)))).toBe('');
});

test.each(['fashion-cnn/model-T5', 'fashion-cnn/relu'])(
	'%s, trained: every total is that of the native build within 1e-4',
	async (model) => {
		const path = `models/${model}.onnx`;
		const { stdout } = await snnEnergy(['analyze', path, '--samples', '30', '--format', 'json'], {
			environment: { SNN_ENERGY_RUNTIME: 'native' },
		});
		const native = activityOf(parseAnalysis(stdout, path)).totals;
		const { totals } = await countEvents(await loadNetwork(path), { samples: 30 });
		expect(Object.keys(totals)).toEqual(Object.keys(native));
		for (const [event, count] of Object.entries(native)) {
			const difference = Math.abs(totals[event as keyof typeof totals] - count);
			expect([event, difference <= 1e-4 * count]).toEqual([event, true]);
		}
		expect(native.spikes + native.macs).toBeGreaterThan(0);
	},
);

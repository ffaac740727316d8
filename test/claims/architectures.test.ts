import { readFileSync } from 'node:fs';
import { claimArchitecture, claimArchitectureExamples } from '../../src/claims/architectures/index.ts';
import { denseMacs } from '../../src/claims/layers.ts';
import { UserError } from '../../src/errors.ts';

interface Reference {
	readonly side: number;
	readonly layers: Readonly<Record<string, number>>;
	readonly productMacs: number;
	readonly neurons: number;
	readonly parameters: number;
}

/** Counted in the authors' own code by reference/count.py, which takes part in nothing else. */
const references = JSON.parse(readFileSync(new URL('reference/counts.json', import.meta.url), 'utf8')) as Record<
	string,
	Reference
>;

const sorted = (values: readonly number[]): number[] => [...values].sort((a, b) => a - b);

describe.each(Object.entries(references))('%s', (name, reference) => {
	const architecture = claimArchitecture(name);
	const weights = architecture.layers.filter(({ kind }) => kind === 'weights');

	test('has the multiply-accumulates of the published code, layer by layer', () => {
		expect(sorted(weights.map(({ macs }) => macs))).toEqual(sorted(Object.values(reference.layers)));
	});

	test('names the layers of spiking transformers as the code does', () => {
		if (!/former|sdt/.test(name)) return;
		expect(Object.fromEntries(weights.map(({ name: layer, macs }) => [layer, macs]))).toEqual(
			Object.fromEntries(Object.entries(reference.layers).map(([layer, macs]) => [layer.replace(/^patch_embed\./, ''), macs])),
		);
	});

	test('has the products of activations torch counts', () => {
		const masks = /kv$|qk$|q_sum$/;
		const products = architecture.layers.filter(
			({ kind, name: layer }) => kind === 'product' && !(name.startsWith('sdt') || (layer.includes('tssa') && masks.test(layer))),
		);
		expect(denseMacs(products)).toBe(reference.productMacs);
	});

	test('has the neurons and the parameters of the published code', () => {
		expect(architecture.neurons).toBe(reference.neurons);
		expect(architecture.parameters).toBe(reference.parameters);
	});

	test('reads numbers in its first layer only, and the mean of spikes in no layer but the last', () => {
		expect(architecture.layers.map(({ input }) => input === 'analog')).toEqual(architecture.layers.map((_, at) => at === 0));
		for (const layer of architecture.layers.slice(0, -1)) expect(layer.input).not.toBe('mean');
	});
});

test('a name that is not in the table lists the forms there are', () => {
	for (const name of claimArchitectureExamples) expect(claimArchitecture(name).layers.length).toBeGreaterThan(0);
	expect(() => claimArchitecture('alexnet')).toThrow(UserError);
	expect(() => claimArchitecture('alexnet')).toThrow(/spikformer-8-512/);
});

test('a size the poolings do not divide is refused', () => {
	expect(() => claimArchitecture('spikformer-8-512@225')).toThrow(/multiple of 16/);
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { type Hdf5Group, type Hdf5Node, readHdf5 } from '../../../src/formats/nir/hdf5/read.ts';
import { encodeHdf5 } from '../../../src/formats/nir/hdf5/write.ts';
import { decodeNir, nirToModel, readNir } from '../../../src/formats/nir/index.ts';

const path = (name: string) => fileURLToPath(new URL(`../../fixtures/nir/${name}`, import.meta.url));
const files = ['lif_norse.nir', 'braille_noDelay_bias_zero_subgraph.nir', 'cnn_sinabs.nir'];

/** Reads to the end; returns the message, or "read". Fails on anything but one sentence, or after two seconds. */
function outcome(bytes: Uint8Array): string {
	const start = performance.now();
	try {
		nirToModel(decodeNir(bytes, 'bad.nir'), 'bad.nir');
		return 'read';
	} catch (error) {
		expect([(error as Error).name, (error as Error).stack]).toEqual(['UserError', expect.anything()]);
		expect((error as Error).message).toMatch(/^bad\.nir.*\.$|^The timestep.*\.$/s);
		return (error as Error).message;
	} finally {
		expect(performance.now() - start).toBeLessThan(2000);
	}
}

test.each(files)('200 variants of %s with flipped bytes end in a model or a sentence', (name) => {
	const bytes = new Uint8Array(readFileSync(path(name)));
	// Half of the damage falls into the tables at the start, where it hurts most.
	const place = fc.oneof(fc.nat(bytes.length - 1), fc.nat(4095));
	const damage = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 6 });
	fc.assert(
		fc.property(damage, (flips) => {
			const copy = Uint8Array.from(bytes);
			for (const [position, value] of flips) {
				copy[position] = value;
			}
			outcome(copy);
		}),
		{ seed: 11, numRuns: 200 },
	);
});

/** Replaces the node at a random place of the HDF5 tree. */
function replaceSomewhere(node: Hdf5Node, route: readonly number[], value: Hdf5Node): Hdf5Node {
	const [head, ...rest] = route;
	if (head === undefined || node.kind === 'dataset' || node.children.size === 0) {
		return value;
	}
	const chosen = head % node.children.size;
	return {
		kind: 'group',
		children: new Map(
			[...node.children].map(([name, child], index) => [name, index === chosen ? replaceSomewhere(child, rest, value) : child]),
		),
	};
}

const numbers = (...values: number[]): Hdf5Node => ({
	kind: 'dataset',
	shape: [values.length],
	values: Float64Array.from(values),
});
const texts = (...values: string[]): Hdf5Node => ({ kind: 'dataset', shape: [values.length / 2, 2], values });
const oddNodes: readonly Hdf5Node[] = [
	numbers(),
	numbers(0),
	numbers(-1),
	numbers(0.5),
	numbers(1e300),
	numbers(2 ** 31, 2 ** 31),
	numbers(Number.NaN),
	numbers(Infinity),
	numbers(1, 2, 3, 4, 5, 6, 7),
	texts('NIRGraph', 'Conv2d'),
	texts('input', 'output'),
	texts('output', 'input', 'input', 'output'),
	texts('__proto__', 'constructor'),
	{ kind: 'dataset', shape: [], values: ['LIF'] },
	{ kind: 'dataset', shape: [], values: ['constructor'] },
	{ kind: 'dataset', shape: [], values: ['same'] },
	{ kind: 'group', children: new Map() },
	{ kind: 'dataset', shape: [0, 2], values: new Float32Array() },
];

test.each(files)('an odd value anywhere in %s ends in a model or a sentence, in bounded time', (name) => {
	const root = readHdf5(new Uint8Array(readFileSync(path(name))), name);
	let refused = 0;
	fc.assert(
		fc.property(fc.array(fc.nat(30), { minLength: 1, maxLength: 6 }), fc.constantFrom(...oddNodes), (route, value) => {
			const changed = replaceSomewhere(root, [0, ...route], value) as Hdf5Group;
			refused += outcome(encodeHdf5(changed)) === 'read' ? 0 : 1;
		}),
		{ seed: 12, numRuns: 300 },
	);
	expect(refused).toBeGreaterThan(150);
});

test.each([
	[
		{ kind: 'group', children: new Map() },
		'bad.nir is an HDF5 file but not a NIR file: it has no group "node" that is a NIRGraph.',
	],
	[{ kind: 'group', children: new Map([['node', { kind: 'group', children: new Map() }]]) }, 'bad.nir: the graph has no "type".'],
] as [Hdf5Group, string][])('an HDF5 file without a graph is refused', (root, message) => {
	expect(outcome(encodeHdf5(root))).toContain(message);
});

test('a primitive of a later NIR is refused by name, with those that are known', () => {
	const root = readHdf5(new Uint8Array(readFileSync(path('lif_norse.nir'))), 'a.nir');
	const walk = (node: Hdf5Node): Hdf5Node =>
		node.kind === 'group'
			? { kind: 'group', children: new Map([...node.children].map(([name, child]) => [name, walk(child)])) }
			: node.values[0] === 'LIF'
				? { kind: 'dataset', shape: [], values: ['Izhikevich'] }
				: node;
	expect(outcome(encodeHdf5(walk(root) as Hdf5Group))).toBe(
		'bad.nir: node "1" is of type "Izhikevich", which is not known. Express it in the primitives that are: Input, Output, Affine, Linear, Scale, Conv1d, Conv2d, SumPool2d, AvgPool2d, Flatten, I, IF, LI, LIF, CubaLI, CubaLIF, Threshold, Delay.',
	);
});

test('a missing file and a folder say so', async () => {
	await expect(readNir(path('none.nir'))).rejects.toThrow('none.nir does not exist; check the path.');
	await expect(readNir(path(''))).rejects.toThrow('cannot be read (EISDIR).');
});

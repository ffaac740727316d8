import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import * as h5wasm from 'h5wasm/node';
import type { Hdf5Dataset } from '../../../src/formats/nir/hdf5/dataset.ts';
import { type Hdf5Group, type Hdf5Node, readHdf5 } from '../../../src/formats/nir/hdf5/read.ts';
import { encodeHdf5 } from '../../../src/formats/nir/hdf5/write.ts';

const folder = mkdtempSync(join(tmpdir(), 'hdf5-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
	await h5wasm.ready;
});

const read = (path: string) => readHdf5(new Uint8Array(readFileSync(path)), 'a.nir');
const numbers = Float32Array.from({ length: 600 }, (_, index) => index / 7);

/** Writes one file with the HDF5 library in one of its layouts. */
function writeWithLibrary(path: string, layout: 'earliest' | 'v108' | 'v110' | 'latest'): void {
	const libver: h5wasm.LIBVER_BOUNDS = layout === 'v108' || layout === 'v110' ? [layout, layout] : layout;
	const file = new h5wasm.File(path, 'w', { libver });
	const shape = [20, 30];
	file.create_dataset({ name: 'plain', data: numbers, shape });
	file.create_dataset({ name: 'chunks', data: numbers, shape, chunks: [7, 8] });
	file.create_dataset({ name: 'gzip', data: numbers, shape, chunks: [7, 8], compression: 6 });
	file.create_dataset({ name: 'one chunk', data: numbers, shape, chunks: [20, 30], compression: 6 });
	file.create_dataset({ name: 'doubles', data: Float64Array.of(1.5, -2.5) });
	file.create_dataset({ name: 'integers', data: BigInt64Array.of(1n, -2n, 3n) });
	file.create_dataset({ name: 'bytes', data: Int8Array.of(1, -2, 3) });
	file.create_dataset({ name: 'text', data: 'LIF' });
	file.create_dataset({ name: 'texts', data: ['input', 'fc', 'fc', 'output'], shape: [2, 2] });
	const many = file.create_group('many');
	for (let index = 0; index < 300; index++) {
		many.create_group(`node${index}`).create_dataset({ name: 'value', data: Float32Array.of(index) });
	}
	file.close();
}

const dataset = (node: Hdf5Node | undefined): Hdf5Dataset => {
	if (node?.kind !== 'dataset') {
		throw new Error('a dataset is expected');
	}
	return node;
};

test.each(['earliest', 'v108', 'v110', 'latest'] as const)(
	'every array and name that the HDF5 library writes with libver %s is read',
	(layout) => {
		const path = join(folder, `${layout}.h5`);
		writeWithLibrary(path, layout);
		const { children } = read(path);
		for (const name of ['plain', 'chunks', 'gzip', 'one chunk']) {
			expect(dataset(children.get(name))).toEqual({ kind: 'dataset', shape: [20, 30], values: numbers });
		}
		expect(dataset(children.get('doubles')).values).toEqual(Float64Array.of(1.5, -2.5));
		expect(dataset(children.get('integers')).values).toEqual(Float64Array.of(1, -2, 3));
		expect(dataset(children.get('bytes')).values).toEqual(Float64Array.of(1, -2, 3));
		expect(dataset(children.get('text'))).toEqual({ kind: 'dataset', shape: [], values: ['LIF'] });
		expect(dataset(children.get('texts'))).toEqual({ kind: 'dataset', shape: [2, 2], values: ['input', 'fc', 'fc', 'output'] });
		const many = children.get('many') as Hdf5Group;
		expect(many.children.size).toBe(300);
		for (const [name, group] of many.children) {
			expect(dataset((group as Hdf5Group).children.get('value')).values[0]).toBe(Number(name.slice(4)));
		}
	},
);

const tree = (depth: number): fc.Arbitrary<Hdf5Group> =>
	fc
		.dictionary(
			fc.string({ minLength: 1, maxLength: 12 }).filter((name) => !/[/\0]|^\.+$/.test(name)),
			leafOrGroup(depth),
			{ maxKeys: depth === 2 ? 30 : 6, noNullPrototype: true },
		)
		.map((children) => ({ kind: 'group', children: new Map(Object.entries(children)) }));
const leafOrGroup = (depth: number): fc.Arbitrary<Hdf5Node> => {
	const floats = fc
		.float32Array({ noNaN: true, maxLength: 9 })
		.map((values): Hdf5Dataset => ({ kind: 'dataset', shape: [values.length], values }));
	const texts = fc
		.array(
			fc.string({ maxLength: 9 }).filter((text) => !text.includes('\0')),
			{ minLength: 1, maxLength: 4 },
		)
		.map((values): Hdf5Dataset => ({ kind: 'dataset', shape: [values.length], values }));
	return depth === 0 ? fc.oneof(floats, texts) : fc.oneof(floats, texts, tree(depth - 1));
};
const sorted = (node: Hdf5Node): unknown =>
	node.kind === 'dataset'
		? node
		: [...node.children].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, child]) => [name, sorted(child)]);

test('what is written reads back equal, and the same content gives the same bytes', () => {
	fc.assert(
		fc.property(tree(2), (root) => {
			const bytes = encodeHdf5(root);
			expect(sorted(readHdf5(bytes, 'a.nir'))).toEqual(sorted(root));
			expect(encodeHdf5(root)).toEqual(bytes);
		}),
		{ seed: 5, numRuns: 100 },
	);
});

test('the HDF5 library reads what is written, groups of hundreds of names included', () => {
	const children = new Map<string, Hdf5Node>();
	for (let index = 0; index < 700; index++) {
		children.set(`name ${index}`, { kind: 'dataset', shape: [2], values: Float32Array.of(index, -index) });
	}
	children.set('texts', { kind: 'dataset', shape: [2], values: ['input', 'größer'] });
	children.set('double', { kind: 'dataset', shape: [], values: Float64Array.of(Math.PI) });
	children.set('empty', { kind: 'group', children: new Map() });
	const path = join(folder, 'written.h5');
	writeFileSync(path, encodeHdf5({ kind: 'group', children }));
	const file = new h5wasm.File(path, 'r');
	expect(new Set(file.keys())).toEqual(new Set(children.keys()));
	for (let index = 0; index < 700; index += 50) {
		expect((file.get(`name ${index}`) as h5wasm.Dataset).value).toEqual(Float32Array.of(index, -index));
	}
	expect((file.get('texts') as h5wasm.Dataset).value).toEqual(['input', 'größer']);
	expect((file.get('double') as h5wasm.Dataset).value).toBe(Math.PI);
	file.close();
});

/** Reads damaged bytes; returns the message, or "read". Fails on anything but a sentence, or after two seconds. */
function outcome(bytes: Uint8Array): string {
	const start = performance.now();
	try {
		readHdf5(bytes, 'bad.nir');
		return 'read';
	} catch (error) {
		expect((error as Error).name).toBe('UserError');
		expect((error as Error).message).toMatch(/^bad\.nir is .*\.$/s);
		return (error as Error).message;
	} finally {
		expect(performance.now() - start).toBeLessThan(2000);
	}
}

test.each(['earliest', 'latest'] as const)(
	'damage to a file of layout %s ends in a sentence or in numbers, in bounded time and memory',
	(layout) => {
		const path = join(folder, `damaged-${layout}.h5`);
		writeWithLibrary(path, layout);
		const bytes = new Uint8Array(readFileSync(path));
		const place = fc.oneof(fc.nat(bytes.length - 1), fc.nat(4095));
		const damage = fc.array(fc.tuple(place, fc.oneof(fc.constant(255), fc.nat(255))), { minLength: 1, maxLength: 5 });
		let refused = 0;
		const before = process.memoryUsage().rss;
		fc.assert(
			fc.property(damage, fc.option(fc.nat(bytes.length), { freq: 3 }), (flips, cut) => {
				const copy = Uint8Array.from(bytes);
				for (const [position, value] of flips) {
					copy[position] = value;
				}
				refused += outcome(cut === null ? copy : copy.subarray(0, cut)) === 'read' ? 0 : 1;
			}),
			{ seed: 6, numRuns: 300 },
		);
		expect(refused).toBeGreaterThan(100);
		expect(process.memoryUsage().rss - before).toBeLessThan(500_000_000);
	},
);

test('a group that contains itself is refused', () => {
	const inner: Hdf5Group = { kind: 'group', children: new Map([['child', { kind: 'group', children: new Map() }]]) };
	const bytes = encodeHdf5({ kind: 'group', children: new Map([['a', inner]]) });
	const view = new DataView(bytes.buffer);
	const root = view.getBigUint64(64, true);
	// Every entry of every table of names now leads to the root.
	for (let at = 0; at < bytes.length - 8; at += 8) {
		if (view.getUint32(at, true) === 0x444f4e53) {
			view.setBigUint64(at + 16, root, true);
		}
	}
	expect(outcome(bytes)).toContain('its groups contain each other');
});

test('an array that claims two gigabytes is refused before they are allocated', () => {
	const bytes = encodeHdf5({
		kind: 'group',
		children: new Map([['a', { kind: 'dataset', shape: [77], values: new Float32Array(77) }]]),
	});
	const view = new DataView(bytes.buffer);
	const at =
		[...Array(bytes.length / 8).keys()].map((word) => word * 8).find((offset) => view.getBigUint64(offset, true) === 77n) ?? 0;
	for (const claim of [2n ** 29n, 2n ** 52n, 2n ** 63n]) {
		view.setBigUint64(at, claim, true);
		expect(outcome(bytes)).toMatch(/claims|impossible number|missing/);
	}
});

test('a gzip bomb in a chunk stops at the size of the chunk', () => {
	const path = join(folder, 'bomb.h5');
	const file = new h5wasm.File(path, 'w');
	const noise = Float32Array.from({ length: 60_000 }, (_, index) => Math.sin(index * index));
	file.create_dataset({ name: 'a', data: noise, shape: [60_000], chunks: [60_000], compression: 1 });
	file.close();
	const bytes = new Uint8Array(readFileSync(path));
	const bomb = deflateSync(new Uint8Array(150_000_000));
	const start =
		[...bytes.keys()].find((at) => bytes[at] === 0x78 && bytes[at + 1] === 0x01 && bytes.length - at > bomb.length) ?? 0;
	expect(start).toBeGreaterThan(0);
	bytes.set(bomb, start);
	const before = process.memoryUsage().arrayBuffers;
	expect(outcome(bytes)).toContain('a chunk of "a" expands beyond its 240000 bytes');
	expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test('a NIR file of another framework, cut at 200 lengths, is refused each time', () => {
	const bytes = new Uint8Array(readFileSync(fileURLToPath(new URL('../../fixtures/nir/lif_norse.nir', import.meta.url))));
	for (let variant = 0; variant < 200; variant++) {
		expect(outcome(bytes.subarray(0, Math.floor((bytes.length * 0.9 * variant) / 200)))).not.toBe('read');
	}
});

test('a file that is not HDF5 says so', () => {
	expect(outcome(new TextEncoder().encode('{"not": "hdf5"}'))).toContain('it does not start with the signature of HDF5');
	expect(outcome(new Uint8Array())).toContain('it does not start with the signature of HDF5');
});

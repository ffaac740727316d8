import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { readOfficial } from '../../../src/formats/datasets/cache.ts';
import { type CatalogueEntry, catalogue } from '../../../src/formats/datasets/catalogue.ts';
import { readCifar, recordsFromSheet } from '../../../src/formats/datasets/cifar.ts';
import { readIdxImages, readIdxLabels } from '../../../src/formats/datasets/idx.ts';
import { loadDataset, normalisedImages, outlineDataset } from '../../../src/formats/datasets/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-official-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const words = (...values: number[]): Buffer => {
	const bytes = Buffer.alloc(4 * values.length);
	for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
	return bytes;
};
const pixels = Buffer.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
const images = Buffer.concat([words(0x803, 2, 2, 3), pixels]);
const labels = Buffer.concat([words(0x801, 3), Buffer.from([0, 9, 4])]);

test('IDX images and labels are read, plain and compressed', () => {
	for (const bytes of [images, gzipSync(images)]) {
		expect(readIdxImages(bytes, 'x')).toMatchObject({ count: 2, rows: 2, columns: 3 });
		expect([...readIdxImages(bytes, 'x').pixels]).toEqual([...pixels]);
	}
	expect([...readIdxLabels(gzipSync(labels), 'x', 10)]).toEqual([0, 9, 4]);
});

test('IDX files that are cut short, too long, of another kind or damaged are refused by name', () => {
	const read = (bytes: Uint8Array) => () => readIdxImages(bytes, 'digits-ubyte');
	expect(read(images.subarray(0, 20))).toThrow('digits-ubyte holds 20 bytes; 2 images of 2x3 need 28. The file is truncated');
	expect(read(images.subarray(0, 9))).toThrow('digits-ubyte holds 9 bytes; the header alone would need 16');
	expect(read(Buffer.alloc(0))).toThrow(/digits-ubyte holds 0 bytes.*truncated/);
	expect(read(Buffer.concat([images, pixels]))).toThrow(/digits-ubyte holds 40 bytes.*too long/);
	expect(read(labels)).toThrow(/digits-ubyte .* starts with 0x00000801 instead of 0x00000803/);
	expect(read(gzipSync(images).subarray(0, 25))).toThrow(/digits-ubyte cannot be read: unexpected end of file/);
	const wrong = Buffer.concat([words(0x801, 2), Buffer.from([3, 10])]);
	expect(() => readIdxLabels(wrong, 'labels-ubyte', 10)).toThrow(
		'labels-ubyte: record 1 has label 10; the set has the classes 0 to 9',
	);
	expect(() => readIdxLabels(labels.subarray(0, 10), 'labels-ubyte', 10)).toThrow(
		/labels-ubyte holds 10 bytes; 3 labels need 11/,
	);
});

const record = (label: readonly number[], start: number): Buffer =>
	Buffer.concat([Buffer.from(label), Buffer.from(Uint8Array.from({ length: 3072 }, (_, index) => (index + start) % 256))]);

test('CIFAR-10 has one label byte, CIFAR-100 a coarse one before the fine one that counts', () => {
	const ten = readCifar(Buffer.concat([record([7], 0), record([2], 5)]), 'batch.bin', 1, 10);
	expect([...ten.labels]).toEqual([7, 2]);
	expect([ten.pixels[0], ten.pixels[3071], ten.pixels[3072]]).toEqual([0, 255, 5]);
	const hundred = readCifar(Buffer.concat([record([3, 99], 0), record([19, 0], 9)]), 'train.bin', 2, 100);
	expect([...hundred.labels]).toEqual([99, 0]);
	expect(hundred.pixels[3072]).toBe(9);
});

test('CIFAR files that hold no whole records or a class that does not exist are refused by name', () => {
	expect(() => readCifar(record([1], 0).subarray(0, 3000), 'batch.bin', 1, 10)).toThrow(/batch\.bin holds 3000 bytes.*truncated/);
	expect(() => readCifar(Buffer.alloc(0), 'batch.bin', 1, 10)).toThrow(/batch\.bin holds 0 bytes.*truncated/);
	expect(() => readCifar(record([1, 2], 0), 'batch.bin', 1, 10)).toThrow(
		/batch\.bin holds 3074 bytes; whole records of 3073 bytes/,
	);
	expect(() => readCifar(record([1, 100], 0), 'train.bin', 2, 100)).toThrow(/train\.bin: record 0 has label 100/);
});

test('a row of a sheet becomes a record with its planes one after another', () => {
	const rgba = Uint8Array.from({ length: 4096 }, (_, index) => [10, 20, 30, 255][index % 4] ?? 0);
	const bytes = recordsFromSheet(rgba, [6]);
	expect([bytes[0], bytes[1], bytes[1 + 1024], bytes[1 + 2048]]).toEqual([6, 10, 20, 30]);
	expect(bytes.length).toBe(3073);
});

test('an official file is known by length and checksum; a single changed byte is found', () => {
	const content = Buffer.concat([record([1], 0), record([2], 1)]);
	const file = { name: 'small.bin', bytes: content.length, sha256: createHash('sha256').update(content).digest('hex') };
	const base = catalogue.find(({ name }) => name === 'cifar10') as CatalogueEntry;
	const entry = { ...base, name: 'small', files: { train: [file], test: [] } };
	const place = join(folder, 'small', 'small.bin');
	expect(() => readOfficial(entry, file, folder)).toThrow(
		`the data set small is not here; run "snn-energy data fetch small", or put its official files (small.bin) into ${join(folder, 'small')}.`,
	);
	mkdirSync(join(folder, 'small'));
	writeFileSync(place, content);
	expect(readOfficial(entry, file, folder).path).toBe(place);
	writeFileSync(place, Buffer.from(content).fill(200, 40, 41));
	expect(() => readOfficial(entry, file, folder)).toThrow(`${place} is corrupt or not the official file: its SHA-256 is`);
	truncateSync(place, 100);
	expect(() => readOfficial(entry, file, folder)).toThrow(
		`${place} holds 100 bytes; the official small.bin would need 6146. The file is truncated`,
	);
});

test('every set known by name pins every file by SHA-256, and every archive too', () => {
	for (const { name, files, downloads } of catalogue) {
		for (const file of [...files.train, ...files.test]) expect(`${name} ${file.sha256}`).toMatch(/ [0-9a-f]{64}$/);
		for (const source of downloads) if (source.kind === 'archive') expect(source.sha256).toMatch(/^[0-9a-f]{64}$/);
	}
});

test('shape, classes and number of images are known without the files', () => {
	const outline = (name: string, split: 'train' | 'test') => outlineDataset(name, { split, dataDir: join(folder, 'none') });
	expect(outline('mnist', 'train')).toMatchObject({ count: 60000, shape: [1, 28, 28] });
	expect(outline('fashion-mnist', 'test')).toMatchObject({ count: 10000 });
	expect(outline('cifar10', 'train')).toMatchObject({ count: 50000, shape: [3, 32, 32] });
	expect(outline('cifar100', 'test').count).toBe(10000);
	expect(outline('cifar100', 'test').classNames).toHaveLength(100);
	expect(() => outline('cifar11', 'test')).toThrow(
		'no data set is called "cifar11"; choose one of mnist, fashion-mnist, cifar10, cifar100, or imagefolder:DIR.',
	);
});

test('a truncated file is refused by name before a set is read from it', () => {
	const place = join(folder, 'mnist');
	mkdirSync(place);
	writeFileSync(join(place, 't10k-images-idx3-ubyte'), new Uint8Array(100));
	const load = () => loadDataset('mnist', { split: 'test', dataDir: folder });
	expect(load).toThrow(/t10k-images-idx3-ubyte holds 100 bytes.*truncated/);
	writeFileSync(join(place, 't10k-images-idx3-ubyte'), new Uint8Array(7840016));
	expect(load).toThrow(/t10k-images-idx3-ubyte is corrupt or not the official file/);
});

test('pixels become (pixel/255 − mean)/deviation, channel by channel', () => {
	const set = {
		name: 'two',
		split: 'test' as const,
		count: 2,
		shape: [2, 1, 1] as const,
		pixels: Uint8Array.from([0, 255, 51, 102]),
		labels: Uint16Array.from([0, 1]),
		classNames: ['a', 'b'],
		normalisation: { mean: [0.1, 0.5], deviation: [0.2, 0.25] },
		sha256: '',
	};
	const values = normalisedImages(set, [1, 0]);
	const expected = [(0.2 - 0.1) / 0.2, (0.4 - 0.5) / 0.25, -0.1 / 0.2, 0.5 / 0.25];
	for (const [index, value] of expected.entries()) expect(values[index]).toBeCloseTo(value, 6);
});

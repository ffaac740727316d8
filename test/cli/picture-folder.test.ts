import { existsSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDataset, normalisedImages } from '../../src/formats/datasets/index.ts';
import { encodeNpz } from '../../src/formats/npy/index.ts';
import { snnEnergyAll } from '../support/built-cli.ts';
import { writePictures } from '../support/pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-pictures-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const counts = (file: string) => {
	const { model, run, partial, layers, neuronLayers, samples } = JSON.parse(readFileSync(path(file), 'utf8'));
	return { model, correct: run?.correct, partial, layers, neuronLayers, samples };
};

test('a folder of pictures counts what the same numbers in a file count: whole, shared, sharded and merged', async () => {
	const pictures = writePictures(path('set'), 20, 40, 33);
	const set = loadDataset(`imagefolder:${pictures}@32`, { split: 'test' });
	const images = normalisedImages(
		set,
		Array.from({ length: set.count }, (_, index) => index),
	);
	writeFileSync(
		path('numbers.npz'),
		encodeNpz(
			new Map([
				['images', { dtype: 'float32', shape: [set.count, 3, 32, 32], data: images }],
				['labels', { dtype: 'int64', shape: [set.count], data: BigInt64Array.from([...set.labels], BigInt) }],
			]),
		),
	);
	const run = (data: string, to: string, ...more: string[]): string[] => [
		...['analyze', 'models/cifar10-vgg/model.onnx', '--data', data, '--batch', '3', '--quiet', '--save-activity', path(to)],
		...more,
	];
	const name = `imagefolder:${pictures}@32`;
	const outcomes = await snnEnergyAll([
		run(path('numbers.npz'), 'numbers.json'),
		run(name, 'whole.json'),
		run(name, 'threads.json', '--threads', '1'),
		run(name, 'jobs.json', '--jobs', '2'),
		run(name, '1.json', '--shard', '1/2'),
		run(name, '2.json', '--shard', '2/2'),
	]);
	for (const { code, stderr } of outcomes) expect([code, stderr]).toEqual([0, '']);
	const merged = await snnEnergyAll([['batch', 'merge', path('2.json'), path('1.json')]]);
	expect(merged[0]?.stdout).toBe(readFileSync(path('whole.json'), 'utf8'));
	for (const file of ['threads.json', 'jobs.json'])
		expect(readFileSync(path(file), 'utf8')).toBe(readFileSync(path('whole.json'), 'utf8'));
	expect(counts('whole.json').layers.length).toBeGreaterThan(5);
	expect(counts('whole.json')).toEqual(counts('numbers.json'));
}, 120_000);

test('a damaged picture stops the run in a sentence when it is reached; a run that does not reach it ends well', async () => {
	const pictures = writePictures(path('damaged'), 9, 32, 32);
	truncateSync(join(pictures, 'bee', '0007.png'), 50);
	const run = (to: string, ...more: string[]): string[] => [
		...['analyze', 'models/cifar10-vgg/model.onnx', '--data', `imagefolder:${pictures}`, '--batch', '2', '--quiet'],
		...['--out', path(to), '--format', 'json', ...more],
	];
	const [broken, before] = await snnEnergyAll([run('broken.out'), run('before.out', '--samples', '7')]);
	expect(broken).toMatchObject({ code: 1, stdout: '' });
	expect(broken?.stderr).toMatch(
		/^snn-energy: \S*damaged\/bee\/0007\.png is not a PNG that can be read \(.*\)\. Replace the picture or leave it out\.\n$/,
	);
	expect(existsSync(path('broken.out'))).toBe(false);
	expect([before?.code, before?.stderr]).toEqual([0, '']);
	expect(JSON.parse(readFileSync(path('before.out'), 'utf8')).run.samples).toBe(7);
}, 120_000);

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import jpeg from 'jpeg-js';
import pngjs from 'pngjs';
import { loadDataset, outlineDataset } from '../../../src/formats/datasets/index.ts';
import { fitSquare } from '../../../src/formats/datasets/picture.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-folder-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Colour = readonly [number, number, number];
const rgbaOf = (width: number, height: number, colour: (x: number, y: number) => Colour): Uint8Array =>
	Uint8Array.from({ length: 4 * width * height }, (_, at) => {
		const p = Math.floor(at / 4);
		return [...colour(p % width, Math.floor(p / width)), 255][at % 4] ?? 0;
	});
function write(path: string, bytes: Uint8Array): string {
	const place = join(folder, path);
	mkdirSync(dirname(place), { recursive: true });
	writeFileSync(place, bytes);
	return place;
}
function png(path: string, width: number, height: number, colour: (x: number, y: number) => Colour): string {
	const picture = new pngjs.PNG({ width, height });
	picture.data = Buffer.from(rgbaOf(width, height, colour));
	return write(path, pngjs.PNG.sync.write(picture));
}
const jpg = (path: string, width: number, height: number, colour: Colour): string =>
	write(path, jpeg.encode({ width, height, data: rgbaOf(width, height, () => colour) }, 95).data);
const load = (name: string, split: 'train' | 'test' = 'train') => loadDataset(`imagefolder:${join(folder, name)}`, { split });

test('classes are numbered by name, pictures are planes of red, green and blue, and other files are passed over', () => {
	png('a/train/cat/1.png', 2, 3, (x, y) => [x, 10 + y, 200]);
	png('a/train/ant/2.PNG', 2, 3, () => [7, 8, 9]);
	png('a/test/cat/3.png', 2, 3, () => [1, 1, 1]);
	write('a/train/cat/notes.txt', Buffer.from('no picture'));
	write('a/train/cat/x.constructor', Buffer.from('no picture'));
	write('a/train/cat/.hidden.png', Buffer.from('no picture'));
	const train = load('a');
	expect(train).toMatchObject({ count: 2, shape: [3, 3, 2], classNames: ['ant', 'cat'] });
	expect([...train.labels]).toEqual([0, 1]);
	expect([...train.pixels.subarray(0, 18)]).toEqual([7, 7, 7, 7, 7, 7, 8, 8, 8, 8, 8, 8, 9, 9, 9, 9, 9, 9]);
	expect([...train.pixels.subarray(18)]).toEqual([0, 1, 0, 1, 0, 1, 10, 10, 11, 11, 12, 12, 200, 200, 200, 200, 200, 200]);
	// A class without test pictures does not shift the others.
	expect([...load('a', 'test').labels]).toEqual([1]);
	expect(outlineDataset(`imagefolder:${join(folder, 'a')}`, { split: 'train' })).toMatchObject({ count: 2, shape: [3, 3, 2] });
});

test('JPEG pictures are read, and pictures of unlike size are scaled where the name asks for it', () => {
	jpg('b/train/red/1.jpg', 16, 8, [220, 30, 40]);
	jpg('b/train/blue/2.JPEG', 8, 24, [20, 30, 210]);
	png('b/val/red/3.png', 9, 9, () => [200, 0, 0]);
	expect(() => load('b')).toThrow(/1\.jpg is 16x8; .*2\.JPEG is 8x24, and all must be alike \(imagefolder:.*@8 scales them\)/);
	const set = load('b@4');
	expect(set).toMatchObject({ count: 2, shape: [3, 4, 4], classNames: ['blue', 'red'] });
	const plane = (image: number, channel: number): number[] => [
		...set.pixels.subarray(48 * image + 16 * channel, 48 * image + 16 * channel + 16),
	];
	for (const [image, colour] of [
		[20, 30, 210],
		[220, 30, 40],
	].entries())
		for (const [channel, value] of colour.entries())
			for (const pixel of plane(image, channel)) expect(Math.abs(pixel - value)).toBeLessThan(6);
	expect(load('b@4', 'test').shape).toEqual([3, 4, 4]);
	expect(load('b@4').sha256).not.toBe(load('b@5').sha256);
});

test('scaling down takes every pixel into account and cuts the middle out', () => {
	const stripes = { width: 8, height: 4, rgba: rgbaOf(8, 4, (x) => (x % 2 === 0 ? [0, 0, 0] : [200, 100, 50])) };
	// Picking single pixels would give 0 or 200.
	expect(Math.abs((fitSquare(stripes, 1)[0] ?? 0) - 100)).toBeLessThan(10);
	const ramp = { width: 12, height: 4, rgba: rgbaOf(12, 4, (x) => [20 * x, 0, 0]) };
	expect([...fitSquare(ramp, 4).subarray(0, 4)]).toEqual([80, 100, 120, 140]);
});

test('damaged, cut-short and mislabelled pictures are refused by name', () => {
	const good = png('c/train/x/1.png', 4, 4, () => [1, 2, 3]);
	png('c/test/x/1.png', 4, 4, () => [1, 2, 3]);
	const photo = jpg('jpegs/y/1.jpg', 16, 16, [9, 9, 9]);
	const whole = readFileSync(good);
	for (const bytes of [
		whole.subarray(0, 40),
		Buffer.alloc(0),
		Buffer.from('hello'),
		Buffer.from(whole).fill(255, 45, 52),
		readFileSync(photo),
	]) {
		write('c/train/x/2.png', bytes);
		expect(() => load('c')).toThrow(/2\.png is not a PNG that can be read/);
	}
	for (const bytes of [readFileSync(photo).subarray(0, 300), Buffer.alloc(0), whole]) {
		write('jpegs/y/2.jpg', bytes);
		expect(() => load('jpegs')).toThrow(/2\.jpg is not a JPEG that can be read/);
	}
});

test('folders that are missing, empty, half split or of other classes are told apart', () => {
	expect(() => load('nowhere')).toThrow(
		/nowhere holds no pictures; an image folder has a folder for each class with \.png, \.jpg or \.jpeg/,
	);
	mkdirSync(join(folder, 'empty/a'), { recursive: true });
	expect(() => load('empty')).toThrow(/empty holds no pictures/);
	png('half/train/x/1.png', 2, 2, () => [0, 0, 0]);
	expect(() => load('half')).toThrow(/half has a folder train\/ but no test\/ or val\//);
	png('other/train/x/1.png', 2, 2, () => [0, 0, 0]);
	png('other/test/y/1.png', 2, 2, () => [0, 0, 0]);
	expect(() => load('other', 'test')).toThrow(/other\/test\/y is a class that .*other\/train does not have/);
	expect(() => load('half@5000')).toThrow(/the size behind @ must be a whole number from 1 to 4096/);
});

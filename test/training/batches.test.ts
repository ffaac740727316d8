import fc from 'fast-check';
import type { LabelledImages } from '../../src/formats/datasets/index.ts';
import type { Augmentation } from '../../src/training/batches.ts';
import { augmentedBatch } from '../../src/training/batches.ts';

/** Images whose every pixel is above the mean, so that a blank one (0 once normalised) shows. */
const imagesOf = (count: number, [channels, height, width]: readonly [number, number, number]): LabelledImages => ({
	name: 'gradient of grey',
	split: 'train',
	count,
	shape: [channels, height, width],
	pixels: Uint8Array.from({ length: count * channels * height * width }, (_, index) => 60 + ((index * 7) % 190)),
	labels: Uint16Array.from({ length: count }, (_, index) => index % 10),
	normalisation: { mean: Array<number>(channels).fill(0.1), deviation: Array<number>(channels).fill(0.3) },
	classNames: Array.from({ length: 10 }, (_, index) => `class ${index}`),
	sha256: '',
});

const whole: Augmentation = { crop: 0, flip: false, cutout: 0 };
const indicesOf = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const sides = fc.integer({ min: 1, max: 9 });
const shapes = fc.tuple(fc.integer({ min: 1, max: 3 }), sides, sides);

/** The rows and columns of an image that are blank, the same in every channel. */
function blankOf(images: Float32Array, image: number, [channels, height, width]: readonly [number, number, number]) {
	const rows = new Set<number>();
	const columns = new Set<number>();
	let pixels = 0;
	for (let c = 0; c < channels; c++)
		for (let y = 0; y < height; y++)
			for (let x = 0; x < width; x++) {
				if (images[((image * channels + c) * height + y) * width + x] !== 0) continue;
				rows.add(y);
				columns.add(x);
				pixels++;
			}
	const run = (found: Set<number>) => found.size === 0 || Math.max(...found) - Math.min(...found) + 1 === found.size;
	return { rows, columns, pixels: pixels / channels, rectangle: run(rows) && run(columns) };
}

test('without augmentation a batch holds the normalised images, in the order asked for', () => {
	const set = imagesOf(3, [2, 2, 2]);
	const { images, labels } = augmentedBatch(set, [2, 0], whole, [1]);
	expect([...labels]).toEqual([2, 0]);
	const expected = [...set.pixels.subarray(16, 24), ...set.pixels.subarray(0, 8)].map((pixel) => (pixel / 255 - 0.1) / 0.3);
	expected.forEach((value, index) => {
		expect(images[index]).toBeCloseTo(value, 5);
	});
});

test('cutout blanks one square, cut at the border, in all channels, and nothing else', () => {
	fc.assert(
		fc.property(shapes, fc.integer({ min: 1, max: 12 }), fc.nat(), (shape, cutout, seed) => {
			const set = imagesOf(4, shape);
			const plain = augmentedBatch(set, indicesOf(4), whole, [seed]).images;
			const { images } = augmentedBatch(set, indicesOf(4), { ...whole, cutout }, [seed]);
			for (let image = 0; image < 4; image++) {
				const { rows, columns, pixels, rectangle } = blankOf(images, image, shape);
				expect(rectangle).toBe(true);
				expect(pixels).toBe(rows.size * columns.size);
				// The pixel drawn is inside, so at least half of the side (rounded up) is too, unless the image is smaller.
				for (const [found, side] of [
					[rows.size, shape[1]],
					[columns.size, shape[2]],
				] as const) {
					expect(found).toBeLessThanOrEqual(Math.min(cutout, side));
					expect(found).toBeGreaterThanOrEqual(Math.min(Math.ceil(cutout / 2), side));
				}
			}
			expect(images.findIndex((value, index) => value !== 0 && value !== plain[index])).toBe(-1);
		}),
	);
});

test('cutout reaches every pixel, and as many of them on average as squares around every pixel would', () => {
	const count = 4000;
	const { images } = augmentedBatch(imagesOf(count, [1, 6, 5]), indicesOf(count), { ...whole, cutout: 4 }, [3]);
	const share = Array.from({ length: 30 }, (_, pixel) => {
		let blank = 0;
		for (let image = 0; image < count; image++) blank += images[image * 30 + pixel] === 0 ? 1 : 0;
		return blank / count;
	});
	// A pixel is blank when the square's first row and column are at most three before it: counted out by hand, of 6 and 5 places.
	const rows = [3, 4, 4, 4, 3, 2];
	const columns = [3, 4, 4, 3, 2];
	share.forEach((found, pixel) => {
		const expected = ((rows[Math.floor(pixel / 5)] ?? 0) * (columns[pixel % 5] ?? 0)) / 30;
		// Five standard deviations of a share of 4,000.
		expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt((expected * (1 - expected)) / count));
	});
});

test('crop shifts by at most its pixels and flip mirrors; both follow from the stream alone', () => {
	const set = imagesOf(50, [1, 5, 5]);
	const make = (stream: number[]) => augmentedBatch(set, indicesOf(50), { crop: 2, flip: true, cutout: 3 }, stream).images;
	expect(make([1, 2])).toEqual(make([1, 2]));
	expect(make([1, 2])).not.toEqual(make([1, 3]));
	const pixels = (image: number) =>
		[...set.pixels.subarray(image * 25, image * 25 + 25)].map((pixel) => (pixel / 255 - 0.1) / 0.3);
	const { images } = augmentedBatch(set, indicesOf(50), { crop: 2, flip: true, cutout: 0 }, [7]);
	const seen = new Set<string>();
	for (let image = 0; image < 50; image++) {
		const source = pixels(image);
		const fits: string[] = [];
		for (const mirrored of [false, true])
			for (let down = -2; down <= 2; down++)
				for (let along = -2; along <= 2; along++) {
					const same = source.every((_, at) => {
						const [y, x] = [Math.floor(at / 5) + down, (at % 5) + along];
						const inside = y >= 0 && y < 5 && x >= 0 && x < 5;
						const from = inside ? (source[y * 5 + (mirrored ? 4 - x : x)] ?? 0) : 0;
						return Math.abs((images[image * 25 + at] ?? Number.NaN) - from) < 1e-5;
					});
					if (same) fits.push(`${mirrored} ${down} ${along}`);
				}
		expect(fits.length).toBeGreaterThan(0);
		seen.add(fits[0] ?? '');
	}
	expect(seen.size).toBeGreaterThan(20);
});

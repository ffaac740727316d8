import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import pngjs from 'pngjs';
import { readArrays } from '../../src/formats/npy/index.ts';

/**
 * The first samples shipped with the MNIST model as an image folder of pictures of 28x28, at most 300.
 *
 * @returns the folder, as --dataset wants it
 */
export async function writeDigits(folder: string, { training = 200, test = 100 } = {}): Promise<string> {
	const samples = await readArrays(resolve('models/mnist-cnn/samples.npz'));
	const images = samples.get('images')?.data as Float32Array;
	const labels = samples.get('labels')?.data as BigInt64Array;
	for (const [index, label] of labels.subarray(0, training + test).entries()) {
		const place = join(folder, index < training ? 'train' : 'test', String(label));
		mkdirSync(place, { recursive: true });
		const png = new pngjs.PNG({ width: 28, height: 28 });
		for (let p = 0; p < 784; p++) {
			const pixel = Math.round(((images[index * 784 + p] as number) * 0.3081 + 0.1307) * 255);
			png.data.set([pixel, pixel, pixel, 255], 4 * p);
		}
		writeFileSync(join(place, `${index}.png`), pngjs.PNG.sync.write(png));
	}
	return `imagefolder:${folder}`;
}

/** Folders of pictures: DIR[/train|/test]/CLASS/*.png, the layout of ImageNet copies. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pngjs from 'pngjs';
import * as messages from './messages.ts';
import type { DatasetOptions, LabelledImages } from './types.ts';

const splitFolders = { train: ['train'], test: ['test', 'val'] } as const;

function decode(path: string): { width: number; height: number; data: Uint8Array; bytes: Uint8Array } {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
		return { ...pngjs.PNG.sync.read(bytes), bytes };
	} catch (cause) {
		throw messages.wrongPicture(path, `is not a PNG that can be read (${(cause as Error).message})`);
	}
}

/**
 * Reads a folder of classes. Classes are numbered by name; all pictures must have the same size.
 * Without train/ and test/ folders the folder itself is both.
 *
 * @throws UserError naming the picture that is broken or has another size
 */
export function readImageFolder(folder: string, options: DatasetOptions): LabelledImages {
	const split = splitFolders[options.split].map((name) => join(folder, name)).find((path) => existsSync(path)) ?? folder;
	if (!existsSync(split)) throw messages.noPictures(folder);
	const classNames = readdirSync(split)
		.filter((name) => statSync(join(split, name)).isDirectory())
		.sort();
	const files = classNames.flatMap((name, label) =>
		readdirSync(join(split, name))
			.filter((file) => file.toLowerCase().endsWith('.png'))
			.sort()
			.map((file) => ({ path: join(split, name, file), label })),
	);
	const first = files[0];
	if (!first) throw messages.noPictures(split);
	const { width, height } = decode(first.path);
	const plane = width * height;
	const pixels = new Uint8Array(files.length * 3 * plane);
	const hash = createHash('sha256');
	for (const [index, { path }] of files.entries()) {
		const picture = decode(path);
		hash.update(picture.bytes);
		if (picture.width !== width || picture.height !== height) {
			throw messages.wrongPicture(
				path,
				`is ${picture.width}x${picture.height}; ${first.path} is ${width}x${height}, and all must be alike`,
			);
		}
		for (let p = 0; p < plane; p++) {
			for (let c = 0; c < 3; c++) pixels[(index * 3 + c) * plane + p] = picture.data[4 * p + c] as number;
		}
	}
	return {
		name: 'imagefolder',
		split: options.split,
		count: files.length,
		shape: [3, height, width],
		pixels,
		labels: Uint16Array.from(files, ({ label }) => label),
		classNames,
		normalisation: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
		sha256: hash.digest('hex'),
	};
}

/** Folders of pictures: DIR[/train|/test]/CLASS/*.png or *.jpg, the layout of ImageNet copies. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import * as messages from './messages.ts';
import { fitSquare, isPicture, type Picture, planes, readPicture } from './picture.ts';
import type { DatasetOptions, LabelledImages } from './types.ts';

const splitFolders = { train: ['train'], test: ['test', 'val'] } as const;

interface Listing {
	readonly folder: string;
	/** Every picture becomes a square of this side; null: as they are. */
	readonly size: number | null;
	readonly classNames: readonly string[];
	readonly files: readonly { readonly path: string; readonly label: number }[];
}

/** "DIR@64" asks for squares of 64 pixels, unless a folder has that very name. */
function parsed(name: string): { folder: string; size: number | null } {
	const match = /^(.*)@(\d+)$/.exec(name);
	if (!match || existsSync(name)) return { folder: name, size: null };
	const size = Number(match[2]);
	if (size < 1 || size > 4096) throw messages.wrongSize(name);
	return { folder: match[1] ?? '', size };
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;

const classesIn = (folder: string): string[] =>
	readdirSync(folder)
		.filter((name) => !name.startsWith('.') && isFolder(join(folder, name)))
		.sort();

function list(name: string, { split }: DatasetOptions): Listing {
	const { folder, size } = parsed(name);
	if (!isFolder(folder)) throw messages.noPictures(folder);
	const find = (names: readonly string[]): string | undefined => names.map((name) => join(folder, name)).find(isFolder);
	const [train, test] = [find(splitFolders.train), find(splitFolders.test)];
	if ((train === undefined) !== (test === undefined))
		throw messages.halfSplit(folder, train ? splitFolders.train : splitFolders.test);
	const place = (split === 'train' ? train : test) ?? folder;
	// Classes are numbered by the training folder, so that a class without test pictures does not shift the others.
	const classNames = classesIn(train ?? folder);
	const files = classesIn(place).flatMap((className) => {
		const label = classNames.indexOf(className);
		if (label < 0) throw messages.unknownClass(join(place, className), train ?? folder);
		return readdirSync(join(place, className))
			.filter(isPicture)
			.sort()
			.map((file) => ({ path: join(place, className, file), label }));
	});
	if (files.length === 0) throw messages.noPictures(place);
	return { folder, size, classNames, files };
}

const shapeFor = ({ width, height }: Picture, size: number | null): readonly [number, number, number] =>
	size === null ? [3, height, width] : [3, size, size];

/** Shape, classes and number of pictures: reads only the first one. */
export function outlineImageFolder(
	name: string,
	options: DatasetOptions,
): Pick<LabelledImages, 'name' | 'shape' | 'classNames' | 'count'> {
	const { size, classNames, files } = list(name, options);
	const { picture } = readPicture(files[0]?.path ?? name);
	return { name: 'imagefolder', shape: shapeFor(picture, size), classNames, count: files.length };
}

/**
 * Reads a folder of classes. Classes are numbered by name; all pictures must have the same size, or are scaled where the
 * name ends in "@SIZE". Without train/ and test/ folders the folder itself is both.
 *
 * @throws UserError naming the picture that is broken or has another size
 */
export function readImageFolder(name: string, options: DatasetOptions): LabelledImages {
	const { folder, size, classNames, files } = list(name, options);
	const first = files[0]?.path ?? name;
	const { picture: start } = readPicture(first);
	const shape = shapeFor(start, size);
	const perImage = shape[0] * shape[1] * shape[2];
	if (files.length * perImage > totalmem() / 2) throw messages.tooManyPictures(folder, files.length, perImage, totalmem());
	const pixels = new Uint8Array(files.length * perImage);
	const hash = createHash('sha256').update(JSON.stringify([size, classNames]));
	for (const [index, { path, label }] of files.entries()) {
		const { picture, bytes } = readPicture(path);
		const { width, height } = picture;
		hash.update(Buffer.of(label & 255, label >> 8)).update(bytes);
		if (size === null && (width !== start.width || height !== start.height))
			throw messages.wrongPicture(
				path,
				`is ${width}x${height}; ${first} is ${start.width}x${start.height}, and all must be alike (imagefolder:${folder}@${Math.min(start.width, start.height)} scales them)`,
			);
		pixels.set(size === null ? planes(picture) : fitSquare(picture, size), index * perImage);
	}
	return {
		name: 'imagefolder',
		split: options.split,
		count: files.length,
		shape,
		pixels,
		labels: Uint16Array.from(files, ({ label }) => label),
		classNames,
		normalisation: { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] },
		sha256: hash.digest('hex'),
	};
}

/** Folders of pictures: DIR[/train|/test]/CLASS/*.png or *.jpg, the layout of ImageNet copies. */
import { createHash, type Hash } from 'node:crypto';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import * as messages from './messages.ts';
import { isPicture, type PictureFit, readFitted, readPicture, readPictureBytes } from './picture.ts';
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

/** A folder of pictures as it was found: only the first one has been read. */
export interface ImageFolder extends Listing, Pick<LabelledImages, 'count' | 'shape' | 'normalisation' | 'labels'> {
	readonly fit: PictureFit;
}

const imageNetNormalisation = { mean: [0.485, 0.456, 0.406], deviation: [0.229, 0.224, 0.225] } as const;

/**
 * Lists a folder of classes. Classes are numbered by name; all pictures must have the same size, or are scaled where the
 * name ends in "@SIZE". Without train/ and test/ folders the folder itself is both.
 *
 * @throws UserError when there are no pictures, the class folders do not agree, or the first picture is broken
 */
export function openImageFolder(name: string, options: DatasetOptions): ImageFolder {
	const listing = list(name, options);
	const { folder, size, files } = listing;
	const first = files[0]?.path ?? name;
	const { width, height } = readPicture(first).picture;
	return {
		...listing,
		count: files.length,
		shape: size === null ? [3, height, width] : [3, size, size],
		normalisation: imageNetNormalisation,
		labels: Uint16Array.from(files, ({ label }) => label),
		fit: { folder, size, first, width, height },
	};
}

/** The sum over everything that decides what a run on the folder sees: how pictures are scaled, classes, labels and files. */
const startHash = ({ size, classNames }: ImageFolder): Hash => createHash('sha256').update(JSON.stringify([size, classNames]));
const addFile = (hash: Hash, label: number, bytes: Uint8Array): Hash =>
	hash.update(Buffer.of(label & 255, label >> 8)).update(bytes);

/**
 * SHA-256 of a folder, the `sha256` of the set read whole; pictures are not decoded.
 *
 * @throws UserError when a file cannot be read
 */
export async function imageFolderHash(folder: ImageFolder): Promise<string> {
	const hash = startHash(folder);
	for (const { path, label } of folder.files) {
		addFile(hash, label, readPictureBytes(path));
		await turn();
	}
	return hash.digest('hex');
}

/**
 * Reads a folder of classes, all of it into memory.
 *
 * @throws UserError as openImageFolder does, and naming the picture that is broken or has another size
 */
export function readImageFolder(name: string, options: DatasetOptions): LabelledImages {
	const folder = openImageFolder(name, options);
	const { count, shape, files, classNames, labels, normalisation } = folder;
	const perImage = shape[0] * shape[1] * shape[2];
	if (count * perImage > totalmem() / 2) throw messages.tooManyPictures(folder.folder, count, perImage, totalmem());
	const pixels = new Uint8Array(count * perImage);
	const hash = startHash(folder);
	for (const [index, { path, label }] of files.entries()) {
		const { planes, bytes } = readFitted(path, folder.fit);
		addFile(hash, label, bytes);
		pixels.set(planes, index * perImage);
	}
	return {
		name: 'imagefolder',
		split: options.split,
		count,
		shape,
		pixels,
		labels,
		classNames,
		normalisation,
		sha256: hash.digest('hex'),
	};
}

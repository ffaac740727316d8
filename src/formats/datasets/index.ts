/** Labelled image sets: official formats, checked, read into memory. */

import { readOfficial, sha256 } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { datasetNames, entryNamed } from './catalogue.ts';
import { readCifar } from './cifar.ts';
import { openImageFolder, readImageFolder } from './folder.ts';
import { readIdxImages, readIdxLabels } from './idx.ts';
import * as messages from './messages.ts';
import { normalise } from './normalise.ts';
import type { DatasetOptions, LabelledImages } from './types.ts';

export { dataFolder } from './cache.ts';
export { catalogue, datasetNames } from './catalogue.ts';
export { checkDataset, fetchDataset, inspectDataset } from './fetch.ts';
export { imageFolderHash, openImageFolder } from './folder.ts';
export { pictureReader } from './picture-reader.ts';
export type { DatasetOptions, LabelledImages } from './types.ts';

const folderPrefix = 'imagefolder:';

/** Whether a name asks for a folder of pictures, "imagefolder:DIR". */
export const isImageFolder = (name: string): boolean => name.startsWith(folderPrefix);

/** DIR of "imagefolder:DIR". */
export const folderOf = (name: string): string => name.slice(folderPrefix.length);

function readIdx(entry: CatalogueEntry, options: DatasetOptions): Pick<LabelledImages, 'pixels' | 'labels' | 'sha256' | 'count'> {
	const [imageFile, labelFile] = entry.files[options.split];
	if (!imageFile || !labelFile) throw messages.noSuchSet(entry.name, datasetNames);
	const images = readOfficial(entry, imageFile, options.dataDir);
	const labels = readOfficial(entry, labelFile, options.dataDir);
	const { count, pixels } = readIdxImages(images.bytes, images.path);
	const classes = readIdxLabels(labels.bytes, labels.path, entry.classNames.length);
	if (classes.length !== count) throw messages.differentCounts(images.path, count, labels.path, classes.length);
	return { count, pixels, labels: classes, sha256: sha256(Buffer.from(images.sha256 + labels.sha256)) };
}

function readCifarFiles(
	entry: CatalogueEntry,
	options: DatasetOptions,
): Pick<LabelledImages, 'pixels' | 'labels' | 'sha256' | 'count'> {
	const parts = entry.files[options.split].map((file) => {
		const { bytes, path, sha256 } = readOfficial(entry, file, options.dataDir);
		return { ...readCifar(bytes, path, entry.format === 'cifar100' ? 2 : 1, entry.classNames.length), sha256 };
	});
	const count = parts.reduce((sum, part) => sum + part.count, 0);
	const pixels = new Uint8Array(count * 3072);
	const labels = new Uint16Array(count);
	let at = 0;
	for (const part of parts) {
		pixels.set(part.pixels, at * 3072);
		labels.set(part.labels, at);
		at += part.count;
	}
	return { count, pixels, labels, sha256: sha256(Buffer.from(parts.map((part) => part.sha256).join(''))) };
}

/**
 * Reads one split of a data set.
 *
 * @param name  mnist, fashion-mnist, cifar10, cifar100, or imagefolder:DIR
 * @throws UserError when the set is unknown, not here, truncated or corrupt
 */
export function loadDataset(name: string, options: DatasetOptions): LabelledImages {
	if (isImageFolder(name)) return readImageFolder(folderOf(name), options);
	const entry = entryNamed(name);
	const content = entry.format === 'idx' ? readIdx(entry, options) : readCifarFiles(entry, options);
	const { shape, classNames, normalisation } = entry;
	return { name, split: options.split, shape, classNames, normalisation, ...content };
}

/** What can be said of a split without reading its images. */
export type DatasetOutline = Pick<LabelledImages, 'name' | 'shape' | 'classNames' | 'count'>;

/**
 * Shape, classes and number of images; a set known by name need not be here for it.
 *
 * @throws UserError when the set is unknown, or a folder of pictures is missing or broken
 */
export function outlineDataset(name: string, options: DatasetOptions): DatasetOutline {
	if (isImageFolder(name)) {
		const { shape, classNames, count } = openImageFolder(folderOf(name), options);
		return { name: 'imagefolder', shape, classNames, count };
	}
	const { format, shape, classNames, files } = entryNamed(name);
	const pixels = shape[0] * shape[1] * shape[2];
	const headerBytes = format === 'idx' ? 16 : 0;
	const recordBytes = pixels + { idx: 0, cifar10: 1, cifar100: 2 }[format];
	// The label file of an IDX pair holds no images.
	const imageFiles = format === 'idx' ? files[options.split].slice(0, 1) : files[options.split];
	const count = imageFiles.reduce((sum, { bytes }) => sum + (bytes - headerBytes) / recordBytes, 0);
	return { name, shape, classNames, count };
}

/**
 * Some images of a set as numbers, (pixel/255 − mean)/deviation.
 *
 * @param indices  which images, in which order
 * @returns float32 [indices.length, C, H, W]
 */
export function normalisedImages(set: LabelledImages, indices: ArrayLike<number>): Float32Array {
	const size = set.shape[0] * set.shape[1] * set.shape[2];
	const out = new Float32Array(indices.length * size);
	for (let i = 0; i < indices.length; i++) {
		const start = (indices[i] as number) * size;
		normalise(set.pixels.subarray(start, start + size), set, out.subarray(i * size, (i + 1) * size));
	}
	return out;
}

/** The images of a set from first to last, a batch at a time: float32 [n, C, H, W] and their labels. */
export function* normalisedBatches(
	set: LabelledImages,
	batch: number,
): Generator<{ readonly images: Float32Array; readonly labels: Uint16Array; readonly count: number }> {
	for (let start = 0; start < set.count; start += batch) {
		const count = Math.min(batch, set.count - start);
		const indices = Uint32Array.from({ length: count }, (_, index) => start + index);
		yield { images: normalisedImages(set, indices), labels: set.labels.slice(start, start + count), count };
	}
}

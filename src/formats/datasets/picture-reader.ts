import { builtProgram } from '../../platform/node/package.ts';
import type { RangeReader } from '../range-reader.ts';
import { rangeReader } from '../reader-threads.ts';
import type { ImageFolder } from './folder.ts';
import { readPictures } from './read-pictures.ts';

/**
 * Reads a folder's pictures on request, float32 [end − start, C, H, W]; threads start with the first one.
 *
 * @param threads  0: pictures are read on the calling thread
 * @param program  the threads' compiled program
 */
export function pictureReader(
	folder: ImageFolder,
	threads: number,
	program: URL = builtProgram('formats/datasets/picture-worker'),
): RangeReader {
	const { shape, normalisation, fit, files } = folder;
	const reading = {
		what: 'pictures',
		requestOf: (start: number, end: number) => ({
			shape,
			normalisation,
			fit,
			paths: files.slice(start, end).map(({ path }) => path),
		}),
		read: readPictures,
	};
	return rangeReader(reading, threads, program);
}

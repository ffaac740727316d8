import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import {
	imageFolderHash,
	loadDataset,
	normalisedImages,
	openImageFolder,
	pictureReader,
} from '../../../src/formats/datasets/index.ts';
import type { RangeReader } from '../../../src/formats/range-reader.ts';
import { readerThreads } from '../../../src/formats/reader-threads.ts';
import { builtFile } from '../../support/built-cli.ts';
import { writePictures } from '../../support/pictures.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-reader-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const nowhere = pathToFileURL(join(folder, 'no-such-program.js'));
const program = (): Promise<URL> => builtFile('formats/datasets/picture-worker.js');

/** A thread's program that starts and then does this with a request. */
function programThat(name: string, does: string): URL {
	const file = join(folder, `${name}.mjs`);
	writeFileSync(
		file,
		`import { parentPort } from 'node:worker_threads'; parentPort.on('message', ({ id, request }) => { ${does} });`,
	);
	return pathToFileURL(file);
}

test('pictures read by threads, or here, are those of the set read whole, whatever the ranges', async () => {
	for (const name of [writePictures(join(folder, 'alike'), 23, 12, 9), `${writePictures(join(folder, 'scaled'), 9, 20, 14)}@8`]) {
		const set = loadDataset(`imagefolder:${name}`, { split: 'test' });
		const opened = openImageFolder(name, { split: 'test' });
		expect(await imageFolderHash(opened)).toBe(set.sha256);
		expect([opened.count, opened.shape, opened.labels]).toEqual([set.count, set.shape, set.labels]);
		for (const reader of [
			pictureReader(opened, 3, await program()),
			pictureReader(opened, 3, nowhere),
			pictureReader(opened, 0),
		]) {
			const ranges = [[0, 1] as const, [0, 9] as const, [8, 9] as const, [3, 8] as const, [0, set.count] as const];
			// All asked for before any is awaited: answers must not be exchanged.
			const found = await Promise.all(ranges.map(([start, end]) => reader.read(start, end)));
			for (const [at, [start, end]] of ranges.entries())
				expect(found[at]).toEqual(
					normalisedImages(
						set,
						Array.from({ length: end - start }, (_, index) => start + index),
					),
				);
			reader.close();
		}
	}
});

test('a picture that is damaged or has another size is named when it is reached, and the others are still read', async () => {
	const place = writePictures(join(folder, 'damaged'), 6, 8, 8);
	const opened = openImageFolder(place, { split: 'test' });
	truncateSync(opened.files[4]?.path ?? '', 30);
	for (const reader of [pictureReader(opened, 3, await program()), pictureReader(opened, 3, nowhere), pictureReader(opened, 0)]) {
		await expect(reader.read(3, 6)).rejects.toThrow(/0004\.png is not a PNG that can be read \(.*\)\. Replace the picture/);
		expect(await reader.read(5, 6)).toHaveLength(192);
		reader.close();
	}
	rmSync(opened.files[4]?.path ?? '');
	await expect(imageFolderHash(opened)).rejects.toThrow(/0004\.png cannot be read: ENOENT/);
	const unlike = writePictures(join(folder, 'unlike'), 2, 8, 8);
	const other = openImageFolder(writePictures(join(folder, 'other'), 1, 4, 8), { split: 'test' });
	const mixed = { ...openImageFolder(unlike, { split: 'test' }), files: other.files };
	await expect(pictureReader(mixed, 1, await program()).read(0, 1)).rejects.toThrow(/is 4x8; .* is 8x8, and all must be alike/);
});

test('threads that fail, end or are closed answer what was asked of them with an error, never with silence', async () => {
	const opened = openImageFolder(writePictures(join(folder, 'few'), 4, 8, 8), { split: 'test' });
	const failing: readonly (readonly [URL, RegExp])[] = [
		[programThat('throws', 'throw new Error("out of luck");'), /the thread that reads pictures failed: out of luck\. Run/],
		[programThat('exits', 'process.exit(3);'), /the thread that reads pictures failed: it ended with code 3\. Run/],
	];
	for (const [file, sentence] of failing) {
		const reader = pictureReader(opened, 2, file);
		await expect(reader.read(0, 4)).rejects.toThrow(sentence);
		// And so is what is asked of it afterwards.
		await expect(reader.read(0, 4)).rejects.toThrow(sentence);
		reader.close();
	}
	const waiting: RangeReader = pictureReader(opened, 2, programThat('waits', ''));
	const asked = waiting.read(0, 4);
	waiting.close();
	await expect(asked).rejects.toThrow(/the thread that reads pictures failed: it ended with code \d/);
});

test('threads that read are those the computing leaves over, or a few of many cores', () => {
	expect([1, 2, 3, 4, 8, 64].map((cores) => readerThreads(undefined, cores))).toEqual([0, 0, 0, 1, 2, 4]);
	expect([1, 2, 6, 7, 8, 9].map((computing) => readerThreads(computing, 8))).toEqual([4, 4, 2, 1, 2, 2]);
	expect([readerThreads(1, 2), readerThreads(2, 2)]).toEqual([1, 0]);
});

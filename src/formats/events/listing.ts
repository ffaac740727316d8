/** Where recordings lie: a file, a folder of them, or a folder of classes with or without train and test. */
import { sha256 } from '#platform/digest';
import { files } from '#platform/files';
import { extname, join } from '#platform/paths';
import { hasEventEnding } from './formats.ts';
import type { Span } from './frames.ts';
import { labelFileOf, readLabelFile, trialsOf } from './gesture.ts';
import * as messages from './messages.ts';
import { openBytes, openEventFile } from './open.ts';

/** One recording of a set. */
export interface EventSample {
	readonly path: string;
	/** Which of the file's recordings. */
	readonly index: number;
	readonly span: Span;
}

export interface EventSet {
	readonly name: string;
	readonly samples: readonly EventSample[];
	/** Class of each sample; null where nothing says it. */
	readonly labels: readonly number[] | null;
	readonly classNames: readonly string[] | null;
}

const foldersIn = (folder: string): string[] =>
	files
		.list(folder)
		.filter((name) => !name.startsWith('.') && files.isFolder(join(folder, name)))
		.sort();
const recordingsIn = (folder: string): string[] =>
	files
		.list(folder)
		.filter((name) => hasEventEnding(name) && !files.isFolder(join(folder, name)))
		.sort();

/**
 * Lists the recordings of a file or folder; of a set with train and test parts, the given one. Classes are numbered by name.
 *
 * @throws UserError if there are none, or the label file beside one is damaged
 */
export function listEvents(path: string, split: 'train' | 'test' = 'test'): EventSet {
	if (!files.isFolder(path)) return withLabels(path, samplesOf(path), null);
	const part = partOf(path, split);
	const place = part?.chosen ?? path;
	// Classes are numbered by the training folder, so that a class without test recordings does not shift the others.
	const classNames = foldersIn(part?.train ?? place);
	if (classNames.length > 0 && recordingsIn(place).length === 0) {
		const found = foldersIn(place).flatMap((name) => {
			const label = classNames.indexOf(name);
			if (label < 0) throw messages.unknownClass(join(place, name), part?.train ?? place);
			return recordingsIn(join(place, name)).map((file) => ({ file: join(place, name, file), label }));
		});
		if (found.length === 0) throw messages.noRecordings(place);
		const samples = found.flatMap(({ file, label }) => samplesOf(file).map((sample) => ({ ...sample, label })));
		return withLabels(path, samples, classNames);
	}
	const recordings = trialsOf(place, split) ?? filesOfSplit(recordingsIn(place), split).map((name) => join(place, name));
	if (recordings.length === 0) throw messages.noRecordings(place);
	return withLabels(
		path,
		recordings.flatMap((file) => samplesOf(file)),
		null,
	);
}

type Labelled = EventSample & { readonly label: number | null };

function withLabels(name: string, samples: readonly Labelled[], classNames: readonly string[] | null): EventSet {
	const without = samples.find(({ label }) => label === null);
	if (without && samples.some(({ label }) => label !== null)) throw messages.labelsMissing(without.path);
	return {
		name,
		samples: samples.map(({ path, index, span }) => ({ path, index, span })),
		labels: without || samples.length === 0 ? null : samples.map(({ label }) => label as number),
		classNames,
	};
}

const many = new Set(['.h5', '.hdf5']);

function samplesOf(path: string): Labelled[] {
	const labelFile = labelFileOf(path);
	if (labelFile !== null) return readLabelFile(labelFile).map(({ label, span }) => ({ path, index: 0, span, label }));
	// Whatever else a folder holds is opened when it is read: only these hold more than one recording.
	if (!many.has(extname(path).toLowerCase())) {
		if (!files.exists(path)) openBytes(path);
		return [{ path, index: 0, span: null, label: null }];
	}
	const { count, labels, close } = openEventFile(path);
	close();
	return Array.from({ length: count }, (_, index) => ({
		path,
		index,
		span: null,
		label: labels ? (labels[index] as number) : null,
	}));
}

/** Train and test folders, whatever their case. */
function partOf(folder: string, split: 'train' | 'test'): { readonly train: string; readonly chosen: string } | null {
	const folders = foldersIn(folder);
	const find = (...names: readonly string[]): string | undefined =>
		names.flatMap((name) => folders.filter((one) => one.toLowerCase() === name))[0];
	const [train, test] = [find('train'), find('test', 'val')];
	if (train === undefined && test === undefined) return null;
	if (train === undefined || test === undefined)
		throw messages.halfSplit(folder, train ?? test ?? '', train ? 'test/ or val/' : 'train/');
	return { train: join(folder, train), chosen: join(folder, split === 'train' ? train : test) };
}

/** Of files such as shd_train.h5 and shd_test.h5 those of the split; all where names do not tell. */
function filesOfSplit(names: readonly string[], split: 'train' | 'test'): readonly string[] {
	const of = (part: string): string[] => names.filter((name) => name.toLowerCase().includes(part));
	const [train, test] = [of('train'), of('test')];
	if (train.length === 0 || test.length === 0) return names;
	return split === 'train' ? train : test;
}

const pieceBytes = 2 ** 22;

/** SHA-256 over classes, spans and the bytes of every file: what decides the events of a set. */
export async function eventSetHash(set: EventSet): Promise<string> {
	const hash = sha256().update(JSON.stringify([set.labels, set.samples.map(({ index, span }) => [index, span])]));
	for (const path of new Set(set.samples.map((sample) => sample.path))) {
		const file = openBytes(path);
		try {
			for (let at = 0; at < file.size; at += pieceBytes) hash.update(file.read(at, Math.min(pieceBytes, file.size - at)));
		} finally {
			file.close();
		}
		await new Promise((resolve) => setTimeout(resolve));
	}
	return hash.hex();
}

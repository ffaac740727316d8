/**
 * What lies beside the recordings of DVS128 Gesture: for each a CSV of class (from 1 on), start and end in µs, and two lists of
 * trials, for training and for testing.
 *
 * @see https://research.ibm.com/interactive/dvsgesture/
 */
import { files } from '#platform/files';
import { basename, join } from '#platform/paths';
import type { Span } from './frames.ts';
import * as messages from './messages.ts';

const longestText = 2 ** 24;
const linesOf = (path: string): string[] =>
	new TextDecoder()
		.decode(files.read(path, { largest: longestText }))
		.split(/\r?\n/)
		.map((line) => line.trim());

/** The label file of a recording; null where there is none. */
export function labelFileOf(path: string): string | null {
	const file = path.replace(/\.aedat$/i, '_labels.csv');
	return file !== path && files.exists(file) ? file : null;
}

/** @throws UserError naming the line that is no class, start and end */
export function readLabelFile(path: string): { readonly label: number; readonly span: NonNullable<Span> }[] {
	const [heading = '', ...lines] = linesOf(path);
	if (!/^class\s*,/i.test(heading)) throw messages.labelLine(path, 1, heading, 'class,startTime_usec,endTime_usec');
	const rows = lines.flatMap((line, at) => {
		if (line === '') return [];
		const numbers = line.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
		const [one = Number.NaN, from = Number.NaN, to = Number.NaN] = numbers;
		if (numbers.length !== 3 || !numbers.every(Number.isSafeInteger) || one < 1 || from < 0 || to <= from)
			throw messages.labelLine(path, at + 2, line, 'a class from 1 on, a start and a later end in µs, such as 3,1000,2000');
		return [{ label: one - 1, span: { from, to } }];
	});
	if (rows.length === 0) throw messages.labelLine(path, 2, '', 'at least one gesture');
	return rows;
}

/**
 * Recordings of a split where the folder holds the lists of trials; null where it does not.
 *
 * @throws UserError naming a recording that is listed and not there
 */
export function trialsOf(folder: string, split: 'train' | 'test'): readonly string[] | null {
	const list = join(folder, `trials_to_${split}.txt`);
	if (!files.exists(list)) return null;
	return linesOf(list)
		.filter((line) => line !== '')
		.map((name) => {
			const path = join(folder, basename(name));
			if (!files.exists(path)) throw messages.trialMissing(list, name);
			return path;
		});
}

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { modelFileOf } from '../formats/model-folder.ts';
import type { OpenedFile } from '../serve/server.ts';

/**
 * What the page opens at once. Without data a model is run on the samples beside it, as `analyze` does; the page knows files by their
 * last names, so models of several folders wait for theirs.
 */
export function openedFiles(
	named: readonly string[],
	data: string | undefined,
	labels: string | undefined,
): readonly OpenedFile[] {
	const files = named.map((file) => modelFileOf(file));
	const folders = [...new Set(files.filter((file) => !/\.(ya?ml|analysis\.json)$/i.test(file)).map((file) => dirname(file)))];
	const [beside = ''] = folders.map((folder) => join(folder, 'samples.npz'));
	const found = data ?? (folders.length === 1 && existsSync(beside) ? beside : undefined);
	return [
		...files.map((file) => ({ file })),
		...(found === undefined ? [] : [dataFile(found)]),
		...(labels === undefined ? [] : [{ file: labels, kind: 'labels' as const }]),
	];
}

/** Recordings are told from arrays by the page, with or without the word that `analyze` takes before them. */
const dataFile = (data: string): OpenedFile =>
	/\.np[yz]$/i.test(data) && !data.startsWith('events:') ? { file: data, kind: 'data' } : { file: data.replace(/^events:/, '') };

import { UserError } from '../../src/errors.ts';
import type { Dropped } from './kinds.ts';

/** Files of a drop, folders opened, each under the path it has in the drop. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
	if (entries.every((entry) => entry === null)) return [...transfer.files].map(named);
	const found: Dropped[] = [];
	for (const entry of entries) if (entry) await collect(entry, '', found);
	return found;
}

export const named = (file: File): Dropped => ({ path: file.webkitRelativePath || file.name, file });

/** The largest set of recordings, N-MNIST's training part, has 60,000. */
const mostFiles = 100_000;

async function collect(entry: FileSystemEntry, folder: string, found: Dropped[]): Promise<void> {
	const path = folder + entry.name;
	if (found.length >= mostFiles)
		throw new UserError(`${path}: more than ${mostFiles} files were dropped at once; drop a folder of fewer.`);
	if (entry.isFile) {
		const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
		found.push({ path, file });
		return;
	}
	const reader = (entry as FileSystemDirectoryEntry).createReader();
	for (;;) {
		const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
		if (batch.length === 0) return;
		for (const inner of batch) await collect(inner, `${path}/`, found);
	}
}

import { looksLikeAnalysis } from '../../src/reporting/parse-analysis.ts';

export interface Dropped {
	readonly path: string;
	readonly file: File;
	/** What it is for, where someone said so. */
	readonly kind?: Kind;
}

export type Kind = 'model' | 'data' | 'events' | 'labels' | 'profile' | 'result' | 'other';

/** Whether a name is one of labels. */
export const isLabelName = (path: string): boolean => labelName.test(path.split('/').at(-1) ?? '');
const labelName = /(^|[-_. /])(labels?|targets?|y)([-_.0-9]|$)/i;

/** What a file is for, by its name and, for JSON, by what it holds. */
export async function kindOf({ path, file, kind }: Dropped): Promise<Kind> {
	if (kind) return kind;
	const name = path.toLowerCase();
	if (name.endsWith('.json')) return kindOfJson(file, /(^|\/)model\.json$/.test(name));
	if (/\.ya?ml$/.test(name)) return 'profile';
	if (name.endsWith('.npy') && (await isTable(file))) return 'events';
	if (name.endsWith('.npy')) return (await hasOneAxis(file)) || isLabelName(name) ? 'labels' : 'data';
	if (name.endsWith('.npz')) return isLabelName(name) ? 'labels' : 'data';
	if (/\.(aedat[234]?|raw|dat|h5|hdf5)$/.test(name)) return 'events';
	if (/\.(bin|data|weight|weights)$/.test(name) || !/\.[a-z0-9]+$/.test(name)) return 'other';
	// What no reader knows is opened as a model too: the reader says best what it is, and what to do.
	return 'model';
}

/** A table of events has named columns; samples are plain numbers. */
const isTable = async (file: File): Promise<boolean> => /'descr': \[/.test(await headerOf(file));

const headerOf = async (file: File): Promise<string> => new TextDecoder('latin1').decode(await file.slice(0, 512).arrayBuffer());

/** Labels have one axis; samples have two or more. */
const hasOneAxis = async (file: File): Promise<boolean> => /'shape': \(\d+,?\)/.test(await headerOf(file));

const largestResult = 2 ** 28;

async function kindOfJson(file: File, namedModel: boolean): Promise<Kind> {
	if (file.size > largestResult) return 'model';
	try {
		const value: unknown = JSON.parse(await file.text());
		if (looksLikeAnalysis(value)) return 'result';
		if (typeof value !== 'object' || value === null) return 'result';
		return 'modelTopology' in value || 'weightsManifest' in value ? 'model' : 'result';
	} catch {
		// The reader of its format says best where it breaks off.
		return namedModel ? 'model' : 'result';
	}
}

/** Files of a drop, folders opened, each under the path it has in the drop. */
export async function droppedFiles(transfer: DataTransfer): Promise<Dropped[]> {
	const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.() ?? null);
	if (entries.every((entry) => entry === null)) return [...transfer.files].map(named);
	const found: Dropped[] = [];
	for (const entry of entries) if (entry) await collect(entry, '', found);
	return found;
}

export const named = (file: File): Dropped => ({ path: file.webkitRelativePath || file.name, file });

const mostFiles = 2000;

async function collect(entry: FileSystemEntry, folder: string, found: Dropped[]): Promise<void> {
	const path = folder + entry.name;
	if (found.length >= mostFiles) return;
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

import { looksLikeAnalysis } from '../../src/reporting/parse-analysis.ts';

export interface Dropped {
	readonly path: string;
	readonly file: File;
	/** What it is for, where someone said so. */
	readonly kind?: Kind;
}

export type Kind = 'model' | 'data' | 'events' | 'labels' | 'profile' | 'result' | 'list' | 'other';

/** Whether a name is one of labels. */
export const isLabelName = (path: string): boolean => labelName.test(path.split('/').at(-1) ?? '');
const labelName = /(^|[-_. /])(labels?|targets?|y)([-_.0-9]|$)/i;

/** What a file is for, by its name and, for JSON, by what it holds. */
async function kindOf({ path, file, kind }: Dropped): Promise<Kind> {
	if (kind) return kind;
	const name = path.toLowerCase();
	if (name.endsWith('.json')) return kindOfJson(file, /(^|\/)model\.json$/.test(name));
	if (/\.ya?ml$/.test(name)) return 'profile';
	if (/\.[ct]sv$/.test(name)) return 'list';
	if (name.endsWith('.npy') && (await isTable(file))) return 'events';
	if (name.endsWith('.npy')) return (await hasOneAxis(file)) || isLabelName(name) ? 'labels' : 'data';
	if (name.endsWith('.npz')) return isLabelName(name) ? 'labels' : 'data';
	if (/\.(aedat[234]?|raw|dat|h5|hdf5)$/.test(name)) return 'events';
	if (/\.(bin|data|weight|weights)$/.test(name) || !/\.[a-z0-9]+$/.test(name)) return 'other';
	// What no reader knows is opened as a model too: the reader says best what it is, and what to do.
	return 'model';
}

/** What each file of a drop is for. */
export async function kindsOf(dropped: readonly Dropped[]): Promise<Map<Dropped, Kind>> {
	const kinds = new Map<Dropped, Kind>();
	for (const entry of dropped) kinds.set(entry, await kindOf(entry));
	// Recordings of N-MNIST are .bin files; in or below a model's folder they are its weights. What came loose tells by its bytes.
	const models = dropped.filter((entry) => kinds.get(entry) === 'model').map(({ path }) => folderOf(path));
	for (const entry of dropped) {
		if (!/\.bin$/i.test(entry.path) || entry.file.size % 5 !== 0) continue;
		const folder = folderOf(entry.path);
		const weights = models.some((model) => model !== '' && `${folder}/`.startsWith(`${model}/`));
		if (folder === '' ? await looksRecorded(entry.file) : !weights) kinds.set(entry, 'events');
	}
	return kinds;
}

/** Enough to tell weights from a recording. */
const judgedEvents = 400;

/** Events of five bytes, column, row, polarity and 23 bits of time, go on in time; rows of 240 only wind the clock. Numbers do neither. */
async function looksRecorded(file: File): Promise<boolean> {
	const bytes = new Uint8Array(await file.slice(0, 5 * judgedEvents).arrayBuffer());
	let [first, last] = [-1, -1];
	for (let at = 0; at + 4 < bytes.length; at += 5) {
		const [, row = 0, high = 0, middle = 0, low = 0] = bytes.subarray(at, at + 5);
		if (row === 240) continue;
		const time = ((high & 127) << 16) | (middle << 8) | low;
		if (time < last) return false;
		if (first < 0) first = time;
		last = time;
	}
	return last > first;
}

const folderOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')));

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

/** A labelled set of images in memory: bytes as the official files hold them, channel first. */
export interface LabelledImages {
	readonly name: string;
	readonly split: 'train' | 'test';
	readonly count: number;
	/** [channels, height, width] */
	readonly shape: readonly [number, number, number];
	/** count × C × H × W bytes, row-major. */
	readonly pixels: Uint8Array;
	readonly labels: Uint16Array;
	readonly classNames: readonly string[];
	/** How pixels become numbers: (pixel/255 − mean[c]) / deviation[c]. */
	readonly normalisation: Normalisation;
	/** SHA-256 over the split's files, in order: what a record of a run cites. */
	readonly sha256: string;
}

export interface Normalisation {
	readonly mean: readonly number[];
	readonly deviation: readonly number[];
}

export interface DatasetOptions {
	readonly split: 'train' | 'test';
	/** Folder that holds a folder for each set; default: the cache folder. */
	readonly dataDir?: string | undefined;
}

/** Sets of recordings known by name. Nobody may pass them on: users put them into a folder by hand. */
import type { Sensor } from './types.ts';

export interface EventSetEntry {
	readonly name: string;
	readonly title: string;
	/** Where its authors give it. */
	readonly place: string;
	/** What lies in the folder. */
	readonly layout: string;
	readonly sensor: Sensor;
	/** Recordings of each part, where all copies have the same; of a set without parts, all of them. */
	readonly counts: { readonly train?: number; readonly test?: number; readonly all?: number };
}

export const eventSets: readonly EventSetEntry[] = [
	{
		name: 'nmnist',
		title: 'N-MNIST, digits seen by a moving camera',
		place: 'https://www.garrickorchard.com/datasets/n-mnist',
		layout: 'Train/ and Test/ with a folder for each digit',
		sensor: { width: 34, height: 34 },
		counts: { train: 60000, test: 10000 },
	},
	{
		name: 'ncaltech101',
		title: 'N-Caltech101, photographs seen by a moving camera',
		place: 'https://www.garrickorchard.com/datasets/n-caltech101',
		layout: 'a folder for each class',
		sensor: { width: 240, height: 180 },
		counts: {},
	},
	{
		name: 'dvs-gesture',
		title: 'DVS128 Gesture, hands and arms',
		place: 'https://research.ibm.com/interactive/dvsgesture/',
		layout: 'user*.aedat, their *_labels.csv, trials_to_train.txt and trials_to_test.txt',
		sensor: { width: 128, height: 128 },
		counts: { train: 1176, test: 288 },
	},
	{
		name: 'cifar10-dvs',
		title: 'CIFAR10-DVS, moving photographs',
		place: 'https://figshare.com/articles/dataset/CIFAR10-DVS_New/4724671',
		layout: 'a folder for each class',
		sensor: { width: 128, height: 128 },
		counts: { all: 10000 },
	},
	{
		name: 'ncars',
		title: 'N-CARS, cars and background',
		place: 'https://www.prophesee.ai/dataset-n-cars/',
		layout: 'train/ and test/ with the folders background and cars',
		sensor: { width: 120, height: 100 },
		counts: { train: 15422, test: 8607 },
	},
	{
		name: 'shd',
		title: 'SHD, spoken digits as spikes of a cochlea',
		place: 'https://zenkelab.org/datasets/',
		layout: 'shd_train.h5 and shd_test.h5',
		sensor: { width: 700, height: 1 },
		counts: { train: 8156, test: 2264 },
	},
	{
		name: 'ssc',
		title: 'SSC, spoken commands as spikes of a cochlea',
		place: 'https://zenkelab.org/datasets/',
		layout: 'ssc_train.h5 and ssc_test.h5',
		sensor: { width: 700, height: 1 },
		counts: { train: 75466, test: 20382 },
	},
];

export const eventSetNamed = (name: string): EventSetEntry | undefined => eventSets.find((entry) => entry.name === name);

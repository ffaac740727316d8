/**
 * SHD and SSC: HDF5 with spikes/times (seconds) and spikes/units, rows of unequal length, and labels.
 *
 * @see https://zenkelab.org/resources/spiking-heidelberg-datasets-shd/
 */

import type { Source } from '../nir/hdf5/cursor.ts';
import { readDataset, readSequences } from '../nir/hdf5/dataset.ts';
import { findHdf5, hasHdf5Signature } from '../nir/hdf5/read.ts';
import * as messages from './messages.ts';
import type { ByteFile, EventFormat } from './types.ts';

export const spikesHdf5: EventFormat = {
	title: 'SHD and SSC (.h5)',
	endings: ['.h5', '.hdf5'],
	matches: (start) => hasHdf5Signature(start),
	open(file) {
		const source = sourceOf(file);
		const rows = (path: string) => {
			const object = findHdf5(source, path);
			return object && readSequences(() => sourceOf(file), source, object, path);
		};
		const [times, units] = [rows('spikes/times'), rows('spikes/units')];
		if (!times || !units) throw messages.noSpikes(file.path);
		const labelObject = findHdf5(source, 'labels');
		const labels = labelObject ? (readDataset(source, labelObject, 'labels')?.values ?? null) : null;
		if (times.count !== units.count || (labels && labels.length !== times.count))
			throw messages.unequalSpikes(file.path, times.count, units.count, labels?.length ?? null);
		return {
			count: times.count,
			labels: labels && Array.from<number | string, number>(labels, (label, at) => labelOf(file.path, label, at)),
			recording: (index) => ({
				kind: 'units',
				sensor: null,
				notes: [],
				visit(visitor) {
					const [seconds, unit] = [times.read(index), units.read(index)];
					if (seconds.length !== unit.length) throw messages.unequalRow(file.path, index, seconds.length, unit.length);
					for (let at = 0; at < seconds.length; at += 1) {
						const number = unit[at] as number;
						if (!Number.isInteger(number) || number < 0) throw messages.impossibleValue(file.path, at + 1, 'unit', number);
						// Whole microseconds: no bin starts between two of them.
						if (!visitor(Math.floor((seconds[at] as number) * 1e6), number, 0, 0)) return;
					}
				},
			}),
		};
	},
};

function labelOf(path: string, label: number | string, at: number): number {
	if (typeof label === 'number' && Number.isSafeInteger(label) && label >= 0) return label;
	throw messages.damaged(path, `the label of recording ${at} is ${label}`);
}

/** A byte of deflated data expands to at most this many. */
const largestExpansion = 1032;
const largestContent = 2 ** 31;

const sourceOf = ({ path, size, read }: ByteFile): Source => ({
	file: path,
	size,
	read,
	base: 0,
	budget: { visits: size + 1000, decodedBytes: Math.min(largestContent, size * largestExpansion) },
});

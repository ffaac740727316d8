import type { ReuseCounts } from '../../activity/activity.ts';
import { noReuseCounts } from '../../activity/counts.ts';
import type { SpikeRows } from './rows.ts';
import { ones, spikesLeft, tileColumns, tileRows } from './tile.ts';

/** Where a layer's input is nonzero at one timestep, for all samples of a batch: [samples, elements], 2 where it is negative. */
export interface TimedMask {
	readonly timestep: number;
	readonly mask: Uint8Array;
}

/** Counts of one layer that grow sample by sample, by timestep. */
export type ReuseTally = { -readonly [Name in keyof ReuseCounts]: number };

export const noReuse = (): ReuseTally => ({ ...noReuseCounts });

/**
 * Adds one sample of a layer.
 *
 * @param masks every use of the weights, in the order of timesteps
 * @param elements size of the layer's input
 * @param repeats whether equal rows have equal products: spikes of one height and sign; without it no row is taken over
 */
export function addSample(
	matrix: SpikeRows,
	masks: readonly TimedMask[],
	sample: number,
	elements: number,
	repeats: boolean,
	into: readonly ReuseTally[],
): void {
	const { groups, rows, channels, taps, outputs, elements: read, channelStride } = matrix;
	const uses = masks.length;
	const lines = rows * uses;
	const columns = channels * taps;
	const base = sample * elements;
	const values = new Uint16Array(lines);
	const left = new Uint8Array(lines);
	const touched = new Uint8Array(lines);
	const used = new Uint8Array(into.length);
	for (let group = 0; group < groups; group += 1) {
		touched.fill(0);
		for (let first = 0; first < columns; first += tileColumns) {
			values.fill(0);
			const width = Math.min(tileColumns, columns - first);
			for (let bit = 0; bit < width; bit += 1) {
				const column = first + bit;
				const tap = column % taps;
				const offset = base + (group * channels + (column - tap) / taps) * channelStride;
				used.fill(0);
				for (let use = 0; use < uses; use += 1) {
					const { mask, timestep } = masks[use] as TimedMask;
					let any = 0;
					for (let row = 0; row < rows; row += 1) {
						const element = read[row * taps + tap] as number;
						if (element < 0 || mask[offset + element] === 0) continue;
						values[row * uses + use] = (values[row * uses + use] as number) | (1 << bit);
						any = 1;
					}
					if (any === 1) used[timestep] = 1;
				}
				for (let timestep = 0; timestep < used.length; timestep += 1)
					if (used[timestep] === 1) (into[timestep] as ReuseTally).uniqueWeights += outputs;
			}
			if (repeats)
				for (let from = 0; from < lines; from += tileRows) spikesLeft(values, from, Math.min(lines, from + tileRows), left);
			for (let line = 0; line < lines; line += 1) {
				const value = values[line] as number;
				if (value === 0) continue;
				const tally = into[(masks[line % uses] as TimedMask).timestep] as ReuseTally;
				const spikes = ones[value] as number;
				const kept = repeats ? (left[line] as number) : spikes;
				tally.rowSpikes += spikes;
				tally.rowSpikesLeft += kept;
				tally.productEvents += kept * outputs;
				touched[line] = 1;
			}
		}
		for (let line = 0; line < lines; line += 1) {
			const tally = into[(masks[line % uses] as TimedMask).timestep] as ReuseTally;
			tally.rowEntries += columns;
			if (touched[line] === 1) tally.partialSums += outputs;
		}
	}
}

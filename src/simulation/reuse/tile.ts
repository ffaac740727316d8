/**
 * Product sparsity as Prosperity defines it (HPCA 2025): within a tile of rows, a row that contains all spikes of another
 * one takes over the other's partial product and adds its own remaining spikes only.
 */

/** Rows and columns of a tile: Prosperity's. Rows are output positions, each at all timesteps before the next. */
export const tileRows = 256;
export const tileColumns = 16;

/** Number of ones in each 16-bit number. */
export const ones: Uint8Array = (() => {
	const counts = new Uint8Array(2 ** tileColumns);
	for (let value = 1; value < counts.length; value += 1) counts[value] = (counts[value >> 1] as number) + (value & 1);
	return counts;
})();

const lastSeen = new Int32Array(2 ** tileColumns);
let tile = 0;
const distinct = new Uint16Array(tileRows);

/**
 * Spikes of each row that are left when the largest other row it contains is taken over. A row of one spike is left as it
 * is; of equal rows the first one does the work, and its repetitions nothing.
 *
 * @param rows rows of a tile's columns as bits; `from` to `to` (at most {@link tileRows}) are one tile
 * @param left receives the spikes left, by row
 */
export function spikesLeft(rows: Uint16Array, from: number, to: number, left: Uint8Array): void {
	tile += 1;
	let count = 0;
	for (let row = from; row < to; row += 1) {
		const value = rows[row] as number;
		if (value === 0) left[row] = 0;
		else if (lastSeen[value] === tile) left[row] = (ones[value] as number) < 2 ? 1 : 0;
		else {
			lastSeen[value] = tile;
			distinct[count] = value;
			count += 1;
			// Marks a first occurrence; a row never has that many spikes.
			left[row] = 255;
		}
	}
	for (let row = from; row < to; row += 1) {
		if (left[row] !== 255) continue;
		const value = rows[row] as number;
		const spikes = ones[value] as number;
		let taken = 0;
		if (spikes >= 2) {
			for (let other = 0; other < count; other += 1) {
				const candidate = distinct[other] as number;
				if ((candidate & value) !== candidate || candidate === value) continue;
				const size = ones[candidate] as number;
				if (size > taken) taken = size;
			}
		}
		left[row] = spikes - taken;
	}
}

import type { ChipParameters } from './parameters.ts';

/** A core is numbered tile × coresPerTile + its place in the tile. */
function tileOfCore(chip: ChipParameters, core: number): number {
	return Math.floor(core / chip.mesh.coresPerTile);
}

/** A core as networks and reports write it: "tile.core". */
export function coreLabel(chip: ChipParameters, core: number): string {
	return `${Math.floor(core / chip.mesh.coresPerTile)}.${core % chip.mesh.coresPerTile}`;
}

/** Column of a tile: tiles are numbered south to north, then column by column eastwards. */
function columnOfTile(chip: ChipParameters, tile: number): number {
	return Math.floor(tile / chip.mesh.height);
}

/** Row of a tile, counted northwards. */
function rowOfTile(chip: ChipParameters, tile: number): number {
	return tile % chip.mesh.height;
}

/** Columns eastwards (negative: westwards) a packet travels between two cores. */
export function columnsBetween(chip: ChipParameters, from: number, to: number): number {
	return columnOfTile(chip, tileOfCore(chip, to)) - columnOfTile(chip, tileOfCore(chip, from));
}

/** Rows northwards (negative: southwards) a packet travels between two cores. */
export function rowsBetween(chip: ChipParameters, from: number, to: number): number {
	return rowOfTile(chip, tileOfCore(chip, to)) - rowOfTile(chip, tileOfCore(chip, from));
}

/** Hops of a packet between two cores under dimension-order routing. */
export function hopsBetween(chip: ChipParameters, from: number, to: number): number {
	return Math.abs(columnsBetween(chip, from, to)) + Math.abs(rowsBetween(chip, from, to));
}

/** Links leaving or entering a tile: one a direction, and the output link of each core. */
export function linksPerTile(chip: ChipParameters): number {
	return 4 + chip.mesh.coresPerTile;
}

/**
 * The links a packet occupies: the output link of its core, then for every tile it enters the link in the
 * direction of travel, columns first, then rows; hops + 1 in all.
 *
 * @param links receives the link numbers
 * @returns how many links were written
 */
export function routeLinks(chip: ChipParameters, from: number, to: number, links: Int32Array): number {
	const { height, coresPerTile } = chip.mesh;
	const perTile = 4 + coresPerTile;
	const source = Math.floor(from / coresPerTile);
	let column = Math.floor(source / height);
	let row = source % height;
	const target = Math.floor(to / coresPerTile);
	const lastColumn = Math.floor(target / height);
	const lastRow = target % height;
	links[0] = source * perTile + 4 + (from % coresPerTile);
	let count = 1;
	while (column !== lastColumn) {
		const east = column < lastColumn;
		column += east ? 1 : -1;
		links[count++] = (column * height + row) * perTile + (east ? 0 : 1);
	}
	while (row !== lastRow) {
		const north = row < lastRow;
		row += north ? 1 : -1;
		links[count++] = (column * height + row) * perTile + (north ? 2 : 3);
	}
	return count;
}

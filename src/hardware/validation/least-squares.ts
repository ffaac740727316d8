/**
 * The x ≥ 0 that makes A x + b closest to y, by least squares of relative errors ((A x + b)ᵢ − yᵢ) ÷ yᵢ. A coefficient
 * that would be negative is 0, and the others are found without it.
 *
 * @param rows  of A, all of one length
 * @returns null where the rows cannot tell the coefficients apart
 */
export function fitNonNegative(
	rows: readonly (readonly number[])[],
	offsets: readonly number[],
	targets: readonly number[],
): readonly number[] | null {
	const width = rows[0]?.length ?? 0;
	let free = Array.from({ length: width }, (_, index) => index);
	for (;;) {
		const found = solve(rows, offsets, targets, free);
		if (found === null) return null;
		const lowest = found.indexOf(Math.min(0, ...found));
		if (lowest < 0) {
			const result = new Array<number>(width).fill(0);
			for (const [position, index] of free.entries()) result[index] = found[position] ?? 0;
			return result;
		}
		free = free.filter((_, position) => position !== lowest);
	}
}

/** Normal equations over the free coefficients, each in a unit of its own size, by Gauss's elimination. */
function solve(
	rows: readonly (readonly number[])[],
	offsets: readonly number[],
	targets: readonly number[],
	free: readonly number[],
): readonly number[] | null {
	if (free.length === 0) return [];
	const relative = rows.map((row, index) => free.map((column) => (row[column] ?? 0) / (targets[index] ?? 1)));
	const wanted = targets.map((target, index) => 1 - (offsets[index] ?? 0) / target);
	const sizes = free.map((_, column) => Math.hypot(...relative.map((row) => row[column] ?? 0)));
	if (sizes.some((size) => size === 0)) return null;
	const product = (left: (row: readonly number[]) => number, right: (row: readonly number[], index: number) => number): number =>
		relative.reduce((sum, row, index) => sum + left(row) * right(row, index), 0);
	const scaled = (column: number) => (row: readonly number[]) => (row[column] ?? 0) / (sizes[column] ?? 1);
	const matrix = free.map((_, i) => [
		...free.map((__, j) => product(scaled(i), scaled(j))),
		product(scaled(i), (_row, index) => wanted[index] ?? 0),
	]);
	const solution = eliminate(matrix);
	return solution?.map((value, column) => value / (sizes[column] ?? 1)) ?? null;
}

/** Solves a square system given with its right side as the last column; null if it is singular. */
function eliminate(matrix: number[][]): number[] | null {
	const size = matrix.length;
	for (let column = 0; column < size; column++) {
		const pivot = matrix.slice(column).reduce((best, row, offset) => {
			const better = Math.abs(row[column] ?? 0) > Math.abs(matrix[best]?.[column] ?? 0);
			return better ? column + offset : best;
		}, column);
		[matrix[column], matrix[pivot]] = [matrix[pivot] as number[], matrix[column] as number[]];
		const lead = matrix[column] as number[];
		// The diagonal starts at 1: what is left of it says how much of the column the others do not explain.
		if (Math.abs(lead[column] ?? 0) < 1e-9) return null;
		for (let row = 0; row < size; row++) {
			if (row === column) continue;
			const other = matrix[row] as number[];
			const factor = (other[column] ?? 0) / (lead[column] ?? 1);
			for (let entry = column; entry <= size; entry++) other[entry] = (other[entry] ?? 0) - factor * (lead[entry] ?? 0);
		}
	}
	return matrix.map((row, index) => (row[size] ?? 0) / (row[index] ?? 1));
}

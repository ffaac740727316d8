/** A function given by points, e.g. the price of an SRAM access by size: SI values, ascending keys. */
export interface Table {
	readonly keys: readonly number[];
	readonly values: readonly number[];
	/** Between two points: straight line, straight line of the logarithms, or the value of the point below. */
	readonly interpolation: Interpolation;
	/** Below the first point: its value, the continued line, or in proportion to the key (a line through zero). */
	readonly below: 'clamp' | 'extrapolate' | 'proportional';
	/** Above the last point: its value, or the continued line. */
	readonly above: 'clamp' | 'extrapolate';
}

export type Interpolation = 'linear' | 'log-log' | 'step';

/** The table's value at a key ≥ 0. */
export function lookUp(table: Table, key: number): number {
	const { keys, values, interpolation } = table;
	const last = keys.length - 1;
	const first = keys[0] ?? 0;
	const end = keys[last] ?? 0;
	if (key < first && table.below !== 'extrapolate') {
		return table.below === 'clamp' ? (values[0] ?? 0) : ((values[0] ?? 0) * key) / first;
	}
	if (key >= end && (table.above === 'clamp' || key === end)) return values[last] ?? 0;
	let index = 0;
	while (index < last - 1 && (keys[index + 1] ?? 0) <= key) index++;
	if (last === 0 || interpolation === 'step') return values[key < first ? 0 : key >= end ? last : index] ?? 0;
	return between(
		key,
		keys[index] ?? 0,
		keys[index + 1] ?? 0,
		values[index] ?? 0,
		values[index + 1] ?? 0,
		interpolation === 'log-log',
	);
}

function between(key: number, x0: number, x1: number, y0: number, y1: number, logarithmic: boolean): number {
	if (!logarithmic) return y0 + ((y1 - y0) * (key - x0)) / (x1 - x0);
	if (key <= 0) return 0;
	return y0 * (y1 / y0) ** (Math.log(key / x0) / Math.log(x1 / x0));
}

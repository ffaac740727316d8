/** The words of a cell, the same in every format a person reads. */

import {
	formatAccuracyPercent,
	formatCompactCount,
	formatCount,
	formatHundredths,
	formatInterval,
	formatPercent,
	formatQuantity,
	formatRatio,
	formatRatioInterval,
	formatSignificant,
	hasSpread,
	noValue,
	type Unit,
} from './numbers.ts';
import { type Cell, type Column, isInterval, type Quantity } from './table.ts';

const units: Partial<Record<Quantity, Unit>> = { joules: 'J', seconds: 's', bytes: 'B' };

export interface CellWording {
	/** Large counts as "338 M" instead of "338,403,328". */
	readonly compact?: boolean;
	/** Only the nominal value of an interval. */
	readonly nominalOnly?: boolean;
}

/** Unit of a column's numbers, or null when they have none. */
export function unitOf(quantity: Quantity): Unit | null {
	return units[quantity] ?? null;
}

export function isNumeric(quantity: Quantity): boolean {
	return quantity !== 'text';
}

/** Words of one cell; text is returned as it is and still has to be escaped for the format. */
export function formatCell(cell: Cell, quantity: Quantity, wording: CellWording = {}): string {
	if (cell === null) return quantity === 'text' || quantity === 'worded' ? '' : noValue;
	if (typeof cell === 'string') return cell;
	if (isInterval(cell) && !wording.nominalOnly && hasSpread(cell)) return formatIntervalCell(cell, quantity);
	return formatNumberCell(isInterval(cell) ? cell.nominal : cell, quantity, wording);
}

/** Words of a cell of a column, which may say what an empty one means. */
export function columnWords(
	{ quantity, missing }: Pick<Column, 'quantity' | 'missing'>,
	cell: Cell,
	wording: CellWording = {},
): string {
	return cell === null && missing !== undefined ? missing : formatCell(cell, quantity, wording);
}

function formatIntervalCell(cell: { low: number; nominal: number; high: number }, quantity: Quantity): string {
	const unit = unitOf(quantity);
	if (unit !== null) return formatInterval(cell, unit);
	if (quantity === 'ratio') return formatRatioInterval(cell);
	if (quantity === 'accuracy')
		return `${formatAccuracyPercent(cell.nominal)} (${formatAccuracyPercent(cell.low).replace(' %', '')} to ${formatAccuracyPercent(cell.high)})`;
	const [low, nominal, high] = [cell.low, cell.nominal, cell.high].map((value) => formatNumberCell(value, quantity, {}));
	return `${nominal} (${low} to ${high})`;
}

function formatNumberCell(value: number, quantity: Quantity, wording: CellWording): string {
	const unit = unitOf(quantity);
	if (unit !== null) return formatQuantity(value, unit);
	if (quantity === 'count') return wording.compact ? formatCompactCount(value) : formatCount(value);
	if (quantity === 'percent') return formatPercent(value);
	if (quantity === 'hundredths') return formatHundredths(value);
	if (quantity === 'accuracy') return formatAccuracyPercent(value);
	if (quantity === 'ratio') return formatRatio(value);
	return formatSignificant(value);
}

/** A chart before it is drawn: what it shows, in words and as a table, and its Vega-Lite description at any width. */

import type { TopLevelSpec } from 'vega-lite';
import type { Interval } from '../../hardware/estimate.ts';
import { shorten, visible } from '../escaping.ts';
import { type Prefix, prefixOf, underPrefix } from '../numbers.ts';
import type { Table } from '../table.ts';
import type { Theme } from './theme.ts';

/** A part of a Vega-Lite specification; the compiler checks it when the chart is drawn. */
export type Specification = TopLevelSpec;

/** Charts that results give; with several models or profiles their names go on. */
export const chartNames = [
	'energy-by-layer',
	'energy-by-term',
	'spikes-by-timestep',
	'membrane-traffic',
	'accuracy-energy',
] as const;

/** What a chart is drawn for. */
export interface Frame {
	/** Width of the whole picture in CSS pixels. */
	readonly width: number;
	readonly theme: Theme;
}

export interface Chart {
	/** File name and anchor, e.g. "energy-by-layer". */
	readonly id: string;
	readonly title: string;
	/** What the chart shows, in one or two sentences, for those who cannot see it. */
	readonly alternative: string;
	/** The numbers behind it. */
	readonly table: Table;
	readonly specification: (frame: Frame) => Specification;
}

/** Names for an axis: visible, short, and no two alike. */
export function axisLabels(names: readonly string[], length: number): string[] {
	const seen = new Map<string, number>();
	return names.map((name) => {
		const label = shorten(visible(name), length) || '(no name)';
		const count = (seen.get(label) ?? 0) + 1;
		seen.set(label, count);
		return count === 1 ? label : `${label} (${count})`;
	});
}

/** Characters an axis label may take beside a plot of this width. */
export function labelLength(width: number): number {
	return Math.max(10, Math.floor(width / 26));
}

/** The prefix of the largest of some quantities, for an axis they share. */
export function axisPrefix(values: readonly number[]): Prefix {
	return prefixOf(Math.max(0, ...values.filter(Number.isFinite).map(Math.abs)));
}

/** An interval's bounds under a prefix. */
export function scaled(interval: Interval, prefix: Prefix): Interval {
	return {
		low: underPrefix(interval.low, prefix),
		nominal: underPrefix(interval.nominal, prefix),
		high: underPrefix(interval.high, prefix),
	};
}

import { signal } from '@preact/signals';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { accuracyEnergyChart } from '../../../src/reporting/charts/accuracy-energy.ts';
import { type ComparedRow, compareAnalyses, paretoFront, rowName } from '../../../src/reporting/compare.ts';
import { comparisonNotes, comparisonTable } from '../../../src/reporting/comparison-document.ts';
import { formatAccuracyPercent, formatQuantity } from '../../../src/reporting/numbers.ts';
import { analyses, runs } from '../state.ts';
import { TableView } from './table.tsx';

const looked = signal<string | null>(null);
const width = 720;
const height = 320;
const edge = { left: 56, right: 120, top: 16, bottom: 44 } as const;

/** Several networks side by side: table, picture and what makes them hard to compare. */
export function Compare() {
	const all = runs.value.flatMap(({ id }): Analysis[] => {
		const found = analyses.peek().get(id);
		return found ? [found] : [];
	});
	if (all.length < 2) return null;
	const comparison = compareAnalyses(all);
	const table = comparisonTable(comparison);
	const [profile = ''] = comparison.profiles;
	const chart = accuracyEnergyChart(comparison, profile);
	const rows = comparison.rows.filter((row) => row.profile === profile && row.accuracy !== null && row.energyJoules.nominal > 0);
	return (
		<section class="compare" aria-labelledby="compare-title">
			<h2 id="compare-title">Side by side</h2>
			{comparison.cautions.map((text) => (
				<p key={text} class="caution">
					{text}
				</p>
			))}
			{rows.length >= 2 && chart && <Picture rows={rows} title={chart.title} alternative={chart.alternative} />}
			<TableView table={table} label="Table of networks" />
			<ul class="muted">
				{[...comparison.warnings, ...comparisonNotes(comparison)].map((text) => (
					<li key={text}>{text}</li>
				))}
			</ul>
		</section>
	);
}

interface Axis {
	readonly place: (value: number) => number;
	readonly ticks: readonly number[];
}

/** Round values between two, at most about six. */
export function ticksBetween(from: number, to: number): number[] {
	const raw = (to - from) / 5;
	const power = 10 ** Math.floor(Math.log10(raw));
	const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= raw) ?? raw;
	const first = Math.ceil(from / step);
	return Array.from({ length: Math.floor(to / step) - first + 1 }, (_, index) => (first + index) * step);
}

/** Linear from zero; logarithmic where the values are more than a factor of 20 apart, as in the report. */
function energyAxis(values: readonly number[]): Axis & { readonly logarithmic: boolean } {
	const [low, high] = [Math.min(...values), Math.max(...values)];
	const room = width - edge.left - edge.right;
	if (high / low > 20) {
		const [from, to] = [Math.log10(low) - 0.1, Math.log10(high) + 0.1];
		const ticks = [];
		for (let power = Math.ceil(from); power <= to; power++) ticks.push(10 ** power);
		return { logarithmic: true, ticks, place: (value) => edge.left + (room * (Math.log10(value) - from)) / (to - from) };
	}
	const to = high * 1.08;
	return { logarithmic: false, ticks: ticksBetween(0, to), place: (value) => edge.left + (room * value) / to };
}

function accuracyAxis(values: readonly number[]): Axis {
	const margin = Math.max(0.005, (Math.max(...values) - Math.min(...values)) * 0.2);
	const from = Math.max(0, Math.min(...values) - margin);
	const to = Math.min(1, Math.max(...values) + margin);
	const room = height - edge.top - edge.bottom;
	return { ticks: ticksBetween(from, to), place: (value) => height - edge.bottom - (room * (value - from)) / (to - from || 1) };
}

function Picture({
	rows,
	title,
	alternative,
}: {
	readonly rows: readonly ComparedRow[];
	readonly title: string;
	readonly alternative: string;
}) {
	const x = energyAxis(rows.map((row) => row.energyJoules.nominal));
	const y = accuracyAxis(rows.map((row) => row.accuracy ?? 0));
	const front = paretoFront(rows).toSorted((one, other) => one.energyJoules.nominal - other.energyJoules.nominal);
	const at = (row: ComparedRow): [number, number] => [x.place(row.energyJoules.nominal), y.place(row.accuracy ?? 0)];
	const labels = labelPlaces(rows.map(at));
	return (
		<figure>
			{/* biome-ignore lint/a11y/noNoninteractiveTabindex: a picture wider than the page is scrolled by the keyboard */}
			<section class="scroll" tabIndex={0} aria-label="Picture of accuracy against energy">
				<svg class="picture" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={`${title}. ${alternative}`}>
					{x.ticks.map((tick) => (
						<g key={tick}>
							<line class="grid" x1={x.place(tick)} x2={x.place(tick)} y1={edge.top} y2={height - edge.bottom} />
							<text class="tick" x={x.place(tick)} y={height - edge.bottom + 16} text-anchor="middle">
								{formatQuantity(tick, 'J')}
							</text>
						</g>
					))}
					{y.ticks.map((tick) => (
						<g key={tick}>
							<line class="grid" x1={edge.left} x2={width - edge.right} y1={y.place(tick)} y2={y.place(tick)} />
							<text class="tick" x={edge.left - 6} y={y.place(tick) + 4} text-anchor="end">
								{Number((100 * tick).toFixed(2))} %
							</text>
						</g>
					))}
					<text class="tick" x={edge.left} y={height - 6}>
						energy per inference{x.logarithmic ? ', logarithmic' : ''}
					</text>
					<polyline class="front" points={front.map((row) => at(row).join(',')).join(' ')} />
					{rows.map((row, index) => {
						const [cx, cy] = at(row);
						const name = rowName(row);
						const plain = !row.model.activity.spiking;
						const [tx, ty] = labels[index] ?? [cx, cy];
						return (
							<g
								key={name}
								class={`point ${plain ? 'plain' : 'spiking'} ${looked.value === name ? 'looked' : ''}`}
								onPointerEnter={() => {
									looked.value = name;
								}}
								onPointerLeave={() => {
									looked.value = null;
								}}
							>
								<title>{`${name}: ${formatQuantity(row.energyJoules.nominal, 'J')}, ${formatAccuracyPercent(row.accuracy ?? 0)}`}</title>
								{plain ? <rect x={cx - 6} y={cy - 6} width="12" height="12" /> : <circle cx={cx} cy={cy} r="7" />}
								<text x={tx} y={ty}>
									{name}
								</text>
							</g>
						);
					})}
				</svg>
			</section>
			<figcaption>
				<span class="key spiking">●</span> spiking network <span class="key plain">■</span> DNN baseline, as it could be run ·{' '}
				<span class="key front">– –</span> no other is both cheaper and as accurate. {alternative}
			</figcaption>
		</figure>
	);
}

/** Labels right of their points, moved down until none covers another. */
export function labelPlaces(points: readonly (readonly [number, number])[]): [number, number][] {
	const line = 14;
	const placed: { readonly index: number; readonly x: number; y: number }[] = [];
	const order = points.map((_, index) => index).toSorted((one, other) => (points[one]?.[1] ?? 0) - (points[other]?.[1] ?? 0));
	for (const index of order) {
		const [x, top] = points[index] ?? [0, 0];
		let y = top + 4;
		while (placed.some((other) => Math.abs(other.y - y) < line && Math.abs(other.x - x) < 150)) y += 2;
		placed.push({ index, x: x + 11, y });
	}
	return placed.toSorted((one, other) => one.index - other.index).map(({ x, y }) => [x, y]);
}

import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Analysis } from '../../../src/reporting/analysis.ts';
import { formatCell, isNumeric } from '../../../src/reporting/cells.ts';
import { layerTable } from '../../../src/reporting/layer-table.ts';
import { formatPercent, formatQuantity } from '../../../src/reporting/numbers.ts';
import { layerEstimates } from '../../../src/reporting/quantities.ts';
import type { Row } from '../../../src/reporting/table.ts';
import { restedAnalysis } from '../state.ts';
import { LayerDetail } from './layer-detail.tsx';
import { Sparkline } from './sparkline.tsx';

/** The layer under the pointer or the keyboard, and the one that is open. */
const looked = signal<number | null>(null);
const opened = signal<number | null>(null);

const lookAt = (index: number | null) => () => {
	looked.value = index;
};

/** Bars and table of layers: the same layers, lit together. */
export function Layers({ analysis }: { readonly analysis: Analysis }) {
	const [estimate] = analysis.estimates;
	const steady = restedAnalysis.value ?? analysis;
	const table = useMemo(() => <LayerTable analysis={steady} look={lookAt} />, [steady]);
	const sparklines = useMemo(
		() => analysis.layers.map((layer, index) => <Sparkline key={index} layer={layer} />),
		[analysis.layers],
	);
	if (!estimate) return null;
	const byLayer = layerEstimates(analysis, estimate);
	const energies = analysis.layers.map((layer) => byLayer.get(layer)?.energyJoules.nominal ?? 0);
	const most = Math.max(...energies, Number.MIN_VALUE);
	const total = estimate.energyPerInferenceJoules.nominal;
	const look = lookAt;
	const toggle = (index: number) => () => {
		opened.value = opened.value === index ? null : index;
	};
	return (
		<section class="layers" aria-labelledby="layers-title">
			<h2 id="layers-title">By layer</h2>
			<p class="muted">Energy per inference. Open a layer for its formula, its spikes and its shape.</p>
			<ul class="bars">
				{analysis.layers.map((layer, index) => {
					const joules = energies[index] ?? 0;
					const isOpen = opened.value === index;
					return (
						<li key={index}>
							<button
								type="button"
								class={`bar ${looked.value === index ? 'looked' : ''}`}
								aria-expanded={isOpen}
								onClick={toggle(index)}
								onPointerEnter={look(index)}
								onPointerLeave={look(null)}
								onFocus={look(index)}
								onBlur={look(null)}
							>
								<span class="name">{layer.name}</span>
								<span class="track">
									<span class={`fill ${layer.kind}`} style={{ width: `${(100 * joules) / most}%` }} data-empty={joules === 0} />
								</span>
								<span class="joules">{formatQuantity(joules, 'J')}</span>
								<span class="share">{total > 0 ? formatPercent(joules / total) : ''}</span>
								{sparklines[index]}
							</button>
							{isOpen && <LayerDetail analysis={analysis} index={index} />}
						</li>
					);
				})}
			</ul>
			{table}
		</section>
	);
}

function LayerTable({ analysis, look }: { readonly analysis: Analysis; readonly look: (index: number | null) => () => void }) {
	const table = layerTable(analysis);
	const cells = (row: Row) =>
		row.cells.map((cell, at) => {
			const column = table.columns[at];
			const words = column ? formatCell(cell, column.quantity, { nominalOnly: true }) : '';
			const number = column && isNumeric(column.quantity);
			return at === 0 ? (
				<th key={column?.key} scope="row">
					{words}
				</th>
			) : (
				<td key={column?.key} class={number ? 'number' : ''}>
					{words}
				</td>
			);
		});
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than the page is scrolled by the keyboard
		<section class="scroll" tabIndex={0} aria-label="Table of layers">
			<table>
				<caption>{table.caption}</caption>
				<thead>
					<tr>
						{table.columns.map(({ key, title, quantity, meaning }) => (
							<th key={key} scope="col" class={isNumeric(quantity) ? 'number' : ''} title={meaning}>
								{title}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{table.rows.map((row, index) => (
						<tr
							key={index}
							class={`${row.emphasis ? 'total' : ''} ${looked.value === index ? 'looked' : ''}`}
							onPointerEnter={look(index)}
							onPointerLeave={look(null)}
						>
							{cells(row)}
						</tr>
					))}
				</tbody>
			</table>
		</section>
	);
}

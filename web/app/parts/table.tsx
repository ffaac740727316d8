import { Fragment } from 'preact';
import { columnWords, isNumeric } from '../../../src/reporting/cells.ts';
import type { Column, Table } from '../../../src/reporting/table.ts';

/** Numbers stand to the right; what a narrow page can do without is left out there. */
const styleOf = ({ quantity, dropOrder = 0 }: Column): string =>
	`${isNumeric(quantity) ? 'number' : ''}${dropOrder > 0 ? ' minor' : ''}`;

/** A table that scrolls sideways on its own, by keyboard too. */
export function TableView({ table, label }: { readonly table: Table; readonly label: string }) {
	return (
		// biome-ignore lint/a11y/noNoninteractiveTabindex: a table wider than the page is scrolled by the keyboard
		<section class="scroll" tabIndex={0} aria-label={label}>
			<table>
				<caption>{table.caption}</caption>
				<thead>
					<tr>
						{table.columns.map((column) => (
							<th key={column.key} scope="col" class={styleOf(column)} title={column.meaning}>
								{column.title}
							</th>
						))}
					</tr>
				</thead>
				<tbody>
					{table.rows.map((row, index) => (
						<Fragment key={index}>
							{row.group !== undefined && row.group !== table.rows[index - 1]?.group && (
								<tr class="group">
									<th scope="rowgroup" colSpan={table.columns.length}>
										{row.group}
									</th>
								</tr>
							)}
							<tr class={row.emphasis ? 'total' : ''}>
								{table.columns.map((column, at) => (
									<td key={column.key} class={styleOf(column)}>
										{columnWords(column, row.cells[at] ?? null, { nominalOnly: true })}
									</td>
								))}
							</tr>
						</Fragment>
					))}
				</tbody>
			</table>
		</section>
	);
}

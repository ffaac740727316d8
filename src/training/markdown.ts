/** The few forms of Markdown that a card is made of. */

export const percent = (share: number): string => (100 * share).toFixed(2);

export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
	const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
	return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

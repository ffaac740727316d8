/** How the profiles of a report fare against published reference points: a row a case, for good or bad. */

import type { Scorecard } from '../hardware/validation/index.ts';
import type { Block, Row, Section } from './table.ts';

/** @param uncovered  profiles no reference point covers */
export function scorecardSummary(card: Scorecard, uncovered: readonly string[]): Section {
	const rows = card.cases.map(({ title, authority, comparisons }): Row => {
		const judged = comparisons.filter(({ verdict }) => verdict !== 'shown');
		const errors = judged.map(({ error }) => Math.abs(error ?? 0));
		const inside = judged.filter(({ within }) => within).length;
		return { cells: [title, authority, judged.length, inside, errors.length === 0 ? null : Math.max(...errors)] };
	});
	const blocks: Block[] = [];
	if (rows.length > 0) {
		blocks.push({
			kind: 'table',
			table: {
				id: 'scorecard',
				caption: 'Reference points of the profiles used here; "snn-energy validate" prints every value.',
				columns: [
					{ key: 'case', title: 'reference', quantity: 'text' },
					{ key: 'authority', title: 'authority', quantity: 'text' },
					{ key: 'judged', title: 'values', quantity: 'count' },
					{ key: 'inside', title: 'inside tolerance', quantity: 'count' },
					{ key: 'largestError', title: 'largest error', quantity: 'percent' },
				],
				rows,
			},
		});
	}
	if (uncovered.length > 0)
		blocks.push({
			kind: 'list',
			items: uncovered.map((profile) => `No reference point covers the profile ${profile}: its total is unchecked.`),
		});
	return { heading: 'Scorecard', blocks };
}

/** The interactive page with results inside: one file, whose script is the page's pricing half. */

import type { Analysis } from '../analysis.ts';
import { sealed } from '../seal.ts';

/** How the page opens: its profile, its changed constants as "0.4pJ" by name, and its accounting. */
export interface InteractiveState {
	readonly profile: string;
	readonly set: Readonly<Record<string, string>>;
	readonly accounting: string;
}

const block = /(<script type="application\/json" id="embedded">)[^<]*(<\/script>)/;

/**
 * Puts results into the empty page that the build made.
 *
 * @param page      text of dist/web/interactive.html
 * @param analyses  results, the last one is shown
 */
export function interactivePage(page: string, analyses: readonly Analysis[], state: InteractiveState): string {
	if (!block.test(page)) throw new RangeError('the page has no place for results');
	// "<" never stands in the block, so that nothing a model's names hold can end it.
	const text = JSON.stringify({ analyses: analyses.map(sealed), state }).replaceAll('<', '\\u003c');
	return page.replace(block, (_, begin: string, end: string) => `${begin}${text}${end}`);
}

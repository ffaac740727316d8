/** This page with its results inside, as one HTML file that needs no server: what `report --interactive` writes. */

import type { Analysis } from '../../src/reporting/analysis.ts';
import { interactivePage } from '../../src/reporting/html/interactive.ts';
import type { Pricing } from './pricing.ts';

let kept: string | null = null;

/** The text of the file this page came from, as long as nothing was drawn into it. */
export const emptyPage = (): string => `<!doctype html>\n${document.documentElement.outerHTML}\n`;

export const keepEmptyPage = (text: string): void => {
	kept = text;
};

async function fetchedPage(): Promise<string> {
	const response = await fetch('interactive.html');
	if (!response.ok) throw new Error(`interactive.html: the server answered ${response.status}`);
	return response.text();
}

export const savedPage = async (analyses: readonly Analysis[], pricing: Pricing): Promise<string> =>
	interactivePage(kept ?? (await fetchedPage()), analyses, pricing);

import { writeWhole } from '../files.ts';
import { bibliography } from '../reporting/bibliography.ts';
import type { Analysis } from '../reporting/index.ts';
import { methodParagraphs, renderMethod } from '../reporting/method.ts';

/** The method for a paper; with a .bib file the BibTeX goes there and only the paragraph is printed. */
export function methodText(analyses: readonly Analysis[], bib: string | undefined): string {
	if (bib === undefined) return renderMethod(analyses);
	writeWhole(bib, [bibliography(analyses.flatMap(({ estimates }) => estimates))]);
	return `${methodParagraphs(analyses).join('\n\n')}\n`;
}

/** Sources of the constants used, as citations and as BibTeX. */

import { type Accounting, accountingMethod } from '../hardware/accounting/accountings.ts';
import type { Estimate } from '../hardware/estimate.ts';
import { tool, toolAddress } from '../version.ts';
import { escapeLatexProse, visible } from './escaping.ts';

export interface Citation {
	/** BibTeX key, e.g. "horowitz2014". */
	readonly key: string;
	readonly citation: string;
}

/**
 * Publications behind the constants of some estimates and behind their way of counting, each once, in order of first use; a
 * profile's own conventions are none.
 */
export function citationsOf(estimates: readonly Estimate[]): Citation[] {
	return keyed(
		estimates.flatMap(({ constants, accounting }) => [
			...constants.map(({ source }) => source),
			accountingMethod(accounting as Accounting).citation,
		]),
	);
}

function keyed(sources: readonly string[]): Citation[] {
	const keys = new Map<string, string>();
	const used = new Set<string>();
	for (const source of sources) {
		const citation = visible(source).trim();
		if (keys.has(citation) || !isPublication(citation)) continue;
		keys.set(citation, uniqueKey(keyOf(citation), used));
	}
	return [...keys].map(([citation, key]) => ({ key, citation }));
}

/**
 * A .bib file: this tool and every source. Authors and title are set apart where the citation is written
 * `Authors, "Title", rest`; otherwise it stands whole in `howpublished`. Nothing is guessed.
 */
export function bibliography(estimates: readonly Estimate[]): string {
	const own = entry(toolKey, {
		author: `{The ${tool.name} authors}`,
		title: `{${tool.name}}: energy and latency of spiking neural networks`,
		howpublished: `Computer program, version ${tool.version}`,
		year: released,
		...(toolAddress === null ? {} : { url: toolAddress }),
	});
	return `${[own, ...citationsOf(estimates).map(citationEntry)].join('\n\n')}\n`;
}

/** The entries of some sources, as a profile or a convention writes them. */
export const bibliographyOf = (sources: readonly string[]): string[] => keyed(sources).map(citationEntry);

function citationEntry({ key, citation }: Citation): string {
	const doi = doiOf(citation);
	const year = yearOf(citation);
	const url = urlOf(citation, doi);
	return entry(key, {
		...partsOf(citation),
		...(year === null ? {} : { year }),
		...(doi === null ? {} : { doi }),
		...(url === null ? {} : { url }),
	});
}

/** BibTeX key of this tool itself. */
export const toolKey = 'snnenergy';
/** Year of the version that is cited. */
const released = '2026';

function entry(key: string, fields: Readonly<Record<string, string>>): string {
	const lines = Object.entries(fields).map(([name, value]) => `\t${name} = {${value}}`);
	return `@misc{${key},\n${lines.join(',\n')}\n}`;
}

function partsOf(citation: string): Readonly<Record<string, string>> {
	// What stands in fields of its own is not said twice.
	const plain = citation.replace(/,? *(?:doi:\s*)?10\.\d{4,9}\/[^\s,;{}\\]+/i, '').replace(/,? *https?:\S+/, '');
	const match = /^([^"]+), "([^"]+)",? *(.*)$/.exec(plain) ?? /^((?:[A-Z][\w.-]* )+et al\.), ([^,:]+)[,:]? *(.*)$/.exec(plain);
	const [, authors, title, rest] = match ?? [];
	if (authors === undefined || title === undefined) return { howpublished: escapeLatexProse(plain) };
	const names = authors.split(/, (?:and )?| and /).map((name) => (/^et al\.?$/.test(name) ? 'others' : escapeLatexProse(name)));
	return {
		author: names.join(' and ').replace(/ et al\.$/, ' and others'),
		title: `{${escapeLatexProse(title)}}`,
		...(rest ? { howpublished: escapeLatexProse(rest) } : {}),
	};
}

/** Whether a source can be looked up: it has a year, a DOI, an address or an archive's number. */
function isPublication(citation: string): boolean {
	return yearOf(citation) !== null || doiOf(citation) !== null || /https?:|\bPMC\d+|arXiv/i.test(citation);
}

/** The first author's surname and the year; else the first word. */
function keyOf(citation: string): string {
	const ascii = citation.normalize('NFKD').replace(/[^\x20-\x7e]/g, '');
	const surname = /[A-Za-z]{3,}/.exec(ascii)?.[0].toLowerCase() ?? 'source';
	return `${surname}${yearOf(citation) ?? ''}`;
}

function uniqueKey(key: string, used: Set<string>): string {
	let unique = key;
	for (let suffix = 0; used.has(unique); suffix++)
		unique = `${key}${String.fromCharCode(98 + (suffix % 24))}${suffix >= 24 ? suffix : ''}`;
	used.add(unique);
	return unique;
}

/** The year that stands by itself, or the one an arXiv number begins with. */
function yearOf(citation: string): string | null {
	const written = /(?<![\d.:/])(?:19|20)\d{2}(?![\d./])/.exec(citation.replace(/10\.\d{4,9}\/\S+/g, ''));
	const archived = /arXiv:(\d{2})\d{2}\.\d{4,5}/i.exec(citation);
	return written?.[0] ?? (archived ? `20${archived[1]}` : null);
}

function doiOf(citation: string): string | null {
	return /\b10\.\d{4,9}\/[^\s,;{}\\]+/.exec(citation)?.[0].replace(/[.)]+$/, '') ?? null;
}

/** Where the source can be read, as far as the citation says. */
function urlOf(citation: string, doi: string | null): string | null {
	if (doi !== null) return `https://doi.org/${doi}`;
	const written = /https?:\/\/[^\s,;{}\\]+/.exec(citation)?.[0];
	const archived = /arXiv:(\d{4}\.\d{4,5})/i.exec(citation)?.[1];
	return written ?? (archived === undefined ? null : `https://arxiv.org/abs/${archived}`);
}

/** Sources of the constants used, as citations and as BibTeX. */

import type { Estimate } from '../hardware/estimate.ts';
import { tool } from '../version.ts';
import { escapeLatex, visible } from './escaping.ts';

export interface Citation {
	/** BibTeX key, e.g. "horowitz2014". */
	readonly key: string;
	readonly citation: string;
}

/** Sources of the constants of some estimates, each once, in order of first use. */
export function citationsOf(estimates: readonly Estimate[]): Citation[] {
	const keys = new Map<string, string>();
	const used = new Set<string>();
	for (const { source } of estimates.flatMap((estimate) => estimate.constants)) {
		const citation = visible(source).trim();
		if (citation === '' || keys.has(citation)) continue;
		keys.set(citation, uniqueKey(keyOf(citation), used));
	}
	return [...keys].map(([citation, key]) => ({ key, citation }));
}

/**
 * A .bib file: this tool and every source. What a source's text does not say by itself (author,
 * title) is not guessed: its citation stands whole in `howpublished`, year and doi where they can be read.
 */
export function bibliography(estimates: readonly Estimate[]): string {
	const own = entry('snnenergy', {
		title: `{${tool.name}}: energy and latency of spiking neural networks`,
		note: `Version ${tool.version}`,
	});
	const others = citationsOf(estimates).map(({ key, citation }) => {
		const doi = doiOf(citation);
		const year = yearOf(citation);
		return entry(key, {
			howpublished: escapeLatex(citation),
			...(year === null ? {} : { year }),
			...(doi === null ? {} : { doi }),
		});
	});
	return `${[own, ...others].join('\n\n')}\n`;
}

function entry(key: string, fields: Readonly<Record<string, string>>): string {
	const lines = Object.entries(fields).map(([name, value]) => `\t${name} = {${value}}`);
	return `@misc{${key},\n${lines.join(',\n')}\n}`;
}

/** Surname and year: the first word of three letters or more, and the first year. */
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

function yearOf(citation: string): string | null {
	return /\b(?:19|20)\d{2}\b/.exec(citation)?.[0] ?? null;
}

function doiOf(citation: string): string | null {
	return /\b10\.\d{4,9}\/[^\s,;{}\\]+/.exec(citation)?.[0].replace(/[.)]+$/, '') ?? null;
}

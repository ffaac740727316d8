/** A claim that is checked: what its form holds, and the link that carries it. The check itself is loaded when it is asked for. */

import { signal } from '@preact/signals';
import type { ClaimRequest } from '../../src/claims/index.ts';
import { isRateText } from '../../src/claims/rate-text.ts';
import { quoted } from './run-options.ts';

/** What the form holds, as written. */
export interface ClaimWords {
	readonly claim: string;
	/** Which of the fields names the network; "open" is the one that is open in the page. */
	readonly network: 'none' | 'arch' | 'layers' | 'open';
	readonly arch: string;
	readonly layers: string;
	readonly layersFile: string;
	readonly rates: string;
	readonly ratesFile: string;
	readonly summed: boolean;
	readonly timesteps: string;
	readonly price: string;
}

export const emptyClaim: ClaimWords = {
	claim: '',
	network: 'none',
	arch: '',
	layers: '',
	layersFile: 'layers.csv',
	rates: '',
	ratesFile: 'rates.csv',
	summed: false,
	timesteps: '',
	price: '',
};

/** The form as it opens; null while it is closed. Another object opens it anew. */
export const claimWords = signal<ClaimWords | null>(null);

export const openClaim = (words: Partial<ClaimWords> = {}): void => {
	claimWords.value = { ...emptyClaim, ...words };
};

export function closeClaim(): void {
	claimWords.value = null;
	if (new URLSearchParams(location.hash.slice(1)).has('claim')) history.replaceState(null, '', location.pathname);
}

/** A list of layers has a column of MACs; anything else is a list of rates. */
export const openList = (file: string, text: string): void => {
	const before = claimWords.value ?? emptyClaim;
	const layers = /^\s*(?:#[^\n]*\n\s*)*[^\n]*\bmacs\b/i.test(text);
	openClaim(
		layers ? { ...before, network: 'layers', layers: text, layersFile: file } : { ...before, rates: text, ratesFile: file },
	);
};

const given = <Name extends string, Value>(name: Name, value: Value | undefined): Partial<Record<Name, Value>> =>
	(value === undefined ? {} : { [name]: value }) as Partial<Record<Name, Value>>;

/** What is asked of the checker, by a form whose network is in it. */
export function requestOf(words: ClaimWords): Omit<ClaimRequest, 'model'> {
	const { claim, network, arch, layers, layersFile, rates, ratesFile, summed, timesteps, price } = words;
	const rated =
		rates.trim() === '' || network === 'none' ? undefined : isRateText(rates) ? rates : { name: ratesFile, text: rates };
	return {
		claim,
		...given('timesteps', timesteps.trim() === '' ? undefined : Number(timesteps)),
		...given('arch', network === 'arch' ? arch : undefined),
		...given('layers', network === 'layers' ? { name: layersFile, text: layers } : undefined),
		...given('rates', rated),
		...given('summed', summed && rated !== undefined ? true : undefined),
		...given('price', price.trim() === '' ? undefined : price),
	};
}

/** What a form says before anything is checked: fields that are empty, or hold no number; null where it can be asked. */
export function formProblem({ claim, network, arch, layers, timesteps }: ClaimWords): string | null {
	if (network === 'none' && claim.trim() === '')
		return 'Write the printed numbers, such as "5.5 G SOP, 11.58 mJ, T=4", or choose a network.';
	if (network === 'arch' && arch.trim() === '')
		return `${fieldNames.arch}: write the name of a published one, such as spikformer-8-512 or vgg16@32/100.`;
	if (network === 'layers' && layers.trim() === '')
		return `${fieldNames.layers}: write a line a layer under the header name,macs, or choose a file.`;
	const written = timesteps.trim();
	return written === '' || (/^\d+$/.test(written) && Number(written) >= 1 && Number(written) <= 1e6)
		? null
		: `${fieldNames.timesteps}: "${written}" is not understood; write a whole number from 1 to 1,000,000.`;
}

/** What the fields are called, by the options of the command line. */
const fieldNames = {
	arch: 'Architecture',
	layers: 'Layers',
	rates: 'Firing rates',
	timesteps: 'Timesteps',
	price: 'Other prices',
	summed: 'Spikes summed over all timesteps',
} as const;

/** A sentence of the checker, which names options and files, with the names of the fields; a list that was written here has no file. */
export function inFormWords(sentence: string, { layersFile, ratesFile }: ClaimWords): string {
	const written = [
		...(layersFile === emptyClaim.layersFile ? [[layersFile, fieldNames.layers] as const] : []),
		...(ratesFile === emptyClaim.ratesFile ? [[ratesFile, fieldNames.rates] as const] : []),
	];
	const named = written.reduce(
		(words, [file, name]) => (words.startsWith(`${file}: `) ? name + words.slice(file.length) : words),
		sentence,
	);
	return named
		.replace('give --layers FILE', 'choose a list of layers')
		.replaceAll(/--(arch|layers|rates|timesteps|price|summed)\b/g, (_, name: keyof typeof fieldNames) => fieldNames[name]);
}

/** The command line that checks the same; texts of the form are files there. */
export function claimCommand(words: ClaimWords, openModel: string | null): string {
	const { claim, timesteps, arch, layers, rates, summed, price } = requestOf(words);
	const named = (value: string | { readonly name: string }): string => quoted(typeof value === 'string' ? value : value.name);
	const options: readonly (readonly [flag: string, value: string | undefined])[] = [
		['--arch', arch === undefined ? undefined : quoted(arch)],
		['--layers', layers && named(layers)],
		['--model', words.network === 'open' && openModel !== null ? quoted(openModel) : undefined],
		['--rates', rates && named(rates)],
		['-T', timesteps === undefined ? undefined : String(timesteps)],
		['--price', price === undefined ? undefined : quoted(price)],
	];
	return [
		'npx snn-energy check',
		...(claim.trim() === '' ? [] : [quoted(claim.trim())]),
		...options.flatMap(([flag, value]) => (value === undefined ? [] : [`${flag} ${value}`])),
		...(summed ? ['--summed'] : []),
	].join(' ');
}

const texts = ['arch', 'layers', 'layersFile', 'rates', 'ratesFile', 'timesteps', 'price'] as const;

/** The form as the fragment of an address; a network that is open in the page is not part of it. */
export function encodeClaim(words: ClaimWords): string {
	const parameters = new URLSearchParams({ claim: words.claim });
	const network = words.network === 'open' ? 'none' : words.network;
	for (const name of texts) {
		const unused =
			(name.startsWith('layers') && network !== 'layers') ||
			(name === 'arch' && network !== 'arch') ||
			(name.startsWith('rates') && network === 'none');
		if (!unused && words[name] !== emptyClaim[name]) parameters.set(name, words[name]);
	}
	if (words.summed && parameters.has('rates')) parameters.set('summed', 'yes');
	return `#${parameters.toString()}`;
}

/** Null for an address without a claim. */
export function decodeClaim(hash: string): ClaimWords | null {
	const parameters = new URLSearchParams(hash.replace(/^#/, ''));
	const claim = parameters.get('claim');
	if (claim === null) return null;
	const read = Object.fromEntries(texts.map((name) => [name, parameters.get(name) ?? emptyClaim[name]]));
	const network = parameters.has('layers') ? 'layers' : parameters.has('arch') ? 'arch' : 'none';
	return { ...emptyClaim, ...read, claim, network, summed: parameters.has('summed') };
}

/** The page's state as the fragment of its address, which browsers never send to a server. */

import { deflateSync, inflateSync, strFromU8, strToU8 } from 'fflate';
import { type Accounting, accountingNames } from '../../src/hardware/index.ts';
import type { Pricing } from './pricing.ts';

export interface Linked {
	readonly pricing: Pricing;
	/** An example to show. */
	readonly example: string | null;
	/** Saved results, as JSON. */
	readonly counts: readonly string[];
}

const base64 = (bytes: Uint8Array): string => {
	let text = '';
	for (const byte of bytes) text += String.fromCharCode(byte);
	return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
};
const bytesOf = (text: string): Uint8Array =>
	Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));

export function encodeLink({ pricing, example, counts }: Linked): string {
	const parameters = new URLSearchParams({ profile: pricing.profile });
	for (const [name, value] of Object.entries(pricing.set)) parameters.append('set', `${name}=${value}`);
	if (pricing.accounting !== 'exact') parameters.set('accounting', pricing.accounting);
	if (example) parameters.set('example', example);
	for (const text of counts) parameters.append('counts', base64(deflateSync(strToU8(text), { level: 9 })));
	return `#${parameters.toString()}`;
}

/** Largest result a link may unfold to. */
const most = 2 ** 25;

/** @throws Error for a link that was cut off */
export function decodeLink(hash: string): Linked | null {
	const parameters = new URLSearchParams(hash.replace(/^#/, ''));
	if (!parameters.has('profile') && !parameters.has('example') && !parameters.has('counts')) return null;
	const accounting = parameters.get('accounting') as Accounting | null;
	const set = parameters.getAll('set').map((text) => {
		const at = text.indexOf('=');
		return [text.slice(0, at), text.slice(at + 1)] as const;
	});
	return {
		pricing: {
			profile: parameters.get('profile') ?? '45nm',
			set: Object.fromEntries(set),
			accounting: accounting && accountingNames.includes(accounting) ? accounting : 'exact',
		},
		example: parameters.get('example'),
		counts: parameters
			.getAll('counts')
			.map((text) => strFromU8(inflateSync(bytesOf(text), { out: new Uint8Array(most) }).slice())),
	};
}

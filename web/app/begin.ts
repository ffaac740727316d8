/** What the page shows when it opens: what its address or the file it is names. */

import { claimWords, decodeClaim } from './claim.ts';
import { showExample } from './examples.ts';
import type { Dropped, Kind } from './kinds.ts';
import { decodeLink } from './link.ts';
import type { Pricing } from './pricing.ts';
import { change, report, takeFiles, takeResult } from './state.ts';

export async function begin(): Promise<void> {
	try {
		const embedded = document.getElementById('embedded')?.textContent ?? '';
		if (embedded !== '') {
			const { analyses, state } = JSON.parse(embedded) as { analyses: { model: { file: string } }[]; state: Pricing };
			change(state);
			for (const analysis of analyses) takeResult(JSON.stringify(analysis), analysis.model.file);
			return;
		}
		const opened = /^#opened=([0-9a-f]+)$/.exec(location.hash)?.[1];
		if (opened) {
			await takeFiles(await handedOver(`opened/${opened}/`));
			return;
		}
		const claim = decodeClaim(location.hash);
		if (claim) {
			claimWords.value = claim;
			return;
		}
		const linked = decodeLink(location.hash);
		if (!linked) return;
		change(linked.pricing);
		for (const text of linked.counts) takeResult(text, 'the counts in the link');
		if (linked.example) await showExample(linked.example);
	} catch (error) {
		report(error);
	}
}

/** The files `serve` was given. */
async function handedOver(folder: string): Promise<Dropped[]> {
	const fetched = async (name: string): Promise<Response> => {
		const response = await fetch(folder + name);
		if (!response.ok) throw new Error('the files of this address are no longer served. Start "snn-energy serve" again.');
		return response;
	};
	const list = (await (await fetched('list.json')).json()) as { name: string; kind?: Kind }[];
	return Promise.all(
		list.map(async ({ name, kind }, index) => {
			const file = new File([await (await fetched(String(index))).blob()], name);
			return { path: name, file, ...(kind === undefined ? {} : { kind }) };
		}),
	);
}

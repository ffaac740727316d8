/** Reads the files that a check names, and asks. */

import { existsSync } from 'node:fs';
import {
	architectureOfActivity,
	type ClaimArchitecture,
	type ClaimRequest,
	claimOf,
	isRateText,
	type NamedText,
} from '../claims/index.ts';
import { UserError } from '../errors.ts';
import { readInputText } from '../inputs.ts';
import { filesMeant } from './first-checks.ts';

/** Where a claim and its network come from. */
export interface ClaimSources {
	readonly claim?: readonly string[];
	readonly timesteps?: number;
	readonly arch?: string;
	readonly layers?: string;
	readonly model?: string;
	readonly rates?: string;
	readonly summed?: boolean;
	readonly price?: string;
}

const largestList = 10_000_000;

/** @throws UserError that names the option, where the file cannot be read */
async function readList(path: string, option: string, expected: string): Promise<NamedText> {
	try {
		return { name: path, text: readInputText(path, { largest: largestList }) };
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		const meant = existsSync(path) ? '' : await filesMeant(path);
		throw new UserError(`${option} ${path}: the file cannot be read; give ${expected}.${meant}`, { cause, exitCode: 2 });
	}
}

/** What was asked, its files read. @throws UserError for two networks, and files that are not understood */
export async function claimRequest(sources: ClaimSources): Promise<ClaimRequest> {
	const { timesteps, arch, layers, model, rates, summed, price } = sources;
	const claim = (sources.claim ?? []).join(', ');
	// A model is run, which no mistake in the other words should wait for.
	const figures = claimOf({ ...sources, claim });
	return {
		claim,
		...(timesteps === undefined ? {} : { timesteps }),
		...(arch === undefined ? {} : { arch }),
		...(layers === undefined ? {} : { layers: await readList(layers, '--layers', 'a CSV or YAML') }),
		...(model === undefined ? {} : { model: await architectureOfModel(model, figures.timesteps) }),
		...(rates === undefined ? {} : { rates: isRateText(rates) ? rates : await readList(rates, '--rates', rateForms) }),
		...(summed === undefined ? {} : { summed }),
		...(price === undefined ? {} : { price }),
	};
}

const rateForms = 'a rate, rates separated by commas, or a CSV';

/** One sample of noise is enough: only the structure is read. */
async function architectureOfModel(model: string, timesteps: number | undefined): Promise<ClaimArchitecture> {
	const { countEvents, loadNetwork } = await import('../pipeline.ts');
	const network = await loadNetwork(model, timesteps === undefined ? {} : { timesteps });
	return architectureOfActivity(await countEvents(network, { data: 'random:0', samples: 1 }));
}

/** A check as it is asked for: texts that a command line and a page both have. Files are read by whoever asks. */

import { UserError } from '../errors.ts';
import { claimArchitecture } from './architectures/index.ts';
import { type ClaimCheck, checkClaim } from './check.ts';
import { type Claim, readClaim } from './claim.ts';
import type { ClaimRates } from './counts.ts';
import { readLayerList, readRates } from './layer-list.ts';
import type { ClaimArchitecture } from './layers.ts';
import { type OperationPrice, operationPrices } from './prices.ts';

/** The text of a file, and the name that messages call it by. */
export interface NamedText {
	readonly name: string;
	readonly text: string;
}

/** What `check` is told; every text as a user writes it. */
export interface ClaimRequest {
	/** Printed figures: "5.5 G SOP, 11.58 mJ, T=4"; "" for none. */
	readonly claim: string;
	/** Where the claim does not say. */
	readonly timesteps?: number;
	/** Name of a published architecture. */
	readonly arch?: string;
	/** List of layers, CSV or YAML. */
	readonly layers?: NamedText;
	/** A network whose structure was read elsewhere. */
	readonly model?: ClaimArchitecture;
	/** "0.2", "20 %", rates separated by commas; or a CSV. */
	readonly rates?: string | NamedText;
	/** Rates are spikes summed over timesteps. */
	readonly summed?: boolean;
	/** Prices to try before the usual ones, "12.5pJ,77fJ". */
	readonly price?: string;
}

const usage = (words: string): UserError => new UserError(words, { exitCode: 2 });

/** What tells whether there is a network, of files or their paths. */
interface Asked {
	readonly claim: string;
	readonly timesteps?: number;
	readonly arch?: unknown;
	readonly layers?: unknown;
	readonly model?: unknown;
}

/** The figures of a request; timesteps may stand beside them. @throws UserError, for two networks too */
export function claimOf({ claim: text, timesteps, arch, layers, model }: Asked): Claim {
	const networks = [arch, layers, model].filter((given) => given !== undefined).length;
	if (networks > 1) throw usage('--arch, --layers and --model each name the network; give one of them.');
	if (text.trim() === '' && networks === 0)
		throw usage('check needs a claim, such as "5.5 G SOP, 11.58 mJ, T=4", or a network (--arch, --layers, --model).');
	const claim = text.trim() === '' ? {} : readClaim(text);
	if (timesteps === undefined) return claim;
	if (!(Number.isSafeInteger(timesteps) && timesteps >= 1 && timesteps <= 1e6))
		throw usage(`--timesteps ${timesteps}: expected a whole number from 1 to 1,000,000.`);
	if (claim.timesteps !== undefined && claim.timesteps !== timesteps)
		throw usage(`--timesteps ${timesteps}: the claim says T = ${claim.timesteps}; give one of them.`);
	return { ...claim, timesteps };
}

/**
 * Checks what was asked for.
 *
 * @throws UserError for figures, networks and rates that are not understood, two networks, and rates without one
 */
export function checkRequest(request: ClaimRequest): ClaimCheck {
	const { arch, layers, model, price } = request;
	const claim = claimOf(request);
	const listed = layers === undefined ? null : readLayerList(layers.text, layers.name);
	const architecture = listed?.architecture ?? model ?? (arch === undefined ? null : claimArchitecture(arch));
	const rates = request.rates === undefined ? listed?.rates : ratesOf(request.rates);
	if (rates !== undefined && architecture === null)
		throw usage('--rates need a network whose layers they belong to: give --arch, --layers or --model.');
	const perStep = request.summed === true && rates !== undefined ? perTimestep(rates, claim.timesteps) : rates;
	return checkClaim(claim, {
		architecture,
		prices: pricesOf(price),
		...(perStep === undefined ? {} : { rates: perStep }),
	});
}

function perTimestep(rates: ClaimRates, timesteps: number | undefined): ClaimRates {
	if (timesteps === undefined) throw usage('--summed needs the number of timesteps the rates are summed over: give --timesteps.');
	if (typeof rates === 'number') return rates / timesteps;
	if (Array.isArray(rates)) return rates.map((rate: number) => rate / timesteps);
	return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate / timesteps]));
}

function ratesOf(rates: string | NamedText): ClaimRates {
	if (typeof rates !== 'string') return readRates(rates.text, rates.name);
	const list = readRates(rates.replaceAll(',', '\n'), '--rates') as readonly number[];
	return rates.includes(',') ? list : (list[0] as number);
}

const scales: Readonly<Record<string, number>> = { f: 1e-15, p: 1e-12, n: 1e-9, u: 1e-6, µ: 1e-6, μ: 1e-6, '': 1 };

/** Prices of --price in front of the usual ones. @throws UserError unless they read as "MAC,AC" */
function pricesOf(text: string | undefined): readonly OperationPrice[] {
	if (text === undefined) return operationPrices;
	const parts = text.split(',').map((part) => /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([fpnuµμ]?)J\s*$/.exec(part));
	const [mac, ac] = parts.map((match) => (match ? Number(match[1]) * (scales[match[2] ?? ''] as number) : Number.NaN));
	if (parts.length !== 2 || mac === undefined || ac === undefined || !(mac > 0 && ac > 0))
		throw usage(`--price ${text}: expected the price of a multiply-accumulate and of an accumulate, such as "12.5pJ,77fJ".`);
	return [{ name: text.trim(), macJoules: mac, acJoules: ac, source: '--price', profile: null }, ...operationPrices];
}

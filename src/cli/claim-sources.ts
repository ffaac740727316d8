import {
	architectureOfActivity,
	type Claim,
	type ClaimArchitecture,
	type ClaimRates,
	claimArchitecture,
	type OperationPrice,
	operationPrices,
	readClaim,
	readLayerList,
	readRates,
} from '../claims/index.ts';
import { UserError } from '../errors.ts';
import { readInputText } from '../inputs.ts';

/** Where a claim's network and rates come from. */
export interface ClaimSources {
	readonly arch?: string;
	readonly layers?: string;
	readonly model?: string;
	readonly rates?: string;
	readonly summed?: boolean;
}

const usage = (words: string): UserError => new UserError(words, { exitCode: 2 });

/** The claim from the words of a command line; its timesteps may stand in an option. @throws UserError */
export function claimOf(
	words: readonly string[] = [],
	{ timesteps, arch, layers, model }: ClaimSources & { readonly timesteps?: number },
): Claim {
	const text = words.join(', ');
	if (text.trim() === '' && arch === undefined && layers === undefined && model === undefined)
		throw usage('check needs a claim, such as "5.5 G SOP, 11.58 mJ, T=4", or a network (--arch, --layers, --model).');
	const claim = text.trim() === '' ? {} : readClaim(text);
	if (timesteps === undefined) return claim;
	if (!(Number.isSafeInteger(timesteps) && timesteps >= 1 && timesteps <= 1e6))
		throw usage(`--timesteps ${timesteps}: expected a whole number from 1 to 1,000,000.`);
	if (claim.timesteps !== undefined && claim.timesteps !== timesteps)
		throw usage(`--timesteps ${timesteps}: the claim says T = ${claim.timesteps}; give one of them.`);
	return { ...claim, timesteps };
}

const largestList = 10_000_000;

/** @throws UserError that names the option, where the file cannot be read */
function readList(path: string, option: string, expected: string): string {
	try {
		return readInputText(path, { largest: largestList });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(`${option} ${path}: the file cannot be read; give ${expected}.`, { cause, exitCode: 2 });
	}
}

/** The network to check against, and its rates. @throws UserError for two networks, and files that are not understood */
export async function networkOf(
	sources: ClaimSources,
	timesteps: number | undefined,
): Promise<{ readonly architecture: ClaimArchitecture | null; readonly rates: ClaimRates | undefined }> {
	const given = [sources.arch, sources.layers, sources.model].filter((value) => value !== undefined);
	if (given.length > 1) throw usage('--arch, --layers and --model each name the network; give one of them.');
	const listed =
		sources.layers === undefined ? null : readLayerList(readList(sources.layers, '--layers', 'a CSV or YAML'), sources.layers);
	const architecture =
		listed?.architecture ??
		(sources.arch !== undefined
			? claimArchitecture(sources.arch)
			: sources.model !== undefined
				? await architectureOfModel(sources.model, timesteps)
				: null);
	const rates = sources.rates === undefined ? listed?.rates : ratesOf(sources.rates);
	if (rates !== undefined && architecture === null)
		throw usage('--rates need a network whose layers they belong to: give --arch, --layers or --model.');
	if (sources.summed !== true || rates === undefined) return { architecture, rates };
	if (timesteps === undefined) throw usage('--summed needs the number of timesteps the rates are summed over: give -T.');
	return { architecture, rates: perTimestep(rates, timesteps) };
}

function perTimestep(rates: ClaimRates, timesteps: number): ClaimRates {
	if (typeof rates === 'number') return rates / timesteps;
	if (Array.isArray(rates)) return rates.map((rate: number) => rate / timesteps);
	return Object.fromEntries(Object.entries(rates).map(([name, rate]) => [name, rate / timesteps]));
}

/** A number, a list of numbers, or a file. */
function ratesOf(text: string): ClaimRates {
	if (/^\s*[\d.]+\s*%?\s*$/.test(text)) return (readRates(text, '--rates') as readonly number[])[0] as number;
	if (/^\s*[\d.]+\s*%?(?:\s*,\s*[\d.]+\s*%?)+\s*$/.test(text)) return readRates(text.replaceAll(',', '\n'), '--rates');
	return readRates(readList(text, '--rates', 'a rate, rates separated by commas, or a CSV'), text);
}

/** One sample of noise is enough: only the structure is read. */
async function architectureOfModel(model: string, timesteps: number | undefined): Promise<ClaimArchitecture> {
	const { countEvents, loadNetwork } = await import('../pipeline.ts');
	const network = await loadNetwork(model, timesteps === undefined ? {} : { timesteps });
	return architectureOfActivity(await countEvents(network, { data: 'random:0', samples: 1 }));
}

const scales: Readonly<Record<string, number>> = { f: 1e-15, p: 1e-12, n: 1e-9, u: 1e-6, µ: 1e-6, μ: 1e-6, '': 1 };

/** Prices of --price in front of the usual ones. @throws UserError unless they read as "MAC,AC" */
export function pricesOf(text: string | undefined): readonly OperationPrice[] {
	if (text === undefined) return operationPrices;
	const parts = text.split(',').map((part) => /^\s*(\d+(?:\.\d+)?|\.\d+)\s*([fpnuµμ]?)J\s*$/.exec(part));
	const [mac, ac] = parts.map((match) => (match ? Number(match[1]) * (scales[match[2] ?? ''] as number) : Number.NaN));
	if (parts.length !== 2 || mac === undefined || ac === undefined || !(mac > 0 && ac > 0))
		throw usage(`--price ${text}: expected the price of a multiply-accumulate and of an accumulate, such as "12.5pJ,77fJ".`);
	return [{ name: text.trim(), macJoules: mac, acJoules: ac, source: '--price', profile: null }, ...operationPrices];
}

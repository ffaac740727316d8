/** Reads a claim as papers print it: "5.5 G SOP, 11.58 mJ, T=4". A printed digit says how exact a figure is. */

import { UserError } from '../errors.ts';
import type { Interval } from '../hardware/estimate.ts';
import { siPrefixes } from '../si-prefixes.ts';

/** A printed figure with the values its digits stand for: "11.58 mJ" is 11.575 to 11.585 mJ. */
export interface ClaimedFigure extends Interval {
	/** As it was printed. */
	readonly text: string;
}

/** The numbers of a claim, per inference; what it does not say is absent. */
export interface Claim {
	/** Energy of the spiking network. */
	readonly energyJoules?: ClaimedFigure;
	/** Energy of the DNN it is compared with. */
	readonly dnnEnergyJoules?: ClaimedFigure;
	/** DNN ÷ SNN. */
	readonly ratio?: ClaimedFigure;
	/** Synaptic operations: accumulates that spikes cause, over all timesteps. */
	readonly sops?: ClaimedFigure;
	/** Multiply-accumulates of layers that read numbers, over all timesteps. */
	readonly macs?: ClaimedFigure;
	/** Operations of one dense pass of the DNN. */
	readonly flops?: ClaimedFigure;
	readonly parameters?: ClaimedFigure;
	/** Mean firing rate: spikes per neuron and timestep, as a fraction. */
	readonly rate?: ClaimedFigure;
	readonly timesteps?: number;
}

const numberForm = String.raw`(?<number>\d[\d,]*(?:\.\d+)?|\.\d+)(?:\s*(?:[eE]|[x×*]\s*10\^?)\(?(?<exponent>[-−+]?\d{1,3})\)?)?`;
const label = String.raw`[a-zA-Z ]*[:=]?\s*`;

/** What may stand in a claim, tried in this order. The unit decides, a word before it only where the unit is not enough. */
const forms: readonly { readonly key: keyof Claim; readonly pattern: RegExp }[] = [
	{ key: 'timesteps', pattern: /^(?:T|time ?steps?)\s*[:=]?\s*(?<number>\d+)$/i },
	{ key: 'timesteps', pattern: /^(?<number>\d+)\s*(?:time ?)?steps?$/i },
	{ key: 'dnnEnergyJoules', pattern: new RegExp(`^(?:ANN|DNN|CNN)${label}${numberForm}\\s*(?<prefix>[pnuµμm]?)J$`) },
	{ key: 'dnnEnergyJoules', pattern: new RegExp(`^${numberForm}\\s*(?<prefix>[pnuµμm]?)J\\s*\\(?(?:ANN|DNN|CNN)\\)?$`) },
	{
		key: 'energyJoules',
		pattern: new RegExp(`^(?:(?:SNN|energy|power|E)\\s*)*[:=]?\\s*${numberForm}\\s*(?<prefix>[pnuµμm]?)J$`, 'i'),
	},
	{
		key: 'ratio',
		pattern: new RegExp(
			`^(?:ratio|saves|less|lower)?\\s*[:=]?\\s*${numberForm}\\s*[x×](?:\\s*(?:less|lower|better|fewer))?$`,
			'i',
		),
	},
	{
		key: 'rate',
		pattern: new RegExp(
			`^(?:(?:mean|average|firing|spike|spiking)\\s*)*(?:rate|fr)\\s*[:=]?\\s*${numberForm}\\s*(?<percent>%?)$`,
			'i',
		),
	},
	{ key: 'rate', pattern: new RegExp(`^${numberForm}\\s*(?<percent>%)\\s*(?:(?:firing|spike|spiking)\\s*)?(?:rate)?$`, 'i') },
	{ key: 'parameters', pattern: new RegExp(`^${numberForm}\\s*(?<prefix>[kKMGBT]?)\\s*param(?:eter)?s?\\.?$`) },
	{ key: 'parameters', pattern: new RegExp(`^param(?:eter)?s?\\.?\\s*[:=]?\\s*${numberForm}\\s*(?<prefix>[kKMGBT]?)$`) },
	{
		key: 'sops',
		pattern: new RegExp(`^${numberForm}\\s*(?<prefix>[kKMGBT]?)\\s*(?:SOP|Syn ?OP|OP|AC|synaptic operation|accumulate)s?$`, 'i'),
	},
	{ key: 'sops', pattern: new RegExp(`^(?:SOP|SynOP|OP|AC)s?\\s*[:=]?\\s*${numberForm}\\s*(?<prefix>[kKMGBT]?)$`) },
	{ key: 'macs', pattern: new RegExp(`^${numberForm}\\s*(?<prefix>[kKMGBT]?)\\s*MACs?$`) },
	{ key: 'macs', pattern: new RegExp(`^MACs?\\s*[:=]?\\s*${numberForm}\\s*(?<prefix>[kKMGBT]?)$`) },
	{ key: 'flops', pattern: new RegExp(`^${numberForm}\\s*(?<prefix>[kKMGBT]?)\\s*FLOPs?$`, 'i') },
	{ key: 'flops', pattern: new RegExp(`^FLOPs?\\s*[:=]?\\s*${numberForm}\\s*(?<prefix>[kKMGBT]?)$`, 'i') },
];

/** A figure from its digits, in units of `scale`. */
function figure(text: string, digits: string, exponent: string | undefined, scale: number): ClaimedFigure {
	const plain = digits.replaceAll(',', '');
	const decimals = plain.includes('.') ? plain.length - plain.indexOf('.') - 1 : 0;
	const power = 10 ** Number((exponent ?? '0').replace('−', '-'));
	const value = Number(plain);
	// 16,610 is rounded to tens: zeros at the end of a whole number stand for digits nobody printed.
	const unprinted = decimals === 0 && plain.length > 2 && !plain.includes('.') ? (/0*$/.exec(plain)?.[0].length ?? 0) : 0;
	const half = 0.5 * 10 ** (unprinted - decimals);
	return { text, low: (value - half) * power * scale, nominal: value * power * scale, high: (value + half) * power * scale };
}

function notUnderstood(part: string): UserError {
	return new UserError(
		`claim: "${part}" is not understood; write figures with their units, separated by commas, such as "5.5 G SOP, 11.58 mJ, T=4", and also "0.14 G MACs", "8.3 GFLOPs", "66.3 M params", "rate 0.2", "ANN 41.8 mJ", "12x less".`,
		{ exitCode: 2 },
	);
}

/**
 * Reads a claim from text: figures with units, separated by commas, semicolons or line breaks.
 *
 * Units: J, SOP (also SynOPs, OPs, ACs), MACs, FLOPs, params, with the prefixes of papers; `T=4`; `rate 0.2` or `20 %`;
 * `ANN 41.8 mJ`; `12x less`. "22 G FLOPs" beside the energy of a spiking network often means SOPs: the check looks at both.
 *
 * @throws UserError for what is not a figure of a claim, and for a figure given twice
 */
export function readClaim(text: string): Claim {
	const claim: Partial<Record<keyof Claim, ClaimedFigure | number>> = {};
	for (const part of text.split(/[;\n]|,(?!\d{3}(?!\d))/)) {
		const trimmed = part.trim();
		if (trimmed === '') continue;
		const found = forms.map(({ key, pattern }) => ({ key, groups: pattern.exec(trimmed)?.groups })).find(({ groups }) => groups);
		if (!found?.groups) throw notUnderstood(trimmed);
		const { key, groups } = found;
		if (claim[key] !== undefined)
			throw new UserError(`claim: "${trimmed}" names a second figure of its kind; check one row of a table at a time.`, {
				exitCode: 2,
			});
		const { number: digits = '', exponent, prefix = '', percent } = groups;
		if (key === 'timesteps') {
			const timesteps = Number(digits);
			if (timesteps < 1 || timesteps > 1e6)
				throw new UserError(`claim: "${trimmed}" is not a number of timesteps; it must be from 1 to 1,000,000.`, { exitCode: 2 });
			claim.timesteps = timesteps;
			continue;
		}
		const scale = percent === '%' ? 0.01 : (siPrefixes[prefix] as number);
		const read = figure(trimmed, digits, exponent, scale);
		if (!(read.nominal > 0 && Number.isFinite(read.nominal)) && key !== 'rate')
			throw new UserError(`claim: "${trimmed}" must be a number above 0.`, { exitCode: 2 });
		claim[key] = read;
	}
	if (Object.keys(claim).length === 0) throw notUnderstood(text.trim());
	return claim as Claim;
}

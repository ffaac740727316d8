/**
 * The claim checker: which published formula gives a printed energy, what that formula leaves out, and which printed
 * numbers cannot all be true. Pure: no files, no network, no runtime.
 *
 * @see docs/check.md
 */

import type { Interval } from '../hardware/estimate.ts';
import type { Claim, ClaimedFigure } from './claim.ts';
import { type ClaimFinding, contradictions } from './contradictions.ts';
import { type ClaimLayerRow, type ClaimRates, countsOf, firstMacs, type RatedSops, ratedLayers } from './counts.ts';
import type { ClaimFormulaResult, SopReading } from './formulas.ts';
import { type ClaimFormula, claimFormulas, dnnEnergy, exactly, weighted } from './formulas.ts';
import { type ClaimArchitecture, denseMacs } from './layers.ts';
import { type LeftOut, leftOut } from './left-out.ts';
import { type OperationPrice, operationPrices } from './prices.ts';
import { explainRemainder, type Remainder } from './remainder.ts';

/** What is known of the network, and which prices to try. */
export interface ClaimCheckOptions {
	readonly architecture?: ClaimArchitecture | null;
	readonly rates?: ClaimRates;
	/** Prices to try, the most likely first; default: the usual ones. */
	readonly prices?: readonly OperationPrice[];
}

/** What a check found. Energies are joules per inference, counts operations per inference. */
export interface ClaimCheck {
	readonly schema: 'snn-energy/claim-check@1';
	readonly claim: Claim;
	readonly architecture: {
		readonly name: string;
		readonly source: string;
		readonly parameters: number | null;
		readonly neurons: number | null;
		readonly denseMacs: number;
		readonly firstLayerMacs: number;
		readonly attentionMacs: number;
		readonly layers: readonly ClaimLayerRow[];
	} | null;
	/** Synaptic operations that the rates give; null without rates. */
	readonly sopsOfRates: RatedSops | null;
	/** The DNN baseline at the first price. */
	readonly dnnEnergyJoules: Interval | null;
	readonly formulas: readonly ClaimFormulaResult[];
	/** The formulas that give the claimed energy; no slips where a formula without one does. */
	readonly giving: readonly ClaimFormulaResult[];
	/** What the claimed energy leaves for multiply-accumulates, and what they could be; null without energy and operations. */
	readonly remainder: Remainder | null;
	readonly leftOut: readonly LeftOut[];
	readonly findings: readonly ClaimFinding[];
	/** One sentence. */
	readonly verdict: string;
}

const overlap = (left: Interval, right: Interval): boolean => left.low <= right.high && right.low <= left.high;

/** Rounding of sums in floating point must not decide whether a printed digit is met. */
const widened = ({ low, nominal, high }: Interval): Interval => ({ low: low * (1 - 1e-9), nominal, high: high * (1 + 1e-9) });

/**
 * Checks a claim about the energy of a spiking network.
 *
 * @param claim printed figures, from {@link readClaim}
 * @param options architecture (from `claimArchitecture` or a list of layers) and firing rates, as far as they are known
 * @throws UserError for rates that do not fit the architecture's layers
 */
export function checkClaim(claim: Claim, options: ClaimCheckOptions = {}): ClaimCheck {
	const { architecture = null, prices = operationPrices } = options;
	const timesteps = claim.timesteps ?? null;
	const rates = options.rates ?? (architecture && claim.rate && claim.sops === undefined ? claim.rate.nominal : undefined);
	const rated = architecture ? ratedLayers(architecture.layers, rates, timesteps) : null;
	const rate = meanRate(claim, options.rates, rated?.rows ?? []);
	const readings = readingsOf(claim, rated?.sops ?? null, architecture);
	const formulas = resultsOf(claim, architecture, readings, rate, prices);
	const giving = formulas.filter(({ givesClaim }) => givesClaim === true);
	const sound = giving.filter(({ slip }) => !slip);
	const first = prices[0] as OperationPrice;
	const sops = readings[0]?.sops ?? null;
	const remainder = explainRemainder(claim, architecture, sops, first);
	const findings = contradictions({ claim, architecture, rated, rate, sops, formulas, remainder, price: first });
	const chosen = sound.length > 0 ? sound : giving;
	return {
		schema: 'snn-energy/claim-check@1',
		claim,
		architecture: architecture && rated ? describe(architecture, rated.rows) : null,
		sopsOfRates: rated?.sops ?? null,
		dnnEnergyJoules: dnnEnergy(countsOf(claim, architecture, null, null).dense, first),
		formulas,
		giving: chosen,
		remainder,
		leftOut: leftOut(claim, architecture, rated, sops, formulaOf(chosen[0]), first),
		findings,
		verdict: verdictOf(claim, chosen, formulas, findings),
	};
}

const formulaOf = (result: ClaimFormulaResult | undefined): ClaimFormula | null =>
	claimFormulas.find(({ id }) => id === result?.id) ?? null;

function describe(architecture: ClaimArchitecture, rows: readonly ClaimLayerRow[]): NonNullable<ClaimCheck['architecture']> {
	const { name, source, parameters, neurons, layers } = architecture;
	return {
		name,
		source,
		parameters,
		neurons,
		denseMacs: denseMacs(layers),
		firstLayerMacs: firstMacs(architecture),
		attentionMacs: denseMacs(layers) - denseMacs(layers, false),
		layers: rows,
	};
}

/** The mean rate: the claimed one, the one given for all layers, or the mean of the layers' weighted by operations. */
function meanRate(claim: Claim, rates: ClaimRates | undefined, rows: readonly ClaimLayerRow[]): Interval | null {
	if (claim.rate) return claim.rate;
	if (typeof rates === 'number') return exactly(rates);
	const rated = rows.filter((row) => row.rate !== null);
	const macs = denseMacs(rated);
	return macs === 0 ? null : exactly(rated.reduce((sum, row) => sum + (row.rate as number) * row.macs, 0) / macs);
}

interface Reading {
	readonly from: SopReading;
	readonly sops: Interval;
	/** Bias additions beside them. */
	readonly biases?: number;
}

/** What could be meant by synaptic operations, the likeliest first. */
function readingsOf(claim: Claim, ofRates: RatedSops | null, architecture: ClaimArchitecture | null): Reading[] {
	const readings: Reading[] = [];
	if (claim.sops) readings.push({ from: 'claimed', sops: claim.sops });
	if (ofRates) {
		const spread = claim.rate;
		const scaled = (sops: number): Interval =>
			spread && spread.nominal > 0
				? weighted([{ low: spread.low, nominal: spread.nominal, high: spread.high }, sops / spread.nominal])
				: exactly(sops);
		readings.push({ from: 'rates', sops: scaled(ofRates.weights + ofRates.products), biases: ofRates.biases });
		if (ofRates.products > 0)
			readings.push({ from: 'rates without attention', sops: scaled(ofRates.weights), biases: ofRates.biases });
	}
	// Tables of spiking transformers head their column of synaptic operations "FLOPs".
	if (claim.flops && !claim.sops && !ofRates && !(architecture && isDensePass(claim.flops, architecture)))
		readings.push({ from: 'claimed FLOPs', sops: claim.flops });
	return readings;
}

/** Whether claimed FLOPs are those of one dense pass, at one or two a multiply-accumulate, to a percent. */
function isDensePass(flops: ClaimedFigure, { layers }: ClaimArchitecture): boolean {
	const macs = denseMacs(layers);
	return [macs, 2 * macs, denseMacs(layers, false)].some((count) => Math.abs(flops.nominal / count - 1) < 0.01);
}

function resultsOf(
	claim: Claim,
	architecture: ClaimArchitecture | null,
	readings: readonly Reading[],
	rate: Interval | null,
	prices: readonly OperationPrice[],
): ClaimFormulaResult[] {
	const results: ClaimFormulaResult[] = [];
	for (const price of prices) {
		for (const formula of claimFormulas) {
			const withoutSops = formula.energy(countsOf(claim, architecture, null, rate), price);
			const sources: readonly (Reading | null)[] = withoutSops ? [null] : readings;
			for (const reading of sources) {
				const energy = formula.energy(countsOf(claim, architecture, reading?.sops ?? null, rate, reading?.biases), price);
				if (!energy) continue;
				const claimed = claim.energyJoules;
				results.push({
					id: formula.id,
					formula: formula.formula,
					source: formula.source,
					price: price.name,
					slip: formula.slip === true,
					sops: reading?.from ?? null,
					energyJoules: energy,
					givesClaim: claimed ? overlap(widened(energy), claimed) : null,
					relativeToClaim: claimed ? energy.nominal / claimed.nominal : null,
				});
			}
		}
	}
	return results;
}

function verdictOf(
	claim: Claim,
	giving: readonly ClaimFormulaResult[],
	formulas: readonly ClaimFormulaResult[],
	findings: readonly ClaimFinding[],
): string {
	const broken = findings.filter(({ severity }) => severity === 'contradiction').length;
	const contradicts =
		broken === 0 ? '' : ` ${broken === 1 ? 'One number contradicts' : `${broken} findings contradict`} the claim.`;
	const [best] = giving;
	if (!claim.energyJoules) {
		return formulas.length === 0
			? `The claim names no energy, and nothing to form one on.${contradicts}`
			: `The claim names no energy; the formulas below say what it would be.${contradicts}`;
	}
	if (best)
		return `${claim.energyJoules.text} is ${best.formula} at ${best.price} prices${best.slip ? ', a slip' : ''}.${contradicts}`;
	if (formulas.length === 0)
		return `Nothing to form ${claim.energyJoules.text} on: give synaptic operations, or an architecture with rates and timesteps.${contradicts}`;
	const closest = formulas.reduce((near, one) =>
		Math.abs(Math.log(one.relativeToClaim ?? Infinity)) < Math.abs(Math.log(near.relativeToClaim ?? Infinity)) ? one : near,
	);
	const percent = 100 * ((closest.relativeToClaim ?? 1) - 1);
	return `No formula gives ${claim.energyJoules.text}; the nearest, ${closest.formula} at ${closest.price} prices, is ${percent >= 0 ? '+' : '−'}${Math.abs(percent).toPrecision(3)} % off.${contradicts}`;
}

/** Which numbers of a claim cannot all be true, each as one sentence with the arithmetic that shows it. */

import type { Interval } from '../hardware/estimate.ts';
import type { Claim, ClaimedFigure } from './claim.ts';
import { firstMacs, impliedRate, type RatedLayers } from './counts.ts';
import type { ClaimFormulaResult } from './formulas.ts';
import { exactly, times, weighted } from './formulas.ts';
import { type ClaimArchitecture, denseMacs } from './layers.ts';
import type { OperationPrice } from './prices.ts';
import type { Remainder } from './remainder.ts';
import { compact, joules, percentOf, picojoules } from './wording.ts';

/** A contradiction: these figures cannot all be right. A remark: they can, and a reader should know. */
export interface ClaimFinding {
	readonly kind: string;
	readonly severity: 'contradiction' | 'remark';
	readonly sentence: string;
}

interface Facts {
	readonly claim: Claim;
	readonly architecture: ClaimArchitecture | null;
	readonly rated: RatedLayers | null;
	readonly rate: Interval | null;
	/** Synaptic operations as they were read. */
	readonly sops: Interval | null;
	readonly formulas: readonly ClaimFormulaResult[];
	readonly remainder: Remainder | null;
	readonly price: OperationPrice;
}

type Check = (facts: Facts) => readonly ClaimFinding[];

const found = (kind: string, severity: ClaimFinding['severity'], sentence: string): readonly ClaimFinding[] => [
	{ kind, severity, sentence },
];
const nothing: readonly ClaimFinding[] = [];

const apart = (left: Interval, right: Interval): boolean =>
	left.low > right.high * (1 + 1e-9) || right.low > left.high * (1 + 1e-9);

/** The energy is below what its own synaptic operations cost: 0.9 pJ is the least anyone charges in FP32. */
const belowAccumulates: Check = ({ claim, sops, price, formulas }) => {
	const { energyJoules: energy } = claim;
	if (!energy || !sops || energy.high >= price.acJoules * sops.low * (1 - 1e-9)) return nothing;
	// Where a slip explains the energy, that is the finding.
	if (formulas.some(({ givesClaim, slip }) => givesClaim === true && slip)) return nothing;
	const each = energy.nominal / sops.nominal;
	const other = formulas.find(({ givesClaim, price: name, slip }) => givesClaim === true && name !== price.name && !slip);
	return found(
		'energy-below-operations',
		'contradiction',
		`${energy.text} for ${compact(sops.nominal)} synaptic operations is ${picojoules(each)} an operation, less than one accumulate (${picojoules(price.acJoules)}, ${price.name}); the operations alone cost ${joules(price.acJoules * sops.nominal)}${other ? `. It fits ${other.price} prices (${other.formula})` : ''}.`,
	);
};

/** More per operation than a multiply-accumulate, with nothing else to pay. */
const aboveMultiplies: Check = ({ claim, sops, price, remainder, architecture }) => {
	const { energyJoules: energy } = claim;
	if (!energy || !sops || price.macJoules === null || !remainder) return nothing;
	if (architecture) {
		const dense = denseMacs(architecture.layers) * (claim.timesteps ?? 1);
		if (claim.timesteps === undefined || remainder.macs.low <= dense) return nothing;
		return found(
			'energy-above-network',
			'contradiction',
			`${energy.text} less ${joules(price.acJoules * sops.nominal)} for synaptic operations leaves ${compact(remainder.macs.nominal)} multiply-accumulates, more than the ${compact(dense)} of ${architecture.name} at all ${claim.timesteps} timesteps.`,
		);
	}
	if (claim.macs || energy.low <= price.macJoules * sops.high) return nothing;
	return found(
		'energy-above-operations',
		'contradiction',
		`${energy.text} for ${compact(sops.nominal)} synaptic operations is ${picojoules(energy.nominal / sops.nominal)} an operation, more than a multiply-accumulate (${picojoules(price.macJoules)}, ${price.name}): most of it is not synaptic operations.`,
	);
};

/** More operations than connections times timesteps. */
const moreThanConnections: Check = ({ claim, sops, architecture }) => {
	const dense = architecture ? exactly(denseMacs(architecture.layers)) : (claim.flops ?? null);
	if (!sops || !dense || claim.timesteps === undefined || sops === claim.flops) return nothing;
	const most = weighted([dense, claim.timesteps]);
	if (sops.low > most.high)
		return found(
			'operations-above-connections',
			'contradiction',
			`${compact(sops.nominal)} synaptic operations are more than every connection at every timestep: ${claim.timesteps} × ${compact(dense.nominal)} = ${compact(most.nominal)}. The mean rate would be ${(sops.nominal / most.nominal).toPrecision(3)}.`,
		);
	return nothing;
};

const rateOutOfRange: Check = ({ claim, rated }) => {
	const findings: ClaimFinding[] = [];
	const judge = (value: number, what: string): void => {
		if (value <= 1) return;
		const summed = claim.timesteps !== undefined && value <= claim.timesteps;
		findings.push(
			...found(
				'rate-above-1',
				'contradiction',
				`${what} is ${value}: a neuron fires at most once a timestep${summed ? `. It can be spikes summed over ${claim.timesteps} timesteps; divide by them` : ''}.`,
			),
		);
	};
	if (claim.rate) judge(claim.rate.low, `"${claim.rate.text}"`);
	for (const { name, rate } of rated?.rows ?? []) if (rate !== null && !claim.rate) judge(rate, `the rate of ${name}`);
	return findings.length > 3
		? [...findings.slice(0, 2), { ...(findings[2] as ClaimFinding), sentence: `${findings.length - 2} more rates are above 1.` }]
		: findings;
};

/** Synaptic operations, rate, timesteps and connections are one equation. */
const operationsAgainstRate: Check = ({ claim, sops, architecture, rated }) => {
	const dense = architecture ? exactly(denseMacs(architecture.layers)) : (claim.flops ?? null);
	if (!claim.sops || !sops || !dense || dense === sops) return nothing;
	const timesteps = claim.timesteps ?? 1;
	if (rated?.sops && architecture && !claim.rate) {
		const { weights, products } = rated.sops;
		if ([weights, weights + products].some((ours) => !apart(exactly(ours), claim.sops as ClaimedFigure))) return nothing;
		return found(
			'operations-against-rates',
			'contradiction',
			`The rates give ${compact(weights + products)} synaptic operations (${compact(weights)} without attention), the claim says ${claim.sops.text}.`,
		);
	}
	const implied = impliedRate(sops, dense, architecture ? firstMacs(architecture) : 0, timesteps);
	if (!claim.rate) {
		return architecture && claim.timesteps !== undefined && implied.nominal <= 1
			? found(
					'implied-rate',
					'remark',
					`${claim.sops.text} is a mean input rate of ${percentOf(implied.nominal)} over the layers behind spikes of ${architecture.name} at T = ${timesteps}.`,
				)
			: nothing;
	}
	const whole = times(weighted([dense, timesteps]), claim.rate);
	const behind = times(weighted([dense, timesteps], [-timesteps * (architecture ? firstMacs(architecture) : 0), 1]), claim.rate);
	if (!apart(whole, claim.sops) || !apart(behind, claim.sops)) return nothing;
	const once = times(dense, claim.rate);
	if (timesteps > 1 && !apart(once, claim.sops))
		return found(
			'operations-of-one-timestep',
			'contradiction',
			`${claim.sops.text} is rate × connections without the ${timesteps} timesteps; with them it is ${compact(whole.nominal)}.`,
		);
	return found(
		'operations-against-rate',
		'remark',
		`"${claim.rate.text}" on every layer gives ${compact(behind.nominal)} synaptic operations, the claim says ${claim.sops.text}, a mean of ${percentOf(implied.nominal)} weighted by operations: rates must differ a great deal between layers, or one of the two is wrong.`,
	);
};

const parametersAgainstArchitecture: Check = ({ claim, architecture }) => {
	const { parameters } = claim;
	const ours = architecture?.parameters ?? null;
	if (!parameters || ours === null || architecture === null || !apart(exactly(ours), parameters)) return nothing;
	const difference = parameters.nominal / ours - 1;
	return found(
		'parameters-against-architecture',
		Math.abs(difference) < 0.005 ? 'remark' : 'contradiction',
		`${architecture.name} has ${compact(ours, 4)} parameters in its published code, the claim says ${parameters.text} (${percentOf(difference)}).`,
	);
};

const flopsAgainstArchitecture: Check = ({ claim, architecture, sops }) => {
	const { flops } = claim;
	if (!flops || !architecture) return nothing;
	const macs = denseMacs(architecture.layers);
	const readAsSops = sops?.nominal === flops.nominal;
	for (const [count, what] of [
		[macs, ''],
		[denseMacs(architecture.layers, false), ' without attention'],
	] as const) {
		if (!apart(exactly(count), flops)) return nothing;
		if (!apart(exactly(2 * count), flops))
			return found(
				'flops-are-two-a-mac',
				'remark',
				`${flops.text} is two a multiply-accumulate${what}: ${architecture.name} has ${compact(count)} MACs.`,
			);
	}
	if (readAsSops)
		return found(
			'flops-are-operations',
			'remark',
			`${flops.text} is not the dense pass of ${architecture.name} (${compact(macs)} MACs); it is read as synaptic operations, as tables of spiking networks often mean it.`,
		);
	const close = Math.abs(flops.nominal / macs - 1) < 0.01;
	return found(
		'flops-against-architecture',
		close ? 'remark' : 'contradiction',
		`${architecture.name} has ${compact(macs, 4)} multiply-accumulates a dense pass, the claim says ${flops.text}.`,
	);
};

/** Every stored weight is used at least once an inference. */
const parametersAgainstFlops: Check = ({ claim }) => {
	const { parameters, flops } = claim;
	if (!parameters || !flops || flops.high >= parameters.low * 0.9) return nothing;
	return found(
		'fewer-operations-than-parameters',
		'contradiction',
		`${flops.text} is less than ${parameters.text}: a dense pass uses every weight at least once. It may be meant as synaptic operations.`,
	);
};

const ratioAgainstEnergies: Check = ({ claim, architecture, price }) => {
	const { energyJoules: snn, dnnEnergyJoules: dnn, ratio, flops } = claim;
	const findings: ClaimFinding[] = [];
	if (snn && dnn && ratio) {
		const ours = { low: dnn.low / snn.high, nominal: dnn.nominal / snn.nominal, high: dnn.high / snn.low };
		if (apart(ours, ratio))
			findings.push(
				...found(
					'ratio-against-energies',
					'contradiction',
					`${dnn.text} ÷ ${snn.text} is ${ours.nominal.toPrecision(3)}, the claim says ${ratio.text}.`,
				),
			);
	}
	const dense = architecture ? exactly(denseMacs(architecture.layers)) : flops;
	if (dnn && dense && price.macJoules !== null) {
		const ours = weighted([dense, price.macJoules]);
		const twice = weighted([dense, 2 * price.macJoules]);
		const weightsOnly = architecture ? exactly(price.macJoules * denseMacs(architecture.layers, false)) : ours;
		if (apart(ours, dnn) && apart(weightsOnly, dnn))
			findings.push(
				...found(
					'dnn-energy-against-operations',
					apart(twice, dnn) ? 'contradiction' : 'remark',
					`The DNN's ${compact(dense.nominal)} multiply-accumulates cost ${joules(ours.nominal)} at ${price.name} prices, the claim says ${dnn.text}${apart(twice, dnn) ? '' : ', twice as much: two operations a multiply-accumulate are priced as two multiply-accumulates'}.`,
				),
			);
	}
	return findings;
};

const slips: Check = ({ claim, formulas }) => {
	if (!claim.energyJoules || formulas.some(({ givesClaim, slip }) => givesClaim === true && !slip)) return nothing;
	const slip = formulas.find(({ givesClaim, slip: isSlip }) => givesClaim === true && isSlip);
	if (!slip) return nothing;
	const { text } = claim.energyJoules;
	const priced = `${slip.formula} at ${slip.price} prices`;
	const sentences: Readonly<Record<string, string>> = {
		'rate-twice': `${text} is the rate applied twice: ${priced}, and synaptic operations already contain the rate.`,
		'macs-only': `${text} is that of the multiply-accumulates alone: ${priced}, and the accumulates cost nothing.`,
		'no-timesteps': `${text} is the energy of one timestep: ${priced}, with T = ${claim.timesteps}.`,
	};
	return found(slip.id, 'contradiction', sentences[slip.id] ?? `${text} is ${priced}, a slip.`);
};

/** What is left for multiply-accumulates belongs to another network, or to none. */
const remainderOfAnother: Check = ({ architecture, remainder, formulas, price, claim }) => {
	if (!remainder || remainder.macs.high <= 0 || formulas.some(({ givesClaim, slip }) => givesClaim === true && !slip))
		return nothing;
	if (claim.macs) return nothing;
	const left = `${joules(remainder.energyJoules.nominal)}, or ${compact(remainder.macs.nominal)} multiply-accumulates at ${price.name} prices, besides its synaptic operations`;
	const foreign = remainder.candidates.find(({ foreign: isForeign }) => isForeign);
	if (architecture && foreign)
		return found(
			'first-layer-of-another-network',
			'contradiction',
			`The claim leaves ${left}: that is ${foreign.what} (${compact(foreign.macs)}), not of ${architecture.name} (${compact(firstMacs(architecture))} once).`,
		);
	if (remainder.candidates.length > 0) {
		const [one] = remainder.candidates;
		return found('remainder', 'remark', `The claim leaves ${left}: ${one?.what} (${compact(one?.macs ?? 0)}).`);
	}
	if (remainder.macs.low <= 0) return nothing;
	if (!architecture)
		return found('remainder-unexplained', 'remark', `The claim leaves ${left}; an architecture would tell what they are.`);
	const first = firstMacs(architecture);
	if (remainder.macs.high < first)
		return found(
			'remainder-below-first-layer',
			'contradiction',
			`The claim leaves ${left}: not the first layer of ${architecture.name} (${compact(first)} once), and not nothing either.`,
		);
	return found(
		'remainder-unexplained',
		'remark',
		`The claim leaves ${left}; the first layer of ${architecture.name} has ${compact(first)} once${claim.timesteps ? `, ${compact(first * claim.timesteps)} at ${claim.timesteps} timesteps` : ''}.`,
	);
};

/** MACs, ACs and energy, all three printed, are one sum. */
const operationsAgainstEnergy: Check = ({ claim, formulas, price }) => {
	const { energyJoules: energy, macs, sops } = claim;
	if (!energy || !macs || !sops || price.macJoules === null || formulas.some(({ givesClaim }) => givesClaim === true))
		return nothing;
	const ours = weighted([macs, price.macJoules], [sops, price.acJoules]);
	return found(
		'operations-against-energy',
		'contradiction',
		`${macs.text} and ${sops.text} cost ${joules(ours.nominal)} at ${price.name} prices, the claim says ${energy.text}.`,
	);
};

/** What an energy alone says about the operations behind it. */
const impliedOperations: Check = ({ claim, architecture, sops, price }) => {
	const { energyJoules: energy, timesteps } = claim;
	if (!energy || sops || !architecture || timesteps === undefined || price.macJoules === null) return nothing;
	const dense = exactly(denseMacs(architecture.layers));
	const first = firstMacs(architecture);
	const operations = (repeats: number): number =>
		(energy.nominal - (price.macJoules as number) * first * repeats) / price.acJoules;
	const least = operations(timesteps);
	const most = operations(1);
	const rateOf = (count: number): number => impliedRate(exactly(count), dense, first, timesteps).nominal;
	if (most < 0)
		return found(
			'energy-below-first-layer',
			'contradiction',
			`${energy.text} is less than the first layer of ${architecture.name} alone: ${joules(price.macJoules * first)} at ${price.name} prices.`,
		);
	if (rateOf(least) > 1)
		return found(
			'implied-rate-above-1',
			'contradiction',
			`${energy.text} would take a mean input rate of ${percentOf(rateOf(least))} at T = ${timesteps}: more than every connection at every timestep.`,
		);
	const range = (low: number, high: number, word: (value: number) => string): string =>
		low < 0 ? `at most ${word(high)}` : timesteps === 1 ? word(high) : `${word(low)} to ${word(high)}`;
	return found(
		'implied-operations',
		'remark',
		`${energy.text} is ${range(least, most, compact)} synaptic operations at ${price.name} prices, a mean input rate of ${range(rateOf(least), rateOf(most), percentOf)}${timesteps === 1 ? '' : ', with the first layer at every timestep or once'}.`,
	);
};

const checks: readonly Check[] = [
	belowAccumulates,
	aboveMultiplies,
	moreThanConnections,
	rateOutOfRange,
	operationsAgainstRate,
	slips,
	operationsAgainstEnergy,
	remainderOfAnother,
	impliedOperations,
	parametersAgainstArchitecture,
	parametersAgainstFlops,
	flopsAgainstArchitecture,
	ratioAgainstEnergies,
];

/** All findings, contradictions first. */
export function contradictions(facts: Facts): readonly ClaimFinding[] {
	const all = checks.flatMap((check) => check(facts));
	return [...all.filter(({ severity }) => severity === 'contradiction'), ...all.filter(({ severity }) => severity === 'remark')];
}

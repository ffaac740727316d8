/**
 * The formulas papers form the energy of a spiking network with, as data: which operations are counted, at which price,
 * and where the formula was read. FL₁ is the layer that reads numbers, FL all layers, SOP = T · rate · FL behind spikes,
 * R one rate for the network, FLc a classifier on means over time, BN elements that normalisations scale, N neurons.
 */

import type { Accounting } from '../hardware/accounting/accountings.ts';
import type { Interval } from '../hardware/estimate.ts';
import type { OperationPrice } from './prices.ts';

/** What is taken for the synaptic operations of the claim. */
export type SopReading = 'claimed' | 'rates' | 'rates without attention' | 'claimed FLOPs';

/** One formula at one price on one reading of the numbers. */
export interface ClaimFormulaResult {
	readonly id: string;
	readonly formula: string;
	readonly source: string;
	readonly price: string;
	readonly slip: boolean;
	/** Where the synaptic operations come from; null where the formula has none. */
	readonly sops: SopReading | null;
	readonly energyJoules: Interval;
	/** Whether the claimed energy is among the values: within the rounding of the claim's own digits. Null without a claimed energy. */
	readonly givesClaim: boolean | null;
	/** Formula ÷ claim, of the nominal values. */
	readonly relativeToClaim: number | null;
}

/** What a formula can be formed on; null where the claim, the architecture and the rates do not say. Counts of one inference. */
export interface ClaimCounts {
	/** Accumulates behind spikes over all timesteps, products of activations included as far as they are known. */
	readonly sops: Interval | null;
	/** Additions of biases at the rate of their layer, over all timesteps; 0 where operations are not formed from rates. */
	readonly biases: number;
	/** Multiply-accumulates as claimed, over all timesteps. */
	readonly macs: Interval | null;
	/** One dense pass of the layer that reads numbers. */
	readonly first: number | null;
	/** Multiply-accumulates on means over time: a classifier computed once. */
	readonly onMeans: number;
	/** One dense pass of all layers. */
	readonly dense: Interval | null;
	/** Mean firing rate per timestep. */
	readonly rate: Interval | null;
	readonly timesteps: number | null;
	readonly neurons: number | null;
	/** Elements scaled by normalisations, at one timestep. */
	readonly normalised: number | null;
}

export interface ClaimFormula {
	readonly id: string;
	readonly formula: string;
	/** Publications that print it, or code that computes it. */
	readonly source: string;
	/** The way of counting of `snn-energy explain --by conventions` that does the same on measured counts. */
	readonly accounting: Accounting | null;
	/** Not a formula anybody would defend: a slip that claims have been found to contain. */
	readonly slip?: boolean;
	/** What the formula leaves out, by the keys of leftOut. */
	readonly leavesOut: readonly LeftOutKey[];
	readonly energy: (counts: ClaimCounts, price: OperationPrice) => Interval | null;
}

/** What formulas leave out, by name. */
export type LeftOutKey = 'first-layer' | 'first-layer-repeats' | 'normalisation' | 'neurons' | 'memory';

/** An interval of one value. */
export const exactly = (value: number): Interval => ({ low: value, nominal: value, high: value });

/** Sum of products, each factor an interval of counts that are not negative. */
export function weighted(...terms: readonly (readonly [Interval | number, number])[]): Interval {
	const end = (key: keyof Interval): number =>
		terms.reduce((sum, [counts, factor]) => sum + factor * (typeof counts === 'number' ? counts : counts[key]), 0);
	return { low: end('low'), nominal: end('nominal'), high: end('high') };
}

export const times = (left: Interval, right: Interval): Interval => ({
	low: left.low * right.low,
	nominal: left.nominal * right.nominal,
	high: left.high * right.high,
});

const less = (counts: Interval, taken: number): Interval => weighted([counts, 1], [-taken, 1]);

/** Everything but the arithmetic of weights: what no formula of this kind contains. */
const always: readonly LeftOutKey[] = ['normalisation', 'neurons', 'memory'];

const rathi = 'N. Rathi, K. Roy, "DIET-SNN", arXiv:2008.03658';

/** The published formulas; those without slips first. */
export const claimFormulas: readonly ClaimFormula[] = [
	{
		id: 'first-once',
		formula: 'E_MAC·FL₁ + E_AC·ΣSOP',
		source: `${rathi}; Z. Zhou et al., "Spikformer", ICLR 2023, arXiv:2209.15425, as printed`,
		accounting: 'layer-rate',
		leavesOut: ['first-layer-repeats', ...always],
		energy: ({ sops, first }, { macJoules, acJoules }) =>
			sops && first !== null && macJoules !== null ? weighted([first, macJoules], [sops, acJoules]) : null,
	},
	{
		id: 'first-every-step',
		formula: 'E_MAC·T·FL₁ + E_AC·ΣSOP',
		source:
			'M. Yao et al., "Spike-driven Transformer", arXiv:2307.01694; the effective operations of NeuroBench, J. Yik et al., Nature Communications 16, 2025, 1545, doi:10.1038/s41467-025-56739-4',
		accounting: 'neurobench',
		leavesOut: always,
		energy: ({ sops, first, timesteps }, { macJoules, acJoules }) =>
			sops && first !== null && timesteps !== null && macJoules !== null
				? weighted([first * timesteps, macJoules], [sops, acJoules])
				: null,
	},
	{
		id: 'with-classifier',
		formula: 'E_MAC·(T·FL₁ + FLc) + E_AC·ΣSOP',
		source: 'energy_consumption_calculation of github.com/zhouchenlin2096/Spikingformer at 4378623; biases among the SOPs',
		accounting: null,
		leavesOut: always,
		energy: ({ sops, biases, first, onMeans, timesteps }, { macJoules, acJoules }) =>
			sops && first !== null && timesteps !== null && macJoules !== null && onMeans > 0
				? weighted([first * timesteps + onMeans, macJoules], [sops, acJoules], [biases, acJoules])
				: null,
	},
	{
		id: 'macs-and-acs',
		formula: 'E_MAC·MACs + E_AC·ACs',
		source: 'G. Chen et al., arXiv:2301.11929 (syops-counter), on the MACs and ACs a claim prints',
		accounting: 'syops',
		leavesOut: ['memory'],
		energy: ({ sops, macs }, { macJoules, acJoules }) =>
			sops && macs && macJoules !== null ? weighted([macs, macJoules], [sops, acJoules]) : null,
	},
	{
		id: 'syops',
		formula: 'E_MAC·(T·(FL₁+2BN)+FLc) + E_AC·(ΣSOP+T·N)',
		source:
			'G. Chen et al., arXiv:2301.11929 (syops-counter): normalisations are MACs, two an element; a neuron update is one AC',
		accounting: 'syops',
		leavesOut: ['memory'],
		energy: ({ sops, biases, first, onMeans, timesteps, normalised, neurons }, { macJoules, acJoules }) =>
			sops && first !== null && timesteps !== null && normalised !== null && neurons !== null && macJoules !== null
				? weighted(
						[timesteps * (first + 2 * normalised) + onMeans, macJoules],
						[sops, acJoules],
						[biases + timesteps * neurons, acJoules],
					)
				: null,
	},
	{
		id: 'sop-only',
		formula: 'E_AC·ΣSOP',
		source:
			'X. Shi et al., "SpikingResformer", CVPR 2024, arXiv:2403.14302: the first layer among the synaptic operations, or left out',
		accounting: null,
		leavesOut: ['first-layer', ...always],
		energy: ({ sops }, { acJoules }) => (sops ? weighted([sops, acJoules]) : null),
	},
	{
		id: 'network-rate',
		formula: 'E_MAC·FL₁ + E_AC·T·R·(FL − FL₁)',
		source: `${rathi}, and the group's result tables: R is one rate for the network`,
		accounting: 'network-rate',
		leavesOut: ['first-layer-repeats', ...always],
		energy: ({ first, dense, rate, timesteps }, { macJoules, acJoules }) =>
			first !== null && dense && rate && timesteps !== null && macJoules !== null
				? weighted([first, macJoules], [times(less(dense, first), rate), timesteps * acJoules])
				: null,
	},
	{
		id: 'rate-everywhere',
		formula: 'E_AC·T·R·FL',
		source:
			'P. Panda, S. A. Aketi, K. Roy, Frontiers in Neuroscience 14, 2020, doi:10.3389/fnins.2020.00653; C. Lee et al., Frontiers in Neuroscience 14, 2020, doi:10.3389/fnins.2020.00119 (recalled): every layer at the spike rate, the first one too',
		accounting: null,
		leavesOut: ['first-layer', ...always],
		energy: ({ dense, rate, timesteps }, { acJoules }) =>
			dense && rate ? weighted([times(dense, rate), (timesteps ?? 1) * acJoules]) : null,
	},
	{
		id: 'no-sparsity',
		formula: 'E_MAC·T·FL₁ + E_AC·T·(FL − FL₁)',
		source: 'an upper bound: every connection at every timestep',
		accounting: 'no-sparsity',
		leavesOut: always,
		energy: ({ first, dense, timesteps }, { macJoules, acJoules }) =>
			first !== null && dense && timesteps !== null && macJoules !== null
				? weighted([first * timesteps, macJoules], [less(dense, first), timesteps * acJoules])
				: null,
	},
	{
		id: 'rate-twice',
		formula: 'E_AC·R·ΣSOP',
		source: 'a slip: synaptic operations are already multiplied by the rate (found in Table 3 of PMC10242054)',
		accounting: null,
		slip: true,
		leavesOut: ['first-layer', ...always],
		energy: ({ sops, rate }, { acJoules }) => (sops && rate ? weighted([times(sops, rate), acJoules]) : null),
	},
	{
		id: 'macs-only',
		formula: 'E_MAC·MACs',
		source:
			'a slip: the accumulates are printed and not priced (found in a row of github.com/MehediAhamed/Pruned-Spiking-SqueezeNet)',
		accounting: null,
		slip: true,
		leavesOut: always,
		energy: ({ sops, macs }, { macJoules }) => (sops && macs && macJoules !== null ? weighted([macs, macJoules]) : null),
	},
	{
		id: 'no-timesteps',
		formula: 'E_MAC·FL₁ + E_AC·R·(FL − FL₁)',
		source: 'a slip: one timestep charged for all',
		accounting: null,
		slip: true,
		leavesOut: always,
		energy: ({ first, dense, rate, timesteps }, { macJoules, acJoules }) =>
			first !== null && dense && rate && timesteps !== null && timesteps > 1 && macJoules !== null
				? weighted([first, macJoules], [times(less(dense, first), rate), acJoules])
				: null,
	},
];

/** Energy of the DNN baseline: E_MAC·FL. */
export const dnnEnergy = (dense: Interval | null, { macJoules }: OperationPrice): Interval | null =>
	dense && macJoules !== null ? weighted([dense, macJoules]) : null;

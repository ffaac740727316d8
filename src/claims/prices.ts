/**
 * The prices papers form their energies with: one operation each, nothing else. They are part of the published
 * formulas; the profiles named here hold the same values with their sources, and a test compares the two.
 */

/** What one operation costs in a published formula. */
export interface OperationPrice {
	readonly name: string;
	/** Multiply-accumulate, joules; null where the formula has none. */
	readonly macJoules: number | null;
	/** Accumulate caused by a spike, joules. */
	readonly acJoules: number;
	readonly source: string;
	/** The hardware profile that has the same values. */
	readonly profile: string | null;
}

const horowitz = 'M. Horowitz, "Computing\'s energy problem", ISSCC 2014';

/** The usual prices, the most usual first. */
export const operationPrices: readonly OperationPrice[] = [
	{ name: '45 nm FP32', macJoules: 4.6e-12, acJoules: 0.9e-12, source: horowitz, profile: '45nm' },
	{ name: '45 nm INT32', macJoules: 3.2e-12, acJoules: 0.1e-12, source: horowitz, profile: 'lemaire2022' },
	{ name: '45 nm INT8', macJoules: 0.23e-12, acJoules: 0.03e-12, source: horowitz, profile: '45nm-int8' },
	{
		name: 'Loihi synapse',
		macJoules: null,
		acJoules: 23.6e-12,
		source: 'M. Davies et al., "Loihi", IEEE Micro 38(1), 2018: 23.6 pJ, the least a synaptic operation costs',
		profile: 'loihi',
	},
];

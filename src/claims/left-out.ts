/** What a formula does not charge, with its size: the part of a claim that is silent. */

import type { Interval } from '../hardware/estimate.ts';
import type { Claim } from './claim.ts';
import { firstMacs, type RatedLayers } from './counts.ts';
import { type ClaimFormula, exactly, type LeftOutKey } from './formulas.ts';
import type { ClaimArchitecture } from './layers.ts';
import { denseMacs } from './layers.ts';
import type { OperationPrice } from './prices.ts';

/**
 * One thing a claim's formula leaves out. Counts are lower bounds: a leak is a multiplication more a neuron, and a
 * normalisation is taken as one multiply-accumulate an element.
 */
export interface LeftOut {
	readonly key: LeftOutKey | 'attention';
	readonly what: string;
	/** How often it happens in one inference; null where that is not known. */
	readonly count: number | null;
	readonly unit: 'MACs' | 'ACs' | 'words';
	/** What it would add at the same prices; null for words, which these formulas have no price for. */
	readonly energyJoules: number | null;
}

/**
 * @param formula the formula that gives the claim; null means the most usual one, first layer once
 */
export function leftOut(
	claim: Claim,
	architecture: ClaimArchitecture | null,
	rated: RatedLayers | null,
	sops: Interval | null,
	formula: ClaimFormula | null,
	price: OperationPrice,
): LeftOut[] {
	const timesteps = claim.timesteps ?? null;
	const leaves = new Set<LeftOutKey>(formula?.leavesOut ?? ['first-layer-repeats', 'normalisation', 'neurons', 'memory']);
	const items: LeftOut[] = [];
	const add = (key: LeftOut['key'], what: string, count: number | null, unit: LeftOut['unit']): void => {
		if (count === 0) return;
		const each = unit === 'MACs' ? price.macJoules : unit === 'ACs' ? price.acJoules : null;
		items.push({ key, what, count, unit, energyJoules: count === null || each === null ? null : count * each });
	};
	const first = architecture ? firstMacs(architecture) : null;
	if (leaves.has('first-layer')) add('first-layer', 'first layer (it reads numbers), once', first, 'MACs');
	if (leaves.has('first-layer-repeats') && timesteps !== 1)
		add(
			'first-layer-repeats',
			'first layer at the other timesteps',
			first === null || timesteps === null ? null : (timesteps - 1) * first,
			'MACs',
		);
	const unrated = rated?.unratedProducts ?? [];
	if (architecture && unrated.length > 0)
		add(
			'attention',
			`attention: ${unrated.length} products without rate, at most`,
			denseMacs(architecture.layers.filter(({ name }) => unrated.includes(name))) * (timesteps ?? 1),
			'ACs',
		);
	const normalised = architecture?.layers.reduce((sum, layer) => sum + layer.normalised, 0) ?? null;
	if (leaves.has('normalisation'))
		add(
			'normalisation',
			'normalisation, unless folded in weights',
			normalised === null ? null : normalised * (timesteps ?? 1),
			'MACs',
		);
	const neurons = architecture?.neurons ?? null;
	if (leaves.has('neurons'))
		add('neurons', 'membrane updates, one addition each', neurons === null ? null : neurons * (timesteps ?? 1), 'ACs');
	if (leaves.has('memory')) {
		add(
			'memory',
			'membranes, read and written',
			neurons === null || timesteps === null ? null : 2 * neurons * (timesteps - 1),
			'words',
		);
		add('memory', 'weights, each fetched once', architecture?.parameters ?? claim.parameters?.nominal ?? null, 'words');
		add('memory', 'weights, fetched for every operation', (sops ?? exactly(Number.NaN)).nominal || null, 'words');
	}
	return items;
}

/** From an architecture, firing rates and the figures of a claim to the counts that formulas are formed on. */

import { UserError } from '../errors.ts';
import type { Interval } from '../hardware/estimate.ts';
import type { Claim } from './claim.ts';
import { type ClaimCounts, exactly, weighted } from './formulas.ts';
import { type ClaimArchitecture, type ClaimLayer, denseMacs } from './layers.ts';

/**
 * Firing rates: spikes per input element of a layer and timestep. One for all layers behind spikes; a list in their order,
 * with or without the products of activations; or by the layers' names.
 */
export type ClaimRates = number | readonly number[] | Readonly<Record<string, number>>;

/** A layer with the synaptic operations its rate gives. */
export interface ClaimLayerRow extends ClaimLayer {
	/** Spikes per input element and timestep; null where nothing is known. */
	readonly rate: number | null;
	/** Accumulates over all timesteps: T · rate · MACs; null for layers that read numbers, and where the rate is not known. */
	readonly sops: number | null;
}

/** Accumulates that rates give over all timesteps: of weights, of products of activations, and of biases at their layer's rate. */
export interface RatedSops {
	readonly weights: number;
	readonly products: number;
	/** syops-counter adds them; no printed formula does. */
	readonly biases: number;
}

export interface RatedLayers {
	readonly rows: readonly ClaimLayerRow[];
	readonly sops: RatedSops | null;
	/** Products of activations nobody gave a rate for: they are left out of the sum. */
	readonly unratedProducts: readonly string[];
}

const behindSpikes = ({ input }: ClaimLayer): boolean => input === 'spikes';

/** Gives each layer its rate. @throws UserError for rates that fit no layer, layers without one, and rates below 0 */
export function ratedLayers(layers: readonly ClaimLayer[], rates: ClaimRates | undefined, timesteps: number | null): RatedLayers {
	const rated = layers.filter(behindSpikes);
	const byName = rates === undefined ? new Map<string, number>() : ratesByName(rated, rates);
	const rows = layers.map((layer): ClaimLayerRow => {
		const rate = behindSpikes(layer) ? (byName.get(layer.name) ?? null) : null;
		return { ...layer, rate, sops: rate === null ? null : rate * layer.macs * (timesteps ?? 1) };
	});
	if (rates === undefined) return { rows, sops: null, unratedProducts: [] };
	const missing = rows.filter((row) => behindSpikes(row) && row.rate === null);
	const unratedWeights = missing.filter(({ kind }) => kind === 'weights');
	if (unratedWeights.length > 0)
		throw new UserError(
			`rates: no rate for ${unratedWeights.length === 1 ? 'layer' : `${unratedWeights.length} layers, the first is`} "${unratedWeights[0]?.name}"; give one rate for all, or a rate for every layer that spikes feed.`,
			{ exitCode: 2 },
		);
	const sum = (kind: ClaimLayer['kind']): number =>
		rows.reduce((total, row) => total + (row.kind === kind ? (row.sops ?? 0) : 0), 0);
	return {
		rows,
		sops: {
			weights: sum('weights'),
			products: sum('product'),
			biases: rows.reduce((total, { rate, biasAdds }) => total + (rate ?? 0) * biasAdds * (timesteps ?? 1), 0),
		},
		unratedProducts: missing.map(({ name }) => name),
	};
}

function ratesByName(rated: readonly ClaimLayer[], rates: ClaimRates): Map<string, number> {
	const checked = (value: number, place: string): number => {
		if (!(value >= 0 && Number.isFinite(value)))
			throw new UserError(`rates: ${place} is ${value}; a rate is a number from 0 on (0.2, or 20 %).`, { exitCode: 2 });
		return value;
	};
	if (typeof rates === 'number') return new Map(rated.map(({ name }) => [name, checked(rates, 'the rate')]));
	if (isList(rates)) {
		const weights = rated.filter(({ kind }) => kind === 'weights');
		const layers = rates.length === rated.length ? rated : weights;
		if (rates.length !== layers.length) {
			const products = rated.length - weights.length;
			throw new UserError(
				`rates: ${rates.length} rates for ${weights.length} layers of weights behind spikes${products > 0 ? ` (${rated.length} with products of activations)` : ''}; give one for each, or one for all.`,
				{ exitCode: 2 },
			);
		}
		return new Map(layers.map(({ name }, at) => [name, checked(rates[at] as number, `rate ${at + 1}`)]));
	}
	const known = new Set(rated.map(({ name }) => name));
	for (const name of Object.keys(rates)) {
		if (!known.has(name))
			throw new UserError(
				`rates: there is no layer "${name}" behind spikes; the layers are ${[...known].slice(0, 6).join(', ')}${known.size > 6 ? ', …' : ''}.`,
				{ exitCode: 2 },
			);
	}
	return new Map(Object.entries(rates).map(([name, value]) => [name, checked(value, `the rate of "${name}"`)]));
}

const isList = (rates: ClaimRates): rates is readonly number[] => Array.isArray(rates);

/** Layers that read numbers: the first one, and whatever else does. */
export const firstMacs = (architecture: ClaimArchitecture): number =>
	denseMacs(architecture.layers.filter(({ input }) => input === 'analog'));

/** Everything formulas need, for one reading of "synaptic operations". */
export function countsOf(
	claim: Claim,
	architecture: ClaimArchitecture | null,
	sops: Interval | null,
	rate: Interval | null,
	biases = 0,
): ClaimCounts {
	const layers = architecture?.layers ?? [];
	return {
		sops,
		biases,
		macs: claim.macs ?? null,
		first: architecture ? firstMacs(architecture) : null,
		onMeans: denseMacs(layers.filter(({ input }) => input === 'mean')),
		dense: architecture ? exactly(denseMacs(layers)) : (claim.flops ?? null),
		rate,
		timesteps: claim.timesteps ?? null,
		neurons: architecture?.neurons ?? null,
		normalised: architecture ? layers.reduce((sum, { normalised }) => sum + normalised, 0) : null,
	};
}

/** The one rate that layers behind spikes have on average, weighted by their operations. */
export function impliedRate(sops: Interval, dense: Interval, first: number, timesteps: number): Interval {
	const operations = weighted([dense, timesteps], [-first * timesteps, 1]);
	return { low: sops.low / operations.high, nominal: sops.nominal / operations.nominal, high: sops.high / operations.low };
}

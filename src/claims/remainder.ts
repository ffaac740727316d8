/** What a claimed energy leaves when its synaptic operations are paid, and which multiply-accumulates that could be. */

import type { Interval } from '../hardware/estimate.ts';
import { claimArchitecture } from './architectures/index.ts';
import type { Claim } from './claim.ts';
import { firstMacs } from './counts.ts';
import { type ClaimArchitecture, denseMacs } from './layers.ts';
import type { OperationPrice } from './prices.ts';

/** A number of multiply-accumulates that has a name. */
export interface RemainderCandidate {
	readonly what: string;
	readonly macs: number;
	/** True when it belongs to another architecture than the one checked. */
	readonly foreign: boolean;
}

/** What the claimed energy leaves when its synaptic operations are paid. */
export interface Remainder {
	/** Claimed energy less synaptic operations, joules; below 0 where these alone cost more than was claimed. */
	readonly energyJoules: Interval;
	/** The same as multiply-accumulates. */
	readonly macs: Interval;
	readonly candidates: readonly RemainderCandidate[];
}

/** Published networks whose first layers a table may have mixed up. */
const publishedNames = [
	...['8-384', '8-512', '8-768'].map((sizes) => `spikformer-${sizes}`),
	...['10-384', '10-512', '10-768'].map((sizes) => `qkformer-${sizes}`),
	'sew-resnet-34',
	'vgg16@224',
	'vgg16@32',
	'resnet19',
];

/** @returns null without an energy and synaptic operations, and at prices without multiply-accumulates */
export function explainRemainder(
	claim: Claim,
	architecture: ClaimArchitecture | null,
	sops: Interval | null,
	price: OperationPrice,
): Remainder | null {
	const { energyJoules: energy } = claim;
	if (!energy || !sops || price.macJoules === null) return null;
	const left: Interval = {
		low: energy.low - price.acJoules * sops.high,
		nominal: energy.nominal - price.acJoules * sops.nominal,
		high: energy.high - price.acJoules * sops.low,
	};
	const mac = price.macJoules;
	const macs = { low: left.low / mac, nominal: left.nominal / mac, high: left.high / mac };
	const within = (candidates: readonly RemainderCandidate[]): RemainderCandidate[] =>
		candidates.filter(({ macs: count }) => count >= macs.low && count <= macs.high);
	const own = architecture ? within(candidatesOf(architecture, claim.timesteps, false)) : [];
	// Two dozen first layers lie within two decades: a remainder of two digits meets one of them by chance, one of three hardly.
	const sharp = macs.low > 0 && macs.high / macs.low < 1.02;
	const foreign =
		own.length > 0 || !sharp
			? []
			: publishedNames
					.map((name) => claimArchitecture(name))
					.filter(({ name }) => name !== architecture?.name)
					.flatMap((other) => within(candidatesOf(other, claim.timesteps, true)));
	return { energyJoules: left, macs, candidates: [...own, ...foreign] };
}

function candidatesOf(architecture: ClaimArchitecture, timesteps: number | undefined, foreign: boolean): RemainderCandidate[] {
	const first = firstMacs(architecture);
	const head = denseMacs(architecture.layers.filter(({ input }) => input === 'mean'));
	const of = ` of ${architecture.name}`;
	const candidates: RemainderCandidate[] = [{ what: `the first layer${of}, once`, macs: first, foreign }];
	if (timesteps !== undefined && timesteps > 1)
		candidates.push({ what: `the first layer${of} at each of ${timesteps} timesteps`, macs: timesteps * first, foreign });
	if (head === 0 || foreign) return candidates;
	return candidates.flatMap((one) => [one, { ...one, what: `${one.what}, and the classifier`, macs: one.macs + head }]);
}

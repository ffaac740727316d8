import type { Classification } from './classify.ts';
import type { SynapticFacts } from './run-facts.ts';

/** One sentence that tells why the input of a layer counts as spikes or as numbers. */
export function explainInput({ sources, provenValues }: SynapticFacts, { inputKind, theta }: Classification): string {
	const from = sources.length > 0 ? `spikes of ${sources.map((name) => `"${name}"`).join(', ')}` : null;
	const proof = provenValues
		? `the graph proves values {${provenValues.slice(0, 6).map(short).join(', ')}${provenValues.length > 6 ? ', …' : ''}}`
		: 'seen in the run';
	switch (inputKind) {
		case 'spikes':
			if (theta === null) return from ? `${from}; none fired` : 'zero throughout';
			return from ? `${from}: 0 or ±${short(theta)} (${proof})` : `only 0 and ±${short(theta)} were seen in the run`;
		case 'graded':
			return `${from ?? 'spikes'} after pooling or sums: multiples of ${short(theta ?? 1)}`;
		case 'mixed':
			return 'numbers at some timesteps, spikes at others';
		case 'analog':
			return from ? `${from}, but not multiples of one height` : 'no threshold in front of it: analog numbers';
	}
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

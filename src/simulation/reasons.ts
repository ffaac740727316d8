import type { Classification } from './classify.ts';
import type { SynapticFacts } from './run-facts.ts';

/** One sentence that tells why the input of a layer counts as spikes or as numbers. */
export function explainInput(
	{ sources, provenValues, fromThreshold, amplitudes }: SynapticFacts,
	{ inputKind, theta, byTimestep }: Classification,
): string {
	const from = sources.length > 0 ? `spikes of ${sources.map((name) => `"${name}"`).join(', ')}` : null;
	const proof = provenValues
		? `the graph proves values {${provenValues.slice(0, 6).map(short).join(', ')}${provenValues.length > 6 ? ', …' : ''}}`
		: 'seen in the run';
	switch (inputKind) {
		case 'spikes':
			if (byTimestep)
				return `${from ?? 'spikes'}: at every timestep 0 or one height, which the weights of that timestep could hold`;
			if (theta === null) return from ? `${from}; none fired` : 'zero throughout';
			return from ? `${from}: 0 or ±${short(theta)} (${proof})` : `only 0 and ±${short(theta)} were seen in the run`;
		case 'graded':
			if (theta === null)
				return amplitudes
					? `${from ?? 'spikes'} that carry an amplitude: a MAC each, and nothing where none fired`
					: `${from ?? 'spikes'}, of more than one height: a MAC each, and nothing where none fired`;
			return `${from ?? 'spikes'} after pooling or sums: multiples of ${short(theta ?? 1)}`;
		case 'mixed':
			return 'numbers at some timesteps, spikes at others';
		case 'analog':
			return from && !fromThreshold ? `numbers: ${from} meet analog values in it` : 'no threshold in front of it: analog numbers';
	}
}

const short = (value: number): string => String(Number(value.toPrecision(4)));

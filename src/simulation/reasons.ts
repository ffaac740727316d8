import type { Network } from '../network/network.ts';
import type { Classification } from './classify.ts';

/** One sentence that tells why the input of a layer counts as spikes or as numbers. */
export function explainInput(network: Network, layer: number, { inputKind, theta }: Classification): string {
	const { sources, calls } = network.synapticLayers[layer] as Network['synapticLayers'][number];
	const from = sources.length > 0 ? `spikes of ${sources.map((name) => `"${name}"`).join(', ')}` : null;
	const set = network.valueSets.get(calls[0]?.input ?? '');
	const proof =
		set?.kind === 'finite' && set.spiking
			? `the graph proves values {${set.values.slice(0, 6).map(short).join(', ')}${set.values.length > 6 ? ', …' : ''}}`
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

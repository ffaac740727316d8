/** What published thresholds say about a network's activity; all of them, none chosen. */
export interface Verdict {
	readonly name: string;
	readonly citation: string;
	/** What is compared, and the network's value of it. */
	readonly measure: string;
	readonly value: number;
	/** Below `low` spiking wins, above `high` it loses, between them it depends. */
	readonly low: number;
	readonly high: number;
	readonly outcome: 'below' | 'between' | 'above';
	readonly sentence: string;
}

interface Measured {
	/** Spikes per neuron and timestep. */
	readonly firingRate: number;
	/** Spike-caused synaptic events per connection and inference. */
	readonly spikesPerSynapse: number;
	readonly timesteps: number;
}

interface Threshold {
	readonly name: string;
	readonly citation: string;
	readonly measure: string;
	readonly value: (measured: Measured) => number;
	readonly low: number;
	readonly high: number;
	readonly remark: (measured: Measured) => string;
}

const perSynapse = 'spikes per synapse and inference';
const nothing = (): string => '';

const thresholds: readonly Threshold[] = [
	{
		name: 'Davidson & Furber 2021',
		citation:
			'S. Davidson, S. B. Furber, "Comparison of artificial and spiking neural networks on digital hardware", Frontiers in Neuroscience 15, 2021, 651141',
		measure: perSynapse,
		value: ({ spikesPerSynapse }) => spikesPerSynapse,
		low: 1.72,
		high: 1.72,
		remark: nothing,
	},
	{
		name: 'Dampfhoffer et al. 2023',
		citation:
			'M. Dampfhoffer, T. Mesquida, A. Valentian, L. Anghel, "Are SNNs really more energy-efficient than ANNs?", IEEE TETCI 7(3), 2023, pp. 731-741',
		measure: perSynapse,
		value: ({ spikesPerSynapse }) => spikesPerSynapse,
		low: 0.15,
		high: 1.38,
		remark: () => ', depending on the dataflow',
	},
	{
		name: 'Yan et al. 2024',
		citation:
			'Z. Yan, Z. Bai, W.-F. Wong, "Reconsidering the energy efficiency of spiking neural networks", arXiv:2409.08290: 0.064 for 5 to 10 timesteps in versions 2 and 3 (2024), 0.057 at 5 timesteps in version 4 (2026, with K. Tang)',
		measure: 'firing rate per timestep',
		value: ({ firingRate }) => firingRate,
		low: 0.057,
		high: 0.064,
		remark: ({ timesteps }) =>
			timesteps >= 5 && timesteps <= 10 ? '' : `; it was derived for 5 to 10 timesteps, this network has ${timesteps}`,
	},
];

const words = {
	below: 'below it, where spiking is said to win',
	between: 'inside it, where either may win',
	above: 'above it, where spiking is said to lose',
};

export function verdicts(measured: Measured): readonly Verdict[] {
	return thresholds.map(({ name, citation, measure, value, low, high, remark }) => {
		const found = value(measured);
		const outcome = found < low ? 'below' : found > high ? 'above' : 'between';
		const range = low === high ? `threshold ${low}` : `range ${low} to ${high}`;
		return {
			name,
			citation,
			measure,
			value: found,
			low,
			high,
			outcome,
			sentence: `${name}: ${Number(found.toPrecision(3))} ${measure} against the ${range}: ${words[outcome]}${remark(measured)}.`,
		};
	});
}

import type {
	Activity,
	LayerActivity,
	LayerGeometry,
	NeuronCounts,
	NeuronLayerActivity,
	SynapticCounts,
	SynapticLayerActivity,
} from '../../activity/activity.ts';
import { noNeuronCounts, noSynapticCounts, sumCounts } from '../../activity/counts.ts';
import { tool } from '../../version.ts';
import type { LayerSize } from './architecture-sizes.ts';

const emptySpread = { mean: 0, standardDeviation: 0, minimum: 0, maximum: 0 };

/** An Activity of hand-given layers: what a published experiment counted, or what an architecture and rates imply. */
export function syntheticActivity(
	source: string,
	run: { readonly samples: number; readonly timesteps: number },
	layers: readonly LayerActivity[],
): Activity {
	const synaptic = layers.filter((layer) => layer.kind === 'synaptic').map(({ totals }) => totals);
	const neuron = layers.filter((layer) => layer.kind === 'neuron').map(({ totals }) => totals);
	return {
		schema: 'snn-energy/activity@1',
		tool,
		model: { file: source, sha256: '', format: 'published counts', parameters: 0 },
		data: { source, sha256: null, random: false },
		run: { ...run, encoder: 'once', spikeTest: 'element', graded: 'mac', assumptions: [], partial: false },
		accuracy: null,
		totals: { ...sumCounts(synaptic, noSynapticCounts), ...sumCounts(neuron, noNeuronCounts) },
		spread: { acs: emptySpread, macs: emptySpread, synapticEvents: emptySpread, spikes: emptySpread },
		layers,
		warnings: [],
	};
}

/** A synaptic layer whose whole activity falls into the first of T timesteps. */
export function synapticLayer(
	name: string,
	timesteps: number,
	counts: Partial<SynapticCounts>,
	options: Partial<Omit<SynapticLayerActivity, 'geometry'>> & { readonly geometry?: Partial<LayerGeometry> } = {},
): SynapticLayerActivity {
	const totals = { ...noSynapticCounts, ...counts };
	return {
		kind: 'synaptic',
		name,
		op: 'Conv',
		inputKind: 'spikes',
		spikeMagnitude: 1,
		inputReason: 'published',
		source: null,
		...options,
		geometry: {
			denseMacs: totals.denseMacs,
			synapses: totals.denseMacs,
			effectiveSynapses: totals.denseMacs,
			inputElements: totals.inputElements,
			outputElements: 0,
			weightElements: 0,
			biasElements: 0,
			inputShape: [totals.inputElements],
			outputShape: [0],
			kernel: null,
			stride: null,
			groups: 1,
			...options.geometry,
		},
		perTimestep: [totals, ...new Array<SynapticCounts>(timesteps - 1).fill(noSynapticCounts)],
		totals,
	};
}

/** A layer of neurons whose whole activity falls into the first of T timesteps. */
export function neuronLayer(
	name: string,
	neurons: number,
	timesteps: number,
	counts: Partial<NeuronCounts>,
	options: Partial<NeuronLayerActivity> = {},
): NeuronLayerActivity {
	const totals = { ...noNeuronCounts, neurons, ...counts };
	return {
		kind: 'neuron',
		name,
		op: 'Greater',
		neurons,
		shape: [neurons],
		leak: null,
		threshold: 1,
		reset: 'soft',
		stateWords: 1,
		spiking: true,
		...options,
		perTimestep: [totals, ...new Array<NeuronCounts>(timesteps - 1).fill(noNeuronCounts)],
		totals,
	};
}

/**
 * The run an architecture and published spike rates imply: rates are spikes per neuron summed over timesteps. The
 * first layer reads analog input once; counts are those of 100 inferences, so that two decimals are whole spikes.
 */
export function activityOfRates(
	name: string,
	sizes: readonly LayerSize[],
	rates: readonly number[],
	timesteps: number,
): Activity {
	const samples = 100;
	let next = 0;
	let source: string | null = null;
	const layers = sizes.flatMap((size, index): LayerActivity[] => {
		const spiking = index > 0;
		const macs = size.denseMacs * samples;
		const synaptic = synapticLayer(
			size.name,
			timesteps,
			{ denseMacs: macs, ...(spiking ? {} : { macs, macsDense: macs, synapticEvents: macs }) },
			{
				inputKind: spiking ? 'spikes' : 'analog',
				source,
				geometry: {
					denseMacs: size.denseMacs,
					synapses: size.denseMacs,
					effectiveSynapses: size.denseMacs,
					outputElements: size.outputs,
					weightElements: size.weights,
				},
			},
		);
		if (size.neurons === 0) return [synaptic];
		const spikes = Math.round((rates[next++] ?? 0) * size.neurons * samples);
		source = `after ${size.name}`;
		return [synaptic, neuronLayer(source, size.neurons, timesteps, { spikes, spikeSum: spikes })];
	});
	return syntheticActivity(name, { samples, timesteps }, layers);
}

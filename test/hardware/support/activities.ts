import type {
	Activity,
	ActivityTotals,
	LayerActivity,
	NeuronCounts,
	NeuronLayerActivity,
	SynapticCounts,
	SynapticLayerActivity,
} from '../../../src/activity/activity.ts';

/** A synaptic layer for tests: geometry by its sizes, and how many input elements were nonzero at each timestep. */
export interface SynapticSpec {
	readonly name: string;
	readonly analog?: boolean;
	readonly source?: string | null;
	readonly inputElements: number;
	readonly outputElements: number;
	/** Connections of each input element; a dense layer has outputElements. */
	readonly fanOut?: number;
	readonly denseMacs?: number;
	readonly weightElements?: number;
	readonly biasElements?: number;
	readonly kernel?: readonly number[];
	readonly stride?: readonly number[];
	readonly groups?: number;
	readonly inputShape?: readonly number[];
	readonly outputShape?: readonly number[];
	/** Nonzero input elements by timestep, summed over samples; null where the layer did not run. */
	readonly active: readonly (number | null)[];
}

export interface NeuronSpec {
	readonly name: string;
	readonly neurons: number;
	readonly spikes: readonly number[];
	readonly leak?: number;
	readonly stateWords?: number;
	readonly spiking?: boolean;
	readonly driven?: readonly number[];
}

const spread = { mean: 0, standardDeviation: 0, minimum: 0, maximum: 0 };

/** An Activity whose counts follow from a few numbers, so that a test can be checked by hand. */
export function activity(layers: readonly (SynapticSpec | NeuronSpec)[], samples = 1): Activity {
	const built = layers.map((layer) => ('neurons' in layer ? neuronLayer(layer, samples) : synapticLayer(layer, samples)));
	const timesteps = built[0]?.perTimestep.length ?? 0;
	return {
		schema: 'snn-energy/activity@1',
		tool: { name: 'snn-energy', version: 'test' },
		model: { file: 'test.onnx', sha256: '0'.repeat(64), format: 'onnx', parameters: 0 },
		data: { source: 'test', sha256: null, random: false },
		run: { samples, timesteps, encoder: 'every-step', spikeTest: 'element', graded: 'mac', assumptions: [], partial: false },
		accuracy: null,
		totals: totals(built),
		spread: { acs: spread, macs: spread, synapticEvents: spread, spikes: spread },
		layers: built,
		warnings: [],
	};
}

function synapticLayer(spec: SynapticSpec, samples: number): SynapticLayerActivity {
	const fanOut = spec.fanOut ?? spec.outputElements;
	const synapses = spec.inputElements * fanOut;
	const denseMacs = spec.denseMacs ?? synapses;
	const perTimestep = spec.active.map((active): SynapticCounts => {
		const events = (active ?? 0) * fanOut;
		const ran = active === null ? 0 : samples;
		return {
			denseMacs: denseMacs * ran,
			synapses: synapses * ran,
			inputElements: spec.inputElements * ran,
			activeInputs: active ?? 0,
			synapticEvents: events,
			effectiveEvents: events,
			acs: spec.analog ? 0 : events,
			macs: spec.analog ? events : 0,
			macsDense: spec.analog ? denseMacs * ran : 0,
			weightReads: events,
		};
	});
	return {
		kind: 'synaptic',
		name: spec.name,
		op: spec.kernel ? 'Conv' : 'Gemm',
		inputKind: spec.analog ? 'analog' : 'spikes',
		spikeMagnitude: spec.analog ? null : 1,
		inputReason: 'test',
		source: spec.source ?? null,
		geometry: {
			denseMacs,
			synapses,
			effectiveSynapses: synapses,
			inputElements: spec.inputElements,
			outputElements: spec.outputElements,
			weightElements: spec.weightElements ?? synapses,
			biasElements: spec.biasElements ?? 0,
			inputShape: spec.inputShape ?? [spec.inputElements],
			outputShape: spec.outputShape ?? [spec.outputElements],
			kernel: spec.kernel ?? null,
			stride: spec.stride ?? null,
			groups: spec.groups ?? 1,
		},
		perTimestep,
		totals: sum(perTimestep),
	};
}

function neuronLayer(spec: NeuronSpec, samples: number): NeuronLayerActivity {
	const last = spec.spikes.length - 1;
	const words = spec.neurons * (spec.stateWords ?? 1) * samples;
	const perTimestep = spec.spikes.map(
		(spikes, step): NeuronCounts => ({
			neurons: spec.neurons * samples,
			neuronUpdates: spec.neurons * samples,
			drivenUpdates: spec.driven?.[step] ?? spec.neurons * samples,
			spikes,
			spikeSum: spikes,
			leakMultiplies: (spec.leak ?? 1) === 1 ? 0 : spec.neurons * samples,
			resets: spikes,
			stateReads: step === 0 ? 0 : words,
			stateWrites: step === last ? 0 : words,
		}),
	);
	return {
		kind: 'neuron',
		name: spec.name,
		op: 'LIF',
		neurons: spec.neurons,
		shape: [spec.neurons],
		leak: spec.leak ?? 1,
		threshold: 1,
		reset: 'soft',
		stateWords: spec.stateWords ?? 1,
		spiking: spec.spiking ?? true,
		perTimestep,
		totals: sum(perTimestep),
	};
}

function sum<Counts extends object>(steps: readonly Counts[]): Counts {
	const result: Record<string, number> = {};
	for (const step of steps)
		for (const [name, value] of Object.entries(step)) result[name] = (result[name] ?? 0) + (value as number);
	return result as unknown as Counts;
}

function totals(layers: readonly LayerActivity[]): ActivityTotals {
	const zero = { ...synapticLayer({ name: '', inputElements: 0, outputElements: 0, active: [] }, 0).totals };
	return sum<object>([zero, ...layers.map((layer) => layer.totals)]) as ActivityTotals;
}

/** Two dense layers, T timesteps: analog input of 6, 4 neurons, 3 outputs; 2 samples. */
export function smallNetwork(timesteps = 3): Activity {
	const each = (value: number): number[] => Array<number>(timesteps).fill(value);
	return activity(
		[
			{ name: 'fc1', analog: true, inputElements: 6, outputElements: 4, biasElements: 4, active: each(10) },
			{ name: 'lif1', neurons: 4, leak: 0.9, spikes: each(4), driven: each(6) },
			{ name: 'fc2', source: 'lif1', inputElements: 4, outputElements: 3, biasElements: 3, active: each(4) },
			{ name: 'lif2', neurons: 3, leak: 0.9, spikes: each(2), driven: each(5) },
		],
		2,
	);
}

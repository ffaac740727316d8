/**
 * Hand-made Activities and Estimates for tests of what comes after the simulation. The network is
 * the snnTorch convolutional net of test fixtures "a-snntorch-conv" (6 timesteps, 16 MNIST digits);
 * its per-timestep counts are those PyTorch hooks counted for it.
 */

import type {
	Activity,
	ActivityTotals,
	LayerActivity,
	NeuronCounts,
	NeuronLayerActivity,
	Spread,
	SynapticCounts,
	SynapticLayerActivity,
} from '../../src/activity/activity.ts';
import type { DenseComparison, Estimate, Interval } from '../../src/hardware/estimate.ts';

const samples = 16;
const timesteps = 6;

/** [activeInputs, events] per timestep. */
const conv1: readonly (readonly [number, number])[] = Array.from({ length: timesteps }, () => [2211, 662_520] as const);
const conv2: readonly (readonly [number, number])[] = [
	[2212, 1_753_440],
	[5539, 4_356_416],
	[6424, 5_043_424],
	[6732, 5_275_712],
	[8387, 6_224_832],
	[8866, 6_590_016],
];
const fc: readonly (readonly [number, number])[] = [
	[1795, 17_950],
	[4557, 45_570],
	[4957, 49_570],
	[5062, 50_620],
	[4093, 40_930],
	[4347, 43_470],
];
const spikes = {
	lif1: [4566, 13_620, 13_888, 14_534, 21_005, 22_377],
	lif2: [3030, 8890, 9189, 9281, 7511, 8045],
	lif3: [18, 23, 18, 19, 18, 17],
};

export interface ActivityOptions {
	readonly file?: string;
	readonly layerPrefix?: string;
	readonly sha256?: string;
	readonly dataSha256?: string;
	readonly accuracy?: Activity['accuracy'];
	readonly warnings?: readonly string[];
	readonly assumptions?: readonly string[];
	readonly random?: boolean;
	/** Keeps only the first timesteps. */
	readonly timesteps?: number;
}

/** The snnTorch net's Activity, every step charged. */
export function snntorchActivity(options: ActivityOptions = {}): Activity {
	const steps = options.timesteps ?? timesteps;
	const prefix = options.layerPrefix ?? '';
	const layers: LayerActivity[] = [
		synaptic(`${prefix}conv1`, 'Conv', 'analog', conv1.slice(0, steps), [1, 28, 28], [12, 28, 28], [5, 5], 235_200, 215_472, 300),
		neuron(`${prefix}lif1`, 9408, [12, 28, 28], spikes.lif1.slice(0, steps)),
		synaptic(
			`${prefix}conv2`,
			'Conv',
			'spikes',
			conv2.slice(0, steps),
			[12, 14, 14],
			[32, 14, 14],
			[5, 5],
			1_881_600,
			1_572_864,
			9600,
		),
		neuron(`${prefix}lif2`, 6272, [32, 14, 14], spikes.lif2.slice(0, steps)),
		synaptic(`${prefix}fc`, 'Gemm', 'spikes', fc.slice(0, steps), [1568], [10], null, 15_680, 15_680, 15_680),
		neuron(`${prefix}lif3`, 10, [10], spikes.lif3.slice(0, steps)),
	];
	const totals = sumLayers(layers);
	return {
		schema: 'snn-energy/activity@1',
		tool: { name: 'snn-energy', version: '0.1.0' },
		model: {
			file: options.file ?? 'a-snntorch-conv-step.onnx',
			sha256: options.sha256 ?? '0'.repeat(64),
			format: 'onnx',
			parameters: 25_634,
		},
		data: {
			source: options.random ? 'random:1' : 'inputs.npy',
			sha256: options.random ? null : (options.dataSha256 ?? '1'.repeat(64)),
			random: options.random ?? false,
		},
		run: {
			samples,
			timesteps: steps,
			encoder: 'every-step',
			spikeTest: 'element',
			graded: 'mac',
			assumptions: options.assumptions ?? ['The first layer is charged at every timestep (--encoder once charges it once).'],
			partial: false,
		},
		accuracy: options.accuracy === undefined ? { correct: 15, total: 16 } : options.accuracy,
		totals,
		spread: {
			acs: spreadAround(totals.acs / samples),
			macs: spreadAround(totals.macs / samples),
			synapticEvents: spreadAround(totals.synapticEvents / samples),
			spikes: spreadAround(totals.spikes / samples),
		},
		layers,
		warnings: options.warnings ?? [],
	};
}

/** A plain ReLU twin of one convolution and one fully connected layer: T = 1, no state. */
export function reluActivity(options: ActivityOptions = {}): Activity {
	const base = snntorchActivity({ ...options, timesteps: 1, file: options.file ?? 'relu-twin.onnx' });
	const layers = base.layers.map((layer): LayerActivity => {
		if (layer.kind === 'neuron') {
			const calm = { drivenUpdates: 0, leakMultiplies: 0, resets: 0 };
			return {
				...layer,
				op: 'Relu',
				spiking: false,
				leak: null,
				threshold: null,
				reset: 'none',
				stateWords: 0,
				perTimestep: layer.perTimestep.map((counts) => ({ ...counts, ...calm })),
				totals: { ...layer.totals, ...calm },
			};
		}
		const analog = (counts: SynapticCounts): SynapticCounts => ({
			...counts,
			acs: 0,
			macs: counts.synapticEvents,
			macsDense: counts.denseMacs,
		});
		return {
			...layer,
			inputKind: 'analog',
			spikeMagnitude: null,
			perTimestep: layer.perTimestep.map(analog),
			totals: analog(layer.totals),
		};
	});
	const totals = sumLayers(layers);
	return { ...base, layers, totals, spread: { ...base.spread, acs: spreadAround(0), macs: spreadAround(totals.macs / samples) } };
}

/**
 * The arithmetic-only 45 nm price, with a ±20 % interval where asked. Written out here so that
 * reporting is tested without the profiles.
 */
export function arithmeticEstimate(
	activity: Activity,
	options: { profile?: string; spread?: number; latency?: number | null } = {},
): Estimate {
	const spread = options.spread ?? 0;
	const around = (nominal: number): Interval => ({ low: nominal * (1 - spread), nominal, high: nominal * (1 + spread) });
	const price = (counts: { acs: number; macs: number }): number =>
		(counts.macs * 4.6e-12 + counts.acs * 0.9e-12) / activity.run.samples;
	const latency = options.latency === undefined ? null : options.latency;
	return {
		profile: options.profile ?? '45nm',
		title: '45 nm CMOS, 0.9 V, FP32 arithmetic only',
		accounting: 'exact',
		energyPerInferenceJoules: around(price(activity.totals)),
		latencyPerInferenceSeconds: latency === null ? null : around(latency),
		terms: { synapses: around(price(activity.totals)), neurons: around(0) },
		latencyTerms: latency === null ? {} : { compute: around(latency) },
		layers: activity.layers.map((layer) => {
			const energy = around(layer.kind === 'synaptic' ? price(layer.totals) : 0);
			return {
				name: layer.name,
				kind: layer.kind,
				energyJoules: energy,
				terms: { [layer.kind === 'synaptic' ? 'synapses' : 'neurons']: energy },
				perTimestepJoules: layer.kind === 'synaptic' ? layer.perTimestep.map(price) : layer.perTimestep.map(() => 0),
			};
		}),
		unpriced: ['weightReads', 'stateReads', 'stateWrites', 'control', 'leakage'],
		evidence: 'published',
		constants: [
			{
				name: 'E_mac',
				unit: 'J',
				value: around(4.6e-12),
				evidence: 'published',
				source: 'M. Horowitz, ISSCC 2014, pp. 10-14, doi:10.1109/ISSCC.2014.6757323',
				note: 'FP32 multiply 3.7 pJ + add 0.9 pJ',
			},
			{
				name: 'E_ac',
				unit: 'J',
				value: around(0.9e-12),
				evidence: 'published',
				source: 'M. Horowitz, ISSCC 2014, pp. 10-14, doi:10.1109/ISSCC.2014.6757323',
				note: null,
			},
		],
		assumptions: [{ sentence: 'Arithmetic only: memory and control are not priced.', change: '--profile 45nm-memory' }],
	};
}

/** The DNN baseline beside an estimate: dense MACs × 4.6 pJ. */
export function denseComparison(activity: Activity, estimate: Estimate): DenseComparison {
	const denseMacs = activity.totals.denseMacs / activity.run.samples / activity.run.timesteps;
	const dnn = denseMacs * 4.6e-12;
	const { low, nominal, high } = estimate.energyPerInferenceJoules;
	const share = (bound: number): number => (nominal === 0 ? 1 : bound / nominal);
	return {
		profile: estimate.profile,
		denseMacs,
		dnnEnergyJoules: { low: dnn * share(low), nominal: dnn, high: dnn * share(high) },
		snnEnergyJoules: estimate.energyPerInferenceJoules,
		ratio: { low: dnn / nominal, nominal: dnn / nominal, high: dnn / nominal },
		formula: 'Dense MACs of one pass × E_mac, divided by the energy of the spiking network.',
	};
}

function synaptic(
	name: string,
	op: string,
	inputKind: 'analog' | 'spikes',
	steps: readonly (readonly [activeInputs: number, events: number])[],
	inputShape: readonly number[],
	outputShape: readonly number[],
	kernel: readonly number[] | null,
	denseMacs: number,
	synapses: number,
	weightElements: number,
): SynapticLayerActivity {
	const inputElements = product(inputShape);
	const perTimestep = steps.map(
		([activeInputs, events]): SynapticCounts => ({
			denseMacs: denseMacs * samples,
			synapses: synapses * samples,
			inputElements: inputElements * samples,
			activeInputs,
			synapticEvents: events,
			effectiveEvents: events,
			acs: inputKind === 'spikes' ? events : 0,
			macs: inputKind === 'spikes' ? 0 : events,
			macsDense: inputKind === 'spikes' ? 0 : denseMacs * samples,
			weightReads: events,
		}),
	);
	return {
		kind: 'synaptic',
		name,
		op,
		inputKind,
		spikeMagnitude: inputKind === 'spikes' ? 1 : null,
		inputReason:
			inputKind === 'spikes' ? 'It comes out of a threshold and holds only 0 and 1.' : 'It is a graph input with many values.',
		source: inputKind === 'spikes' ? name.replace('conv2', 'lif1').replace('fc', 'lif2') : null,
		geometry: {
			denseMacs,
			synapses,
			effectiveSynapses: synapses,
			inputElements,
			outputElements: product(outputShape),
			weightElements,
			biasElements: outputShape[0] ?? 0,
			inputShape,
			outputShape,
			kernel,
			stride: kernel === null ? null : [1, 1],
			groups: 1,
		},
		perTimestep,
		totals: sumCounts(perTimestep),
	};
}

function neuron(name: string, neurons: number, shape: readonly number[], spikesPerStep: readonly number[]): NeuronLayerActivity {
	const last = spikesPerStep.length - 1;
	const perTimestep = spikesPerStep.map(
		(count, step): NeuronCounts => ({
			neurons: neurons * samples,
			neuronUpdates: neurons * samples,
			drivenUpdates: Math.floor((neurons * samples) / 2),
			spikes: count,
			spikeSum: count,
			leakMultiplies: neurons * samples,
			resets: count,
			stateReads: step === 0 ? 0 : neurons * samples,
			stateWrites: step === last ? 0 : neurons * samples,
		}),
	);
	return {
		kind: 'neuron',
		name,
		op: 'LIF',
		neurons,
		shape,
		leak: 0.9,
		threshold: 1,
		reset: 'soft',
		stateWords: 1,
		spiking: true,
		perTimestep,
		totals: sumCounts(perTimestep),
	};
}

function sumCounts<Counts extends { readonly [Key in keyof Counts]: number }>(steps: readonly Counts[]): Counts {
	const sum: Record<string, number> = {};
	for (const step of steps) for (const [key, value] of Object.entries<number>(step)) sum[key] = (sum[key] ?? 0) + value;
	return sum as Counts;
}

function sumLayers(layers: readonly LayerActivity[]): ActivityTotals {
	const sum: Record<string, number> = {};
	for (const layer of layers)
		for (const [key, value] of Object.entries<number>({ ...layer.totals })) sum[key] = (sum[key] ?? 0) + value;
	return sum as unknown as ActivityTotals;
}

function spreadAround(mean: number): Spread {
	return { mean, standardDeviation: mean * 0.2, minimum: Math.floor(mean * 0.6), maximum: Math.ceil(mean * 1.5) };
}

function product(numbers: readonly number[]): number {
	return numbers.reduce((result, number) => result * number, 1);
}

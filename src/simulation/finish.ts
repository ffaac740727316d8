import { elementCount } from '../model/tensors.ts';
import type { FanOut } from '../network/fan-out.ts';
import type { Network, ProductCall } from '../network/network.ts';
import { tool } from '../version.ts';
import type {
	Activity,
	ActivityTotals,
	Encoder,
	GradedRule,
	LayerActivity,
	NeuronCounts,
	NeuronLayerActivity,
	SpikeTest,
	Spread,
	SynapticCounts,
	SynapticLayerActivity,
} from './activity.ts';
import { type Classification, classify } from './classify.ts';
import * as messages from './messages.ts';
import type { Geometry } from './plan.ts';
import { type FinishedProduct, finishProduct, type ProductTallies } from './products.ts';
import { explainInput } from './reasons.ts';
import { chargedTimesteps, type Run } from './run-state.ts';
import type { SampleSource } from './samples.ts';
import type { Tally } from './tally.ts';

export interface FinishedRun {
	readonly network: Network;
	readonly geometry: Geometry;
	readonly run: Run;
	readonly source: SampleSource;
	readonly timesteps: number;
	/** Samples run: fewer than the source has when the run was interrupted. */
	readonly done: number;
	readonly encoder: Encoder;
	readonly spikeTest: SpikeTest;
	readonly graded: GradedRule;
	readonly accuracy: Activity['accuracy'];
}

/** Turns tallies into an Activity: decides spike or number for the whole run, and sums. */
export function finishActivity(finished: FinishedRun): Activity {
	const { network, source, timesteps, done } = finished;
	const warnings = [...network.warnings];
	const classes = network.synapticLayers.map((_, at) => classifyLayer(finished, at));
	const synaptic = network.synapticLayers.map((_, at) => synapticLayer(finished, at, classes[at] as Classification));
	const products = finishProducts(finished);
	const neurons = network.neuronLayers.map((_, at) => neuronLayer(finished, at));
	for (const [at, { inexact, theta, inputKind }] of classes.entries()) {
		const { name } = network.synapticLayers[at] as Network['synapticLayers'][number];
		if (inexact) warnings.push(messages.inexactMultiples(name, smallestMagnitude(finished.run.synapses[at] ?? [])));
		else if (inputKind === 'spikes' && theta !== null && !fromThreshold(network, at) && !fromInput(network, at))
			warnings.push(messages.binaryWithoutThreshold(name, theta));
	}
	for (const [at, product] of products.entries()) {
		const { name, op } = network.products[at] as Network['products'][number];
		if (!product) warnings.push(messages.productNotCounted(name, op));
	}
	for (const [at, counts] of finished.run.driven.entries()) {
		if (counts.includes(null))
			warnings.push(messages.drivenUnknown((network.neuronLayers[at] as Network['neuronLayers'][number]).name));
	}
	if (done < source.count) warnings.push(messages.interrupted(done, source.count));
	return {
		schema: 'snn-energy/activity@1',
		tool,
		model: { file: network.file, sha256: network.sha256, format: network.format, parameters: network.parameters },
		data: { source: source.name, sha256: source.sha256, random: source.random },
		run: {
			samples: done,
			timesteps,
			encoder: finished.encoder,
			spikeTest: finished.spikeTest,
			graded: finished.graded,
			assumptions: [...network.assumptions],
			partial: done < source.count,
		},
		accuracy: finished.accuracy,
		totals: totalsOf([...synaptic, ...multiplied(products)], neurons),
		spread: spreads(finished, classes, products),
		layers: inDataFlow(network, synaptic, products, neurons),
		warnings,
	};
}

const smallestMagnitude = (tallies: readonly Tally[]): number =>
	Math.min(...tallies.flatMap(({ magnitudes }) => [...(magnitudes?.keys() ?? [])]));

function fromThreshold(network: Network, layer: number): boolean {
	const { calls } = network.synapticLayers[layer] as Network['synapticLayers'][number];
	return calls.every(({ input }) => {
		const set = network.valueSets.get(input);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	});
}

/** Whether the layer reads the graph's input itself (spike trains), moved about but not computed with. */
function fromInput(network: Network, layer: number): boolean {
	const { calls } = network.synapticLayers[layer] as Network['synapticLayers'][number];
	return calls.every(({ input }) => {
		let name = input;
		for (;;) {
			if (name === network.input.name) return true;
			const producer = network.index.producer.get(name);
			const next = producer?.inputs.find((candidate) => candidate !== '' && !network.index.isConstant(candidate));
			if (!producer || next === undefined || network.valueSets.get(name)?.kind !== 'any') return false;
			if (
				![
					'Gather',
					'Slice',
					'Reshape',
					'Flatten',
					'Squeeze',
					'Unsqueeze',
					'Transpose',
					'Split',
					'Identity',
					'Cast',
					'Concat',
					'Pad',
				].includes(producer.op)
			)
				return false;
			name = next;
		}
	});
}

function classifyLayer({ network, run, spikeTest, graded }: FinishedRun, layer: number): Classification {
	return classify({ tallies: run.synapses[layer] ?? [], fromThreshold: fromThreshold(network, layer) }, spikeTest, graded);
}

const noSynapticCounts: SynapticCounts = {
	denseMacs: 0,
	synapses: 0,
	inputElements: 0,
	activeInputs: 0,
	synapticEvents: 0,
	effectiveEvents: 0,
	acs: 0,
	macs: 0,
	macsDense: 0,
	weightReads: 0,
};

const noNeuronCounts: NeuronCounts = {
	neurons: 0,
	neuronUpdates: 0,
	drivenUpdates: 0,
	spikes: 0,
	spikeSum: 0,
	leakMultiplies: 0,
	resets: 0,
	stateReads: 0,
	stateWrites: 0,
};

function sum<T extends object>(all: readonly T[], none: T): T {
	const total = { ...none } as Record<keyof T, number>;
	for (const one of all) for (const key of Object.keys(none) as (keyof T)[]) total[key] += one[key] as number;
	return total as T;
}

function synapticLayer(finished: FinishedRun, at: number, decided: Classification): SynapticLayerActivity {
	const { network, geometry, run, timesteps, done } = finished;
	const layer = network.synapticLayers[at] as Network['synapticLayers'][number];
	const fan = geometry.fanOuts[at] as FanOut;
	const tallies = run.synapses[at] as readonly Tally[];
	const charged = chargedTimesteps(layer.timeInvariant, finished.encoder, timesteps);
	const uses = Array.from({ length: timesteps }, (_, timestep) => usesAt(network, at, timestep));
	const perTimestep = tallies.map((_, timestep): SynapticCounts => {
		// A time-invariant layer was counted at its first timestep; the others repeat it or are not charged.
		const from = layer.timeInvariant ? 0 : timestep;
		const repeats = layer.timeInvariant ? (timestep < charged ? 1 : 0) : (uses[timestep] as number);
		if (repeats === 0) return noSynapticCounts;
		const one = tallies[from] as Tally;
		const { acs, macs, dense } = decided.perTimestep[from] as Classification['perTimestep'][number];
		const denseMacs = fan.denseMacs * done * repeats;
		return {
			denseMacs,
			synapses: fan.synapses * done * repeats,
			inputElements: fan.inputElements * done * repeats,
			activeInputs: one.active,
			synapticEvents: one.events,
			effectiveEvents: one.effectiveEvents,
			acs,
			macs,
			macsDense: dense ? denseMacs : macs,
			weightReads: one.events,
		};
	});
	return {
		kind: 'synaptic',
		name: layer.name,
		op: layer.op,
		inputKind: decided.inputKind,
		spikeMagnitude: decided.theta,
		inputReason: explainInput(network, at, decided),
		source: layer.sources.length === 1 ? (layer.sources[0] as string) : null,
		geometry: {
			denseMacs: fan.denseMacs,
			synapses: fan.synapses,
			effectiveSynapses: fan.effectiveSynapses,
			inputElements: fan.inputElements,
			outputElements: fan.outputElements,
			weightElements: elementCount(network.model.graph.constants.get(layer.weight)?.dims ?? []),
			biasElements: layer.bias === null ? 0 : elementCount(network.model.graph.constants.get(layer.bias)?.dims ?? []),
			inputShape: geometry.inputShapes[at] as readonly number[],
			outputShape: geometry.outputShapes[at] as readonly number[],
			kernel: fan.kernel,
			stride: fan.stride,
			groups: fan.groups,
		},
		perTimestep,
		totals: sum(perTimestep, noSynapticCounts),
	};
}

function finishProducts({
	network,
	geometry,
	run,
	timesteps,
	done,
	encoder,
	spikeTest,
}: FinishedRun): (FinishedProduct | null)[] {
	const fromThreshold = (tensor: string): boolean => {
		const set = network.valueSets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	return network.products.map((product, at) => {
		const shape = geometry.products[at];
		const charged = chargedTimesteps(product.timeInvariant, encoder, timesteps);
		// A step model's calls all carry timestep 0; the run repeats them.
		const calls =
			network.mode === 'step'
				? Array.from({ length: timesteps }, (_, timestep) => ({ ...(product.calls[0] as ProductCall), timestep }))
				: product.calls;
		return shape
			? finishProduct(
					{ ...product, calls },
					shape,
					run.products[at] as ProductTallies,
					{ samples: done, timesteps, charged, spikeTest },
					fromThreshold,
				)
			: null;
	});
}

const multiplied = (products: readonly (FinishedProduct | null)[]): SynapticLayerActivity[] =>
	products.flatMap((product) => (product ? [product.layer] : []));

/** How often the weights are applied within one timestep (a weight shared inside a plain net is applied several times). */
function usesAt(network: Network, layer: number, timestep: number): number {
	const { calls } = network.synapticLayers[layer] as Network['synapticLayers'][number];
	if (network.mode === 'step') return calls.length;
	return calls.filter((call) => call.timestep === timestep).length;
}

function neuronLayer({ network, geometry, run, timesteps, done }: FinishedRun, at: number): NeuronLayerActivity {
	const layer = network.neuronLayers[at] as Network['neuronLayers'][number];
	const shape = geometry.neuronShapes[at] as readonly number[];
	const neurons = elementCount(shape);
	const tallies = run.spikes[at] as readonly Tally[];
	const theta = smallestMagnitude(tallies);
	const words = timesteps === 1 ? 0 : layer.stateWords;
	const spikes = tallies.map(({ active }) => active);
	const perTimestep = tallies.map((one, timestep): NeuronCounts => {
		const updates = neurons * done;
		return {
			neurons: updates,
			neuronUpdates: updates,
			drivenUpdates: run.driven[at]?.[timestep] ?? updates,
			spikes: one.active,
			spikeSum: [...(one.magnitudes ?? [])].reduce(
				(total, [magnitude, { elements }]) => total + Math.round(magnitude / theta) * elements,
				0,
			),
			// A leak that is not one number (a factor for each channel) is multiplied with all the same.
			leakMultiplies: layer.stateWords > 0 && layer.leak !== 1 ? updates : 0,
			resets: layer.reset === 'none' ? 0 : layer.delayedReset ? (spikes[timestep - 1] ?? 0) : one.active,
			stateReads: timestep === 0 ? 0 : updates * words,
			stateWrites: timestep === timesteps - 1 ? 0 : updates * words,
		};
	});
	return {
		kind: 'neuron',
		name: layer.name,
		op: layer.op,
		neurons,
		shape,
		leak: layer.leak,
		threshold: layer.threshold,
		reset: layer.reset,
		stateWords: layer.stateWords,
		spiking: layer.spiking,
		perTimestep,
		totals: sum(perTimestep, noNeuronCounts),
	};
}

function totalsOf(synaptic: readonly SynapticLayerActivity[], neurons: readonly NeuronLayerActivity[]): ActivityTotals {
	return {
		...sum(
			synaptic.map(({ totals }) => totals),
			noSynapticCounts,
		),
		...sum(
			neurons.map(({ totals }) => totals),
			noNeuronCounts,
		),
	};
}

/** Layers in the order in which the graph computes them. */
function inDataFlow(
	network: Network,
	synaptic: readonly SynapticLayerActivity[],
	products: readonly (FinishedProduct | null)[],
	neurons: readonly NeuronLayerActivity[],
): LayerActivity[] {
	const position = (tensor: string): number => {
		const node = network.index.producer.get(tensor);
		return node ? (network.index.position.get(node) ?? 0) : 0;
	};
	const placed = [
		...synaptic.map((activity, at) => ({ activity, at: position(network.synapticLayers[at]?.calls[0]?.output ?? '') })),
		...products.flatMap((product, at) =>
			product ? [{ activity: product.layer, at: position(network.products[at]?.calls[0]?.output ?? '') }] : [],
		),
		...neurons.map((activity, at) => ({ activity, at: position(network.neuronLayers[at]?.calls[0]?.spikes ?? '') })),
	];
	return placed.sort((a, b) => a.at - b.at).map(({ activity }) => activity);
}

/** Per-sample totals. Layers whose values the graph proves are all ACs; analog layers all MACs; the others by their records. */
function spreads(
	{ network, run, timesteps, done, encoder }: FinishedRun,
	classes: readonly Classification[],
	products: readonly (FinishedProduct | null)[],
): Activity['spread'] {
	const { provenAcs, spikes } = run.perSample;
	const events = run.perSample.events.slice();
	const acs = provenAcs.slice(0, done);
	const macs = events.slice(0, done).map((value, at) => value - (acs[at] as number));
	for (const [product, tallies] of run.products.entries()) {
		const operations = products[product]?.accumulates ? acs : macs;
		for (let sample = 0; sample < done; sample += 1) {
			const pairs = tallies.perSample[sample] as number;
			operations[sample] = (operations[sample] as number) + pairs;
			events[sample] = (events[sample] as number) + pairs;
		}
	}
	for (const [layer, tallies] of run.synapses.entries()) {
		const { timeInvariant } = network.synapticLayers[layer] as Network['synapticLayers'][number];
		const times = timeInvariant ? chargedTimesteps(true, encoder, timesteps) : 1;
		for (const one of tallies) {
			if (one.magnitudes === null) continue;
			for (const record of one.records ?? []) {
				const operations = (classes[layer] as Classification).operationsOfRecord(record, one);
				acs[record.sample] = (acs[record.sample] as number) + times * operations.acs;
				macs[record.sample] = (macs[record.sample] as number) + times * (operations.macs - record.all);
			}
		}
	}
	return {
		acs: spread(acs),
		macs: spread(macs),
		synapticEvents: spread(events.slice(0, done)),
		spikes: spread(spikes.slice(0, done)),
	};
}

/** Population mean and standard deviation. */
export function spread(values: Float64Array): Spread {
	if (values.length === 0) return { mean: 0, standardDeviation: 0, minimum: 0, maximum: 0 };
	const mean = values.reduce((total, value) => total + value, 0) / values.length;
	const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
	return {
		mean,
		standardDeviation: Math.sqrt(variance),
		minimum: values.reduce((a, b) => Math.min(a, b)),
		maximum: values.reduce((a, b) => Math.max(a, b)),
	};
}

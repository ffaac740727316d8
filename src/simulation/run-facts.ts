import type { Activity, Encoder, GradedRule, LayerGeometry, SpikeTest } from '../activity/activity.ts';
import { elementCount } from '../model/tensors.ts';
import type { FanOut } from '../network/fan-out.ts';
import type { Balance } from '../network/findings.ts';
import { layerOrder } from '../network/layer-order.ts';
import { holdsModelInput } from '../network/model-input.ts';
import { neededToFire } from '../network/needed-spikes.ts';
import type { Network, ResetKind } from '../network/network.ts';
import type { ValueSet } from '../network/value-sets.ts';
import type { SampleSource } from './samples.ts';

/** Sizes of one sample's product: `blocks` matrices [rows, inner] times [inner, columns]. */
export interface ProductShape {
	readonly left: readonly number[];
	readonly right: readonly number[];
	readonly output: readonly number[];
	readonly blocks: number;
	readonly rows: number;
	readonly inner: number;
	readonly columns: number;
}

/** Geometry that stays the same over the run. */
export interface Geometry {
	readonly fanOuts: readonly FanOut[];
	readonly inputShapes: readonly (readonly number[])[];
	readonly outputShapes: readonly (readonly number[])[];
	readonly neuronShapes: readonly (readonly number[])[];
	/** Numbers a sample's neurons hold from one timestep to the next, by layer. */
	readonly stateElements: readonly number[];
	/** null for products that cannot be given to samples: not counted, and named in the report. */
	readonly products: readonly (ProductShape | null)[];
}

/**
 * Everything a result says that does not depend on which samples were run: plain data, so that it can be saved with
 * the counts of some samples and compared with that of others.
 */
export interface RunFacts {
	readonly model: Activity['model'];
	readonly data: Activity['data'];
	/** Builds of onnxruntime that counted; parts saved by earlier versions do not say. */
	readonly runtimes?: readonly string[];
	readonly timesteps: number;
	readonly encoder: Encoder;
	readonly spikeTest: SpikeTest;
	readonly graded: GradedRule;
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
	/** What the graph alone says against the counts. */
	readonly balance: Balance;
	readonly synapses: readonly SynapticFacts[];
	readonly products: readonly ProductFacts[];
	readonly neurons: readonly NeuronFacts[];
}

export interface SynapticFacts {
	readonly name: string;
	readonly op: string;
	/** Place in the data flow. */
	readonly position: number;
	readonly timeInvariant: boolean;
	readonly sources: readonly string[];
	/** Whether all inputs come out of thresholds. */
	readonly fromThreshold: boolean;
	/** Whether the layer reads the graph's input itself (spike trains), moved about but not computed with. */
	readonly fromInput: boolean;
	/** Whether all spikes of a timestep are of one height, which the weights of that timestep could hold. */
	readonly oneHeight: boolean;
	/** Whether the input is numbers that are zero wherever no neuron fires. */
	readonly amplitudes: boolean;
	/** Values the graph proves for the input, when they come out of a threshold; else null. */
	readonly provenValues: readonly number[] | null;
	/** How often the weights are applied within each timestep (a weight shared inside a plain net is applied several times). */
	readonly uses: readonly number[];
	readonly geometry: LayerGeometry;
}

export interface ProductFacts {
	readonly name: string;
	readonly op: string;
	readonly position: number;
	readonly timeInvariant: boolean;
	readonly sources: readonly string[];
	readonly leftFromThreshold: boolean;
	readonly rightFromThreshold: boolean;
	/** By timestep: whether the product is computed. */
	readonly used: readonly boolean[];
	/** null when its operands cannot be given to samples: not counted, and named in the report. */
	readonly shape: ProductShape | null;
}

export interface NeuronFacts {
	readonly name: string;
	readonly op: string;
	readonly position: number;
	readonly shape: readonly number[];
	readonly leak: number | null;
	readonly threshold: number | null;
	readonly reset: ResetKind;
	readonly delayedReset: boolean;
	/** Whether all spikes of a timestep are of one height. */
	readonly oneHeight: boolean;
	/** Numbers a neuron holds between timesteps. */
	readonly stateWords: number;
	readonly spiking: boolean;
	/** Whether something waits for its spikes: weights, other neurons or the answer. */
	readonly needed: boolean;
}

/** Settings of a run that decide how its events are counted. */
export interface CountingRules {
	readonly timesteps: number;
	readonly encoder: Encoder;
	readonly spikeTest: SpikeTest;
	readonly graded: GradedRule;
}

/** The rules of a run: where its options say nothing, the usual ones. */
export const countingRules = (
	timesteps: number,
	{ encoder = 'once', spikeTest = 'element', graded = 'mac' }: { readonly [K in RuleName]?: CountingRules[K] | undefined },
): CountingRules => ({ timesteps, encoder, spikeTest, graded });

type RuleName = 'encoder' | 'spikeTest' | 'graded';

/** Whether a tensor holds 0 and ±one number, as far as the graph proves. */
export const isOneHeight = (set: ValueSet | undefined): boolean =>
	set?.kind === 'finite' && new Set(set.values.map(Math.abs)).size - (set.values.includes(0) ? 1 : 0) <= 1;

/** Gathers what is known of a run before its first sample. */
export function factsOf(
	network: Network,
	geometry: Geometry,
	source: Pick<SampleSource, 'name' | 'sha256' | 'random' | 'layout' | 'preparation'>,
	rules: CountingRules,
): RunFacts {
	const fromThreshold = (tensor: string): boolean => {
		const set = network.valueSets.get(tensor);
		return set !== undefined && set.kind !== 'any' && set.spiking;
	};
	const order = layerOrder(network);
	const elements = (constant: string | null): number =>
		constant === null ? 0 : elementCount(network.model.graph.constants.get(constant)?.dims ?? []);
	const needed = neededToFire(network);
	const steps = Array.from({ length: rules.timesteps }, (_, timestep) => timestep);
	return {
		model: { file: network.file, sha256: network.sha256, format: network.format, parameters: network.parameters },
		data: {
			source: source.name,
			sha256: source.sha256,
			random: source.random,
			...(source.layout === undefined ? {} : { layout: source.layout }),
			...(source.preparation === undefined ? {} : { preparation: source.preparation }),
		},
		...rules,
		assumptions: [...network.assumptions],
		warnings: [...network.warnings],
		balance: network.balance,
		synapses: network.synapticLayers.map((layer, at): SynapticFacts => {
			const { calls } = layer;
			const sets = calls.map((call) => network.valueSets.get(call.unscaled ?? call.input));
			const [set] = sets;
			const fan = geometry.fanOuts[at] as FanOut;
			return {
				name: layer.name,
				op: layer.op,
				position: order.get(layer) ?? 0,
				timeInvariant: layer.timeInvariant,
				sources: layer.sources,
				fromThreshold: calls.every(({ input }) => fromThreshold(input)),
				fromInput: calls.every(({ input }) => network.valueSets.get(input)?.kind === 'any' && holdsModelInput(input, network)),
				oneHeight: sets.every(isOneHeight),
				amplitudes: layer.amplitudes === true,
				provenValues: set?.kind === 'finite' && set.spiking ? set.values : null,
				// A step model's uses all happen at every timestep.
				uses: steps.map((timestep) =>
					network.mode === 'step' ? calls.length : calls.filter((call) => call.timestep === timestep).length,
				),
				geometry: {
					denseMacs: fan.denseMacs,
					synapses: fan.synapses,
					effectiveSynapses: fan.effectiveSynapses,
					inputElements: fan.inputElements,
					outputElements: fan.outputElements,
					weightElements: elements(layer.weight),
					biasElements: elements(layer.bias),
					inputShape: geometry.inputShapes[at] as readonly number[],
					outputShape: geometry.outputShapes[at] as readonly number[],
					kernel: fan.kernel,
					stride: fan.stride,
					groups: fan.groups,
				},
			};
		}),
		products: network.products.map(
			(layer, at): ProductFacts => ({
				name: layer.name,
				op: layer.op,
				position: order.get(layer) ?? 0,
				timeInvariant: layer.timeInvariant,
				sources: layer.sources,
				leftFromThreshold: layer.calls.every(({ left }) => fromThreshold(left)),
				rightFromThreshold: layer.calls.every(({ right }) => fromThreshold(right)),
				used: steps.map((timestep) => network.mode === 'step' || layer.calls.some((call) => call.timestep === timestep)),
				shape: geometry.products[at] ?? null,
			}),
		),
		neurons: network.neuronLayers.map(
			(layer, at): NeuronFacts => ({
				name: layer.name,
				op: layer.op,
				position: order.get(layer) ?? 0,
				shape: geometry.neuronShapes[at] as readonly number[],
				leak: layer.leak,
				threshold: layer.threshold,
				reset: layer.reset,
				delayedReset: layer.delayedReset,
				oneHeight: layer.calls.every(
					({ spikes, firings }) => firings !== undefined || isOneHeight(network.valueSets.get(spikes)),
				),
				stateWords: (geometry.stateElements[at] as number) / elementCount(geometry.neuronShapes[at] as readonly number[]),
				spiking: layer.spiking,
				needed: needed.has(layer.name),
			}),
		),
	};
}

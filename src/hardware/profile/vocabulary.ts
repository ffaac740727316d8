import { eventTable } from '../../activity/events.ts';

/**
 * Every name a profile's formula may use besides its own constants. Counts are means per inference
 * of one layer at one timestep; the other names describe the layer or the run.
 *
 * @see docs/profiles.md
 */
export interface VocabularyEntry {
	readonly name: string;
	readonly kind: 'synaptic event' | 'neuron event' | 'layer' | 'run' | 'inference';
	readonly meaning: string;
}

const entry = (kind: VocabularyEntry['kind'], name: string, meaning: string): VocabularyEntry => ({ name, kind, meaning });

/** What formulas count of a kind of layer. */
const eventEntries = (layer: 'synaptic' | 'neuron'): VocabularyEntry[] =>
	Object.entries(eventTable[layer]).flatMap(([name, { inFormulas, meaning }]) =>
		inFormulas === false ? [] : [entry(`${layer} event`, name, meaning)],
	);

/** Names a formula under `energy` or `latency` may use: one layer at one timestep. */
export const layerVocabulary: readonly VocabularyEntry[] = [
	...eventEntries('synaptic'),
	...eventEntries('neuron'),
	entry('layer', 'synapses', 'connections of the layer'),
	entry('layer', 'effectiveSynapses', 'connections with a nonzero weight'),
	entry('layer', 'inputElements', 'size of the input'),
	entry('layer', 'outputElements', 'size of the output'),
	entry('layer', 'weightElements', 'stored weights'),
	entry('layer', 'biasElements', 'stored biases'),
	entry('layer', 'inputChannels', 'channels, or elements of a flat input'),
	entry('layer', 'outputChannels', 'channels, or elements of a flat output'),
	entry('layer', 'kernelHeight', 'kernel height, 1 if the layer is not a convolution'),
	entry('layer', 'kernelWidth', 'kernel width, 1 if the layer is not a convolution'),
	entry('layer', 'strideHeight', 'vertical stride, 1 if the layer is not a convolution'),
	entry('layer', 'strideWidth', 'horizontal stride, 1 if the layer is not a convolution'),
	entry('layer', 'groups', 'groups of a convolution, else 1'),
	entry('layer', 'convolution', '1 if the layer has a kernel, else 0'),
	entry('layer', 'spikingInput', '1 if the layer is synaptic and its input is spikes or graded spikes, else 0'),
	entry('layer', 'gradedInput', '1 if the input is graded: spikes of several sizes, pooled spikes; else 0'),
	entry(
		'layer',
		'inputBits',
		'bits of an input element where the run says them: 1 for spikes, as many as a quantised DNN has; 0 if not',
	),
	entry('layer', 'skipsZeros', '1 if zero inputs of the layer cost nothing: spikes, or a DNN that skips zeros; else 0'),
	entry('layer', 'neurons', 'neurons of the layer'),
	entry('layer', 'stateWords', 'state words per neuron'),
	entry('layer', 'spiking', '1 if the layer is of spiking neurons, 0 for other activations and synaptic layers'),
	entry('layer', 'synaptic', '1 in a synaptic layer, 0 in a neuron layer'),
	entry('run', 'timestep', 'which timestep, from 1'),
	entry('run', 'timesteps', 'how many timesteps one inference takes'),
	entry('run', 'depth', 'synaptic layers on the longest path'),
];

/** Names only a formula under `inference` may use; counts there are sums over layers and timesteps. */
export const inferenceVocabulary: readonly VocabularyEntry[] = [
	entry('inference', 'layers', 'number of layers, synaptic and neuron'),
	entry('inference', 'layerLatency', 'sum of the `latency` terms over layers and timesteps, in seconds'),
	entry('inference', 'latency', 'latency of the inference, in seconds (energy formulas only)'),
	entry('inference', 'layerEnergy', 'sum of the `energy` terms over layers and timesteps, in joules (energy formulas only)'),
];

export const eventNames: readonly string[] = layerVocabulary
	.filter(({ kind }) => kind === 'synaptic event' || kind === 'neuron event')
	.map(({ name }) => name);

/** Names that describe a layer or the run without counting anything: known before a sample is run. */
export const structureNames: readonly string[] = layerVocabulary
	.filter(({ kind, name }) => (kind === 'layer' || kind === 'run') && name !== 'timestep')
	.map(({ name }) => name);

/** Layer names with a meaning when summed over layers. */
const summable = [
	'synapses',
	'effectiveSynapses',
	'inputElements',
	'outputElements',
	'weightElements',
	'biasElements',
	'neurons',
];

/** Names a formula under `inference` may use without unit: sums over layers (and timesteps, for events) and the run. */
export const inferenceNames: readonly string[] = [...eventNames, ...summable, 'timesteps', 'depth', 'layers'];

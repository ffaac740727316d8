/** Every sentence a user can meet while a network runs on data. */

const shape = (dims: readonly (number | string | null)[]): string => `[${dims.map((dim) => dim ?? '?').join(', ')}]`;

export const turnedImages = (data: string, to: 'channels-first' | 'channels-last'): string =>
	to === 'channels-last'
		? `Images of ${data} are [channels, height, width] and the model takes [height, width, channels]: they were turned.`
		: `Images of ${data} are [height, width, channels] and the model takes [channels, height, width]: they were turned.`;
export const noData = (file: string): string =>
	`${file}: no data to run on: there is no samples.npz beside the model. Pass --data FILE.npy (or .npz, or a data set name such as mnist), or --data random for random input.`;
export const dataShape = (
	data: string,
	found: readonly number[],
	input: string,
	wanted: readonly (number | string | null)[],
): string =>
	`--data ${data} holds arrays of shape ${shape(found)}; the model's input "${input}" wants ${shape(wanted)}. Reshape the array, or pass --reshape ${
		wanted
			.filter((dim): dim is number => typeof dim === 'number')
			.slice(-3)
			.join(',') || 'C,H,W'
	}.`;
const axes = { ntc: '[samples, timesteps, …]', tnc: '[timesteps, samples, …]' } as const;

/** The order in which data with a time axis are read. */
export const layoutRead = (data: string, found: readonly number[], layout: 'ntc' | 'tnc', because: string | null): string =>
	`${data} has shape ${shape(found)} and is read as ${axes[layout]}${because === null ? '' : `, since ${because}`} (--layout changes this).`;
export const layoutOpen = (data: string, found: readonly number[]): string =>
	`--data ${data} has shape ${shape(found)}: it could be ${found[0]} samples of ${found[1]} timesteps (--layout ntc) or ${found[0]} timesteps of ${found[1]} samples (--layout tnc), and nothing in the model or the labels decides. Pass the one that is right.`;
export const reshapeSize = (option: string, wanted: number, found: number): string =>
	`--reshape ${option}: that is ${wanted} elements a sample, but a sample of the data has ${found}. Give sizes whose product is ${found}.`;
export const reshapeSyntax = (option: string): string =>
	`--reshape ${option}: expected sizes separated by commas, such as 1,28,28.`;
export const dataArrays = (data: string, names: readonly string[]): string =>
	`--data ${data}: expected one array or one named "images", "inputs", "spikes" or "x"; found ${names.map((name) => `"${name}"`).join(', ') || 'none'}.`;
export const labelsLength = (labels: string, found: number, samples: number): string =>
	`--labels ${labels}: holds ${found} labels for ${samples} samples. Pass one label a sample.`;
export const labelsShape = (labels: string, found: readonly number[]): string =>
	`--labels ${labels}: has shape ${shape(found)}; expected one class number a sample, [N].`;
export const labelsWhole = (labels: string, at: number, value: number): string =>
	`--labels ${labels}: label ${at} is ${value}; class numbers are whole and start at 0.`;
export const nonFiniteData = (data: string, sample: number, value: number): string =>
	`--data ${data}: sample ${sample} holds ${value}. Remove or repair it; counts from it would mean nothing.`;
export const tooManySamples = (asked: number, available: number, data: string): string =>
	`--samples ${asked}: ${data} has only ${available}. Ask for at most ${available}.`;
export const noSamples = (data: string): string => `--data ${data}: holds no sample.`;
export const randomShape = (file: string, input: string, dims: readonly (number | string | null)[] | null): string =>
	`${file}: input "${input}" has shape ${dims ? shape(dims) : 'unknown'}, which leaves the sample's size open. Pass --reshape with its sizes, such as --reshape 3,32,32.`;
export const randomSyntax = (option: string): string => `--data ${option}: the seed must be a whole number, such as random:1.`;
export const timestepsOfData = (data: string, found: number, asked: number): string =>
	`--data ${data} holds ${found} timesteps, but ${asked} were asked for. Pass --timesteps ${found}, or data with ${asked} timesteps.`;
export const stateShape = (file: string, state: string): string =>
	`${file}: the shape of state "${state}" is not in the file and could not be found by running the graph. Export the state with fixed sizes after the batch axis.`;
export const batchAxis = (file: string, layer: string, found: readonly number[], batch: number): string =>
	`${file}: the input of layer "${layer}" has shape ${shape(found)} for a batch of ${batch}: its first axis is not the batch, so counts could not be given to samples.`;
export const fixedBatch = (file: string, fixed: number, asked: number): string =>
	`--batch ${asked}: ${file} is exported with a fixed batch of ${fixed}. Leave --batch out, or export it with a dynamic batch axis.`;
export const notFinite = (file: string, output: string): string =>
	`${file}: output "${output}" became NaN or infinite while running; the counts would mean nothing. Check the data's normalisation and the model's weights.`;
export const tooLarge = (what: string, dims: readonly number[], bytes: number, most: number): string =>
	`${what} of shape ${shape(dims)} would take ${(bytes / 1e9).toPrecision(3)} GB, and ${(most / 1e9).toPrecision(3)} GB is the most that fits. Check the sizes in the file and in the options.`;
export const tooManyRandomSamples = (asked: number, most: number): string =>
	`--samples ${asked}: at most ${most} random samples can be made.`;
export const countTooLarge = (layer: string): string =>
	`The counts of layer "${layer}" pass 2^53 and would no longer be exact. Run fewer samples at a time.`;

export const randomInput = (seed: number): string =>
	`The input is random (uniform in [0, 1), seed ${seed}): spikes, energy and accuracy say nothing about real data.`;
export const randomInputAlone = (seed: number): string =>
	`${randomInput(seed)} No ratio to a DNN is given; --assume-rate takes the firing rates of random input for those of real data.`;
export const ratesAssumed = (): string => 'The firing rates of random input are taken for those of real data (--assume-rate).';
export const ratesAssumedWords = (): string => 'its firing rates taken for those of real data';
export const sampleFile = (file: string): string => `Samples are those shipped beside the model (${file}); --data changes this.`;
export const drivenUnknown = (layer: string): string =>
	`drivenUpdates of "${layer}" counts all its neurons: its shape differs from the weights' output, so which neurons received an event is not known.`;
export const productNotCounted = (name: string, op: string): string =>
	`${op} "${name}" multiplies activations by activations, but its operands do not lead with the batch or differ in their leading axes; it is not counted.`;
export const inexactMultiples = (layer: string, theta: number): string =>
	`The input of "${layer}" comes out of thresholds, but its values are not whole multiples of one spike height (smallest ${theta}); each is counted as a MAC, and the zeros between them are not.`;
export const binaryWithoutThreshold = (layer: string, theta: number): string =>
	`The input of "${layer}" holds only 0 and ±${theta}, yet no threshold was found in front of it; it is counted as spikes (ACs).`;
const elements = (count: number, of: number): string => `${count} of ${of} ${of === 1 ? 'element' : 'elements'}`;
export const brokenMembrane = (layer: string, count: number, of: number): string =>
	`The membrane of neuron layer "${layer}" is NaN or infinite at ${elements(count, of)} on the first sample; such neurons fire never or always, whatever they receive. Look for a division by zero, a logarithm or a square root of a negative number, and for data out of range.`;
export const brokenMembraneLater = (layer: string): string =>
	`The membrane of neuron layer "${layer}" is NaN or infinite at the last timestep of some samples; such neurons fire never or always, whatever they receive. Look for a division by zero, a logarithm or a square root of a negative number, and for data out of range.`;
export const brokenInput = (layer: string, count: number, of: number): string =>
	`The input of layer "${layer}" is NaN or infinite at ${elements(count, of)} on the first sample. Check the data's normalisation and the model's weights.`;
export const oddSpikes = (layer: string, value: number): string =>
	`The spikes of neuron layer "${layer}" hold ${value}, which the graph seemed to rule out: an operator behind its threshold was not understood, and its counts are wrong.`;
export const oddInput = (layer: string, value: number): string =>
	`The input of layer "${layer}" holds ${value}, which the graph seemed to rule out: an operator in front of it was not understood, and its counts are wrong.`;
export const recountDiffers = (layer: string, count: number, of: number): string =>
	`The spikes counted for neuron layer "${layer}" are elsewhere than where its membrane passes the threshold, at ${elements(count, of)} on the first sample: inverted spikes or another tensor were counted.`;
export const deadLayer = (layer: string, samples: number): string =>
	`Neuron layer "${layer}" never fires on ${samples === 1 ? 'the one sample' : `all ${samples} samples`}: nothing behind it receives a spike. Check the weights, the thresholds and how the data are scaled.`;
export const saturatedLayer = (layer: string): string =>
	`Neuron layer "${layer}" is saturated: each of its neurons fires at every timestep of every sample, so its spikes carry no information.`;
export const scoresEqualForClasses = (classes: number): string =>
	`All ${classes} class scores are equal in every sample: the network gives no answer, and the accuracy is that of class 0.`;
export const scoresEqualForSamples = (samples: number): string =>
	`The class scores are the same for all ${samples} samples: the answer does not depend on the data.`;
export const labelsOutOfRange = (label: number, classes: number): string =>
	`The labels name class ${label}, but the network has ${classes} class scores, numbered from 0: such samples can only count as wrong. Check --labels and --output.`;
export const labelsUnused = (output: string): string =>
	`The labels were not used: output "${output}" does not hold class scores [samples, classes]. Pass --output with the output that does.`;
export const interrupted = (done: number, asked: number): string =>
	`Interrupted: the counts are of the first ${done} of ${asked} samples.`;
export const reuseNotMeasured = (layer: string): string =>
	`Densities of layer "${layer}" were not counted: its weights are a stack of matrices, or its data lie transposed.`;
export const reuseDisagrees = (layer: string): string =>
	`Densities of layer "${layer}" were left out: its rows do not give the synaptic events that were counted.`;
export const severalRuntimes = (runtimes: readonly string[]): string =>
	`Samples were counted by ${runtimes.join(' and by ')}, which round differently: where a membrane lies within rounding of its threshold, a spike can differ.`;

const number = (value: number): string => String(Number(value.toPrecision(4)));
interface Prepared {
	readonly means: readonly number[];
	readonly deviations: readonly number[];
}
/** "÷ 255, minus mean 0.1307, ÷ deviation 0.3081". */
export const scaledWords = (scale: number | null, normalisation: Prepared | null): string =>
	[
		...(scale === null ? [] : [`÷ ${scale}`]),
		...(normalisation
			? [`minus mean ${normalisation.means.join(', ')}`, `÷ deviation ${normalisation.deviations.join(', ')}`]
			: []),
	].join(', ');
export const scaled = (data: string, scale: number | null, normalisation: Prepared | null): string =>
	`Numbers of ${data} are prepared as --scale and --normalize say: ${scaledWords(scale, normalisation)}.`;
export const normalizeSyntax = (text: string): string =>
	`--normalize ${text}: expected the means of the channels, then as many standard deviations above 0, such as 0.1307,0.3081 or 0.485,0.456,0.406,0.229,0.224,0.225.`;
export const normalizeChannels = (channels: number, sample: readonly number[]): string =>
	`--normalize: has ${channels} means, and a sample of shape ${shape(sample)} has no axis of ${channels} channels. Give one mean and one deviation for all, or one of each a channel.`;
export const preparationElsewhere = (option: string, data: string): string =>
	`--${option}: is for arrays (.npy, .npz), and ${data} ${data.startsWith('random') ? 'is made in [0, 1)' : data.startsWith('events:') ? 'is prepared by --bin-values' : 'is scaled and normalised as its set says'}. Leave it out.`;
export const otherScale = (
	data: string,
	found: { readonly low: number; readonly high: number },
	known: { readonly low: number; readonly high: number; readonly from: string },
): string =>
	`${data} holds numbers from ${number(found.low)} to ${number(found.high)}, and ${known.from} ${known.from.endsWith('metadata') ? 'says' : 'hold'} ${number(known.low)} to ${number(known.high)}: the network was trained on another scale, and its spikes on these data say little. Pass --scale (255 for bytes) or --normalize.`;
export const bytesUnscaled = (data: string, high: number): string =>
	`${data} holds whole numbers from 0 to ${number(high)}, as bytes of pictures do; most networks are trained on 0 to 1. Pass --scale 255 (and --normalize), or --scale 1 if the network takes bytes.`;
export const channelsOpen = (data: string, sample: readonly number[]): string =>
	`--data ${data}: a sample has shape ${shape(sample)}: it could be [channels, height, width] (--channels first) or [height, width, channels] (--channels last), and the model leaves its sizes open. Pass the one that is right.`;

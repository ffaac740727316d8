/** Every sentence a user can meet when a network is converted. */

export const unsupportedActivation = (file: string, node: string, op: string): string =>
	`${file}: ${op} "${node}" has no spiking counterpart: a neuron's firing rate can stand for ReLU only. Retrain the network with ReLU (or ReLU6) in its place, then convert.`;
export const unsupportedOperator = (file: string, node: string, op: string): string =>
	`${file}: ${op} "${node}" works on spikes in a way that does not average over time, so its conversion would compute something else. ` +
	'Replace it with convolutions, dense layers, pooling, sums or concatenations, then convert.';
export const productOfActivations = (file: string, node: string, op: string): string =>
	`${file}: ${op} "${node}" multiplies activations by activations (attention, gating), which a firing rate cannot stand for. Convert a network without it.`;
export const noActivation = (file: string): string =>
	`${file}: there is no ReLU in this network, so there is nothing to turn into spiking neurons. Pass a trained ReLU network.`;
export const alreadySpiking = (file: string): string =>
	`${file}: this network is spiking already. Pass the plain ReLU network it was made from.`;
export const severalOutputs = (file: string, names: readonly string[]): string =>
	`${file}: outputs ${names.map((name) => `"${name}"`).join(', ')}; conversion needs to know which holds the class scores. Pass --output NAME.`;
export const outputUnknown = (file: string, asked: string, names: readonly string[]): string =>
	`--output ${asked}: ${file} has the outputs ${names.map((name) => `"${name}"`).join(', ')}. Name one of them.`;
export const shapesUnknown = (file: string): string =>
	`${file}: onnxruntime could not run the network to find its shapes. Export it with fixed sizes after the batch axis.`;
export const badRange = (option: string, value: number, range: string): string => `--${option} ${value}: expected ${range}.`;

export const analogInput = (layers: readonly string[]): string =>
	`The first layer (${layers.map((name) => `"${name}"`).join(', ')}) takes the analog input at every timestep; its result is the same each time.`;
export const normalisationFolded = (count: number): string =>
	`${count} BatchNormalization ${count === 1 ? 'layer was' : 'layers were'} folded into the weights before it.`;
export const tailDropped = (op: string): string =>
	`${op} behind the class scores was dropped; it does not change which class is highest.`;
export const maxPoolCounted = (count: number): string =>
	`${count} max ${count === 1 ? 'pooling keeps' : 'poolings keep'} spike counts of ${count === 1 ? 'its' : 'their'} inputs and ${count === 1 ? 'passes' : 'pass'} a spike on when the highest count grows: the mean over time is the maximum of the rates.`;
export const maxPoolAveraged = (count: number): string =>
	`${count} max ${count === 1 ? 'pooling was' : 'poolings were'} replaced by average pooling, as --max-pool average says; the network was not trained for that.`;
export const shortcutsScaled = (count: number): string =>
	`${count} ${count === 1 ? 'shortcut carries' : 'shortcuts carry'} spikes into a sum; their height is applied by one weight a channel, counted as a synapse.`;
export const thresholdsMeasured = (percentile: number, samples: number, data: string): string =>
	`Thresholds are the ${percentile}th percentile of each ReLU's output on ${samples} samples of ${data}.`;
export const thresholdsIterated = (percentile: number, steps: number, samples: number, data: string): string =>
	`Thresholds are, layer by layer, the largest over ${steps} timesteps of the ${percentile}th percentile of the layer's input current on ${samples} samples of ${data}; before any training.`;
export const silentLayer = (name: string): string =>
	`"${name}" gave no positive value on the calibration data; its threshold is 1, and it will not fire on such data.`;

export const trained = (timesteps: readonly number[], epochs: number, data: string): string =>
	`Trained ${timesteps.length === 1 ? 'at' : 'through'} T = ${timesteps.join(', ')} on the training images of ${data}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} each stage, with the surrogate gradient of "snn-energy train", from thresholds measured anew and weights balanced with them; the file holds the last stage.`;
export const noTrainingImages = (known: readonly string[]): string =>
	`Not trained: training needs images of its own, so --data must name a data set (${known.join(', ')} or imagefolder:DIR). Without training, few timesteps are not accurate.`;
export const notTrainable = (op: string, node: string, reason: string): string =>
	`Not trained: ${op} "${node}" stands in the way (${reason}). Chains of convolutions, ReLU, pooling and dense layers are trained; without training, few timesteps are not accurate.`;

/** Every sentence a user can meet when a model is written in another format. */

const instead = "Analyse the model as it is, or write this part in NIR's primitives";

export const messages = {
	unrolled: (file: string, timesteps: number) =>
		`${file}: the model is a graph over ${timesteps} timesteps, and NIR describes one. Export its step model (one timestep with states as inputs and outputs) and pass that.`,
	inputShape: (file: string, input: string) =>
		`${file}: the sizes of input "${input}" are not in the file, and NIR needs them. Export the model with a fixed input shape; only the batch may be free.`,
	operator: (file: string, node: string, op: string) =>
		`${file}: node "${node}" is a ${op}, which no primitive of NIR expresses. ${instead}.`,
	option: (file: string, node: string, op: string, what: string) =>
		`${file}: ${op} "${node}" has ${what}, which NIR's primitives cannot say. ${instead}.`,
	addedConstant: (file: string, node: string) =>
		`${file}: node "${node}" adds a constant that is neither the bias of weights nor part of a neuron, and NIR has no primitive for that. ${instead}.`,
	notANeuron: (file: string, neuron: string, what: string) =>
		`${file}: the neurons "${neuron}" cannot be written as NIR: ${what}. ${instead}.`,
	initial: (file: string, state: string) => `${file}: the state "${state}" does not start at 0, and NIR's states do. ${instead}.`,
	resets: (file: string, soft: string, hard: string) =>
		`${file}: "${soft}" resets by subtraction and "${hard}" to a value; a NIR file has one reading for all its neurons. ${instead}.`,
};

export const reasons = {
	delayed: 'a spike resets them one timestep later',
	arithmetic: (node: string, op: string) =>
		`their arithmetic has a ${op} ("${node}") where NIR's equations are linear in state and input`,
	decision: (op: string) => `they decide by ${op}; NIR's neurons spike where the potential exceeds a threshold`,
	output: 'what they give is more than a spike',
	threshold: 'what is compared with the threshold is not the potential that is kept',
	subtracts: 'a spike subtracts another number than the threshold',
	reset: 'a spike changes the potential neither by its threshold nor to a fixed value',
	current: 'a spike changes their synaptic current',
	currentOrder: 'the potential uses the synaptic current of the timestep before',
	states: (count: number) => `they hold ${count} states; NIR knows neurons with a potential, and with a current and a potential`,
	offset: 'they add a constant without a leak',
	leak: (leak: number) => `their state keeps ${Number(leak.toPrecision(6))} of itself per timestep, and NIR's keeps from 0 to 1`,
	noInput: 'nothing drives them',
	twoLeaks: 'some of them leak and some do not',
};

export const notes = {
	subtract: 'NIR cannot say that a spike subtracts the threshold: read this file with --reset subtract.',
	atThreshold: (neuron: string) =>
		`"${neuron}" spikes at its threshold too, NIR's neurons only above it: the threshold is written as the next smaller float32.`,
	folded: (node: string, layer: string) => `The normalisation "${node}" is folded into the weights of "${layer}".`,
	turned: (input: string) => `The input "${input}" takes images as [channels, height, width].`,
	output: (kept: string, dropped: readonly string[]) =>
		`Only the output "${kept}" is written; ${dropped.map((name) => `"${name}"`).join(', ')} are left out.`,
	dt: (dt: number) => `Time constants are written for timesteps of ${dt} s: read this file with --dt ${dt}.`,
};

/**
 * The equations of E. Lemaire et al., "An analytical estimation of spiking neural networks energy efficiency"
 * (ICONIP 2022, arXiv:2210.13107), written out a second time, without the profile or the event counts, so that the
 * profile can be held against them. 32-bit integers at 45 nm; one timestep; the two known misprints corrected (Eq. 2.4
 * counts N_in twice, the reset is missing).
 */

/** One spiking layer for one timestep. */
export interface LemaireLayer {
	readonly inputs: number;
	readonly outputs: number;
	readonly inputSpikes: number;
	readonly outputSpikes: number;
	/** LIF (a leak multiplies each potential) or IF. */
	readonly leaky: boolean;
	readonly convolution: {
		readonly inputChannels: number;
		readonly outputChannels: number;
		readonly kernel: number;
		readonly stride: number;
	} | null;
}

const addPicojoules = 0.1;
const multiplyPicojoules = 3.1;
const wordBytes = 4;
const queueMessages = 1000;

/** Price of one access to a memory of this size: a line through the origin and the three published sizes, flat above. */
function memoryPicojoules(bytes: number): number {
	const [small, medium, large] = [8 * 1024, 32 * 1024, 1024 * 1024];
	if (bytes <= small) return (10 * bytes) / small;
	if (bytes <= medium) return 10 + (10 * (bytes - small)) / (medium - small);
	return 20 + (80 * (Math.min(bytes, large) - medium)) / (large - medium);
}

export function lemaireEnergyJoules(layer: LemaireLayer): number {
	const { inputs, outputs, inputSpikes, outputSpikes, convolution } = layer;
	const outputChannels = convolution?.outputChannels ?? outputs;
	// Eq. 1.3, 2.3: leak. Eq. 1.4, 2.4: accumulations, bias, reset.
	const macs = layer.leaky ? outputs : 0;
	const fanOut = convolution === null ? outputs : outputChannels * Math.ceil(convolution.kernel / convolution.stride) ** 2;
	const additions = inputSpikes * fanOut + outputs + outputSpikes;
	// Eq. 7, 8 and 14, 15: weights read; potentials read and written.
	const weightReads = inputSpikes * (convolution === null ? outputs : outputChannels * convolution.kernel ** 2);
	const potentialAccesses = 2 * (weightReads + outputs);
	// Eq. 16, 17: addresses.
	const addressMacs = convolution === null ? 0 : 2 * inputSpikes;
	const weights = convolution === null ? inputs * outputs : convolution.inputChannels * outputChannels * convolution.kernel ** 2;
	const weightMemory = memoryPicojoules((weights + outputChannels) * wordBytes);
	const picojoules =
		(macs + addressMacs) * (multiplyPicojoules + addPicojoules) +
		(additions + weightReads) * addPicojoules +
		(weightReads + outputs) * weightMemory +
		potentialAccesses * memoryPicojoules(outputs * wordBytes) +
		(inputSpikes + outputSpikes) * memoryPicojoules(queueMessages * wordBytes);
	return picojoules * 1e-12;
}

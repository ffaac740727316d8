import { neuronFromSpikes, synapticFromSpikes } from '../activity/counts.ts';
import { eventIndex, type LayerEvents, type NetworkEvents, structureIndex, withJointReads } from './events.ts';

/**
 * Runs that did not happen, made from one that did: with other firing rates or another number of
 * timesteps. They answer "what would it cost if", never "what did it cost".
 */

const position = (name: string): number => eventIndex(name);
const at = (counts: Float64Array, name: string): number => counts[position(name)] ?? 0;
const structure = (layer: LayerEvents, name: string): number => layer.structure[structureIndex(name)] ?? 0;

/**
 * The same network with every spike count multiplied by a factor; analog input stays as it was. No
 * neuron fires more than once per timestep and no input element is active more than wholly.
 */
export function scaleSpikes(events: NetworkEvents, factor: number): NetworkEvents {
	return {
		...events,
		layers: events.layers.map((layer) => {
			const scale = layer.kind === 'synaptic' ? scaleSynaptic : scaleNeurons;
			const scaled = { ...layer, counts: layer.counts.map((counts) => scale(layer, counts, factor)) };
			return layer.kind === 'synaptic' ? withJointReads(scaled) : scaled;
		}),
	};
}

function scaleSynaptic(layer: LayerEvents, counts: Float64Array, factor: number): Float64Array {
	const acs = at(counts, 'acs');
	if (acs === 0 && structure(layer, 'spikingInput') === 0) return counts;
	const scaled = counts.slice();
	const analog = structure(layer, 'spikingInput') === 1 ? 0 : at(counts, 'macs');
	const spiking = at(counts, 'synapticEvents') - analog;
	const room = Math.max(0, structure(layer, 'synapses') - analog);
	const applied = spiking > 0 ? Math.min(factor, room / spiking) : factor;
	const share = (spiking * applied + analog) / Math.max(at(counts, 'synapticEvents'), Number.MIN_VALUE);
	for (const name of [...synapticFromSpikes, 'productEvents']) scaled[position(name)] = at(counts, name) * share;
	scaled[position('partialSums')] = Math.min(structure(layer, 'outputElements'), at(counts, 'partialSums') * share);
	scaled[position('uniqueWeights')] = Math.min(structure(layer, 'weightElements'), at(counts, 'uniqueWeights') * share);
	scaled[position('acs')] = acs * applied;
	for (const name of ['macs', 'macsDense']) scaled[position(name)] = at(counts, name) * (analog === 0 ? applied : 1);
	return scaled;
}

function scaleNeurons(layer: LayerEvents, counts: Float64Array, factor: number): Float64Array {
	if (structure(layer, 'spiking') === 0) return counts;
	const scaled = counts.slice();
	const spikes = at(counts, 'spikes');
	const applied = spikes > 0 ? Math.min(factor, at(counts, 'neuronUpdates') / spikes) : factor;
	for (const name of neuronFromSpikes) scaled[position(name)] = at(counts, name) * applied;
	const driven = Math.min(at(counts, 'neuronUpdates'), at(counts, 'drivenUpdates') * factor);
	scaled[position('drivenUpdates')] = driven;
	scaled[position('idleUpdates')] = at(counts, 'neuronUpdates') - driven;
	return scaled;
}

/**
 * The same network run for another number of timesteps: the measured timesteps first, then their
 * mean. A layer that ran only once (a first layer charged once) still runs once; membrane words are
 * read from the second timestep on and written up to the last but one.
 */
export function withTimesteps(events: NetworkEvents, timesteps: number): NetworkEvents {
	return {
		...events,
		timesteps,
		layers: events.layers.map((layer) => {
			const once =
				layer.kind === 'synaptic' &&
				layer.counts.length > 1 &&
				layer.counts.slice(1).every((counts) => at(counts, 'denseMacs') === 0);
			const silent = new Float64Array(layer.counts[0]?.length ?? 0);
			const mean = once ? silent : meanOf(layer.counts);
			const structureThen = layer.structure.slice();
			structureThen[structureIndex('timesteps')] = timesteps;
			const words = structure(layer, 'neurons') * structure(layer, 'stateWords');
			const counts = Array.from({ length: timesteps }, (_, step) => {
				const then = (layer.counts[step] ?? mean).slice();
				then[position('stateReads')] = step === 0 ? 0 : words;
				then[position('stateWrites')] = step === timesteps - 1 ? 0 : words;
				return then;
			});
			const changed = { ...layer, structure: structureThen, counts };
			return layer.kind === 'synaptic' ? withJointReads(changed) : changed;
		}),
	};
}

function meanOf(steps: readonly Float64Array[]): Float64Array {
	const mean = new Float64Array(steps[0]?.length ?? 0);
	for (const step of steps)
		for (let index = 0; index < mean.length; index++) mean[index] = (mean[index] ?? 0) + (step[index] ?? 0) / steps.length;
	return mean;
}

/** Mean share of spiking neurons that fire in a timestep. */
export function firingRate(events: NetworkEvents): number {
	let spikes = 0;
	let chances = 0;
	for (const layer of events.layers) {
		if (layer.kind !== 'neuron' || structure(layer, 'spiking') === 0) continue;
		for (const counts of layer.counts) {
			spikes += at(counts, 'spikes');
			chances += structure(layer, 'neurons');
		}
	}
	return chances === 0 ? 0 : spikes / chances;
}

/** Spike-caused synaptic events per connection and inference, over the layers that spikes feed. */
export function spikesPerSynapse(events: NetworkEvents): number {
	let caused = 0;
	let synapses = 0;
	for (const layer of events.layers) {
		if (layer.kind !== 'synaptic' || structure(layer, 'spikingInput') === 0) continue;
		synapses += structure(layer, 'synapses');
		for (const counts of layer.counts) caused += at(counts, 'synapticEvents');
	}
	return synapses === 0 ? 0 : caused / synapses;
}

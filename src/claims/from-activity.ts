import type { Activity } from '../activity/activity.ts';
import type { ClaimArchitecture, ClaimInput } from './layers.ts';

/**
 * The layers of a network that was run once, whatever its weights: only its structure is read. Where nothing in it
 * spikes (a DNN), its first layer reads numbers and the others what would be spikes.
 */
export function architectureOfActivity(activity: Activity): ClaimArchitecture {
	const synaptic = activity.layers.filter((layer) => layer.kind === 'synaptic');
	const neurons = activity.layers.filter((layer) => layer.kind === 'neuron' && layer.spiking);
	const inputOf = (index: number, kind: string, source: string | null): ClaimInput => {
		if (neurons.length === 0) return index === 0 ? 'analog' : 'spikes';
		return kind === 'analog' && (source === null || index === 0) ? 'analog' : 'spikes';
	};
	return {
		name: activity.model.file,
		layers: synaptic.map(({ name, inputKind, source, geometry }, index) => ({
			name,
			kind: geometry.weightElements === 0 ? 'product' : 'weights',
			input: inputOf(index, inputKind, source),
			macs: geometry.denseMacs,
			parameters: geometry.weightElements + geometry.biasElements,
			biasAdds: geometry.biasElements > 0 ? geometry.outputElements : 0,
			normalised: 0,
		})),
		neurons: neurons.length === 0 ? null : neurons.reduce((sum, layer) => sum + (layer.kind === 'neuron' ? layer.neurons : 0), 0),
		parameters: activity.model.parameters,
		source: `${activity.model.file} (${activity.model.format}), its structure`,
	};
}

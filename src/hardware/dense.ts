import { comparable } from '../network/findings.ts';
import type { Activity } from '../simulation/activity.ts';
import type { DenseComparison } from './estimate.ts';
import { evaluate } from './evaluate.ts';
import {
	collapseTimesteps,
	eventIndex,
	eventsOf,
	eventVector,
	type LayerEvents,
	type NetworkEvents,
	structureIndex,
	totalOf,
} from './events.ts';
import { corners, intervalOf } from './interval.ts';
import type { Profile } from './profile/types.ts';
import { programOf } from './program.ts';

/**
 * The same network as a plain DNN: every connection once, no timesteps, no state. A neuron layer
 * becomes an activation function: one update and one output per neuron.
 *
 * @param density share of the activations that are nonzero behind the first layer, for hardware that
 *   skips zeros; 1 is a DNN computed densely
 */
export function denseEvents(events: NetworkEvents, density = 1): NetworkEvents {
	let first = true;
	return {
		...events,
		timesteps: 1,
		layers: events.layers.map((layer): LayerEvents => {
			const at = (name: string): number => layer.structure[structureIndex(name)] ?? 0;
			const structure = layer.structure.slice();
			for (const [name, value] of [
				['timesteps', 1],
				['stateWords', 0],
				['spiking', 0],
				['spikingInput', 0],
				['gradedInput', 0],
				['inputBits', 0],
				['skipsZeros', density < 1 && layer.kind === 'synaptic' && !first ? 1 : 0],
			] as const)
				structure[structureIndex(name)] = value;
			if (layer.kind === 'neuron') {
				const neurons = at('neurons');
				const counts = eventVector({
					neuronUpdates: neurons,
					drivenUpdates: neurons,
					spikes: neurons * density,
					spikeSum: neurons * density,
				});
				return { ...layer, structure, counts: [counts] };
			}
			const share = first ? 1 : density;
			first = false;
			const denseMacs = densePass(layer);
			return {
				...layer,
				structure,
				counts: [
					eventVector({
						denseMacs,
						macsDense: denseMacs * share,
						macs: at('synapses') * share,
						synapticEvents: at('synapses') * share,
						effectiveEvents: at('effectiveSynapses') * share,
						activeInputs: at('inputElements') * share,
						weightReads: at('synapses') * share,
						jointReads: at('synapses') * share,
						// No row is taken over, and every output and weight is touched.
						productEvents: at('synapses') * share,
						partialSums: at('outputElements'),
						uniqueWeights: at('weightElements'),
						biasAdds: at('biasElements') > 0 ? at('outputElements') : 0,
					}),
				],
			};
		}),
	};
}

/** Dense MACs of one pass: what the layer counted at a timestep at which it ran. */
function densePass(layer: LayerEvents): number {
	return Math.max(0, ...layer.counts.map((counts) => counts[denseMacsIndex] ?? 0));
}

const denseMacsIndex = eventIndex('denseMacs');

/**
 * The spiking network against the same network as a plain DNN on the same hardware, each priced by
 * the profile's own formulas; constants both use move together in the ratio's interval.
 *
 * @returns null if the hardware cannot run a plain DNN (the profile says why), or the counts cannot be trusted (the activity's
 *   balance says why)
 */
export function compareWithDense(activity: Activity, profile: Profile): DenseComparison | null {
	if (profile.dense.unsupported !== null || !comparable(activity.balance)) return null;
	const program = programOf(profile);
	const spiking = eventsOf(activity);
	const dense = denseEvents(spiking);
	const energies = (corner: Float64Array, collapsed: boolean): { dnn: number; snn: number } => ({
		dnn: evaluate(program, dense, corner).energyJoules,
		snn: evaluate(program, collapsed ? collapseTimesteps(spiking) : spiking, corner).energyJoules,
	});
	const interval = (quantity: (energies: { dnn: number; snn: number }) => number) => {
		const { low, nominal, high } = corners((corner) => quantity(energies(corner, true)), program.intervals);
		const [atLow, atNominal, atHigh] = [low, nominal, high].map((corner) => quantity(energies(corner, false))) as [
			number,
			number,
			number,
		];
		return intervalOf(atLow, atNominal, atHigh);
	};
	const denseMacs = totalOf(dense, 'denseMacs');
	return {
		profile: profile.name,
		denseMacs,
		dnnEnergyJoules: interval(({ dnn }) => dnn),
		snnEnergyJoules: interval(({ snn }) => snn),
		ratio: interval(({ dnn, snn }) => (snn > 0 ? dnn / snn : 0)),
		formula: `Energy of the DNN (${denseMacs.toLocaleString('en')} dense MACs, every connection once, priced by the same formulas) divided by the energy of the spiking network; constants both use have one value.`,
	};
}

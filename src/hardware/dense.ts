import type { Activity, LayerSizes } from '../activity/activity.ts';
import { eventTable } from '../activity/events.ts';
import { comparable } from '../network/findings.ts';
import { oncePer } from '../once-per.ts';
import { type Accounting, accountingEvents } from './accounting/accountings.ts';
import type { DenseComparison, Interval } from './estimate.ts';
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
import { type Corner, cornersOfEnds, intervalOf } from './interval.ts';
import type { Profile } from './profile/types.ts';
import { programOf } from './program.ts';
import { evaluateOnce, nominalCorner, sweepOf } from './sweep.ts';

/**
 * The DNN baseline, the same network without spikes: every connection once, no timesteps, no state. A neuron layer
 * becomes an activation function: one update and one output per neuron.
 *
 * @param density share of the activations that are nonzero behind the first layer, for hardware that
 *   skips zeros; 1 is a DNN computed densely
 */
export const denseEvents = (events: NetworkEvents, density = 1): NetworkEvents =>
	density === 1 ? wholly(events) : denseAt(events, density);

const wholly = oncePer((events: NetworkEvents) => denseAt(events, 1));

function denseAt(events: NetworkEvents, density: number): NetworkEvents {
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
			const share = layer.kind === 'neuron' || !first ? density : 1;
			if (layer.kind === 'synaptic') first = false;
			const sizes: LayerSizes = {
				denseMacs: densePass(layer),
				synapses: at('synapses'),
				effectiveSynapses: at('effectiveSynapses'),
				inputElements: at('inputElements'),
				outputElements: at('outputElements'),
				weightElements: at('weightElements'),
				biasElements: at('biasElements'),
			};
			const counts = Object.entries(eventTable[layer.kind]).flatMap(([name, { dense }]) =>
				dense ? [[name, dense(sizes, share)]] : [],
			);
			return { ...layer, structure, counts: [eventVector(Object.fromEntries(counts))] };
		}),
	};
}

/** Nominal energy of the DNN baseline alone, in joules: its interval takes two evaluations a constant. */
export function denseEnergyJoules(activity: Activity, profile: Profile): number {
	const program = programOf(profile);
	return evaluateOnce(program, denseEvents(eventsOf(activity)), nominalCorner(program)).energyJoules;
}

/** Dense MACs of one pass: what the layer counted at a timestep at which it ran. */
function densePass(layer: LayerEvents): number {
	return Math.max(0, ...layer.counts.map((counts) => counts[denseMacsIndex] ?? 0));
}

const denseMacsIndex = eventIndex('denseMacs');

/**
 * The spiking network against its DNN baseline on the same hardware, each priced by
 * the profile's own formulas; constants both use move together in the ratio's interval.
 *
 * @param accounting  how the spiking network's events are counted
 * @returns null if the hardware cannot run the DNN baseline (the profile says why), or the counts cannot be trusted (the activity's
 *   balance says why)
 */
export function compareWithDense(activity: Activity, profile: Profile, accounting: Accounting = 'exact'): DenseComparison | null {
	if (profile.dense.unsupported !== null || !comparable(activity.balance)) return null;
	const program = programOf(profile);
	const spiking = accounting === 'exact' ? eventsOf(activity) : accountingEvents(activity, accounting).events;
	const dense = denseEvents(eventsOf(activity));
	const ends = { dnn: sweepOf(program, dense), snn: sweepOf(program, collapseTimesteps(spiking)) };
	const at = (events: NetworkEvents) => (corner: Corner) => evaluateOnce(program, events, corner).energyJoules;
	const [dnn, snn] = [at(dense), at(spiking)];
	const interval = (ofEnds: (dnn: number, snn: number) => number, whole: (corner: Corner) => number): Interval => {
		const { low, nominal, high } = cornersOfEnds(program.intervals, (index) => {
			const side = (end: 0 | 1): number =>
				ofEnds(ends.dnn[index]?.[end].energyJoules ?? 0, ends.snn[index]?.[end].energyJoules ?? 0);
			return [side(0), side(1)];
		});
		return intervalOf(whole(low), whole(nominal), whole(high));
	};
	const quotient = (over: number, under: number): number => (under > 0 ? over / under : 0);
	const denseMacs = totalOf(dense, 'denseMacs');
	return {
		profile: profile.name,
		denseMacs,
		dnnEnergyJoules: interval((ofDnn) => ofDnn, dnn),
		snnEnergyJoules: interval((_, ofSnn) => ofSnn, snn),
		ratio: interval(quotient, (corner) => quotient(dnn(corner), snn(corner))),
		formula: `Energy of the DNN (${denseMacs.toLocaleString('en')} dense MACs, every connection once, priced by the same formulas) divided by the energy of the spiking network; constants both use have one value.`,
	};
}

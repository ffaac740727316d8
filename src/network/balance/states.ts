import { elementCount } from '../../model/tensors.ts';
import { remembers } from '../held-states.ts';
import { downstream, upstream } from '../reachability.ts';
import { spikeSources } from '../spike-paths.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/** Every state of a step model is held by a neuron layer or accumulator, or carries spikes, the answer or a count of time. */
export function bookStates(books: Books): Booking[] {
	return books.states.map((state): Booking => {
		const account = accountOf(state, books);
		return account === null
			? unbooked('state', state.input, 'no neuron layer or accumulator holds it, so its reads and writes are not counted')
			: booked('state', state.input, account);
	});
}

function accountOf(state: Books['states'][number], books: Books): string | null {
	const { input, output } = state;
	const { index, neuronLayers, spikeContext, states, currents, decisions } = books;
	for (const { name, spiking, calls } of neuronLayers)
		if (calls.some(({ heldStates }) => heldStates.includes(input)))
			return `${spiking ? 'neuron layer' : 'accumulator'} "${name}"`;
	const membrane = books.membranes.get(input);
	if (books.isSpikes(input) || books.isSpikes(output)) {
		const layers = spikeSources(output, spikeContext).flatMap(
			({ threshold }) => decisions.get(threshold.outputs[0] ?? '')?.layer ?? [],
		);
		if (layers.length > 0 && !remembers(state, spikeContext)) return `spikes of "${layers[0]}" kept for the next timestep`;
		if (membrane !== undefined) return `memory of the spikes of "${membrane}"`;
	}
	const reached = downstream(input, index);
	const matters = [...reached].filter((tensor) => tensor !== output && (currents.has(tensor) || decisions.has(tensor)));
	const others = states.some((state) => state.input !== input && reached.has(state.output));
	if (matters.length === 0 && !others) return index.consumers.has(input) ? 'sum of the answer over time' : 'read by nothing';
	const dims = books.index.graph.inputs.find(({ name }) => name === input)?.dims ?? [];
	const single = dims.every((dim) => typeof dim === 'number') && elementCount(dims as number[]) <= 1;
	if (single && ![...upstream(output, index)].some((tensor) => currents.has(tensor))) return 'counter of timesteps';
	if (!neuronLayers.some(({ spiking }) => spiking)) return 'memory of a network without spiking neurons';
	return null;
}

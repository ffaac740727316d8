import type { NeuronLayer } from '../network.ts';
import { upstream } from '../reachability.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/** Every neuron layer decides at all timesteps, or once over what does not change. */
export function bookNeurons(books: Books): Booking[] {
	return books.neuronLayers.map((layer): Booking => {
		const problem = layer.spiking ? timeProblem(layer, books) : null;
		const account = `${layer.calls.length} ${layer.calls.length === 1 ? 'place' : 'places'} in the graph`;
		return problem === null ? booked('neurons', layer.name, account) : unbooked('neurons', layer.name, problem);
	});
}

function timeProblem({ calls }: NeuronLayer, books: Books): string | null {
	const { mode, timesteps } = books;
	if (mode === 'plain') return memoryProblem(calls, books);
	if (mode !== 'unrolled' || timesteps === null || calls.length > timesteps / 2) return null;
	if (calls.length === timesteps) return null;
	if (calls.length === 1 && !changes(calls[0]?.decision ?? '', books)) return null;
	return `its spikes were found at ${calls.length} of ${timesteps} timesteps`;
}

/** Whether what a decision looks at differs between timesteps: it depends on a decision, or on a state. */
function changes(decision: string, { index, isSpikes, states }: Books): boolean {
	const stateInputs = new Set(states.map(({ input }) => input));
	const inputs = index.producer.get(decision)?.inputs ?? [];
	return inputs.some((input) =>
		[...upstream(input, index, isSpikes)].some((tensor) => isSpikes(tensor) || stateInputs.has(tensor)),
	);
}

/** In a network without time: a membrane that goes on, with what its own spikes made of it, into that of another layer. */
function memoryProblem(calls: NeuronLayer['calls'], { index, isNumber, currents, decisions }: Books): string | null {
	for (const { decision } of calls) {
		const layer = decisions.get(decision)?.layer;
		const region = new Set<string>();
		const spikes: string[] = [];
		const open = [...(index.producer.get(decision)?.inputs ?? [])];
		for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
			if (tensor === '' || region.has(tensor) || index.isConstant(tensor)) continue;
			region.add(tensor);
			if (!isNumber(tensor)) spikes.push(tensor);
			else if (!currents.has(tensor)) open.push(...(index.producer.get(tensor)?.inputs ?? []));
		}
		for (const tensor of spikes.flatMap((start) => [...upstream(start, index, isNumber)])) {
			const before = decisions.get(tensor);
			if (before === undefined || before.layer === layer) continue;
			const looksAt = (index.producer.get(tensor)?.inputs ?? []).filter(isNumber);
			if (looksAt.some((name) => region.has(name) && !index.isConstant(name)))
				return `the membrane of "${before.layer}" and its spikes go on into it as a state does, yet no timesteps were found`;
		}
	}
	return null;
}

import { formOf } from '../../model/operators/index.ts';
import { tensorValues } from '../../model/tensors.ts';
import type { NeuronLayer } from '../network.ts';
import { upstream } from '../reachability.ts';
import { spikeSources } from '../spike-paths.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/** Every neuron layer decides at all timesteps, or once over what does not change. */
export function bookNeurons(books: Books): Booking[] {
	return books.neuronLayers.map((layer): Booking => {
		const problem =
			placesProblem(layer, books) ??
			(layer.spiking ? timeProblem(layer, books) : null) ??
			lateProblem(layer, books) ??
			startProblem(layer, books);
		const account = `${layer.calls.length} ${layer.calls.length === 1 ? 'place' : 'places'} in the graph`;
		return problem === null ? booked('neurons', layer.name, account) : unbooked('neurons', layer.name, problem);
	});
}

/** Places that contradict each other or the number of timesteps: something that nobody writes was read as a neuron. */
function placesProblem({ calls, spiking }: NeuronLayer, { mode, timesteps, index }: Books): string | null {
	if (mode !== 'unrolled' || timesteps === null) return null;
	const at = calls.map(({ timestep }) => timestep);
	const found = `${calls.length} of ${timesteps} timesteps`;
	const past = at.filter((timestep) => timestep >= timesteps).length;
	if (past > 0) return `${past} of its ${calls.length} places in the graph lie behind the last of ${timesteps} timesteps`;
	if (!spiking) return null;
	if (new Set(calls.map(({ decision }) => decision)).size < calls.length)
		return `it was found at ${found}, and one decision stands for several of them`;
	const gap = at.find((timestep, place) => place > 0 && timestep > (at[place - 1] as number) + 1);
	if (gap !== undefined) return `its spikes were found at ${found}, and not at timestep ${gap}`;
	const opposite = calls.filter(({ spikes }) => formOfMaker(spikes) === 'not').length;
	return opposite === 0 || opposite === calls.length
		? null
		: `its spikes are where a decision is false at ${opposite} of its ${calls.length} timesteps, and where it is true at the others`;
	function formOfMaker(tensor: string) {
		const maker = index.producer.get(tensor);
		return maker && formOf(maker);
	}
}

function timeProblem({ calls }: NeuronLayer, books: Books): string | null {
	const { mode, timesteps } = books;
	if (mode === 'plain') return memoryProblem(calls, books);
	if (mode !== 'unrolled' || timesteps === null || calls.length > timesteps / 2) return null;
	if (calls.length === timesteps) return null;
	if (calls.length === 1 && !changes(calls[0]?.decision ?? '', books) && !isDrivenOnce(calls[0]?.drivers ?? [], books))
		return null;
	return `its spikes were found at ${calls.length} of ${timesteps} timesteps`;
}

/**
 * A first timestep that an exporter computed away: the layer has fewer places than timesteps, and its first membrane starts from
 * numbers of every sample and neuron that are no initial value. Its spikes then, and what they drive, are not in the file.
 */
function startProblem(
	{ calls, spiking }: NeuronLayer,
	{ mode, timesteps, index, currents, isNumber, synapticLayers }: Books,
): string | null {
	const [first] = calls;
	if (mode !== 'unrolled' || timesteps === null || !first || calls.length >= timesteps) return null;
	const added = [...currents.keys()].flatMap((current) =>
		(index.consumers.get(current) ?? []).flatMap((node) => (formOf(node) === 'sum' ? node.inputs : [])),
	);
	const biases = [...new Set([...synapticLayers.map(({ bias }) => bias ?? ''), ...added])]
		.filter((name) => index.consumers.get(name)?.length !== 1 || synapticLayers.some(({ bias }) => bias === name))
		.map(constantOf)
		.filter((values) => values !== null);
	const seen = new Set<string>();
	const open = spiking ? [...(index.producer.get(first.decision)?.inputs ?? [])] : [first.spikes];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (seen.has(tensor) || currents.has(tensor) || !isNumber(tensor)) continue;
		seen.add(tensor);
		const node = index.producer.get(tensor);
		const form = node && formOf(node);
		if (node && (form === 'sum' || form === 'difference'))
			for (const name of node.inputs) {
				const values = index.consumers.get(name)?.length === 1 && rankOf(name) > 1 ? constantOf(name) : null;
				if (values?.some((value) => value !== values[0]) && !biases.some((bias) => isMultiple(values, bias)))
					return `it is in the file at ${calls.length} of ${timesteps} timesteps, and its membrane starts from numbers that were computed of an earlier one ("${name}"): spikes of that timestep, and what they drive, are not in the file`;
			}
		open.push(...(node?.inputs ?? []));
	}
	return null;
	function constantOf(name: string): readonly number[] | null {
		const tensor = index.graph.constants.get(name);
		return tensor ? [...tensorValues(tensor)] : null;
	}
	function rankOf(name: string): number {
		return index.graph.constants.get(name)?.dims.length ?? 0;
	}
}

/** Whether numbers are the bias of each neuron times one number: what a membrane without spikes in front of it starts from. */
function isMultiple(values: readonly number[], bias: readonly number[]): boolean {
	const at = bias.findIndex((value) => value !== 0);
	if (at < 0 || values.length % bias.length !== 0) return false;
	const factor = (values[at] as number) / (bias[at] as number);
	return values.every(
		(value, place) => Math.abs(value - factor * (bias[place % bias.length] as number)) <= 1e-5 * Math.abs(value),
	);
}

/**
 * Neurons that spikes drive without weights begin with the spikes they read: where their first membrane is nothing but those
 * spikes, it looks like logic on spikes.
 */
function lateProblem({ calls }: NeuronLayer, { mode, decisions, spikeContext }: Books): string | null {
	const [first] = calls;
	if (mode !== 'unrolled' || !first?.direct || first.timestep === 0) return null;
	const before = first.direct
		.flatMap((tensor) => spikeSources(tensor, spikeContext))
		.flatMap(({ threshold }) => decisions.get(threshold.outputs[0] ?? '') ?? [])
		.find(({ timestep }) => timestep === first.timestep);
	if (!before) return null;
	return `it was found from timestep ${first.timestep + 1} on, yet spikes of "${before.layer}" drive it from timestep 1`;
}

/** Whether currents drive a neuron that are those of one timestep among several. */
const isDrivenOnce = (drivers: readonly string[], { synapticLayers }: Books): boolean =>
	synapticLayers.some(
		({ calls }) => calls.length > 1 && calls.some(({ output, timestep }) => timestep !== 'every' && drivers.includes(output)),
	);

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

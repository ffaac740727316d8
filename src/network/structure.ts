import { UserError } from '../errors.ts';
import type { TensorInfo } from '../model/graph.ts';
import type { ModelFile, StatePairing } from '../model/model-file.ts';
import { accumulatorLayers } from './accumulators.ts';
import { withAmplitudes } from './amplitudes.ts';
import { joinAnswers } from './answers.ts';
import { balanceOf, bookProductSums, scaledSpikes } from './balance/index.ts';
import { finiteMembrane } from './broken-weights.ts';
import { withDelays, withUnrolledDelays } from './delays.ts';
import { indexGraph } from './graph-index.ts';
import { refuseUnknownOperators, unreadNeurons } from './interpretable.ts';
import { findMasks } from './masks.ts';
import * as messages from './messages.ts';
import { unique } from './names.ts';
import type { Network, NeuronLayer, ReadoutRule, TimeMode } from './network.ts';
import { neuronLayers } from './neurons.ts';
import { countParameters } from './parameters.ts';
import { productLayers, withProductSources } from './products.ts';
import { chooseReadout } from './readout.ts';
import { rewriteModel } from './rewrite/index.ts';
import { tidied } from './rewrite/tidy.ts';
import { withSpikesOfSilence } from './silence.ts';
import { networkValueSets } from './state-values.ts';
import { pairStates } from './states.ts';
import { synapticGroups, withFirstUses } from './synapses.ts';
import { countTimesteps } from './timestep-count.ts';
import { timeLayers, timeVaryingTensors, withSources } from './timesteps.ts';
import { newestTimesteps, timestepByTimestep, timestepsOfUses } from './use-timesteps.ts';
import type { ValueSet } from './value-sets.ts';

/** What a user can say about a model that its file does not. */
export interface StructureOptions {
	/** Timesteps to run a step model. */
	readonly timesteps?: number | undefined;
	/** State pairings "input=output". */
	readonly states?: readonly string[] | undefined;
	readonly output?: string | undefined;
	readonly readout?: ReadoutRule | undefined;
}

/** More than any spiking network has been run for; every timestep has counts of its own. */
const mostTimesteps = 100_000;

/**
 * Finds a model's structure without help from its exporter: synaptic layers, spiking neurons, states and time.
 *
 * @throws UserError when there is nothing to count, or when the model leaves open what only the user can say
 */
export async function findStructure(source: ModelFile, options: StructureOptions = {}): Promise<Network> {
	try {
		return await readStructure(source, options);
	} catch (cause) {
		// Graphs are followed from node to node, and chains longer than the stack is deep can only be refused.
		if (cause instanceof RangeError && cause.message.includes('call stack'))
			throw new UserError(messages.chainTooLong(source.file));
		throw cause;
	}
}

async function readStructure(source: ModelFile, options: StructureOptions): Promise<Network> {
	const { file } = source;
	if ((options.timesteps ?? 1) > mostTimesteps)
		throw new UserError(messages.timestepsTooMany(options.timesteps ?? 1, mostTimesteps));
	const assumptions: string[] = [...(source.assumptions ?? [])];
	const warnings: string[] = [];
	// What no output depends on is not computed: it is gone before anything is looked for.
	const needed = { ...source.model, graph: tidied(source.model.graph) };
	refuseUnknownOperators(needed.graph, file);
	const rewritten = await rewriteModel(needed, { file, timesteps: options.timesteps, step: source.states !== undefined });
	const { model, constantRoots } = rewritten;
	assumptions.push(...rewritten.assumptions);
	const read = indexGraph(model.graph);
	if (model.graph.inputs.length === 0) throw new UserError(messages.noInput(file));

	const paired = source.states
		? {
				states: source.states,
				data: model.graph.inputs.filter(({ name }) => !source.states?.some(({ input }) => input === name)),
			}
		: pairStates(read, options.states ?? [], model.metadata, file);
	const input = theDataInput(paired.data, file);
	const { states } = paired;
	if (states.length > 0 && !source.states) assumptions.push(messages.pairedStates(states));

	const step = states.length > 0;
	const sets = networkValueSets(read, states);
	const feedback = new Map(states.map((state) => [state.input, state.output]));
	const spiking = [...sets.values()].some((set) => set.kind !== 'any' && set.spiking);
	const byWeight = synapticGroups(read, constantRoots, spiking && !step, rewritten.foldedUses);
	if (byWeight.length === 0) {
		const operators = [...new Set(model.graph.nodes.map(({ op }) => op))].slice(0, 12);
		throw new UserError(messages.noSynapticLayer(file, operators));
	}
	const counted =
		spiking && !step
			? countTimesteps(byWeight, rewritten.timesteps, read, sets)
			: { groups: byWeight, timesteps: step ? 1 : (rewritten.timesteps ?? 1) };
	const inGraph = counted.timesteps;
	const groups = inGraph > 2 ? withFirstUses(counted.groups, inGraph, read.graph, sets) : counted.groups;
	const mode: TimeMode = step ? 'step' : inGraph > 1 ? 'unrolled' : 'plain';
	const timesteps = chooseTimesteps(
		{
			mode,
			inGraph,
			spiking,
			axes: input.dims?.slice(0, 2) ?? [],
			asked: options.timesteps,
			metadata: model.metadata,
			states,
			file,
		},
		assumptions,
	);
	const uses = inGraph > 1 ? timestepsOfUses(groups, inGraph, { index: read, sets }) : new Map();
	// From here on the nodes come timestep by timestep, as the network computes them.
	const newest = newestTimesteps(read, uses, inGraph);
	const joined =
		inGraph > 1
			? joinAnswers(
					timestepByTimestep(read, newest),
					inGraph,
					model.opsets.get('') ?? 17,
					(tensor) => newest.get(tensor) ?? 0,
					(tensor) => (sets.get(tensor)?.kind === 'any' ? 'numbers' : 'spikes'),
				)
			: { graph: read.graph, answers: [] };
	for (const { output, parts, raised } of joined.answers)
		for (const tensor of [output, ...raised]) sets.set(tensor, sets.get(parts[0] ?? '') as ValueSet);
	const unheard = { index: indexGraph(joined.graph), sets, feedback };
	const groupOf = new Map(groups.flatMap((group) => group.uses.map(({ output }) => [output, group] as const)));
	const { masked, gates } = findMasks(unheard, (current) => groupOf.get(current));
	const heard = withSpikesOfSilence(
		joined.graph,
		[...groups.flatMap((group) => group.uses.map((use) => use.input)), ...joined.graph.outputs.map(({ name }) => name)],
		{ ...unheard, masked },
	);
	for (const [tensor, set] of heard.sets) sets.set(tensor, set);
	if (heard.silent.length > 0) assumptions.push(messages.countedWhereFalse(heard.silent));
	const index = heard.graph === joined.graph ? unheard.index : indexGraph(heard.graph);
	const context = { index, sets, feedback, masked };
	// Where the data have a time axis inside the graph (a Gather per timestep), equal inputs are still the same tensor.
	const varying = timeVaryingTensors(
		context,
		states.map((state) => state.input),
		inGraph,
	);
	// What depends on a later timestep is not the same at all of them.
	for (const [tensor, timestep] of newest) if (timestep > 0) varying.add(tensor);
	const timed = timeLayers(groups, inGraph, varying, uses, spiking);
	for (const { name, uses } of timed.uneven) warnings.push(messages.unevenCalls(name, uses, inGraph));
	for (const { name, uses: found } of timed.startLate) assumptions.push(messages.startsLate(name, found, inGraph));
	for (const { name, uses: found } of timed.endEarly) assumptions.push(messages.endsEarly(name, found, inGraph));
	const invariant =
		step && timesteps !== 1
			? timed.layers.map((layer) => ({ ...layer, timeInvariant: layer.calls.every((call) => !varying.has(call.input)) }))
			: timed.layers;
	for (const layer of invariant) {
		if (layer.calls.some(({ timestep }) => timestep === 'every')) assumptions.push(messages.mergedCalls(layer.name, inGraph));
	}

	const multiplied = productLayers(index, invariant, { timesteps: inGraph, step, varying });
	const { recurrent } = timed;
	const search = { ...context, synapticLayers: invariant, states, timesteps: inGraph, step, recurrent };
	const outputs = model.graph.outputs.map(({ name }) => name);
	const places = neuronLayers({ ...search, gates, products: multiplied, outputs });
	const firing = step ? withDelays(places, states, context) : withUnrolledDelays(places, context);
	const found = spiking ? [...firing, ...accumulatorLayers({ ...search, neurons: firing })] : firing;
	const names = unique(found.map(({ name }) => name));
	const neurons = found.map((layer, at): NeuronLayer => ({ ...finiteMembrane(layer), name: names[at] as string }));
	if (!step) warnings.push(...missingLastSpikes(neurons, inGraph));
	const neuronOf = new Map<string, string>();
	for (const layer of neurons) for (const call of layer.calls) neuronOf.set(call.decision, layer.name);
	const layers = withAmplitudes(withSources(invariant, context, neuronOf), context, neuronOf);
	const products = withProductSources(multiplied, context, neuronOf);

	const synapticOutputs = new Set(layers.flatMap(({ calls }) => calls.map(({ output }) => output)));
	warnings.push(...unreadNeurons(neurons, synapticOutputs, context));
	const normalised = layers.flatMap(({ name, calls }) =>
		calls.some(({ output }) => index.consumers.get(output)?.some(({ op }) => op === 'BatchNormalization')) ? [name] : [],
	);
	if (normalised.length > 0) assumptions.push(messages.normalisationKept(normalised));

	const { readout, sentence } = chooseReadout(
		context,
		states,
		{ output: options.output, rule: options.readout, timesteps, step, metadata: model.metadata, answers: joined.answers },
		file,
	);
	if (sentence !== null) assumptions.push(sentence);
	const structure = {
		model: { ...model, graph: index.graph },
		index,
		valueSets: sets,
		mode,
		timesteps,
		input,
		states,
		synapticLayers: layers,
		products,
		neuronLayers: neurons,
		masked,
		readout,
	};
	const sums = await bookProductSums(structure);
	const balance = balanceOf(structure, rewritten.constantUses, sums);
	if (sums.length === 0) warnings.push(...scaledSpikes(structure));
	return {
		file,
		format: source.format,
		sha256: source.sha256,
		...structure,
		...(rewritten.batchAxis === null ? {} : { batchAxis: rewritten.batchAxis }),
		parameters: countParameters(needed.graph),
		balance,
		assumptions,
		warnings: [...balance.findings.map(({ sentence: words }) => words), ...warnings],
	};
}

/** A readout that only resets itself: the spikes of the last timestep reset nothing, so no exporter writes them. */
function missingLastSpikes(neurons: readonly NeuronLayer[], timesteps: number): string[] {
	return neurons.flatMap(({ name, spiking, calls }) => {
		const found = new Set(calls.map(({ timestep }) => timestep));
		return spiking && found.size > 1 && !found.has(timesteps - 1)
			? [messages.lastSpikesMissing(name, found.size, timesteps)]
			: [];
	});
}

function theDataInput(data: readonly TensorInfo[], file: string): TensorInfo {
	const [input, ...others] = data;
	if (!input) throw new UserError(messages.noInput(file));
	if (others.length > 0) {
		throw new UserError(
			messages.severalInputs(
				file,
				data.map(({ name }) => name),
			),
		);
	}
	return input;
}

interface TimestepQuestion {
	readonly mode: TimeMode;
	readonly inGraph: number;
	readonly spiking: boolean;
	/** Sizes of the input's first two axes, one of which may be time. */
	readonly axes: readonly unknown[];
	readonly asked: number | undefined;
	readonly metadata: ReadonlyMap<string, string>;
	readonly states: readonly StatePairing[];
	readonly file: string;
}

function chooseTimesteps(question: TimestepQuestion, assumptions: string[]): number | null {
	const { mode, inGraph, asked, file } = question;
	if (mode === 'unrolled') {
		if (asked !== undefined && asked !== inGraph) throw new UserError(messages.timestepsFixed(file, inGraph, asked));
		assumptions.push(messages.timestepsInferred(inGraph));
		return inGraph;
	}
	if (mode === 'plain') {
		if (asked !== undefined && asked !== 1)
			throw new UserError(
				question.spiking && question.axes.includes(asked) ? messages.timeNotRead(file) : messages.timestepsOfPlain(file, asked),
			);
		return 1;
	}
	if (asked !== undefined) return asked;
	const text = question.metadata.get('snn.timesteps');
	if (text !== undefined) {
		const stored = /^\s*\d+(\.0*)?\s*$/.test(text) ? Number(text) : 0;
		if (!(stored >= 1 && stored <= mostTimesteps)) throw new UserError(messages.timestepsInMetadata(file, text, mostTimesteps));
		assumptions.push(messages.timestepsFromMetadata(stored));
		return stored;
	}
	return null;
}

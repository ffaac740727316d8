import { UserError } from '../errors.ts';
import type { Dimension, TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { formOf, keepsPlaces, reshapes } from '../model/operators/index.ts';
import type { GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import { downstream } from './reachability.ts';
import { type ValueSet, valueSets } from './value-sets.ts';

export interface PairedInputs {
	readonly states: readonly StatePairing[];
	/** Inputs that are not states: the data. */
	readonly data: readonly TensorInfo[];
}

/** Words that tell the two ends of a state apart, and nothing else. */
const endWords = new Set([
	'next',
	'new',
	'out',
	'output',
	'in',
	'input',
	'prev',
	'previous',
	'old',
	'cur',
	'current',
	'updated',
	'init',
	'initial',
	'n',
	'tm1',
]);

const stem = (name: string): string =>
	name
		.toLowerCase()
		.split(/[^a-z0-9]+|(?<=[a-z])(?=\d)/)
		.filter((word) => word !== '' && !endWords.has(word))
		.join('.');

/**
 * Finds which outputs continue which inputs at the next timestep.
 *
 * In order: what the user or the model's metadata says; equal names up to words such as "next"; the only output of the
 * same shape that the input reaches element by element, as a membrane potential does: first without a decision on the way, then with one,
 * then through weights.
 *
 * @throws UserError when a state fits several outputs, or an option names tensors the graph does not have
 */
export function pairStates(
	index: GraphIndex,
	given: readonly string[],
	metadata: ReadonlyMap<string, string>,
	file: string,
): PairedInputs {
	const { inputs, outputs } = index.graph;
	const states = new Map<string, string>();
	const taken = new Set<string>();
	const pair = (input: string, output: string): void => {
		states.set(input, output);
		taken.add(output);
	};
	for (const option of [...given, ...metadataPairs(metadata)]) {
		const at = option.indexOf('=');
		const [input, output] = [option.slice(0, at), option.slice(at + 1)];
		const known = at > 0 && inputs.some(({ name }) => name === input) && outputs.some(({ name }) => name === output);
		if (!known) {
			throw new UserError(
				messages.stateUnknown(
					file,
					option,
					inputs.map(({ name }) => name),
					outputs.map(({ name }) => name),
				),
			);
		}
		if (!states.has(input)) pair(input, output);
	}

	const candidates = new Map<string, string[]>();
	const unreached = new Map<string, string[]>();
	// A graph with a single input has data and no state: a network needs something to look at.
	for (const input of inputs.length > 1 ? inputs : []) {
		if (states.has(input.name)) continue;
		const reached = downstream(input.name, index);
		const alike = outputs.filter((output) => output.name !== input.name && compatible(input.dims, output.dims));
		const fits = alike.filter((output) => reached.has(output.name));
		candidates.set(
			input.name,
			fits.map(({ name }) => name),
		);
		unreached.set(
			input.name,
			alike.filter((output) => !fits.includes(output)).map(({ name }) => name),
		);
	}
	// A place of a delay line does not reach its own next value: that is what the place before it holds.
	for (const outputsOf of [candidates, unreached])
		for (const [input, fits] of outputsOf) {
			const free = fits.filter((output) => !taken.has(output) && stem(output) === stem(input));
			if (!states.has(input) && stem(input) !== '' && free.length === 1) pair(input, free[0] as string);
		}

	// What is left: by how a state comes back. A membrane is carried on without a decision, a spike that is fed back passes one,
	// and what is fed back through weights passes those.
	const open = [...candidates].filter(([input]) => !states.has(input));
	const sets = open.length > 0 ? valueSets(index) : new Map<string, ValueSet>();
	const ways = open.map(([input, fits]) => {
		const uncut = numbersFrom(input, index, sets);
		const elementByElement = downstream(input, index, keepsPlaces);
		const [carried, decided] = [
			fits.filter((output) => uncut.has(output)),
			fits.filter((output) => elementByElement.has(output)),
		];
		return {
			input,
			ranked: unique([...carried, ...decided, ...fits]),
			choices: [carried, decided, fits].map((list) => unique(list)),
		};
	});
	const othersThan = (input: string): readonly TensorInfo[] => inputs.filter(({ name }) => name !== input && !states.has(name));
	for (let way = 0; way < 3; ) {
		const sure = ways.flatMap(({ input, choices }) => {
			const free = states.has(input) ? [] : (choices[way] ?? []).filter((output) => !taken.has(output));
			return free.length === 1 ? [[input, free[0] as string] as const] : [];
		});
		// The data may be added to a membrane too, and through weights they reach everything: the last input left stays the data,
		// and an output that two inputs could continue as tells nothing.
		const pairs =
			way < 2 ? sure.slice(0, 1) : sure.filter(([, output]) => sure.filter(([, other]) => other === output).length === 1);
		const [pairing] = pairs.filter(([input]) => othersThan(input).length > 0);
		if (pairing) pair(...pairing);
		// What was settled may settle others in a surer way.
		way = pairing ? 0 : way + 1;
	}
	for (const { input, ranked, choices } of ways) {
		const free = ranked.filter((output) => !taken.has(output));
		const several = choices.slice(0, 2).some((list) => list.filter((output) => !taken.has(output)).length > 1);
		// One tensor given twice, as the answer and to be fed back: the answer comes first.
		const [same, ...others] = new Set(free.map((output) => copied(output, index)));
		if (!states.has(input) && several && same !== undefined && others.length === 0) {
			pair(input, free.at(-1) ?? '');
			continue;
		}
		if (!states.has(input) && several && othersThan(input).length > 0)
			throw new UserError(messages.stateAmbiguous(file, input, free));
	}
	return {
		states: [...states].map(([input, output]) => ({ input, output, initial: 0 })),
		data: inputs.filter(({ name }) => !states.has(name)),
	};
}

/** `snn.states` of our own step models: "in=out" pairs separated by commas or semicolons. */
function metadataPairs(metadata: ReadonlyMap<string, string>): string[] {
	return (metadata.get('snn.states') ?? '').split(/[,;]/).flatMap((part) => (part.includes('=') ? [part.trim()] : []));
}

/** The tensor that an output is a copy of. */
function copied(output: string, index: GraphIndex): string {
	const producer = index.producer.get(output);
	return producer && formOf(producer) === 'same' && !reshapes(producer) ? copied(producer.inputs[0] ?? '', index) : output;
}

function compatible(a: readonly Dimension[] | null, b: readonly Dimension[] | null): boolean {
	if (!a || !b) return true;
	return (
		a.length === b.length && a.every((dim, axis) => typeof dim !== 'number' || typeof b[axis] !== 'number' || dim === b[axis])
	);
}

/** Tensors reached from a state by arithmetic on numbers alone: no spike is decided and no weight is applied on the way. */
function numbersFrom(start: string, index: GraphIndex, sets: ReadonlyMap<string, ValueSet>): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			const [output = ''] = node.outputs;
			if (!keepsPlaces(node) || reached.has(output) || sets.get(output)?.kind !== 'any') continue;
			reached.add(output);
			open.push(output);
		}
	}
	return reached;
}

const unique = (names: readonly string[]): string[] => [...new Set(names)];

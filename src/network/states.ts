import { UserError } from '../errors.ts';
import type { Dimension, TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { keepsPlaces } from '../model/operators/index.ts';
import type { GraphIndex } from './graph-index.ts';
import * as messages from './messages.ts';
import { downstream } from './reachability.ts';

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
 * same shape that the input reaches element by element, as a membrane potential does.
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
	// A graph with a single input has data and no state: a network needs something to look at.
	for (const input of inputs.length > 1 ? inputs : []) {
		if (states.has(input.name)) continue;
		const reached = downstream(input.name, index);
		const fits = outputs.filter(
			(output) => output.name !== input.name && reached.has(output.name) && compatible(input.dims, output.dims),
		);
		candidates.set(
			input.name,
			fits.map(({ name }) => name),
		);
	}
	for (const [input, fits] of candidates) {
		const sameName = stem(input) === '' ? [] : fits.filter((output) => !taken.has(output) && stem(output) === stem(input));
		if (sameName.length === 1 && sameName[0] !== undefined) pair(input, sameName[0]);
	}

	// What is left: match by the element-wise path, repeatedly taking inputs with a single choice.
	const carried = new Map<string, string[]>();
	for (const [input, fits] of candidates) {
		if (states.has(input)) continue;
		const reached = downstream(input, index, keepsPlaces);
		carried.set(
			input,
			fits.filter((output) => reached.has(output)),
		);
	}
	for (let progress = true; progress; ) {
		progress = false;
		for (const [input, fits] of carried) {
			if (states.has(input)) continue;
			const free = fits.filter((output) => !taken.has(output));
			if (free.length !== 1 || free[0] === undefined) continue;
			// The data may be added to a membrane too; an input that is the last one left stays the data.
			const others = inputs.filter(({ name }) => name !== input && !states.has(name));
			if (others.length === 0) continue;
			pair(input, free[0]);
			progress = true;
		}
	}
	for (const [input, fits] of carried) {
		const free = fits.filter((output) => !taken.has(output));
		const othersLeft = inputs.filter(({ name }) => name !== input && !states.has(name)).length;
		if (!states.has(input) && free.length > 1 && othersLeft > 0) throw new UserError(messages.stateAmbiguous(file, input, free));
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

function compatible(a: readonly Dimension[] | null, b: readonly Dimension[] | null): boolean {
	if (!a || !b) return true;
	return (
		a.length === b.length && a.every((dim, axis) => typeof dim !== 'number' || typeof b[axis] !== 'number' || dim === b[axis])
	);
}

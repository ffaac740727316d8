import type { StatePairing } from '../model/model-file.ts';
import { formOf, keepsPlaces } from '../model/operators/index.ts';
import { tensorValues } from '../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from './graph-index.ts';
import { spikeMembranes } from './spike-membranes.ts';
import { type ValueSet, valueSets } from './value-sets.ts';

/** What values every tensor can hold, with the membranes that hold sums of spikes told from spikes. */
export function networkValueSets(index: GraphIndex, states: readonly StatePairing[]): Map<string, ValueSet> {
	if (states.length > 0) return valueSetsOverTime(index, states);
	const sets = valueSets(index);
	const membranes = spikeMembranes(index, sets);
	return membranes.size === 0 ? sets : valueSets(index, new Map(), membranes);
}

/** A list that grew this often grows for ever: a state that adds up spikes, or lets them decay. */
const mostGrowths = 6;

/**
 * The value sets of a step model: a state holds its initial value and whatever its output can hold, found by feeding
 * outputs back until nothing changes.
 *
 * Spikes that come back, and delay lines of spikes, settle at once. A membrane or an adaptive threshold that spikes enter
 * holds more values with every timestep: it is taken for a number. The states beside it keep what they have.
 */
function valueSetsOverTime(index: GraphIndex, states: readonly StatePairing[]): Map<string, ValueSet> {
	let given = new Map(states.map((state): [string, ValueSet] => [state.input, initialSet(state)]));
	const growths = new Map<string, number>();
	const adding = new Set(states.filter((state) => addsUp(state, index)).map(({ input }) => input));
	for (;;) {
		const sets = valueSets(index, given);
		let changed = false;
		const next = new Map(
			states.map((state): [string, ValueSet] => {
				const before = given.get(state.input) as ValueSet;
				const joint = joined(before, sets.get(state.output), growths.get(state.input) ?? 0);
				const after = joint.kind === 'discrete' && adding.has(state.input) ? unbounded : joint;
				if (same(before, after)) return [state.input, before];
				changed = true;
				growths.set(state.input, (growths.get(state.input) ?? 0) + 1);
				return [state.input, after];
			}),
		);
		if (!changed) return sets;
		given = next;
	}
}

/** What a state can hold when it held this and its output can hold that. Sets only grow, so that this comes to an end. */
function joined(before: ValueSet, output: ValueSet | undefined, growths: number): ValueSet {
	if (before.kind === 'any' || !output || output.kind === 'any' || growths >= mostGrowths) return unbounded;
	if (before.kind === 'finite' && output.kind === 'finite') {
		const values = [...new Set([...before.values, ...output.values])].sort((a, b) => a - b);
		// A state that never takes part in a decision (a constant that is handed on) is no spike.
		if (values.length === before.values.length) return output.spiking && !before.spiking ? { ...output, values } : before;
		return output.spiking ? { kind: 'finite', values, spiking: true } : unbounded;
	}
	// Too many to list: sums over spikes that were added up before are numbers, pooled spikes that are handed on are not.
	if (!output.spiking || growths > 0) return before.kind === 'discrete' ? before : unbounded;
	return { kind: 'discrete', spiking: true };
}

/** Whether something is added to a state on the way to its output. */
function addsUp({ input, output }: StatePairing, index: GraphIndex): boolean {
	const reached = new Set([input]);
	const open = [{ tensor: input, added: false }];
	const added = new Set<string>();
	for (let next = open.pop(); next !== undefined; next = open.pop()) {
		for (const node of index.consumers.get(next.tensor) ?? []) {
			if (!keepsPlaces(node)) continue;
			const form = formOf(node);
			const sum = next.added || ((form === 'sum' || form === 'difference') && new Set(dynamicInputs(node, index)).size > 1);
			for (const tensor of node.outputs) {
				if (tensor === output && sum) return true;
				if ((sum ? added : reached).has(tensor)) continue;
				(sum ? added : reached).add(tensor);
				open.push({ tensor, added: sum });
			}
		}
	}
	return false;
}

const same = (a: ValueSet, b: ValueSet): boolean =>
	a.kind === b.kind &&
	(a.kind === 'any' || (b.kind !== 'any' && a.spiking === b.spiking)) &&
	(a.kind !== 'finite' || (b.kind === 'finite' && a.values.length === b.values.length));

const initialSet = ({ initial }: StatePairing): ValueSet => ({
	kind: 'finite',
	values: typeof initial === 'number' ? [initial + 0] : [...new Set(tensorValues(initial))].sort((a, b) => a - b),
	spiking: false,
});

const unbounded: ValueSet = { kind: 'any', low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY };

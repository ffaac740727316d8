import type { GraphNode } from '../model/graph.ts';
import { onlyMoves, operatorFacts } from '../model/operators/index.ts';
import { dynamicInputs } from './graph-index.ts';
import { goesOver, looksAt, type ReadMembrane } from './membrane-numbers.ts';
import type { NeuronPlace, NeuronSearch } from './neuron-places.ts';
import { scalarOf } from './one-value.ts';
import { upstream } from './reachability.ts';
import { comparedTensor, isSpikes, numbersInto } from './spike-paths.ts';

/**
 * Places without weights in front of them, one group for each layer over time. In an unrolled graph a membrane goes over into
 * that of the next timestep, by what a spike leaves of it or by what leaks; places without memory belong together when the
 * same arithmetic leads to them.
 */
export function twins(places: readonly NeuronPlace[], read: ReadMembrane, search: NeuronSearch): NeuronPlace[][] {
	if (search.step) return places.map((place) => [place]);
	const chains: NeuronPlace[][] = [];
	for (const place of places) {
		const before = chains.find((chain) => chain.some((earlier) => goesOnInto(earlier, place, read, search)));
		if (before) before.push(place);
		else chains.push([place]);
	}
	// A first timestep that leaves neither reset nor leak behind.
	for (const chain of chains) {
		const [start] = chain;
		const rest = chains.find(
			(other) => chain.length === 1 && other !== chain && other.length === search.timesteps - 1 && sameInput(start, other[0]),
		);
		if (!rest) continue;
		rest.unshift(...chain);
		chain.length = 0;
	}
	const alike = new Map<string, NeuronPlace[]>();
	for (const chain of chains) {
		const [only] = chain;
		if (only === undefined) continue;
		const key = chain.length > 1 ? `chain ${only.threshold.name}` : arithmeticOf(only.threshold, search);
		alike.set(key, [...(alike.get(key) ?? []), ...chain]);
	}
	return [...alike.values()];

	function sameInput(start: NeuronPlace | undefined, next: NeuronPlace | undefined): boolean {
		if (!start || !next) return false;
		const { numbers, spikes } = read(next.threshold);
		return looksAt(start.threshold, search).some((tensor) => numbers.has(tensor) || spikes.has(tensor));
	}
}

/** Whether a later place looks at what an earlier one's membrane has become. */
export function goesOnInto(earlier: NeuronPlace, later: NeuronPlace, read: ReadMembrane, search: NeuronSearch): boolean {
	const membrane = read(later.threshold);
	if (membrane.entering.has(earlier.threshold)) return goesOver(earlier.threshold, membrane, search);
	const root = comparedTensor(earlier.threshold, search);
	const node = root === null ? undefined : search.index.producer.get(root);
	if (node === undefined || !membrane.numbers.has(root as string)) return false;
	const meeting = numbersInto(node, search).length;
	// The first membrane of a neuron that spikes drive is those spikes alone.
	return meeting > 1 || (meeting === 0 && comparedTensor(later.threshold, search) !== root);
}

/** Longer expressions are cut off: places that differ further back are told apart by nothing else either. */
const longestExpression = 2000;

/** The arithmetic that leads to a decision, back to data and spikes, with what is taken from where left out. */
function arithmeticOf(threshold: GraphNode, search: NeuronSearch): string {
	const { index } = search;
	let budget = longestExpression;
	const expression = (tensor: string): string => {
		budget -= 1;
		if (budget < 0) return '…';
		if (index.isConstant(tensor)) return String(scalarOf(tensor, index) ?? 'constants');
		const node = index.producer.get(tensor);
		if (!node || isSpikes(tensor, search)) return node ? 'spikes' : tensor;
		const inputs = onlyMoves(node) ? dynamicInputs(node, index) : node.inputs.filter((input) => input !== '');
		return `${node.op}(${inputs.map(expression).join(',')})`;
	};
	return `${threshold.op}(${threshold.inputs.map(expression).join(',')})`;
}

/** What enters neurons without weights in front of them, at one place. */
export interface Entering {
	/** Numbers that come from outside and not from the neuron's past. */
	readonly numbers: readonly string[];
	/** Spikes of other neurons. */
	readonly spikes: readonly string[];
}

/**
 * For each place of a layer without weights in front, what enters it then: what its arithmetic takes neither from the
 * timestep before nor from its own spikes.
 */
export function enteringTensors(group: readonly NeuronPlace[], read: ReadMembrane, search: NeuronSearch): Entering[] {
	const { index, feedback } = search;
	const own = new Set(group.flatMap(({ deciders }) => deciders));
	const shared = search.step ? new Set<string>() : sharedByTimesteps(group, read, search);
	const past = new Set<string>();
	const follow = (starts: readonly string[]): void => {
		const open = [...starts];
		for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
			if (past.has(tensor)) continue;
			past.add(tensor);
			for (const node of index.consumers.get(tensor) ?? []) if (!operatorFacts(node)?.weights) open.push(...node.outputs);
		}
	};
	const before = new Set<string>();
	return group.map(({ threshold, deciders }) => {
		const { numbers, spikes } = read(threshold);
		const news = [...numbers].filter((tensor) => !before.has(tensor));
		if (search.step) follow([...numbers].filter((tensor) => feedback?.has(tensor)));
		const readers = [threshold, ...news.flatMap((tensor) => (past.has(tensor) ? (index.producer.get(tensor) ?? []) : []))];
		const inputs = new Set(readers.flatMap((node) => dynamicInputs(node, index)));
		const fresh = [...inputs].filter((tensor) => numbers.has(tensor) && !past.has(tensor));
		// Nothing of the past: the membrane is what has come in.
		const root = comparedTensor(threshold, search);
		const wholly = fresh.length > 0 && readers.length === 1;
		const entering = {
			numbers: wholly ? (root === null ? fresh : [root]) : fresh,
			spikes: [...spikes].filter((tensor) => !past.has(tensor) && !own.has(index.producer.get(tensor) as GraphNode)),
		};
		const kept = search.step ? [] : [...numbers].filter((tensor) => !shared.has(tensor));
		follow([...deciders.flatMap(({ outputs }) => outputs), ...kept]);
		for (const tensor of news) before.add(tensor);
		return entering;
	});
}

/** Fewer readers than this do not make a tensor common to all timesteps. */
const fewReaders = 3;

/** Data, and what is made of them once for all timesteps: no timestep has left it to the next. */
function sharedByTimesteps(group: readonly NeuronPlace[], read: ReadMembrane, search: NeuronSearch): Set<string> {
	const { index, timesteps } = search;
	const shared = new Set(index.graph.inputs.map(({ name }) => name));
	for (const { threshold } of group) {
		for (const tensor of read(threshold).numbers) {
			if (shared.has(tensor) || (index.consumers.get(tensor)?.length ?? 0) < Math.max(fewReaders, timesteps)) continue;
			for (const name of upstream(tensor, index)) shared.add(name);
		}
	}
	return shared;
}

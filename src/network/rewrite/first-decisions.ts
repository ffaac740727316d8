import { int } from '../../model/attributes.ts';
import { type ConstantTensor, type Graph, type GraphNode, type Model, node } from '../../model/graph.ts';
import { compares, formOf, isSpiking, onlyMoves, operatorFacts } from '../../model/operators/index.ts';
import { float32Scalar, tensorValues } from '../../model/tensors.ts';
import { foldConstants, literalsAsConstants } from '../fold-constants.ts';
import { type GraphIndex, indexGraph } from '../graph-index.ts';
import { scalarOf } from '../one-value.ts';
import { type ValueSet, valueSets } from '../value-sets.ts';
import { freshNames } from './fresh-names.ts';

/**
 * Keeps decisions over a membrane that no data have reached yet: a neuron that decides before it takes up its current, and
 * starts above its threshold. Folded into constants, the spikes of the first timestep and what they drive would be gone. The
 * membrane gets a zero that is made of the data, so that nothing of it is a constant.
 */
export async function withFirstDecisions(model: Model, file: string): Promise<Graph> {
	const { graph } = model;
	const early = decisionsWithoutData(graph);
	const [input] = graph.inputs;
	if (early.length === 0 || !input) return graph;
	const index = indexGraph(literalsAsConstants(graph));
	if ([...index.graph.constants.values()].some(isHalf)) return graph;
	const sets = valueSets(index);
	const setOf = (tensor: string): ValueSet | undefined => sets.get(tensor);
	const one = (tensor: string): number | null => {
		const set = setOf(tensor);
		return set?.kind === 'finite' && set.values.length === 1 ? (set.values[0] as number) : scalarOf(tensor, index);
	};
	const late = graph.nodes.filter((other) => compares(other) && !early.includes(other));
	const membraneOf = new Map<GraphNode, number>();
	let values: ReadonlyMap<string, ConstantTensor> | null = null;
	/** Whether a decision is known to be true anywhere. */
	const fires = async ({ outputs: [output = ''] }: GraphNode): Promise<boolean> => {
		const set = setOf(output);
		if (set?.kind === 'finite' && set.values.length === 1) return set.values[0] !== 0;
		values ??= await valuesOf(
			early.map(({ outputs: [name = ''] }) => name),
			model,
			file,
		);
		const value = values.get(output);
		return value !== undefined && tensorValues(value).some((one) => one !== 0);
	};
	for (const decision of early) {
		if (!(await fires(decision))) continue;
		for (const membrane of [0, 1]) {
			const threshold = one(decision.inputs[1 - membrane] ?? '');
			const twin = late.some(
				({ op, inputs }) =>
					op === decision.op && setOf(inputs[membrane] ?? '')?.kind === 'any' && one(inputs[1 - membrane] ?? '') === threshold,
			);
			if (threshold !== null && twin) membraneOf.set(decision, membrane);
		}
	}
	if (membraneOf.size === 0) return graph;
	const names = freshNames(graph);
	const take = (name: string): string => names.take(`${input.name}/${name}`);
	const [none, number, whole, zero] = [take('none'), take('number'), take('sum'), take('zero')];
	const made = [
		node('Cast', [input.name], [number], { attributes: { to: int(1) } }),
		node('ReduceSum', [number], [whole], { attributes: { keepdims: int(0) } }),
		node('Mul', [whole, none], [zero]),
	];
	// What becomes of the membrane starts from the same tensor; thresholds that happen to be that constant stay one.
	const starts = new Map<string, string>();
	for (const [{ inputs }, at] of membraneOf) {
		const membrane = inputs[at] ?? '';
		if (!starts.has(membrane)) starts.set(membrane, names.take(`${membrane}/start`));
	}
	const started = (own: GraphNode): GraphNode => {
		const membrane = membraneOf.get(own);
		if (compares(own) && membrane === undefined) return own;
		const inputs = own.inputs.map((name, at) => (at === (membrane ?? at) ? (starts.get(name) ?? name) : name));
		return { ...own, inputs };
	};
	const begin = (name: string): GraphNode[] => {
		const start = starts.get(name);
		return start === undefined ? [] : [node('Add', [name, zero], [start])];
	};
	const fixed = [...starts.keys()].filter((name) => graph.constants.has(name));
	const nodes = graph.nodes.flatMap((own) => [started(own), ...own.outputs.flatMap(begin)]);
	made.push(...fixed.flatMap(begin));
	return { ...graph, nodes: [...made, ...nodes], constants: new Map([...graph.constants, [none, float32Scalar(0)]]) };
}

/** Tensors that constants alone make. */
async function valuesOf(tensors: readonly string[], model: Model, file: string): Promise<ReadonlyMap<string, ConstantTensor>> {
	const outputs = tensors.map((name) => ({ name, type: null, dims: null }));
	const early = nodesWithoutData(model.graph);
	const graph = { ...model.graph, nodes: model.graph.nodes.filter((own) => early.has(own)), outputs };
	return (await foldConstants({ ...model, graph }, file)).model.graph.constants;
}

const isHalf = ({ type }: ConstantTensor): boolean => type === 'float16' || type === 'bfloat16' || type === 'float64';

/**
 * Uses of weights on spikes that are constants: recurrent spikes that do not start at 0. The same weights work on spikes of
 * neurons elsewhere. They are computed before the network runs, so that nothing counts them.
 */
export async function usesOfConstantSpikes(model: Model, file: string): Promise<GraphNode[]> {
	const plain = literalsAsConstants(model.graph);
	const index = indexGraph(plain);
	const early = nodesWithoutData(plain);
	const uses = plain.nodes.flatMap((own) =>
		(operatorFacts(own)?.weights?.operands ?? []).map(({ weight, data }) => ({
			own,
			weight: rootOf(own.inputs[weight] ?? '', index),
			data: own.inputs[data] ?? '',
		})),
	);
	const constant = uses.filter(({ own, weight }) => early.has(own) && index.isConstant(weight));
	if (constant.length === 0) return [];
	const sets = valueSets(index);
	const spiking = new Set(uses.flatMap(({ weight, data }) => (isSpikingSet(sets.get(data)) ? [weight] : [])));
	const suspects = constant.filter(({ weight }) => spiking.has(weight));
	const computed =
		suspects.length === 0
			? new Map<string, ConstantTensor>()
			: await valuesOf(
					suspects.map(({ data }) => data),
					model,
					file,
				);
	return suspects.flatMap(({ own, data }) => {
		const set = sets.get(data);
		const tensor = index.graph.constants.get(data) ?? computed.get(data);
		const values = tensor ? tensorValues(tensor) : set?.kind === 'finite' && set.values.length === 1 ? set.values : [];
		const heights = new Set(values);
		heights.delete(0);
		return heights.size === 1 ? [own] : [];
	});
}

const isSpikingSet = (set: ValueSet | undefined): boolean => set !== undefined && isSpiking(set);

/** The constant a weight is made of, by what moves its elements. */
function rootOf(tensor: string, { producer }: GraphIndex): string {
	for (let name = tensor; ; ) {
		const node = producer.get(name);
		if (!node || !onlyMoves(node)) return name;
		name = node.inputs[0] ?? '';
	}
}

/** Comparisons into which no value of the data goes. */
const decisionsWithoutData = (graph: Graph): GraphNode[] =>
	[...nodesWithoutData(graph)].filter((own) => compares(own) && formOf(own) !== 'equal');

/** Nodes into which no value of the data goes; sizes are no values. */
function nodesWithoutData({ nodes, inputs }: Graph): Set<GraphNode> {
	const data = new Set(inputs.map(({ name }) => name));
	const found = new Set<GraphNode>();
	for (const own of nodes) {
		const reads = !operatorFacts(own)?.readsShape && own.inputs.some((name) => data.has(name));
		if (reads) for (const name of own.outputs) data.add(name);
		else found.add(own);
	}
	return found;
}

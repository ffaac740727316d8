import { type Attribute, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';

/**
 * Spikes drawn by chance, written out as u < p with u uniform in [0, 1). ONNX has Bernoulli(p) give 1 with the chance p; onnxruntime 1.30 to 1.32
 * gives it with 1 − p (p = 0.2: a mean of 0.80), as the operator's function in ONNX compares the other way round.
 */
export const withDrawnSpikes = (graph: Graph): Graph => (hasDrawn(graph) ? writtenOut(graph, freshNames(graph)) : graph);

function writtenOut(graph: Graph, names: FreshNames): Graph {
	return {
		...graph,
		nodes: graph.nodes.flatMap((own) => (isDrawn(own) ? written(own, names) : [{ ...own, attributes: inside(own, names) }])),
	};
}

const isDrawn = (node: GraphNode): boolean => operatorFacts(node)?.rewritten === 'chance';

const hasDrawn = ({ nodes }: Graph): boolean =>
	nodes.some(
		(own) => isDrawn(own) || [...own.attributes.values()].some(({ kind, value }) => kind === 'graph' && hasDrawn(value)),
	);

const inside = ({ attributes }: GraphNode, names: FreshNames): ReadonlyMap<string, Attribute> =>
	new Map(
		[...attributes].map(([name, attribute]) => [
			name,
			attribute.kind === 'graph' ? { ...attribute, value: writtenOut(attribute.value, names) } : attribute,
		]),
	);

function written({ name, inputs: [chance = ''], outputs: [spikes = ''], attributes }: GraphNode, names: FreshNames): GraphNode[] {
	const [drawn, fires, cast] = [names.take(`${name}/drawn`), names.take(`${name}/fires`), names.take(`${name}/spikes`)];
	const seed = attributes.get('seed');
	const type = attributes.get('dtype');
	return [
		node('RandomUniformLike', [chance], [drawn], { name, attributes: seed ? { seed } : {} }),
		node('Less', [drawn, chance], [fires], { name: fires }),
		type
			? node('Cast', [fires], [spikes], { name: cast, attributes: { to: type } })
			: node('CastLike', [fires, chance], [spikes], { name: cast }),
	];
}

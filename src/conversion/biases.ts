import { type ConstantTensor, type Graph, type GraphNode, node } from '../model/graph.ts';
import { operatorFacts } from '../model/operators/index.ts';
import { float32Tensor } from '../model/tensors.ts';
import { indexGraph, intAttribute } from '../network/graph-index.ts';
import { freshNames } from '../network/rewrite/fresh-names.ts';
import { synapticUse } from '../network/synapses.ts';

/**
 * Gives a bias of zeros to convolutions without one, and to dense layers where another dense layer has one: what is
 * computed stays the same.
 */
export function withBiases(graph: Graph): Graph {
	const index = indexGraph(graph);
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	const added = (one: GraphNode): boolean =>
		(index.consumers.get(one.outputs[0] ?? '') ?? []).some(
			({ op, inputs }) => op === 'Add' && inputs.some((name) => constants.has(name)),
		);
	const dense = graph.nodes.filter(
		(one) => operatorFacts(one)?.weights?.geometry === 'matrix' && synapticUse(one, index)?.weightPosition === 1,
	);
	const biased = dense.some((one) => (one.inputs[2] ?? '') !== '' || added(one));
	const nodes = graph.nodes.map((one): GraphNode => {
		const use = synapticUse(one, index);
		const wanted = one.op === 'Conv' || (biased && dense.includes(one) && !added(one));
		if (!use || use.bias !== null || (one.inputs[2] ?? '') !== '' || !wanted) return one;
		const { dims } = graph.constants.get(use.weight) as ConstantTensor;
		if (one.op !== 'Conv' && dims.length !== 2) return one;
		const units = one.op === 'Conv' || intAttribute(one, 'transB', 0) === 1 ? dims[0] : dims[1];
		const bias = names.take(`${one.name}.bias`);
		constants.set(bias, float32Tensor(new Float32Array(units ?? 0)));
		const inputs = [use.input, use.weight, bias];
		return one.op === 'MatMul' ? node('Gemm', inputs, one.outputs, { name: one.name }) : { ...one, inputs };
	});
	return { ...graph, nodes, constants };
}

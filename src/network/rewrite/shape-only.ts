import { type ConstantTensor, type Graph, type GraphNode, node, type TensorInfo } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { int64Tensor } from '../../model/tensors.ts';
import type { Size } from './batch-sizes.ts';
import { freshNames } from './fresh-names.ts';
import type { Measured } from './measure.ts';
import { axisAttribute } from './operators.ts';

const readsShape = (candidate: GraphNode): boolean => operatorFacts(candidate)?.readsShape === true;

/** Tensors whose values reach an output, and not only their shapes. */
function valued(graph: Graph): Set<string> {
	const needed = new Set(graph.outputs.map(({ name }) => name));
	for (const candidate of [...graph.nodes].reverse()) {
		if (readsShape(candidate) || !candidate.outputs.some((name) => needed.has(name))) continue;
		for (const name of candidate.inputs) needed.add(name);
	}
	return needed;
}

/** True when weights are applied for the sake of a shape alone, as "zeros_like(layer(x))" does. */
export function hasShapeOnlyWork(graph: Graph): boolean {
	if (!graph.nodes.some(readsShape)) return false;
	const needed = valued(graph);
	return graph.nodes.some((node) => operatorFacts(node)?.weights && !node.outputs.some((name) => needed.has(name)));
}

/**
 * Takes shapes that are read off such tensors from the input's batch instead, and drops the work: an accelerator would
 * not do it, and it would look like one more timestep.
 */
export function withoutShapeOnlyWork(graph: Graph, measured: Measured): Graph {
	const needed = valued(graph);
	const [input] = graph.inputs;
	const batchAxis = input?.dims?.findIndex((dim) => typeof dim !== 'number') ?? -1;
	if (!input || !graph.nodes.some(readsShape)) return graph;
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	const nodes: GraphNode[] = [];
	const constant = (tensor: ConstantTensor): string => {
		const name = names.take('shape/constant');
		constants.set(name, tensor);
		return name;
	};
	for (const candidate of graph.nodes) {
		const [tensor = ''] = candidate.inputs;
		const shape =
			candidate.op === 'Shape' && candidate.attributes.size === 0 && !needed.has(tensor) ? measured.shapeOf(tensor) : null;
		const built = shape ? shapeFromBatch(shape, input, batchAxis, measured.batch) : null;
		if (!built) {
			nodes.push(candidate);
			continue;
		}
		const [output = ''] = candidate.outputs;
		const emit = (op: string, inputs: readonly string[], axis?: number, as = names.take(`${output}/${op}`)): string => {
			nodes.push(
				node(op, inputs, [as], {
					name: names.take(`${candidate.name}/${op}`),
					...(axis === undefined ? {} : { attributes: axisAttribute(axis) }),
				}),
			);
			return as;
		};
		const batch = built.some((part) => 'times' in part)
			? emit('Gather', [emit('Shape', [input.name]), constant(int64Tensor([batchAxis]))], 0)
			: '';
		const parts = built.map((part) =>
			'size' in part ? constant(int64Tensor([part.size])) : emit('Mul', [batch, constant(int64Tensor([part.times]))]),
		);
		emit('Concat', parts, 0, output);
	}
	return { ...graph, nodes, constants };
}

type Part = { readonly size: number } | { readonly times: number };

/** Every axis as a fixed size or a multiple of the batch; null where neither fits. */
function shapeFromBatch(shape: readonly Size[], input: TensorInfo, batchAxis: number, batch: Size): Part[] | null {
	const parts: Part[] = [];
	for (const [a, b] of shape) {
		if (a === b) parts.push({ size: a });
		else if (batchAxis >= 0 && input.dims && a % batch[0] === 0 && a / batch[0] === b / batch[1])
			parts.push({ times: a / batch[0] });
		else return null;
	}
	return parts.length > 0 ? parts : null;
}

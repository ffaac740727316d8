import { type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { int64Tensor, tensorValues } from '../../model/tensors.ts';
import { intAttribute } from '../graph-index.ts';
import { freshNames } from './fresh-names.ts';
import { axesNode, axisAttribute } from './operators.ts';

/**
 * Replaces lists of tensors (what a Python list becomes in a scripted loop) by the tensors themselves: once loops are
 * unrolled it is known what each list holds. Lists whose content is not known are left as they are.
 */
export function resolveSequences(graph: Graph, opset: number): Graph {
	if (!graph.nodes.some(({ op }) => op.startsWith('Sequence') || op === 'SplitToSequence')) return graph;
	const names = freshNames(graph);
	const lists = new Map<string, readonly string[]>();
	/** Tensors cut into single slices, by the list they became. */
	const cuts = new Map<string, { readonly tensor: string; readonly axis: number; readonly keeps: boolean }>();
	const constants = new Map(graph.constants);
	const nodes: GraphNode[] = [];
	const constant = (tensor: ConstantTensor): string => {
		const name = names.take('sequence/axes');
		constants.set(name, tensor);
		return name;
	};
	const position = (tensor: string | undefined, length: number): number | null => {
		if (tensor === undefined || tensor === '') return length;
		const found = constants.get(tensor);
		const [value] = found ? tensorValues(found) : [];
		return value === undefined ? null : value < 0 ? value + length : value;
	};
	for (const candidate of graph.nodes) {
		const [output = ''] = candidate.outputs;
		const [first = '', second = '', third] = candidate.inputs;
		const list = lists.get(first);
		if (candidate.op === 'SequenceEmpty') {
			lists.set(output, []);
			continue;
		}
		if (candidate.op === 'SequenceConstruct') {
			lists.set(output, candidate.inputs);
			continue;
		}
		if (candidate.op === 'Identity' && list) {
			lists.set(output, list);
			continue;
		}
		if (candidate.op === 'SequenceInsert' && list) {
			const at = position(third, list.length);
			if (at !== null) {
				lists.set(output, [...list.slice(0, at), second, ...list.slice(at)]);
				continue;
			}
		}
		if (candidate.op === 'SequenceErase' && list) {
			const at = position(second, list.length - 1);
			if (at !== null) {
				lists.set(
					output,
					list.filter((_, index) => index !== at),
				);
				continue;
			}
		}
		if (candidate.op === 'SplitToSequence' && second === '') {
			cuts.set(output, {
				tensor: first,
				axis: intAttribute(candidate, 'axis', 0),
				keeps: intAttribute(candidate, 'keepdims', 1) === 1,
			});
			nodes.push(candidate);
			continue;
		}
		const cut = cuts.get(first);
		const at = constants.get(second);
		if (candidate.op === 'SequenceAt' && cut && at) {
			const index = constant(int64Tensor([tensorValues(at)[0] ?? 0], cut.keeps ? [1] : []));
			nodes.push(node('Gather', [cut.tensor, index], [output], { name: candidate.name, attributes: axisAttribute(cut.axis) }));
			continue;
		}
		if (candidate.op === 'SequenceAt' && list) {
			const at = position(second, list.length);
			const element = at === null ? undefined : list[at];
			if (element !== undefined) {
				nodes.push(node('Identity', [element], [output], { name: candidate.name }));
				continue;
			}
		}
		if (candidate.op === 'ConcatFromSequence' && list && list.length > 0) {
			const axis = intAttribute(candidate, 'axis', 0);
			const stacked = intAttribute(candidate, 'new_axis', 0) === 1;
			const parts = stacked
				? list.map((tensor) => {
						const name = names.take(`${output}/element`);
						nodes.push(
							axesNode('Unsqueeze', tensor, name, [axis], { name: names.take(`${candidate.name}/Unsqueeze`), opset, constant }),
						);
						return name;
					})
				: list;
			nodes.push(node('Concat', parts, [output], { name: candidate.name, attributes: axisAttribute(axis) }));
			continue;
		}
		nodes.push(candidate);
	}
	return { ...graph, nodes, constants };
}

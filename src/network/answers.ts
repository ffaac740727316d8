import { type ConstantTensor, type Graph, type GraphNode, node, type TensorInfo } from '../model/graph.ts';
import { freshNames } from './rewrite/fresh-names.ts';
import { axesNode, axisAttribute } from './rewrite/operators.ts';

/** Outputs that are one answer: the k-th is timestep k's. */
export interface JoinedAnswer {
	/** The output they are joined in, [timesteps, batch, …]. */
	readonly output: string;
	readonly parts: readonly string[];
	/** The parts with a time axis of size 1. */
	readonly raised: readonly string[];
}

/**
 * Joins outputs of which there is one a timestep (`return [spk_1, …, spk_T]`) to one output with a time axis. Of several lists
 * (spikes and membranes, or those of several layers) each is joined by itself.
 *
 * @param timestepOf newest timestep a tensor depends on
 * @param kindOf     tells spikes from numbers
 */
export function joinAnswers(
	graph: Graph,
	timesteps: number,
	opset: number,
	timestepOf: (tensor: string) => number,
	kindOf: (tensor: string) => string,
): { readonly graph: Graph; readonly answers: readonly JoinedAnswer[] } {
	const alike = new Map<string, TensorInfo[]>();
	for (const output of graph.outputs) {
		const key = `${kindOf(output.name)}|${output.dims?.map((dim) => (typeof dim === 'number' ? dim : '?')).join('x')}`;
		alike.set(key, [...(alike.get(key) ?? []), output]);
	}
	const lists = [...alike.values()].flatMap((outputs) => listsOf(outputs, timesteps, timestepOf));
	if (lists.length === 0) return { graph, answers: [] };
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	const nodes: GraphNode[] = [...graph.nodes];
	const constant = (tensor: ConstantTensor): string => {
		const name = names.take('answer/axes');
		constants.set(name, tensor);
		return name;
	};
	const answers = lists.map((list): JoinedAnswer => {
		const parts = list.map(({ name }) => name);
		const output = names.take(`${parts[0]} … ${parts.at(-1)}`);
		const raised = parts.map((part) => {
			const name = names.take(`${part}/timestep`);
			nodes.push(axesNode('Unsqueeze', part, name, [0], { name, opset, constant }));
			return name;
		});
		nodes.push(node('Concat', raised, [output], { name: output, attributes: axisAttribute(0) }));
		return { output, parts, raised };
	});
	const outputs = [...graph.outputs, ...answers.map(({ output }): TensorInfo => ({ name: output, type: null, dims: null }))];
	return { graph: { ...graph, nodes, constants, outputs }, answers };
}

/** Outputs of one kind as lists of one a timestep each, in order; none where a timestep is missing. */
function listsOf(
	outputs: readonly TensorInfo[],
	timesteps: number,
	timestepOf: (tensor: string) => number,
): (readonly TensorInfo[])[] {
	if (outputs.length === 0 || outputs.length % timesteps !== 0) return [];
	const byTimestep = Array.from({ length: timesteps }, (_, timestep) =>
		outputs.filter(({ name }) => timestepOf(name) === timestep),
	);
	const count = outputs.length / timesteps;
	if (!byTimestep.every((list) => list.length === count)) return [];
	return Array.from({ length: count }, (_, at) => byTimestep.map((list) => list[at] as TensorInfo));
}

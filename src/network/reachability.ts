import type { GraphIndex } from './graph-index.ts';

/** Operators that work element by element (or only move elements): the path a membrane potential takes from one timestep to the next. */
export const elementwise = new Set([
	'Identity',
	'Add',
	'Sub',
	'Mul',
	'Div',
	'Neg',
	'Abs',
	'Relu',
	'Clip',
	'Where',
	'Max',
	'Min',
	'Sum',
	'Cast',
	'Not',
	'Greater',
	'GreaterOrEqual',
	'Less',
	'LessOrEqual',
	'Sign',
	'Floor',
	'Ceil',
	'Round',
	'Sigmoid',
	'Tanh',
	'Exp',
	'Reshape',
	'Squeeze',
	'Unsqueeze',
	'Flatten',
	'Dropout',
	'And',
	'Or',
	'LeakyRelu',
	'Elu',
	'Pow',
	'Sqrt',
	'Expand',
	'Slice',
	'Concat',
	'Gather',
	'Transpose',
	'BatchNormalization',
]);

/**
 * Tensors reachable downstream from a tensor.
 *
 * @param operators when given, only nodes with these operators are crossed
 */
export function downstream(start: string, index: GraphIndex, operators?: ReadonlySet<string>): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		for (const node of index.consumers.get(tensor) ?? []) {
			if (operators && !operators.has(node.op)) continue;
			for (const output of node.outputs) {
				if (output === '' || reached.has(output)) continue;
				reached.add(output);
				open.push(output);
			}
		}
	}
	return reached;
}

/** Tensors upstream of a tensor, itself included; nodes for which `stop` is true are not crossed. */
export function upstream(start: string, index: GraphIndex, stop: (tensor: string) => boolean = () => false): Set<string> {
	const reached = new Set([start]);
	const open = [start];
	for (let tensor = open.pop(); tensor !== undefined; tensor = open.pop()) {
		if (tensor !== start && stop(tensor)) continue;
		for (const input of index.producer.get(tensor)?.inputs ?? []) {
			if (input === '' || reached.has(input) || index.isConstant(input)) continue;
			reached.add(input);
			open.push(input);
		}
	}
	return reached;
}

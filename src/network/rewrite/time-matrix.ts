import { type ConstantTensor, type Graph, type GraphNode, node as makeNode } from '../../model/graph.ts';
import { compares, type Form, formOf, operatorFacts } from '../../model/operators/index.ts';
import { float32Scalar, float32Tensor, tensorValues } from '../../model/tensors.ts';
import { dynamicInputs, type GraphIndex } from '../graph-index.ts';
import { downstream } from '../reachability.ts';
import { synapticUse } from '../synapses.ts';
import type { Size } from './batch-sizes.ts';
import type { GraphFacts } from './graph-facts.ts';
import type { Part, PartEmitter } from './part-emitter.ts';
import type { Seed } from './time-seeds.ts';

/** A T × T matrix that makes the membrane potentials of all timesteps at once (parallel spiking neurons). */
export interface TimeMatrix {
	readonly timesteps: number;
	readonly input: string;
	/** Axis of the input, and of the output, that holds the timesteps. */
	readonly axis: number;
	/** Entry [s, t]: what an input of timestep s adds to timestep t. */
	readonly weights: ConstantTensor;
	/** One number a timestep, or null. */
	readonly bias: Float32Array | Float64Array | null;
}

/** Reads a square matrix applied from the left, W · x with x [T, …] or [batch, T, …]; null for anything else. */
export function timeMatrix(node: GraphNode, { index, shapeOf }: GraphFacts): TimeMatrix | null {
	const use = synapticUse(node, index);
	const facts = operatorFacts(node)?.weights;
	if (use?.weightPosition !== 0 || facts?.geometry !== 'matrix' || node.domain !== '') return null;
	const weight = index.graph.constants.get(use.weight);
	const shape = shapeOf(use.input);
	const [rows = 0, columns = 0, ...more] = weight?.dims ?? [];
	const axis = (shape?.length ?? 0) - 2;
	const size = shape?.[axis];
	if (weight?.type !== 'float32' || more.length > 0 || rows < 2 || rows !== columns || !size) return null;
	if (size[0] !== rows || size[1] !== rows || facts.transposes?.(node, 'right')) return null;
	for (const scale of ['alpha', 'beta']) {
		const attribute = node.attributes.get(scale);
		if (attribute && 'value' in attribute && attribute.value !== 1) return null;
	}
	const values = tensorValues(weight);
	const own = facts.transposes?.(node, 'left')
		? Float32Array.from(values)
		: Float32Array.from(values, (_, at) => values[(at % rows) * rows + Math.floor(at / rows)] as number);
	if (!decidedOnce(node.outputs[0] ?? '', index)) return null;
	const bias = use.bias === null ? null : index.graph.constants.get(use.bias);
	const shifts = bias ? tensorValues(bias) : null;
	if (bias && shifts?.length !== 1 && (shifts?.length !== rows || bias.dims.at(-1) !== 1)) return null;
	return {
		timesteps: rows,
		input: use.input,
		axis,
		weights: float32Tensor(own, [rows, rows]),
		bias: shifts?.length === 1 ? new Float32Array(rows).fill(shifts[0] as number) : shifts,
	};
}

/**
 * Whether what a matrix gives is compared, and by one decision: the membranes of all timesteps. A mixing of nodes or tokens
 * enters membranes that go on from timestep to timestep, each of which is compared, or further weights.
 */
function decidedOnce(output: string, index: GraphIndex): boolean {
	const compared = new Set<string>();
	const crosses = (node: GraphNode): boolean => {
		const decides = compares(node) || decidingForms.has(formOf(node) as Form);
		if (decides) compared.add(dynamicInputs(node, index)[0] ?? '');
		return !decides && synapticUse(node, index) === null;
	};
	downstream(output, index, crosses);
	return compared.size === 1;
}

const decidingForms: ReadonlySet<Form> = new Set<Form>(['sign', 'floor', 'ceiling', 'nearest', 'quantised']);

/** Whether a matrix could be one over time: cheap, before anything is measured. */
export const hasSquareMatrix = (graph: Graph): boolean =>
	graph.nodes.some((node) => {
		const [rows, columns, ...more] = graph.constants.get(node.inputs[0] ?? '')?.dims ?? [];
		return operatorFacts(node)?.weights?.geometry === 'matrix' && more.length === 0 && rows !== undefined && rows === columns;
	});

/** Where the timesteps are in what a time matrix reads and gives. */
export function matrixSeeds(facts: GraphFacts): Seed[] {
	return facts.index.graph.nodes.flatMap((node): Seed[] => {
		const matrix = timeMatrix(node, facts);
		if (!matrix) return [];
		const place = { axis: matrix.axis, inner: [1, 1] as const };
		return [matrix.input, node.outputs[0] ?? ''].map((tensor) => ({ tensor, count: matrix.timesteps, place }));
	});
}

/**
 * The matrix over all timesteps of each sample, [batch, elements, T] · [T, T], so that its operations are counted sample by
 * sample.
 *
 * @param parts timesteps of the input, each with its axis kept
 * @param batch  samples at the two sizes
 */
export function applyTimeMatrix(
	node: GraphNode,
	matrix: TimeMatrix,
	parts: readonly Part[],
	batch: Size,
	emit: PartEmitter,
): Part[] | null {
	const [first] = parts as [Part];
	const elements = ([0, 1] as const).map((run) => first.shape.reduce((product, size) => product * size[run], 1) / batch[run]);
	const [count = 0, other] = elements;
	if (!Number.isInteger(count) || count !== other) return null;
	const steps: Size = [matrix.timesteps, matrix.timesteps];
	const column = [batch, [count, count], [1, 1]] as const;
	const stacked = emit.concat(
		parts.map((part) => emit.reshape(part, column)),
		2,
	);
	const name = `${node.name}/matrix`;
	emit.constants.set(name, matrix.weights);
	const product = { ...makeNode('MatMul', [], node.outputs, { name: node.name }) };
	const [output = ''] = emit.copy(product, 0, [stacked.name, name]);
	const whole: Part = { name: output, shape: [batch, [count, count], steps] };
	return parts.map((part, timestep) => {
		const own = emit.pick(whole, 2, timestep);
		const shift = matrix.bias?.[timestep];
		if (shift === undefined) return emit.reshape(own, part.shape);
		const constant = `${node.name}/bias/${timestep}`;
		emit.constants.set(constant, float32Scalar(shift));
		const [shifted = ''] = emit.copy(makeNode('Add', [], node.outputs, { name: `${node.name}/shifted` }), timestep, [
			own.name,
			constant,
		]);
		return emit.reshape({ name: shifted, shape: own.shape }, part.shape);
	});
}

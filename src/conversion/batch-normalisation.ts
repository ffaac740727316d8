import { type ConstantTensor, type Graph, type GraphNode, node } from '../model/graph.ts';
import { float32Tensor, tensorValues } from '../model/tensors.ts';
import { indexGraph, intAttribute } from '../network/graph-index.ts';
import { freshNames } from '../network/rewrite/fresh-names.ts';
import { synapticUse } from '../network/synapses.ts';

/** The factor and the shift of each channel that a BatchNormalization applies. */
function affine(
	normalisation: GraphNode,
	constants: ReadonlyMap<string, ConstantTensor>,
): { factor: number[]; shift: number[] } | null {
	const values = normalisation.inputs.slice(1, 5).map((name) => constants.get(name));
	const [scale, bias, mean, variance] = values.map((tensor) => (tensor ? tensorValues(tensor) : null));
	if (!scale || !bias || !mean || !variance || intAttribute(normalisation, 'training_mode', 0) === 1) return null;
	const epsilon = normalisation.attributes.get('epsilon');
	const small = epsilon?.kind === 'float' ? epsilon.value : 1e-5;
	const factor = Array.from(scale, (value, channel) => value / Math.sqrt((variance[channel] as number) + small));
	return { factor, shift: factor.map((value, channel) => (bias[channel] as number) - (mean[channel] as number) * value) };
}

/**
 * Folds every BatchNormalization into the weights in front of it: w' = w·γ/√(σ² + ε), b' = (b − μ)·γ/√(σ² + ε) + β.
 *
 * One that follows no weights of its own, or weights others read too, stays.
 */
export function foldNormalisations(graph: Graph): { readonly graph: Graph; readonly folded: number } {
	const index = indexGraph(graph);
	const names = freshNames(graph);
	const constants = new Map(graph.constants);
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const replaced = new Map<GraphNode, GraphNode>();
	const dropped = new Set<GraphNode>();
	for (const normalisation of graph.nodes) {
		if (normalisation.op !== 'BatchNormalization') continue;
		const [input = ''] = normalisation.inputs;
		const weights = index.producer.get(input);
		const use = weights ? synapticUse(weights, index) : null;
		const change = affine(normalisation, constants);
		if (!weights || !use || !change || outputs.has(input) || (index.consumers.get(input)?.length ?? 0) !== 1) continue;
		const tensor = constants.get(use.weight) as ConstantTensor;
		const axis = outputAxis(weights, tensor);
		if (axis === null || (tensor.dims[axis] ?? 0) !== change.factor.length) continue;
		const weight = names.take(`${use.weight}.folded`);
		constants.set(weight, scaledAlong(tensor, axis, change.factor));
		const before = use.bias === null ? null : tensorValues(constants.get(use.bias) as ConstantTensor);
		const bias = names.take(`${weights.name}.bias`);
		constants.set(
			bias,
			float32Tensor(
				change.factor.map(
					(value, channel) => ((before?.[channel % before.length] ?? 0) as number) * value + (change.shift[channel] as number),
				),
			),
		);
		const inputs = [weights.inputs[0] ?? '', weight, bias];
		replaced.set(weights, {
			...node(weights.op, inputs, normalisation.outputs.slice(0, 1), { name: weights.name }),
			attributes: weights.attributes,
		});
		dropped.add(normalisation);
	}
	const nodes = graph.nodes.filter((one) => !dropped.has(one)).map((one) => replaced.get(one) ?? one);
	return { graph: { ...graph, nodes, constants }, folded: dropped.size };
}

/** Axis of a weight that counts output channels; null where the fold is not that simple. */
function outputAxis(weights: GraphNode, tensor: ConstantTensor): number | null {
	if (weights.op === 'Conv') return 0;
	if (weights.op === 'ConvTranspose') return intAttribute(weights, 'group', 1) === 1 ? 1 : null;
	if (weights.op !== 'Gemm' || tensor.dims.length !== 2) return null;
	const plain = [...weights.attributes].every(
		([name, attribute]) => !['alpha', 'beta'].includes(name) || ('value' in attribute && attribute.value === 1),
	);
	return plain ? (intAttribute(weights, 'transB', 0) === 1 ? 0 : 1) : null;
}

function scaledAlong(tensor: ConstantTensor, axis: number, factor: readonly number[]): ConstantTensor {
	const inner = tensor.dims.slice(axis + 1).reduce((product, size) => product * size, 1);
	const size = tensor.dims[axis] as number;
	return float32Tensor(
		Float32Array.from(tensorValues(tensor), (value, at) => value * (factor[Math.floor(at / inner) % size] as number)),
		tensor.dims,
	);
}

import { type Attribute, type ConstantTensor, type GraphNode, node } from '../../model/graph.ts';
import { isRandom } from '../../model/operators/index.ts';
import { int64Tensor } from '../../model/tensors.ts';
import type { Size } from './batch-sizes.ts';
import { attributesKey } from './duplicates.ts';
import type { FreshNames } from './fresh-names.ts';
import { axisAttribute } from './operators.ts';
import { type Shape, sameShape, sameSize } from './time-places.ts';

/** A tensor of the graph under construction, with its shape. */
export interface Part {
	readonly name: string;
	readonly shape: Shape;
}

/** Appends nodes; equal nodes on equal inputs are computed once. */
export interface PartEmitter {
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	/** Keeps a node of the original graph as it is. */
	keep(original: GraphNode): void;
	/** A copy of a node with other inputs and attributes; returns the names of its outputs. */
	copy(
		original: GraphNode,
		timestep: number,
		inputs: readonly string[],
		attributes?: ReadonlyMap<string, Attribute>,
	): readonly string[];
	reshape(part: Part, shape: Shape): Part;
	/** Element `index` along an axis, which disappears. */
	pick(part: Part, axis: number, index: number): Part;
	concat(parts: readonly Part[], axis: number): Part;
	/** Writes a tensor under a name of the original graph. */
	name(part: Part, as: string): void;
}

/** Raised when a shape cannot be written down: more than one axis depends on the batch. */
export class OpenShape extends Error {}

/** A shape as ONNX constants write it: −1 for the one axis that depends on the batch. */
export function constantDims(shape: Shape): number[] {
	const open = shape.filter(([a, b]) => a !== b).length;
	if (open > 1) throw new OpenShape(`shape ${JSON.stringify(shape)}`);
	return shape.map(([a, b]) => (a === b ? a : -1));
}

export function partEmitter(names: FreshNames, constants: Map<string, ConstantTensor>): PartEmitter {
	const nodes: GraphNode[] = [];
	const known = new Map<string, readonly string[]>();
	/** What a tensor was reshaped from, so that reshapes do not pile up. */
	const reshapedFrom = new Map<string, Part>();
	const integers = new Map<string, string>();
	const integer = (values: readonly number[], dims?: readonly number[]): string => {
		const key = `${values.join('_')}|${dims ? 'scalar' : ''}`;
		const existing = integers.get(key);
		if (existing !== undefined) return existing;
		const name = names.take(`unfolded/${key}`);
		constants.set(name, int64Tensor(values, dims));
		integers.set(key, name);
		return name;
	};
	const once = (key: string, make: () => readonly string[]): readonly string[] => {
		const existing = known.get(key);
		if (existing) return existing;
		const made = make();
		known.set(key, made);
		return made;
	};
	const small = (op: string, inputs: readonly string[], attributes: Readonly<Record<string, Attribute>>): string => {
		const key = `${op}|${inputs.join('|')}|${JSON.stringify(attributes)}`;
		const [output = ''] = once(key, () => {
			const name = names.take(`unfolded/${op}`);
			nodes.push(node(op, inputs, [name], { name, attributes }));
			return [name];
		});
		return output;
	};
	const emitter: PartEmitter = {
		nodes,
		constants,
		keep: (original) => nodes.push(original),
		copy(original, timestep, inputs, attributes = original.attributes) {
			const own = isRandom(original, (name) => constants.get(name)) ? null : attributesKey(attributes);
			const key = `${original.domain}:${original.op}|${inputs.join('|')}|${own ?? `#${nodes.length}`}`;
			return once(key, () => {
				const outputs = original.outputs.map((output) => (output === '' ? '' : names.take(`${output}/${timestep}`)));
				nodes.push({ ...original, name: names.take(`${original.name}_${timestep}`), inputs, outputs, attributes });
				return outputs;
			});
		},
		reshape(part, shape) {
			if (sameShape(part.shape, shape)) return part;
			const source = reshapedFrom.get(part.name) ?? part;
			if (sameShape(source.shape, shape)) return source;
			const result = { name: small('Reshape', [source.name, integer(constantDims(shape))], {}), shape };
			reshapedFrom.set(result.name, source);
			return result;
		},
		pick(part, axis, index) {
			return {
				name: small('Gather', [part.name, integer([index], [])], axisAttribute(axis)),
				shape: part.shape.filter((_, at) => at !== axis),
			};
		},
		concat(parts, axis) {
			const [first] = parts as [Part];
			const size = parts.reduce<Size>(([a, b], { shape }) => [a + (shape[axis]?.[0] ?? 0), b + (shape[axis]?.[1] ?? 0)], [0, 0]);
			if (parts.length === 1) return first;
			return {
				name: small(
					'Concat',
					parts.map(({ name }) => name),
					axisAttribute(axis),
				),
				shape: first.shape.map((own, at) => (at === axis ? size : own)),
			};
		},
		name(part, as) {
			nodes.push(node('Identity', [part.name], [as], { name: names.take(`${as}/Identity`) }));
		},
	};
	return emitter;
}

/** Removes an axis of size 1 from a shape. */
export const withoutAxis = (shape: Shape, axis: number): Shape => shape.filter((_, at) => at !== axis);
export const withAxis = (shape: Shape, axis: number, size: Size): Shape => [...shape.slice(0, axis), size, ...shape.slice(axis)];
export const axisIsOne = (shape: Shape, axis: number): boolean => sameSize(shape[axis], [1, 1]);

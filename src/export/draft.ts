/** A NIR graph while it is made, tensor by tensor. */
import { UserError } from '../errors.ts';
import type { NirNode } from '../formats/nir/index.ts';
import type { ConstantTensor } from '../model/graph.ts';
import { tensorValues } from '../model/tensors.ts';
import type { Network, NeuronLayer } from '../network/network.ts';
import { type Affine, add, constant, type Expression, every, type Numbers, number, times, variable } from './expressions.ts';
import { messages } from './messages.ts';
import type { NeuronParameters } from './neurons.ts';

/** What a tensor is: a sum of NIR nodes, each times a factor, and perhaps a constant under the name ''. */
export type Sum = Affine;

export interface Draft {
	readonly network: Network;
	readonly dt: number;
	readonly nodes: Map<string, NirNode>;
	readonly edges: (readonly [string, string])[];
	/** Neuron layers by name, to be given the shape of their neurons. */
	readonly neurons: Map<string, NeuronParameters>;
	readonly scales: Map<string, Numbers>;
	readonly sums: Map<string, Sum>;
	readonly resets: Map<'subtract' | 'value', string>;
	/** Neuron layers that are complete, by name, with the height of their spikes. */
	readonly made: Map<string, { readonly node: string; readonly height: Numbers }>;
	/** Neuron layers that wait for what drives them, the innermost last. */
	readonly open: { readonly layer: NeuronLayer; readonly node: string }[];
	readonly notes: string[];
	/** The NIR nodes that add up to a tensor; made when they are first asked for. */
	sumOf(tensor: string): Sum;
}

/** A name that HDF5 can hold: without slashes, and without the operator that readers of other formats append. */
export function nodeName(name: string, op = ''): string {
	const bare = op === '' ? name : name.replace(new RegExp(`/${op}(_\\d+)?$`), '');
	return bare.replace(/:0$/, '').replaceAll('/', '.').replace(/^\.+/, '') || 'node';
}

export function freeName(name: string, { nodes }: Draft): string {
	if (!nodes.has(name)) return name;
	for (let count = 1; ; count += 1) if (!nodes.has(`${name}_${count}`)) return `${name}_${count}`;
}

export const one = (name: string): Sum => new Map([[name, number(1)]]);
export function expressionOf(sum: Sum): Expression {
	let result: Expression = { rest: new Map(), fired: new Map() };
	for (const [name, factor] of sum) {
		const term = name === '' ? constant(factor) : times(variable(name), factor);
		const next = term && add(result, term);
		if (next === null) throw new RangeError('terms of one tensor have shapes that do not fit');
		result = next;
	}
	return result;
}

export const numbersOf = (stored: ConstantTensor): Numbers => ({
	dims: stored.dims,
	values: Float64Array.from(tensorValues(stored)),
});

/** Edges from every term of a sum; a factor becomes a Scale. */
export function connect(sum: Sum, to: string, draft: Draft): void {
	for (const [from, factor] of sum) {
		if (from === '') throw new UserError(messages.addedConstant(draft.network.file, to));
		if (every(factor, (value) => value === 1)) {
			draft.edges.push([from, to]);
			continue;
		}
		const scale = freeName(`${from}.scale`, draft);
		draft.nodes.set(scale, { type: 'Scale', scale: { shape: [1], values: Float64Array.of(1) } });
		draft.scales.set(scale, factor);
		draft.edges.push([from, scale], [scale, to]);
	}
}

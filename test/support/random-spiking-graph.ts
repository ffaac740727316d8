import fc from 'fast-check';
import type { Graph, GraphNode, Model } from '../../src/model/graph.ts';
import { node } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { modelBuilder } from './model-builder.ts';
import { randomNumbers } from './random-numbers.ts';

/** A small spiking network written out over its timesteps, as exporters do it. */
export interface RandomSpikingGraph {
	readonly timesteps: number;
	readonly widths: readonly number[];
	readonly reset: 'subtract' | 'zero' | 'none';
	/** Whether frames are taken from the input, or one image is seen at every timestep. */
	readonly frames: boolean;
	/** Whether the second layer reads its own spikes of the timestep before. */
	readonly recurrent: boolean;
	/** Whether the layer of equal width is applied twice within a timestep. */
	readonly shared: boolean;
	/** Weights of their own at every timestep in the first layer. */
	readonly untied: boolean;
	readonly answer: 'sum' | 'stack' | 'list';
	readonly seed: number;
}

export const randomSpikingGraph: fc.Arbitrary<RandomSpikingGraph> = fc.record({
	timesteps: fc.integer({ min: 3, max: 5 }),
	widths: fc.array(fc.integer({ min: 2, max: 5 }), { minLength: 1, maxLength: 3 }),
	reset: fc.constantFrom('subtract', 'zero', 'none'),
	frames: fc.boolean(),
	recurrent: fc.boolean(),
	shared: fc.boolean(),
	untied: fc.boolean(),
	answer: fc.constantFrom('sum', 'stack', 'list'),
	seed: fc.nat(1e6),
});

const inputs = 4;

export function spikingModel(spec: RandomSpikingGraph): Model {
	const { timesteps, widths, reset, frames, recurrent, shared, untied, answer } = spec;
	const random = randomNumbers(spec.seed);
	const build = modelBuilder();
	const x = build.input('x', frames ? [timesteps, 'batch', inputs] : ['batch', inputs]);
	const weight = (name: string, rows: number, columns: number): string =>
		build.constant(
			name,
			float32Tensor(
				Float32Array.from({ length: rows * columns }, () => random() * 2 - 0.6),
				[rows, columns],
			),
		);
	const sizes = [inputs, ...widths];
	const weights = widths.map((width, at) => weight(`layer${at}.weight`, sizes[at] as number, width));
	const own = Array.from({ length: timesteps }, (_, t) => weight(`own${t}.weight`, inputs, widths[0] as number));
	const last = widths.at(-1) as number;
	const twice = shared ? weight('twice.weight', last, last) : null;
	const back = recurrent ? weight('back.weight', widths[0] as number, widths[0] as number) : null;
	const membranes = new Map<string, string>();
	const spikesBefore = new Map<string, string>();
	const [leak, threshold, one] = [build.scalar(0.75), build.scalar(0.5), build.scalar(1)];
	const neuron = (key: string, current: string): string => {
		const before = membranes.get(key);
		const membrane = before === undefined ? current : build.add('Add', [build.add('Mul', [before, leak]), current]);
		const spike = build.add('Cast', [build.add('Greater', [membrane, threshold])], { to: 1 });
		const next =
			reset === 'none'
				? membrane
				: reset === 'zero'
					? build.add('Mul', [membrane, build.add('Sub', [one, spike])])
					: build.add('Sub', [membrane, build.add('Mul', [spike, threshold])]);
		membranes.set(key, next);
		spikesBefore.set(key, spike);
		return spike;
	};
	const answers: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		let value = frames ? build.add('Gather', [x, build.constant(`t${t}`, int64Tensor([t], []))], { axis: 0 }) : x;
		for (const [at, name] of weights.entries()) {
			let current = build.add('MatMul', [value, at === 0 && untied ? (own[t] as string) : name]);
			const past = spikesBefore.get('0');
			if (at === 0 && back !== null && past !== undefined)
				current = build.add('Add', [current, build.add('MatMul', [past, back])]);
			value = neuron(String(at), current);
		}
		if (twice !== null) for (const depth of ['a', 'b']) value = neuron(depth, build.add('MatMul', [value, twice]));
		answers.push(value);
	}
	if (answer === 'list') for (const one_ of answers) build.output(one_);
	else if (answer === 'sum') build.output(answers.reduce((sum, next) => build.add('Add', [sum, next])));
	else {
		const axes = build.constant('axes', int64Tensor([0]));
		build.output(
			build.add(
				'Concat',
				answers.map((one_) => build.add('Unsqueeze', [one_, axes])),
				{ axis: 0 },
			),
		);
	}
	return build.build({ opset: 17 });
}

/** The same network otherwise written: nodes in another valid order, other names, nodes nobody reads, Identity between nodes. */
export function rewritten(model: Model, seed: number): Model {
	const random = randomNumbers(seed + 1);
	return { ...model, graph: renamed(shuffled(withIdentities(withDeadNodes(model.graph, random), random), random), random) };
}

function withDeadNodes(graph: Graph, random: () => number): Graph {
	const extra = graph.nodes.flatMap((one, at) =>
		random() < 0.2 ? [{ ...one, name: `dead${at}`, outputs: one.outputs.map((output) => `${output}/dead`) }] : [],
	);
	return { ...graph, nodes: [...graph.nodes, ...extra] };
}

function withIdentities(graph: Graph, random: () => number): Graph {
	const outputs = new Set(graph.outputs.map(({ name }) => name));
	const nodes = graph.nodes.flatMap((one): GraphNode[] => {
		const [output = ''] = one.outputs;
		if (random() >= 0.2) return [one];
		if (outputs.has(output)) return [{ ...one, outputs: [`${output}/inner`] }, node('Identity', [`${output}/inner`], [output])];
		return [
			{ ...one, outputs: [`${output}/inner`] },
			node('Identity', [`${output}/inner`], [output], { name: `${output}/copy` }),
		];
	});
	return { ...graph, nodes };
}

function shuffled(graph: Graph, random: () => number): Graph {
	const known = new Set([...graph.constants.keys(), ...graph.inputs.map(({ name }) => name)]);
	const open = [...graph.nodes];
	const nodes: GraphNode[] = [];
	while (open.length > 0) {
		const ready = open.filter(({ inputs: read }) => read.every((name) => name === '' || known.has(name)));
		const next = ready[Math.floor(random() * ready.length)] as GraphNode;
		open.splice(open.indexOf(next), 1);
		nodes.push(next);
		for (const output of next.outputs) known.add(output);
	}
	return { ...graph, nodes };
}

function renamed(graph: Graph, random: () => number): Graph {
	const names = new Map<string, string>([['', '']]);
	const rename = (name: string): string => {
		const known = names.get(name) ?? `n${names.size}_${Math.floor(random() * 1e6)}`;
		names.set(name, known);
		return known;
	};
	return {
		...graph,
		nodes: graph.nodes.map((one) => ({
			...one,
			name: rename(`node ${one.name}`),
			inputs: one.inputs.map(rename),
			outputs: one.outputs.map(rename),
		})),
		constants: new Map([...graph.constants].map(([name, tensor]) => [rename(name), tensor])),
		inputs: graph.inputs.map((info) => ({ ...info, name: rename(info.name) })),
		outputs: graph.outputs.map((info) => ({ ...info, name: rename(info.name) })),
	};
}

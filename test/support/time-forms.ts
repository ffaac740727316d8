import type { Attribute, Dimension, Graph, Model } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { float, type ModelBuilder, modelBuilder, weights } from './model-builder.ts';

/** The ways one spiking network can be written down over time. */
export const timeForms = ['step', 'unrolled', 'time-major', 'sample-major', 'loop', 'scan'] as const;
export type TimeForm = (typeof timeForms)[number];

/** Sample of one timestep. */
export const sampleShape = [2, 6, 6] as const;
const hidden = [4, 6, 6] as const;
const classes = 5;

/** States of one timestep by name, or the tensors that hold them. */
type States = Readonly<Record<'v1' | 'v2', string>>;

function constants(graph: ModelBuilder): void {
	graph.constant('conv.weight', weights([4, 1, 3, 3], 3));
	graph.constant('conv.bias', float32Tensor([0.125, 0, -0.125, 0.25]));
	graph.constant('bn.scale', float32Tensor([1, 0.5, 1, 2]));
	graph.constant('bn.shift', float32Tensor([0, 0.25, 0, -0.125]));
	graph.constant('bn.mean', float32Tensor([0, 0.5, 0, 0]));
	graph.constant('bn.variance', float32Tensor([1, 1, 1, 1]));
	graph.constant('fc.weight', weights([36, classes], 7));
}

/** Depthwise convolution with a BatchNormalization kept behind it. */
function convolution(graph: ModelBuilder, x: string): string {
	graph.scope('conv');
	const y = graph.add('Conv', [x, 'conv.weight', 'conv.bias'], { pads: [1, 1, 1, 1], group: 2, kernel_shape: [3, 3] });
	return graph.add('BatchNormalization', [y, 'bn.scale', 'bn.shift', 'bn.mean', 'bn.variance'], { epsilon: float(0) });
}

/** Average pooling between neuron and weights. */
function readout(graph: ModelBuilder, spikes: string): string {
	graph.scope('fc');
	const pooled = graph.add('AveragePool', [spikes], { kernel_shape: [2, 2], strides: [2, 2] });
	return graph.add('MatMul', [graph.add('Flatten', [pooled], { axis: 1 }), 'fc.weight']);
}

/** Leaky integrate and fire with hard reset: spikes and the state that is left. */
function fire(graph: ModelBuilder, current: string, state: string): { spikes: string; state: string } {
	graph.scope('lif');
	const v = graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
	const spikes = graph.add('Cast', [graph.add('GreaterOrEqual', [v, graph.scalar(0.5)])], { to: 1 });
	return { spikes, state: graph.add('Mul', [v, graph.add('Sub', [graph.scalar(1), spikes])]) };
}

/** A leaky integrator that never fires. */
function integrate(graph: ModelBuilder, current: string, state: string): string {
	graph.scope('integrator');
	return graph.add('Add', [graph.add('Mul', [state, graph.scalar(0.5)]), current]);
}

function oneStep(graph: ModelBuilder, x: string, states: States): States {
	const { spikes, state } = fire(graph, convolution(graph, x), states.v1);
	return { v1: state, v2: integrate(graph, readout(graph, spikes), states.v2) };
}

const index = (graph: ModelBuilder, value: number): string => graph.constant(`index_${value}`, int64Tensor([value], []));
const sizes = (graph: ModelBuilder, values: readonly number[]): string =>
	graph.constant(`sizes_${values.join('_')}`, int64Tensor(values));

/** Zero states for the batch of a [T, batch, …] or [batch, …] input. */
function zeroStates(graph: ModelBuilder, x: string, batchAxis: number): States {
	graph.scope('start');
	const batch = graph.add('Gather', [graph.add('Shape', [x]), sizes(graph, [batchAxis])], { axis: 0 });
	const zeros = (shape: readonly number[]) =>
		graph.add('ConstantOfShape', [graph.add('Concat', [batch, sizes(graph, shape)], { axis: 0 })]);
	return { v1: zeros(hidden), v2: zeros([classes]) };
}

/** The same network in the asked form. Inputs are [batch, …] (step), [T, batch, …], or [batch, T, …] (sample-major). */
export function networkInForm(form: TimeForm, timesteps: number): Model {
	const graph = modelBuilder();
	constants(graph);
	const build = forms[form];
	build(graph, timesteps);
	return graph.build({ opset: 13 });
}

type Build = (graph: ModelBuilder, timesteps: number) => void;
const over = (timesteps: number): readonly Dimension[] => [timesteps, 'batch', ...sampleShape];

const forms: Readonly<Record<TimeForm, Build>> = {
	step(graph) {
		graph.input('x', ['batch', ...sampleShape]);
		const states = { v1: graph.input('v1', ['batch', ...hidden]), v2: graph.input('v2', ['batch', classes]) };
		const next = oneStep(graph, 'x', states);
		graph.output(graph.add('Identity', [next.v1], {}, { output: 'v1_next' }), ['batch', ...hidden]);
		graph.output(graph.add('Identity', [next.v2], {}, { output: 'v2_next' }), ['batch', classes]);
	},
	unrolled(graph, timesteps) {
		graph.input('x', over(timesteps));
		let states = zeroStates(graph, 'x', 1);
		for (let t = 0; t < timesteps; t += 1)
			states = oneStep(graph, graph.add('Gather', ['x', index(graph, t)], { axis: 0 }), states);
		graph.output(states.v2);
	},
	'time-major': (graph, timesteps) => folded(graph, timesteps, 0),
	'sample-major': (graph, timesteps) => folded(graph, timesteps, 1),
	loop(graph, timesteps) {
		graph.input('x', over(timesteps));
		const states = zeroStates(graph, 'x', 1);
		const trips = graph.add('Gather', [graph.add('Shape', ['x']), index(graph, 0)], { axis: 0 });
		const going = graph.constant('true', { type: 'bool', dims: [], bytes: Uint8Array.of(1) });
		const body = bodyOf(
			(inner) => {
				const next = oneStep(inner, inner.add('Gather', ['x', 't'], { axis: 0 }), { v1: 'v1.in', v2: 'v2.in' });
				return [inner.add('Identity', ['going.in']), next.v1, next.v2];
			},
			['t', 'going.in', 'v1.in', 'v2.in'],
		);
		const [, answer = ''] = graph.addMany('Loop', [trips, going, states.v1, states.v2], ['v1.last', 'v2.last'], { body });
		graph.output(answer);
	},
	scan(graph, timesteps) {
		graph.input('x', over(timesteps));
		const states = zeroStates(graph, 'x', 1);
		const body = bodyOf(
			(inner) => {
				const next = oneStep(inner, 'frame', { v1: 'v1.in', v2: 'v2.in' });
				return [next.v1, next.v2, inner.add('Identity', [next.v2])];
			},
			['v1.in', 'v2.in', 'frame'],
		);
		const outputs = graph.addMany('Scan', [states.v1, states.v2, 'x'], ['v1.last', 'v2.last', 'v2.all'], {
			body,
			num_scan_inputs: 1,
		});
		graph.output(outputs[1] ?? '');
		graph.output(outputs[2] ?? '');
	},
};

/** Weights on all timesteps at once; neurons take the timesteps apart. */
function folded(graph: ModelBuilder, timesteps: number, timeAxis: 0 | 1): void {
	const at = (values: readonly number[]): readonly number[] =>
		timeAxis === 0 ? [timesteps, -1, ...values] : [-1, timesteps, ...values];
	graph.input('x', timeAxis === 0 ? over(timesteps) : ['batch', timesteps, ...sampleShape]);
	const states = zeroStates(graph, 'x', 1 - timeAxis);
	const currents = graph.add('Reshape', [
		convolution(graph, graph.add('Reshape', ['x', sizes(graph, [-1, ...sampleShape])])),
		sizes(graph, at(hidden)),
	]);
	let { v1, v2 } = states;
	const spikes: string[] = [];
	for (let t = 0; t < timesteps; t += 1) {
		const fired = fire(graph, graph.add('Gather', [currents, index(graph, t)], { axis: timeAxis }), v1);
		v1 = fired.state;
		spikes.push(graph.add('Unsqueeze', [fired.spikes, sizes(graph, [timeAxis])]));
	}
	const stacked = graph.add('Concat', spikes, { axis: timeAxis });
	const scores = graph.add('Reshape', [
		readout(graph, graph.add('Reshape', [stacked, sizes(graph, [-1, ...hidden])])),
		sizes(graph, at([classes])),
	]);
	for (let t = 0; t < timesteps; t += 1)
		v2 = integrate(graph, graph.add('Gather', [scores, index(graph, t)], { axis: timeAxis }), v2);
	graph.output(v2);
}

/** A subgraph that reads the outer graph's constants by name. */
function bodyOf(make: (inner: ModelBuilder) => readonly string[], inputs: readonly string[]): Attribute {
	const inner = modelBuilder();
	for (const name of inputs) inner.input(name, null);
	const outputs = make(inner);
	const { graph } = inner.build();
	const types = (name: string): Graph['inputs'][number]['type'] =>
		name === 't' ? 'int64' : name.startsWith('going') ? 'bool' : 'float32';
	return {
		kind: 'graph',
		value: {
			...graph,
			name: 'body',
			inputs: inputs.map((name) => ({ name, type: types(name), dims: null })),
			outputs: outputs.map((name, position) => ({
				name,
				type: position === 0 && inputs[0] === 't' ? 'bool' : 'float32',
				dims: null,
			})),
		},
	};
}

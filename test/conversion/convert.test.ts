import { InferenceSession, Tensor } from 'onnxruntime-node';
import { type ConversionOptions, convertNetwork } from '../../src/conversion/index.ts';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { Model } from '../../src/model/graph.ts';
import { float32Tensor, int64Tensor } from '../../src/model/tensors.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { float, type ModelBuilder, modelBuilder, networkOf, weights } from '../support/model-builder.ts';
import { randomNumbers } from '../support/random-numbers.ts';

const samples = 6;
const shape = [2, 8, 8];
const size = 128;
const images = (() => {
	const next = randomNumbers(5);
	return Float32Array.from({ length: samples * size }, () => Math.round(next() * 16) / 16);
})();
const source = arraySource(images, shape);
const calibration = { source, samples, batch: 4, file: 'ann.onnx' };

const convert = (model: Model, options: Partial<ConversionOptions> = {}) =>
	convertNetwork({ model, file: 'ann.onnx', format: 'onnx', sha256: '0'.repeat(64) }, calibration, {
		method: 'threshold-balancing',
		timesteps: 8,
		...options,
	});

/** Runs a plain model: its first output. */
async function run(model: Model): Promise<number[]> {
	const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
	try {
		const results = await session.run({ x: new Tensor('float32', images, [samples, ...shape]) });
		return Array.from(results[session.outputNames[0] ?? '']?.data as Float32Array);
	} finally {
		await session.release();
	}
}

/** Runs a step model from zero states: every output at every timestep. */
async function runSteps(model: Model, timesteps: number): Promise<Record<string, Float32Array>[]> {
	const session = await InferenceSession.create(encodeModel(model), { logSeverityLevel: 4 });
	const states = (model.metadata.get('snn.states') ?? '').split(',').map((pair) => pair.split('=') as [string, string]);
	try {
		const feeds: Record<string, Tensor> = { x: new Tensor('float32', images, [samples, ...shape]) };
		for (const [state] of states) {
			const dims = (model.graph.inputs.find(({ name }) => name === state)?.dims ?? []).map((dim) =>
				typeof dim === 'number' ? dim : samples,
			);
			feeds[state] = new Tensor('float32', new Float32Array(dims.reduce((product, dim) => product * dim, 1)), dims);
		}
		const steps: Record<string, Float32Array>[] = [];
		for (let step = 0; step < timesteps; step += 1) {
			const results = await session.run(feeds);
			for (const [state, next] of states) feeds[state] = results[next] as Tensor;
			steps.push(
				Object.fromEntries(Object.entries(results).map(([name, tensor]) => [name, (tensor.data as Float32Array).slice()])),
			);
		}
		return steps;
	} finally {
		await session.release();
	}
}

const conv = (graph: ModelBuilder, x: string, name: string, channels: readonly [number, number], seed: number): string => {
	graph.scope(name);
	graph.constant(`${name}.weight`, weights([channels[1], channels[0], 3, 3], seed));
	graph.constant(`${name}.bias`, weights([channels[1]], seed + 1));
	return graph.add('Conv', [x, `${name}.weight`, `${name}.bias`], { pads: [1, 1, 1, 1], kernel_shape: [3, 3] });
};

const normalise = (graph: ModelBuilder, x: string, name: string, channels: number, seed: number): string => {
	for (const [part, at] of [
		['scale', 1],
		['shift', 2],
		['mean', 3],
	] as const)
		graph.constant(`${name}.${part}`, weights([channels], seed + at));
	graph.constant(`${name}.variance`, float32Tensor(Float32Array.from({ length: channels }, (_, at) => 0.5 + at / 4)));
	return graph.add('BatchNormalization', [x, `${name}.scale`, `${name}.shift`, `${name}.mean`, `${name}.variance`], {
		epsilon: float(1e-5),
	});
};

const classify = (graph: ModelBuilder, x: string, inputs: number): string => {
	graph.scope('fc');
	graph.constant('fc.weight', weights([5, inputs], 21));
	graph.constant('fc.bias', weights([5], 22));
	return graph.add('Gemm', [graph.add('Flatten', [x], { axis: 1 }), 'fc.weight', 'fc.bias'], { transB: 1 });
};

/** Networks for one trait each; every one ends in class scores [batch, 5]. */
const networks: Readonly<Record<string, (graph: ModelBuilder) => string>> = {
	'batch normalisation and average pooling'(graph) {
		const y = graph.add('Relu', [normalise(graph, conv(graph, 'x', 'a', [2, 4], 3), 'a.bn', 4, 5)]);
		const z = graph.add('Relu', [normalise(graph, conv(graph, y, 'b', [4, 4], 7), 'b.bn', 4, 9)]);
		return classify(graph, graph.add('AveragePool', [z], { kernel_shape: [2, 2], strides: [2, 2] }), 64);
	},
	'max pooling behind ReLU'(graph) {
		const y = graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)]);
		const z = graph.add('Relu', [
			conv(graph, graph.add('MaxPool', [y], { kernel_shape: [2, 2], strides: [2, 2] }), 'b', [4, 3], 7),
		]);
		return classify(graph, z, 48);
	},
	'max pooling in front of ReLU'(graph) {
		const y = graph.add('MaxPool', [conv(graph, 'x', 'a', [2, 4], 3)], { kernel_shape: [2, 2], strides: [2, 2] });
		return classify(graph, graph.add('Relu', [y]), 64);
	},
	'a residual sum'(graph) {
		const y = graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)]);
		const z = graph.add('Relu', [graph.add('Add', [conv(graph, y, 'b', [4, 4], 7), y])]);
		return classify(graph, graph.add('GlobalAveragePool', [z]), 4);
	},
	'branches joined by Concat'(graph) {
		const y = graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)]);
		const z = graph.add('Relu', [conv(graph, y, 'b', [4, 2], 7)]);
		return classify(graph, graph.add('GlobalAveragePool', [graph.add('Concat', [y, z], { axis: 1 })]), 6);
	},
	'ReLU6 and a normalisation of its own'(graph) {
		const y = graph.add('Clip', [conv(graph, 'x', 'a', [2, 4], 3), graph.scalar(0), graph.scalar(6)]);
		const z = graph.add('Relu', [conv(graph, normalise(graph, y, 'bn', 4, 5), 'b', [4, 4], 7)]);
		return classify(graph, graph.add('GlobalAveragePool', [z]), 4);
	},
	'a softmax behind the scores'(graph) {
		const y = graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)]);
		return graph.add('Softmax', [classify(graph, graph.add('GlobalAveragePool', [y]), 4)], { axis: 1 });
	},
	'a reshape computed from the data'(graph) {
		const y = graph.add('GlobalAveragePool', [graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)])]);
		graph.constant('zero', int64Tensor([0]));
		graph.constant('rest', int64Tensor([-1]));
		const batch = graph.add('Gather', [graph.add('Shape', [y]), 'zero'], { axis: 0 });
		return classify(graph, graph.add('Reshape', [y, graph.add('Concat', [batch, 'rest'], { axis: 0 })]), 4);
	},
};

function plainModel(name: string): Model {
	const graph = modelBuilder();
	graph.input('x', ['batch', ...shape]);
	const make = networks[name] as (graph: ModelBuilder) => string;
	graph.output(make(graph), ['batch', 5]);
	return graph.build();
}

test.each(Object.keys(networks))(
	'with %s, mean class scores come as close to the plain network as rounding of rates allows',
	async (name) => {
		const plain = plainModel(name);
		const wanted = await run(name.includes('softmax') ? withoutSoftmax(plain) : plain);
		const { model } = await convert(plain, { percentile: 100 });
		const timesteps = 256;
		const steps = await runSteps(model, timesteps);
		const scores = steps.at(-1)?.[model.metadata.get('snn.output') ?? ''] ?? new Float32Array();
		const spread = Math.max(...wanted) - Math.min(...wanted);
		const worst = Math.max(...wanted.map((value, at) => Math.abs(value - (scores[at] as number) / timesteps)));
		expect(spread).toBeGreaterThan(0.1);
		expect(worst).toBeLessThan(0.05 * spread);
	},
);

const withoutSoftmax = (model: Model): Model => {
	const last = model.graph.nodes.at(-1);
	return {
		...model,
		graph: {
			...model.graph,
			nodes: model.graph.nodes.slice(0, -1),
			outputs: [{ name: last?.inputs[0] ?? '', type: 'float32', dims: ['batch', 5] }],
		},
	};
};

test.each(Object.keys(networks))(
	'with %s, the result is read back as a spiking network with an accumulating readout',
	async (name) => {
		const { model, thresholds } = await convert(plainModel(name));
		const network = await networkOf(model);
		const activity = await simulate(network, source);
		expect(network.timesteps).toBe(8);
		expect(activity.layers.some((layer) => layer.kind === 'neuron' && !layer.spiking)).toBe(true);
		expect(activity.layers.filter((layer) => layer.kind === 'neuron' && layer.spiking && layer.reset === 'soft')).toHaveLength(
			thresholds.length,
		);
		expect(activity.totals.spikes).toBeGreaterThan(0);
		const first = activity.layers.find((layer) => layer.kind === 'synaptic');
		expect(first).toMatchObject({ name: 'a', inputKind: 'analog' });
	},
);

test('spikes are 0 and 1, whatever the thresholds', async () => {
	const { model } = await convert(plainModel('max pooling behind ReLU'));
	const spikes = model.graph.nodes.filter(({ op }) => op === 'Cast').map(({ outputs }) => outputs[0] ?? '');
	const probed = {
		...model,
		graph: {
			...model.graph,
			outputs: [...model.graph.outputs, ...spikes.map((name) => ({ name, type: 'float32', dims: null }) as const)],
		},
	};
	expect(spikes).toHaveLength(3);
	for (const step of await runSteps(probed, 4))
		for (const name of spikes) expect([...new Set(step[name])].every((value) => value === 0 || value === 1)).toBe(true);
});

test('a max pooling passes on as many spikes as the busiest neuron of each window has sent', async () => {
	const { model } = await convert(plainModel('max pooling behind ReLU'));
	const [neuron, pooled] = model.graph.nodes.filter(({ op }) => op === 'Cast').map(({ outputs }) => outputs[0] ?? '');
	const outputs = [
		...model.graph.outputs,
		...[neuron ?? '', pooled ?? ''].map((name) => ({ name, type: 'float32', dims: null }) as const),
	];
	const steps = await runSteps({ ...model, graph: { ...model.graph, outputs } }, 12);
	const sum = (name: string): Float32Array => {
		const total = new Float32Array(steps[0]?.[name]?.length ?? 0);
		for (const step of steps)
			for (let at = 0; at < total.length; at += 1) total[at] = (total[at] as number) + (step[name]?.[at] as number);
		return total;
	};
	const [sent, passed] = [sum(neuron ?? ''), sum(pooled ?? '')];
	expect(Math.max(...passed)).toBeGreaterThan(1);
	for (let at = 0; at < passed.length; at += 1) {
		const [plane, row, column] = [Math.floor(at / 16), Math.floor(at / 4) % 4, at % 4];
		const corner = plane * 64 + row * 16 + column * 2;
		expect(passed[at]).toBe(Math.max(...[0, 1, 8, 9].map((offset) => sent[corner + offset] as number)));
	}
});

test('thresholds are the percentile of the ReLU outputs, and percentile 100 is their maximum', async () => {
	const plain = plainModel('a softmax behind the scores');
	const relu = plain.graph.nodes.find(({ op }) => op === 'Relu')?.outputs[0] ?? '';
	const values = await run({ ...plain, graph: { ...plain.graph, outputs: [{ name: relu, type: 'float32', dims: null }] } });
	const sorted = [...values].sort((a, b) => a - b);
	const largest = sorted.at(-1) as number;
	const highest = (await convert(plain, { percentile: 100 })).thresholds[0]?.threshold;
	expect(highest).toBeCloseTo(largest, 4);
	const found = (await convert(plain, { percentile: 95 })).thresholds[0]?.threshold as number;
	expect(Math.abs(found - (sorted[Math.ceil(0.95 * sorted.length) - 1] as number))).toBeLessThan(largest / 1000);
	expect((await convert(plain, { percentile: 100, scale: 0.5 })).thresholds[0]?.threshold).toBeCloseTo(largest / 2, 4);
});

test('iir thresholds are the largest percentile over time of each layer’s current, with those before it spiking', async () => {
	const plain = plainModel('batch normalisation and average pooling');
	const { model, thresholds } = await convert(plain, { method: 'iir', steps: 6 });
	// The currents of both layers, made outputs: the network found is the one its own thresholds were measured on.
	const currents = model.graph.nodes
		.filter(({ op, inputs }) => op === 'Add' && inputs[0]?.endsWith('.membrane'))
		.map(({ inputs }) => inputs[1] ?? '');
	const outputs = [...model.graph.outputs, ...currents.map((name) => ({ name, type: 'float32', dims: null }) as const)];
	const steps = await runSteps({ ...model, graph: { ...model.graph, outputs } }, 6);
	expect(currents).toHaveLength(2);
	for (const [layer, name] of currents.entries()) {
		const percentiles = steps
			.map((step) => [...(step[name] ?? [])].sort((a, b) => a - b))
			.map((sorted) => sorted[Math.ceil(0.9 * sorted.length) - 1] as number);
		expect(thresholds[layer]?.threshold).toBeCloseTo(Math.max(...percentiles), 3);
	}
	expect(model.graph.nodes.some(({ op }) => op === 'GreaterOrEqual')).toBe(false);
});

test('a leak is multiplied onto every membrane', async () => {
	const network = await networkOf((await convert(plainModel('a residual sum'), { leak: 0.75 })).model);
	expect(network.neuronLayers.filter(({ spiking }) => spiking).map(({ leak }) => leak)).toEqual([0.75, 0.75]);
});

test('a layer that never gives a positive value is named', async () => {
	const graph = modelBuilder();
	graph.input('x', ['batch', ...shape]);
	graph.constant('low', float32Tensor([-1000]));
	const y = graph.add('Relu', [graph.add('Add', [conv(graph, 'x', 'a', [2, 4], 3), 'low'])], {}, { name: '/quiet/Relu' });
	graph.output(classify(graph, graph.add('GlobalAveragePool', [y]), 4), ['batch', 5]);
	const { warnings } = await convert(graph.build());
	expect(warnings).toEqual([expect.stringContaining('"quiet" gave no positive value')]);
});

const refusals: Readonly<Record<string, readonly [(graph: ModelBuilder) => string, RegExp]>> = {
	'a LeakyReLU': [
		(graph) =>
			classify(
				graph,
				graph.add('LeakyRelu', [graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)])], {}, { name: '/act/LeakyRelu' }),
				256,
			),
		/LeakyRelu "\/act\/LeakyRelu" has no spiking counterpart.*Retrain the network with ReLU/,
	],
	'a gate': [
		(graph) => {
			const y = graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)]);
			return classify(graph, graph.add('Mul', [y, graph.add('GlobalAveragePool', [y])], {}, { name: '/se/Mul' }), 256);
		},
		/Mul "\/se\/Mul" multiplies activations by activations/,
	],
	'no ReLU': [(graph) => classify(graph, conv(graph, 'x', 'a', [2, 4], 3), 256), /there is no ReLU in this network/],
	'spikes of its own': [
		(graph) =>
			classify(
				graph,
				graph.add('Cast', [graph.add('Greater', [conv(graph, 'x', 'a', [2, 4], 3), graph.scalar(0.5)])], { to: 1 }),
				256,
			),
		/spiking already/,
	],
	'a maximum over channels': [
		(graph) =>
			classify(
				graph,
				graph.add(
					'ReduceMax',
					[graph.add('Relu', [conv(graph, 'x', 'a', [2, 4], 3)])],
					{ axes: [1], keepdims: 1 },
					{ name: '/peak/ReduceMax' },
				),
				64,
			),
		/ReduceMax "\/peak\/ReduceMax" works on spikes in a way that does not average over time/,
	],
};

test.each(Object.entries(refusals))('a network with %s is refused by name', async (_, [make, message]) => {
	const graph = modelBuilder();
	graph.input('x', ['batch', ...shape]);
	graph.output(make(graph), ['batch', 5]);
	await expect(convert(graph.build())).rejects.toThrow(message);
});

test.each([
	[{ percentile: 0 }, /--percentile 0/],
	[{ leak: 1.5 }, /--leak 1.5/],
	[{ scale: -1 }, /--scale -1/],
	[{ timesteps: 0 }, /--timesteps 0/],
	[{ steps: 2.5 }, /--steps 2.5/],
])('the option %j is refused with its range', async (options, message) => {
	await expect(convert(plainModel('a residual sum'), options)).rejects.toThrow(message);
});

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { readNir } from '../../src/formats/nir/index.ts';
import { readNpy } from '../../src/formats/npy/index.ts';
import { runStepModel } from '../support/run-step-model.ts';

const path = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);

interface Reading {
	readonly output_spikes_per_step: number[][][];
	readonly neuron_layers: { readonly calls: { readonly spikes_per_sample: number[] }[] }[];
}

test.each([
	['zero', 'reset_v_reset'],
	['subtract', 'reset_subtract'],
] as const)("snnTorch's network spikes as in PyTorch, per layer, timestep and sample, with reset %s", async (reset, key) => {
	const reference: Record<string, Reading> = JSON.parse(readFileSync(path('g-nir-fc-snntorch/reference.json'), 'utf8'));
	const reading = reference[key] as Reading;
	const inputs = readNpy(readFileSync(path('g-nir-fc-snntorch/inputs.npy')), 'inputs.npy');
	const [timesteps = 0, batch = 0, size = 0] = inputs.shape;
	const source = await readNir(path('g-nir-fc-snntorch/model.nir'), { reset });
	const perStep = Array.from({ length: timesteps }, (_, step) => ({
		input: inputs.data.slice(step * batch * size, (step + 1) * batch * size) as Float32Array,
	}));
	// The hidden layer's spikes, from its membrane potential before and after: make them an output.
	const { graph } = source.model;
	const hidden = { name: '1.spikes', type: 'float32', dims: ['batch', 128] } as const;
	const probed = { ...source, model: { ...source.model, graph: { ...graph, outputs: [...graph.outputs, hidden] } } };
	const results = await runStepModel(probed, perStep, batch);
	for (const [step, outputs] of results.entries()) {
		expect(Array.from(outputs.get('output')?.data ?? [])).toEqual(reading.output_spikes_per_step[step]?.flat());
		for (const [layer, name] of [
			[0, '1.spikes'],
			[1, 'output'],
		] as const) {
			const { data, shape } = outputs.get(name) ?? { data: new Float32Array(), shape: [] };
			const neurons = shape[1] ?? 0;
			const perSample = Array.from({ length: batch }, (_, sample) =>
				sum(data.subarray(sample * neurons, (sample + 1) * neurons)),
			);
			expect(perSample).toEqual(reading.neuron_layers[layer]?.calls[step]?.spikes_per_sample);
		}
	}
});

test("Norse's membrane potential is reproduced to 1e-6, and its four spikes to the timestep", async () => {
	const trace = readFileSync(path('nir/lif_norse.csv'), 'utf8')
		.trim()
		.split('\n')
		.map((line) => line.split(',').map(Number));
	const source = await readNir(path('nir/lif_norse.nir'), { dt: 1e-4 });
	const results = await runStepModel(
		source,
		trace.map(([spike = 0]) => ({ input: [spike] })),
	);
	const worst = Math.max(
		...results.map((outputs, step) => Math.abs((outputs.get('1.v.next')?.data[0] ?? 9) - (trace[step]?.[1] ?? 0))),
	);
	expect(worst).toBeLessThan(1e-6);
	expect(results.flatMap((outputs, step) => (outputs.get('output')?.data[0] === 1 ? [step] : []))).toEqual([460, 510, 710, 760]);
});

test("Sinabs' convolutional network has its layers in the order of the data and ten classes", async () => {
	const source = await readNir(path('nir/cnn_sinabs.nir'));
	const { nodes, inputs, outputs } = source.model.graph;
	const kinds = nodes.filter(({ op }) => ['Conv', 'Gemm', 'Greater', 'AveragePool', 'Flatten'].includes(op));
	expect(kinds.map(({ name }) => name)).toEqual([
		'0/Conv',
		'1/Greater',
		'2/Conv',
		'3/Greater',
		'4/AveragePool',
		'5/Conv',
		'6/Greater',
		'7/AveragePool',
		'8/Flatten',
		'9/Gemm',
		'10/Greater',
		'11/Gemm',
		'12/Greater',
	]);
	expect(inputs[0]).toEqual({ name: 'input', type: 'float32', dims: ['batch', 2, 34, 34] });
	expect(outputs[0]).toEqual({ name: 'output', type: 'float32', dims: ['batch', 10] });
	const steps = Array.from({ length: 20 }, (_, step) => ({
		input: Float32Array.from({ length: 2 * 2 * 34 * 34 }, (_, index) => ((index * 7919 + step * 104729) % 10 < 3 ? 1 : 0)),
	}));
	const results = await runStepModel(source, steps, 2);
	expect(results[0]?.get('output')?.shape).toEqual([2, 10]);
	expect(sum(results.map((outputs) => sum(outputs.get('output')?.data ?? [])))).toBeGreaterThan(0);
	expect(source.assumptions).toContainEqual(
		expect.stringContaining('"1", "10", "12", "3", "6" (IF, I) add r times their input once per timestep'),
	);
});

test('the recurrent Braille network loads, and its hidden neurons see their own spikes one timestep later', async () => {
	const source = await readNir(path('nir/braille_noDelay_bias_zero_subgraph.nir'));
	expect(source.states.map(({ input }) => input).sort()).toEqual([
		'lif1.lif1.i',
		'lif1.lif1.previous',
		'lif1.lif1.v',
		'lif2.i',
		'lif2.v',
	]);
	expect(source.assumptions).toContain('The recurrent connection from "lif1.lif1" to "lif1.lin" takes one timestep.');
	const steps = Array.from({ length: 100 }, (_, step) => ({
		input: Float32Array.from({ length: 12 }, (_, index) => ((index * 31 + step * 17) % 10 < 3 ? 1 : 0)),
	}));
	const results = await runStepModel(source, steps);
	expect(sum(results.map((outputs) => sum(outputs.get('lif1.lif1.spikes')?.data ?? [])))).toBeGreaterThan(0);
	expect(sum(results.map((outputs) => sum(outputs.get('output')?.data ?? [])))).toBeGreaterThan(0);
	const { graph } = source.model;
	const without = {
		...source,
		model: {
			...source.model,
			graph: {
				...graph,
				constants: new Map(
					[...graph.constants].map(([name, constant]) => [
						name,
						name === 'lif1.lin.weight' ? { ...constant, bytes: new Uint8Array(constant.bytes.length) } : constant,
					]),
				),
			},
		},
	};
	const cut = await runStepModel(without, steps);
	expect(cut.map((outputs) => sum(outputs.get('lif1.lif1.spikes')?.data ?? []))).not.toEqual(
		results.map((outputs) => sum(outputs.get('lif1.lif1.spikes')?.data ?? [])),
	);
});

test('a neuron whose v_leak lies above its threshold spikes without input, at the timesteps forward Euler gives', async () => {
	const source = await readNir(path('nir/two_lif_neurons.nir'), { dt: 1e-3 });
	const { graph } = source.model;
	const first = { name: 'lif1.spikes', type: 'float32', dims: ['batch', 1] } as const;
	const probed = { ...source, model: { ...source.model, graph: { ...graph, outputs: [...graph.outputs, first] } } };
	const results = await runStepModel(
		probed,
		Array.from({ length: 60 }, () => ({ in: [0] })),
	);
	const spikes = results.flatMap((outputs, step) => (outputs.get('lif1.spikes')?.data[0] === 1 ? [step] : []));
	const expected: number[] = [];
	for (let step = 0, v = 0; step < 60; step++) {
		v += (1e-3 / 0.01) * (1.2 - v);
		if (v > 1) {
			expected.push(step);
			v = 0;
		}
	}
	expect(spikes).toEqual(expected);
	expect(spikes.length).toBeGreaterThan(2);
});

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTfjs } from '../../../src/formats/tfjs/index.ts';
import { runStepModel } from '../../support/run-step-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'lif-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A model of one spiking layer behind an input of the given shape; returns the path of model.json. */
function spikingModel(
	shape: readonly number[],
	config: object,
	weights: Readonly<Record<string, readonly number[]>> = {},
	before: object[] = [],
): string {
	const path = join(folder, 'model.json');
	const input = { class_name: 'InputLayer', config: { name: 'image', batch_input_shape: [null, ...shape] } };
	const modelTopology = {
		class_name: 'Sequential',
		config: { layers: [input, ...before, { class_name: 'LIF', config: { name: 'neurons', ...config } }] },
	};
	const specifications = Object.entries(weights).map(([name, values]) => ({
		name,
		shape: values.length === 1 ? [] : [values.length],
		dtype: 'float32',
	}));
	writeFileSync(join(folder, 'w.bin'), new Uint8Array(Float32Array.from(Object.values(weights).flat()).buffer));
	writeFileSync(path, JSON.stringify({ modelTopology, weightsManifest: [{ paths: ['w.bin'], weights: specifications }] }));
	return path;
}

/** Membrane potential and spikes of one neuron, plainly. */
function simulate(
	inputs: readonly number[],
	leak: number,
	threshold: number,
	reset: 'soft' | 'hard',
): { spikes: number[]; membrane: number[] } {
	const spikes: number[] = [];
	const membrane: number[] = [];
	let u = 0;
	for (const input of inputs) {
		u = leak * u + input;
		const fires = u > threshold;
		u = fires ? (reset === 'soft' ? u - threshold : 0) : u;
		spikes.push(fires ? 1 : 0);
		membrane.push(u);
	}
	return { spikes, membrane };
}

const currents = [0.5, 0.75, 0, 0.25, 2.5, 0, 0, 0.125, 1];

test.each(['soft', 'hard'] as const)('the membrane potential and the spikes follow the equation with %s reset', async (reset) => {
	const source = await readTfjs(spikingModel([1], { leak: 0.5, threshold: 1, reset }));
	expect(source.timing).toBe('step');
	expect(source.states).toEqual([{ input: 'neurons.membrane', output: 'neurons.membrane.next', initial: 0 }]);
	expect(source.assumptions).toEqual([
		'Layers "neurons" keep a membrane potential: the model is one timestep, run again and again from zero.',
	]);
	const results = await runStepModel(
		source,
		currents.map((current) => ({ image: [current] })),
	);
	const expected = simulate(currents, 0.5, 1, reset);
	expect(results.map((outputs) => outputs.get('neurons')?.data[0])).toEqual(expected.spikes);
	expect(results.map((outputs) => outputs.get('neurons.membrane.next')?.data[0])).toEqual(expected.membrane);
	expect(expected.spikes).toContain(1);
});

test('a leak and a threshold for each channel act on their channel, in an image and behind a convolution', async () => {
	const weights = { 'neurons/leak': [0.5, 1], 'neurons/threshold': [1, 2] };
	const identity = { class_name: 'ZeroPadding2D', config: { name: 'pad', padding: 0 } };
	for (const before of [[], [identity]]) {
		const source = await readTfjs(spikingModel([1, 2, 2], {}, weights, before));
		const results = await runStepModel(
			source,
			currents.map((current) => ({ image: [current, current, 0, current] })),
		);
		const [first, second] = [simulate(currents, 0.5, 1, 'soft'), simulate(currents, 1, 2, 'soft')];
		for (const [step, outputs] of results.entries()) {
			expect([...(outputs.get('neurons')?.data ?? [])]).toEqual([
				first.spikes[step],
				second.spikes[step],
				0,
				second.spikes[step],
			]);
		}
	}
});

test('a spiking layer used twice in a timestep is refused', async () => {
	const path = spikingModel([1], { leak: 0.5, threshold: 1 });
	const use = (from: string) => [[[from, 0, 0, {}]]];
	const layers = [
		{ class_name: 'InputLayer', name: 'image', config: { name: 'image', batch_input_shape: [null, 1] }, inbound_nodes: [] },
		{
			class_name: 'LIF',
			name: 'n',
			config: { name: 'n', leak: 1, threshold: 1 },
			inbound_nodes: [...use('image'), [['n', 0, 0, {}]]],
		},
	];
	const config = { name: 'm', layers, input_layers: [['image', 0, 0]], output_layers: [['n', 1, 0]] };
	writeFileSync(path, JSON.stringify({ modelTopology: { class_name: 'Model', config }, weightsManifest: [] }));
	await expect(readTfjs(path)).rejects.toThrow('the spiking layer "n" is used more than once in a timestep');
});

test.each([
	[{ threshold: 1 }, '"leak" of layer "neurons" is missing; a number is expected'],
	[{ leak: 0.5, threshold: 1, reset: 'none' }, 'layer "neurons" has reset "none"; only "soft" or "hard" is read'],
])('the configuration %j is refused', async (config, message) => {
	await expect(readTfjs(spikingModel([1], config))).rejects.toThrow(message);
});

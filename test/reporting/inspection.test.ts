import type { Model } from '../../src/model/graph.ts';
import { indexGraph } from '../../src/network/graph-index.ts';
import type { Network } from '../../src/network/network.ts';
import { renderDocument } from '../../src/reporting/formats.ts';
import { describeInspection, inspectNetwork } from '../../src/reporting/inspection.ts';

const node = (name: string, op: string, inputs: readonly string[], output: string) => ({
	name,
	op,
	domain: '',
	inputs,
	outputs: [output],
	attributes: new Map(),
});
const weight = (dims: readonly number[]) => ({
	type: 'float32' as const,
	dims,
	bytes: new Uint8Array(dims.reduce((a, b) => a * b, 4)),
});

const model: Model = {
	graph: {
		name: 'net',
		nodes: [
			node('first', 'Gemm', ['image', 'w1'], 'current'),
			node('fire', 'Greater', ['current', 'theta'], 'fired'),
			node('cast', 'Cast', ['fired'], 'spikes'),
			node('second', 'Gemm', ['spikes', 'w2'], 'scores'),
		],
		constants: new Map([
			['w1', weight([8, 4])],
			['w2', weight([3, 8])],
		]),
		inputs: [{ name: 'image', type: 'float32', dims: ['batch', 4] }],
		outputs: [{ name: 'scores', type: 'float32', dims: ['batch', 3] }],
	},
	opsets: new Map([['', 17]]),
	producer: '',
	metadata: new Map(),
};

function synapse(name: string, input: string, output: string, sources: readonly string[]) {
	return {
		name,
		op: 'Gemm',
		weight: name === 'first' ? 'w1' : 'w2',
		bias: null,
		weightPosition: 1 as const,
		calls: [{ node: name, input, output, timestep: 0 }],
		timeInvariant: false,
		sources,
		geometryNode: name,
	};
}

const network: Network = {
	file: 'net.onnx',
	format: 'onnx',
	sha256: '0'.repeat(64),
	model,
	index: indexGraph(model.graph),
	valueSets: new Map([['spikes', { kind: 'finite', values: [0, 1], spiking: true }]]),
	mode: 'step',
	timesteps: null,
	input: { name: 'image', type: 'float32', dims: ['batch', 4] },
	states: [{ input: 'mem', output: 'mem_next', initial: 0 }],
	synapticLayers: [synapse('first', 'image', 'current', []), synapse('second', 'spikes', 'scores', ['fire'])],
	products: [],
	neuronLayers: [
		{
			spiking: true,
			name: 'fire',
			op: 'Greater',
			calls: [{ spikes: 'spikes', decision: 'fired', timestep: 0, heldStates: [], drivers: ['current'] }],
			stateWords: 1,
			leak: 0.9,
			threshold: null,
			reset: 'soft',
			delayedReset: true,
		},
	],
	readout: { output: 'scores', rule: 'sum' },
	parameters: 56,
	balance: { headlines: [], layers: 3, findings: [] },
	assumptions: ['States paired: mem → mem_next.'],
	warnings: [],
};

const shapes = {
	synapses: [
		{ inputShape: [4], outputShape: [8], denseMacs: 32 },
		{ inputShape: [8], outputShape: [3], denseMacs: 24 },
	],
	neurons: [[8]],
};

test('layers stand in the order of the data flow, whatever list they came from', () => {
	expect(inspectNetwork(network, null).layers.map(({ name }) => name)).toEqual(['first', 'fire', 'second']);
});

test('each input says whether it counts as spikes and why', () => {
	const layers = inspectNetwork(network, null).layers.filter((layer) => layer.kind === 'synaptic');
	expect(layers.map(({ inputKind }) => inputKind)).toEqual(['decided by the run', 'spikes']);
	expect(layers[1]?.inputReason).toBe('comes from "fire"; its values are {0, 1}');
});

test('the printed structure names neurons, states, time and what is missing', async () => {
	const text = await renderDocument(describeInspection(inspectNetwork(network, shapes)), 'table');
	expect(text).toContain('not in the file: pass --timesteps');
	expect(text).toContain('mem ← mem_next (starts at 0)');
	expect(text).toMatch(/fire +Greater +8 +– +0\.9 +varies +soft, delayed +1/);
	expect(text).toMatch(/Dense MACs +56 per pass/);
	expect(text).toContain('second spikes: the input comes from "fire"; its values are {0, 1}.');
	expect(text).toContain('- States paired: mem → mem_next.');
});

test('without shapes the columns that would be empty are left out', () => {
	const { table } = describeInspection(inspectNetwork(network, null));
	expect(table.columns.map(({ key }) => key)).not.toContain('denseMacs');
	expect(table.columns.map(({ key }) => key)).not.toContain('shape');
});

test('the record is plain JSON', async () => {
	const record = inspectNetwork(network, shapes);
	expect(JSON.parse(await renderDocument(describeInspection(record), 'json'))).toEqual(record);
	expect(record.denseMacs).toBe(56);
});

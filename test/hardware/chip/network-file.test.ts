import { UserError } from '../../../src/errors.ts';
import { readNetwork } from '../../../src/hardware/chip/network-file.ts';

const valid = {
	timesteps: 3,
	groups: [
		{ name: 'i', size: 2, kind: 'input', spike_times: [[1], []] },
		{ name: 'a', size: 2, kind: 'lif', threshold: 1, bias: [0, 0.5] },
	],
	edges: [{ pre: 'i', post: 'a', list: [[0, 1, -2.5e-1]] }],
	mappings: {
		m: [
			['i', 0, 1, '0.0'],
			['a', 0, 1, '0.1'],
		],
	},
};

type Change = (network: typeof valid & Record<string, unknown>) => void;

function read(change: Change = () => {}, indent?: number) {
	const copy = structuredClone(valid) as Parameters<Change>[0];
	change(copy);
	return readNetwork(Buffer.from(JSON.stringify(copy, null, indent)), 'net.json');
}

test('a network reads the same with and without white space', () => {
	expect(read(undefined, 2)).toEqual(read());
	expect([...(read().projections[0]?.weight ?? [])]).toEqual([-0.25]);
});

test('what a LIF group leaves out is: no leak, current of one step, hard reset to 0, no refractory period', () => {
	const group = read((network) => {
		network.groups[1] = { name: 'a', size: 2, kind: 'lif', threshold: 1 } as never;
	}).groups[1];
	expect(group).toMatchObject({
		leakDecay: 1,
		inputDecay: 0,
		resetMode: 'hard',
		reset: 0,
		reverseThreshold: 0,
		reverseResetMode: 'none',
		refractoryDelay: 0,
		forceUpdate: false,
		synapseUnit: null,
	});
});

test('a mapping may be called "list"', () => {
	const network = read((copy) => {
		(copy.mappings as Record<string, unknown>).list = copy.mappings.m;
	});
	expect([...network.mappings.keys()]).toEqual(['m', 'list']);
});

test('numbers of every spelling JSON knows are read exactly', () => {
	const weights = ['0', '-0.5', '1e-3', '2E+2', '123456789012345678', '0.1', '-7'];
	const text = JSON.stringify(valid).replace('[0,1,-0.25]', weights.map((weight) => `[0, 1,\t${weight} ]`).join(' , '));
	const network = readNetwork(Buffer.from(text), 'net.json');
	expect([...(network.projections[0]?.weight ?? [])]).toEqual(weights.map(Number));
});

const broken: [what: string, change: Change, sentence: string][] = [
	[
		'no timesteps',
		(n) => Reflect.deleteProperty(n, 'timesteps'),
		"net.json: the network must have required property 'timesteps'",
	],
	['half a timestep', (n) => Object.assign(n, { timesteps: 2.5 }), 'net.json: timesteps must be integer, found 2.5'],
	[
		'an unknown kind',
		(n) => Object.assign(n.groups[0] as object, { kind: 'adex' }),
		'net.json: groups/0/kind must be one of input, lif',
	],
	[
		'a misspelt field',
		(n) => Object.assign(n.groups[1] as object, { leak: 1 }),
		'net.json: groups/1 has the unknown entry "leak"',
	],
	[
		'a spike at step 0',
		(n) => Object.assign(n.groups[0] as object, { spike_times: [[0], []] }),
		'net.json: groups/0/spike_times/0/0 must be >= 1, found 0',
	],
	[
		'too few spike trains',
		(n) => Object.assign(n.groups[0] as object, { spike_times: [[1]] }),
		'net.json: group "i" has 2 neurons, but its spike_times holds 1 entries',
	],
	[
		'too many biases',
		(n) => Object.assign(n.groups[1] as object, { bias: [0, 0, 0] }),
		'net.json: group "a" has 2 neurons, but its bias holds 3 entries',
	],
	['two groups of one name', (n) => Object.assign(n.groups[1] as object, { name: 'i' }), 'net.json: two groups are named "i"'],
	[
		'an edge from nowhere',
		(n) => Object.assign(n.edges[0] as object, { pre: 'z' }),
		'net.json: edge 0 names the group "z", which the file does not define; it defines "i", "a"',
	],
	[
		'an edge onto an input',
		(n) => Object.assign(n.edges[0] as object, { post: 'i' }),
		'net.json: edge 0 leads to the input group "i"',
	],
	[
		'a neuron past the end',
		(n) => Object.assign(n.edges[0] as object, { list: [[0, 2, 1]] }),
		'net.json: edge 0 names neuron 2 of group "a", which has the neurons 0 to 1',
	],
	[
		'a row of two',
		(n) => Object.assign(n.edges[0] as object, { list: [[0, 1]] }),
		'net.json:1: synapse 0 of a "list" is not what was expected: a row [pre, post, weight] with three numbers',
	],
	[
		'a negative index',
		(n) => Object.assign(n.edges[0] as object, { list: [[0, -1, 1]] }),
		'net.json:1: synapse 0 of a "list" is not what was expected: two neuron numbers',
	],
	[
		'a list that is none',
		(n) => Object.assign(n.edges[0] as object, { list: 0 }),
		'net.json: "list" of edge 0 is not an array of rows',
	],
	[
		'a core without a tile',
		(n) => Object.assign(n.mappings, { m: [['i', 0, 1, '3']] }),
		'net.json: mappings/m/0/3 must be a core written "tile.core"',
	],
	[
		'a reversed range',
		(n) => Object.assign(n.mappings, { m: [['i', 1, 0, '0.0']] }),
		'net.json: entry 0 of mapping "m" runs from neuron 1 to 0',
	],
	[
		'a range past the end',
		(n) => Object.assign(n.mappings, { m: [['i', 0, 9, '0.0']] }),
		'net.json: entry 0 of mapping "m" names neuron 9 of group "i"',
	],
];

test.each(broken)('%s is refused in a sentence', (_what, change, sentence) => {
	expect(() => read(change)).toThrow(UserError);
	expect(() => read(change)).toThrow(sentence);
});

test('text that is not JSON is refused in a sentence, wherever it stops', () => {
	const text = JSON.stringify(valid);
	for (let length = 0; length < text.length; length++) {
		expect(() => readNetwork(Buffer.from(text.slice(0, length)), 'net.json')).toThrow(UserError);
	}
});

test('a weight too large for a number is refused', () => {
	const text = JSON.stringify(valid).replace('-0.25', '1e999');
	expect(() => readNetwork(Buffer.from(text), 'net.json')).toThrow('a finite weight');
});

import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import {
	type ModelProto,
	ModelProtoSchema,
	StringStringEntryProtoSchema,
	TensorProto_DataLocation,
} from '../../src/formats/onnx/onnx_pb.ts';
import { float32Tensor } from '../../src/model/tensors.ts';
import { type Outcome, snnEnergyAll } from '../support/built-cli.ts';
import { commandLine } from '../support/command-line.ts';
import { fixturePath } from '../support/fixture.ts';
import { type ModelBuilder, modelBuilder, weights } from '../support/model-builder.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-bad-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const path = (name: string): string => join(folder, name);
const write = (name: string, content: string | Uint8Array): string => {
	writeFileSync(path(name), content);
	return path(name);
};

/** An .npy file of version 1.0. */
function npy(descr: string, shape: readonly number[], bytes: Uint8Array): Uint8Array {
	const dict = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
	const header = `${dict.padEnd(Math.ceil((dict.length + 11) / 64) * 64 - 11)}\n`;
	return Buffer.concat([
		Buffer.from('\x93NUMPY\x01\x00', 'latin1'),
		Buffer.of(header.length % 256, header.length >> 8),
		Buffer.from(header),
		bytes,
	]);
}
const floats = (shape: readonly number[], fill: (at: number) => number = (at) => at % 3): Uint8Array =>
	npy('<f4', shape, new Uint8Array(Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => fill(at)).buffer));
const integers = (values: readonly number[]): Uint8Array =>
	npy('<i8', [values.length], new Uint8Array(BigInt64Array.from(values, BigInt).buffer));

const model = (
	name: string,
	build: (graph: ModelBuilder) => void,
	options: Parameters<ModelBuilder['build']>[0] = {},
): string => {
	const graph = modelBuilder();
	build(graph);
	return write(name, encodeModel(graph.build(options)));
};
const dense = (graph: ModelBuilder): void => {
	graph.input('x', ['batch', 6]);
	graph.constant('fc.weight', weights([6, 4]));
	graph.output(graph.add('MatMul', ['x', 'fc.weight'], {}, { name: '/fc/MatMul' }));
};
/** The dense model with its file changed underneath. */
function tampered(name: string, change: (proto: ModelProto) => void): string {
	const graph = modelBuilder();
	dense(graph);
	const proto = fromBinary(ModelProtoSchema, encodeModel(graph.build()));
	change(proto);
	return write(name, toBinary(ModelProtoSchema, proto));
}
function external(name: string, location: string): string {
	return tampered(name, (proto) => {
		const tensor = proto.graph?.initializer[0];
		if (!tensor) throw new Error('the model has a weight');
		tensor.rawData = new Uint8Array();
		tensor.dataLocation = TensorProto_DataLocation.EXTERNAL;
		tensor.externalData = [create(StringStringEntryProtoSchema, { key: 'location', value: location })];
	});
}

const good = model('good.onnx', dense);
const step = fixturePath('a-snntorch-conv-step', 'model.onnx');
const images = fixturePath('a-snntorch-conv-step', 'inputs.npy');
const data = write('data.npy', floats([4, 6]));
mkdirSync(path('a-folder'));
write('weights.bin', new Uint8Array(40));

/** [what is wrong, command line, words the sentence must hold, exit code] */
const cases: readonly (readonly [string, readonly string[], readonly string[], number?])[] = [
	['a file that is not there', ['analyze', path('none.onnx')], ['none.onnx', 'there is no such file']],
	['a folder', ['analyze', path('a-folder')], ['a-folder']],
	['an empty file', ['analyze', write('empty.onnx', '')], ['empty.onnx', 'is not an ONNX model', 'empty']],
	['a text file', ['analyze', write('readme.onnx', 'Not a model at all.\n')], ['is not an ONNX model']],
	[
		'a web page saved as a model',
		['analyze', write('page.onnx', '<!DOCTYPE html><html><body>404</body></html>')],
		['is not an ONNX model'],
	],
	[
		'a truncated model',
		['analyze', write('cut.onnx', readFileSync(fixturePath('e-relu-twin', 'model.onnx')).subarray(0, 70_000))],
		['cut.onnx', 'damaged or cut short'],
	],
	[
		'external data that are missing',
		['analyze', external('no-data.onnx', 'lost.bin')],
		['"fc.weight"', '"lost.bin", which is not there'],
	],
	['external data that are too short', ['analyze', external('short.onnx', 'weights.bin')], ['"fc.weight"', 'needs 96 bytes']],
	[
		'external data outside the folder',
		['analyze', external('escape.onnx', '../../../etc/passwd')],
		["outside the model's own folder"],
	],
	[
		'external data at an absolute path',
		['analyze', external('absolute.onnx', '/etc/passwd')],
		["outside the model's own folder"],
	],
	[
		'an operator nobody knows',
		[
			'analyze',
			model('custom.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.constant('fc.weight', weights([6, 4]));
				graph.output(graph.add('SpikeMagic', [graph.add('MatMul', ['x', 'fc.weight'])]));
			}),
			'--data',
			data,
		],
		['SpikeMagic'],
	],
	[
		'an operator of an unknown domain',
		[
			'analyze',
			model('domain.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.constant('fc.weight', weights([6, 4]));
				graph.output(graph.add('LifNeuron', [graph.add('MatMul', ['x', 'fc.weight'])], {}, { domain: 'my.lab' }));
			}),
			'--data',
			data,
		],
		['LifNeuron'],
	],
	['an opset too old', ['analyze', model('old.onnx', dense, { opset: 7 }), '--data', data], ['opset 7', '9 to 25']],
	['an opset nobody has written yet', ['analyze', model('new.onnx', dense, { opset: 99 }), '--data', data], ['opset 99']],
	[
		'a model without weights',
		[
			'analyze',
			model('relu.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.output(graph.add('Relu', ['x']));
			}),
			'--data',
			data,
		],
		['no synaptic layer', 'Relu'],
	],
	[
		'a model without inputs',
		[
			'analyze',
			model('closed.onnx', (graph) => {
				graph.constant('a', weights([6, 4]));
				graph.output(graph.add('Relu', ['a']));
			}),
			'--data',
			data,
		],
		['no input'],
	],
	[
		'a weight that is NaN',
		[
			'analyze',
			model('nan.onnx', (graph) => {
				graph.input('x', ['batch', 2]);
				graph.constant('fc.weight', float32Tensor([1, Number.NaN], [2, 1]));
				graph.output(graph.add('MatMul', ['x', 'fc.weight']));
			}),
			'--data',
			data,
		],
		['"fc.weight" holds NaN'],
	],
	[
		'a tensor that is read and never written',
		[
			'analyze',
			model('dangling.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.output(graph.add('Add', ['x', 'nowhere']));
			}),
			'--data',
			data,
		],
		['"nowhere"', 'does not contain'],
	],
	[
		'a graph that goes round in circles',
		[
			'analyze',
			model('circle.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.add('Add', ['x', 'b'], {}, { output: 'a' });
				graph.output(graph.add('Relu', ['a'], {}, { output: 'b' }));
			}),
			'--data',
			data,
		],
		['cycle'],
	],
	[
		'a tensor written twice',
		[
			'analyze',
			model('twice.onnx', (graph) => {
				graph.input('x', ['batch', 6]);
				graph.add('Relu', ['x'], {}, { output: 'y' });
				graph.output(graph.add('Neg', ['x'], {}, { output: 'y' }));
			}),
			'--data',
			data,
		],
		['"y"', 'already written'],
	],
	['no data', ['analyze', good], ['no samples.npz beside the model', '--data']],
	['data that are not there', ['analyze', good, '--data', path('none.npy')], ['none.npy']],
	['data that are no array', ['analyze', good, '--data', write('notes.npy', 'hello')], ['notes.npy']],
	['data of the wrong shape', ['analyze', good, '--data', write('wide.npy', floats([4, 7]))], ['[4, 7]', '"x"', '[batch, 6]']],
	['data of the wrong type', ['analyze', good, '--data', write('words.npy', npy('<U4', [6], new Uint8Array(96)))], ['words.npy']],
	[
		'data with a NaN',
		[
			'analyze',
			good,
			'--data',
			write(
				'nan.npy',
				floats([4, 6], (at) => (at === 13 ? Number.NaN : 1)),
			),
		],
		['sample 2 holds NaN'],
	],
	[
		'data with an infinity',
		[
			'analyze',
			good,
			'--data',
			write(
				'inf.npy',
				floats([4, 6], (at) => (at === 23 ? Number.POSITIVE_INFINITY : 1)),
			),
		],
		['sample 3 holds Infinity'],
	],
	['data that are cut short', ['analyze', good, '--data', write('cut.npy', floats([4, 6]).subarray(0, 180))], ['cut.npy']],
	['data without a sample', ['analyze', good, '--data', write('none-inside.npy', floats([0, 6]))], ['holds no sample']],
	[
		'labels of the wrong length',
		['analyze', good, '--data', data, '--labels', write('few.npy', integers([1, 2, 3]))],
		['3 labels for 4 samples'],
	],
	[
		'labels that are no whole numbers',
		[
			'analyze',
			good,
			'--data',
			data,
			'--labels',
			write(
				'halves.npy',
				floats([4], () => 0.5),
			),
		],
		['label 0 is 0.5'],
	],
	[
		'labels below zero',
		['analyze', good, '--data', data, '--labels', write('minus.npy', integers([1, -1, 0, 0]))],
		['label 1 is -1'],
	],
	['more samples than there are', ['analyze', good, '--data', data, '--samples', '9'], ['has only 4']],
	['a seed that is no number', ['analyze', good, '--data', 'random:abc'], ['random:abc', 'whole number']],
	['sizes that do not fit', ['analyze', good, '--data', data, '--reshape', '7'], ['--reshape 7']],
	['sizes that are no sizes', ['analyze', good, '--data', data, '--reshape', '2,x'], ['--reshape 2,x']],
	['T = 0', ['analyze', step, '--data', images, '--timesteps', '0'], ['--timesteps 0', 'at least 1'], 2],
	['T below zero', ['analyze', step, '--data', images, '--timesteps', '-2'], ['--timesteps -2', 'at least 1'], 2],
	['half a timestep', ['analyze', step, '--data', images, '--timesteps', '1.5'], ['--timesteps 1.5', 'whole number'], 2],
	['T that is no number', ['analyze', step, '--data', images, '--timesteps', 'six'], ['--timesteps'], 2],
	['T given twice', ['analyze', step, '--data', images, '--timesteps', '3', '--timesteps', '4'], ['--timesteps', 'once'], 2],
	['T under both its names', ['analyze', step, '--data', images, '-T', '3', '--timesteps', '4'], ['--timesteps', 'once'], 2],
	['T without a number', ['analyze', step, '--data', images, '--timesteps'], ['--timesteps needs a value'], 2],
	['a file option without a file', ['analyze', good, '--data', data, '--out', '--quiet'], ['--out needs a value'], 2],
	[
		'more timesteps than anyone runs',
		['analyze', step, '--data', images, '--timesteps', '1000000000000'],
		['--timesteps 1000000000000'],
	],
	[
		'more random samples than fit',
		['analyze', good, '--data', 'random:1', '--samples', '1000000000000'],
		['--samples 1000000000000'],
	],
	[
		'random samples larger than the memory',
		[
			'analyze',
			model('open.onnx', (graph) => {
				graph.input('x', ['batch', 'width', 6]);
				graph.constant('fc.weight', weights([6, 4]));
				graph.output(graph.add('MatMul', ['x', 'fc.weight']));
			}),
			'--data',
			'random:1',
			'--reshape',
			'100000000000,6',
		],
		['Random input', 'GB', 'Check the sizes'],
	],
	[
		'a fixed batch larger than the memory',
		[
			'analyze',
			model('huge.onnx', (graph) => {
				graph.input('x', [2 ** 40, 6]);
				graph.constant('fc.weight', weights([6, 4]));
				graph.output(graph.add('MatMul', ['x', 'fc.weight']));
			}),
			'--data',
			data,
		],
		['One batch of the input', 'GB'],
	],
	['no T for a step model', ['analyze', step, '--data', images], ['--timesteps T']],
	['a batch of none', ['analyze', good, '--data', data, '--batch', '0'], ['--batch 0'], 2],
	['a profile nobody has', ['analyze', good, '--data', data, '--profile', '46nm'], ['46nm', '45nm']],
	['a constant the profile lacks', ['analyze', good, '--data', data, '--set', 'E_acc=1pJ'], ['E_acc', 'E_ac']],
	[
		'a state the model lacks',
		['analyze', step, '--data', images, '--timesteps', '2', '--state', 'memory=mem1_next'],
		['--state memory=mem1_next', '"mem1"'],
	],
	['an output the model lacks', ['analyze', good, '--data', data, '--output', 'classes'], ['--output classes']],
	['a way of counting nobody knows', ['analyze', good, '--data', data, '--accounting', 'guess'], ['guess', 'exact'], 2],
	['a format nobody knows', ['analyze', good, '--data', data, '--format', 'pdf'], ['pdf'], 2],
	['an option that does not exist', ['analyze', good, '--data', data, '--timestep', '3'], ['timestep'], 2],
	['a command that does not exist', ['analyse', good], ['analyze'], 2],
	['no command', [], ['command'], 2],
	['no model', ['analyze'], ['model'], 2],
	[
		'an output file in a folder that is not there',
		['analyze', good, '--data', data, '--out', path('no/where.json')],
		['where.json', 'its folder does not exist', 'Nothing was written'],
	],
	['an output file that is a folder', ['analyze', good, '--data', data, '--out', path('a-folder')], ['a-folder', 'folder']],
	['an output file below a file', ['analyze', good, '--data', data, '--out', join(data, 'a.json')], ['cannot be written']],
	['inspecting a file that is not there', ['inspect', path('none.onnx')], ['there is no such file']],
	['inspecting a truncated model', ['inspect', write('cut2.onnx', readFileSync(good).subarray(0, 60))], ['cut2.onnx']],
	['pricing a file that is not there', ['explain', path('none.json')], ['none.json']],
	['pricing something that is no run', ['explain', write('other.json', '{"a": 1}')], ['other.json']],
	['pricing broken JSON', ['explain', write('broken.json', '{"schema": ')], ['broken.json']],
];

/** Cases that only a process of its own can show: what the parser says, and how the process ends. */
const inProcessOfItsOwn = new Set([
	'a file that is not there',
	'a truncated model',
	'data with a NaN',
	'half a timestep',
	'a format nobody knows',
	'an option that does not exist',
	'a command that does not exist',
	'no command',
	'no model',
	'an output file below a file',
]);

const lineOf = (line: readonly string[], at: number): readonly string[] =>
	line.includes('--out') || line.length === 0 ? line : [...line, '--out', path(`result-${at}`)];

let before: string[];
const outcomes: Outcome[] = [];
beforeAll(async () => {
	before = readdirSync(folder).sort();
	const [apart, here] = [true, false].map((wanted) =>
		[...cases.entries()].filter(([, [what]]) => inProcessOfItsOwn.has(what) === wanted),
	) as [[number, (typeof cases)[number]][], [number, (typeof cases)[number]][]];
	const ended = await snnEnergyAll(apart.map(([at, [, line]]) => lineOf(line, at)));
	for (const [index, [at]] of apart.entries()) outcomes[at] = ended[index] as Outcome;
	for (const [at, [, line]] of here) {
		const { out, errors, error } = await commandLine(...lineOf(line, at));
		outcomes[at] = { stdout: out, stderr: `${errors}snn-energy: ${error?.message}\n`, code: error?.exitCode ?? 0, signal: null };
	}
}, 120_000);

test.each(cases.map(([what, , words, code], at) => [what, at, words, code ?? 1] as const))(
	'%s: one clear sentence, and nothing else',
	(_, at, words, code) => {
		const { stdout, stderr, code: found, signal } = outcomes[at] as Outcome;
		expect({ stdout, found, signal, stderr }).toEqual({ stdout: '', found: code, signal: null, stderr });
		expect(stderr).toMatch(/^snn-energy: [^\n]+\n$/);
		expect(stderr).not.toMatch(/internal error|\bat .*:\d+:\d+|undefined|\[object/);
		for (const word of words) expect(stderr).toContain(word);
		expect(existsSync(path(`result-${at}`))).toBe(false);
	},
);

test('nothing was written, whole or in part', () => {
	expect(readdirSync(folder).sort()).toEqual(before);
	expect(readdirSync(path('a-folder'))).toEqual([]);
});

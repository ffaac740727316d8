import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema } from '../../src/formats/onnx/onnx_pb.ts';
import { snnEnergyAll } from '../support/built-cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const shipped = 'models/mnist-cnn/model.onnx';
const folder = temporaryFolder('cautions-');
const at = (name: string): string => join(folder, name);

/** The shipped network with the weights and biases of its second layer set to zero: nothing behind it fires. */
function deadNetwork(): string {
	const proto = fromBinary(ModelProtoSchema, readFileSync(shipped));
	const silenced = proto.graph?.initializer.filter(({ name }) => name.startsWith('conv2.')) ?? [];
	expect(silenced.length).toBeGreaterThan(0);
	for (const tensor of silenced) {
		tensor.rawData = new Uint8Array(tensor.rawData.length);
		tensor.floatData = tensor.floatData.map(() => 0);
	}
	writeFileSync(at('dead.onnx'), toBinary(ModelProtoSchema, proto));
	return at('dead.onnx');
}

const dead = /The network is dead/;
const random = /The input is random/;

beforeAll(async () => {
	const few = ['--samples', '2', '--quiet'];
	await snnEnergyAll([
		['analyze', deadNetwork(), '--data', 'models/mnist-cnn/samples.npz', ...few, '--out', at('dead.json')],
		['analyze', shipped, '--data', 'random:1', ...few, '--out', at('random.json')],
		['analyze', shipped, ...few, '--out', at('fine.json')],
	]);
}, 120_000);

/** Where a text first holds an energy or a count of them. */
const number = /\d(\.\d+)? ?[µnm]J|\d\.\d+e?-?\d*,|\\qty|"nominal"|\\midrule|µJ/;

test.each<[string, string, RegExp]>([
	['dead.json', 'a dead network', dead],
	['random.json', 'random input', random],
])(
	'%s: %s is told before any number, by every verb and in every format',
	async (name, _, caution) => {
		const run = at(name);
		const verbs: readonly (readonly string[])[] = [
			['analyze', run],
			['compare', run, at('fine.json')],
			['explain', run, '--by', 'constants'],
			['explain', run, '--by', 'conventions'],
			['explain', run, '--by', 'memory'],
			['explain', run, '--by', 'dataflows'],
			['explain', run],
			['compare', run, at('fine.json'), '--layers'],
			['chip', run, '--profile', 'loihi-sanafe'],
			['report', run, '--method'],
		];
		const lines = verbs.flatMap((verb) => ['table', 'markdown', 'latex'].map((format) => [...verb, '--format', format]));
		const outcomes = await snnEnergyAll([
			...lines,
			['analyze', run, '--format', 'html'],
			['compare', run, at('fine.json'), '--format', 'html'],
		]);
		for (const [index, { stdout, stderr }] of outcomes.entries()) {
			const text = stdout
				.replace(/<style[\s\S]*?<\/style>/g, '')
				.replaceAll('\\allowbreak{}', '')
				.replaceAll(/\s+/g, ' ');
			const said = text.search(caution);
			const first = text.search(number);
			expect([lines[index], stderr, said >= 0, first < 0 || said < first]).toEqual([lines[index], '', true, true]);
		}
		const csv = await snnEnergyAll(
			verbs
				.filter((verb) => verb.join(' ') !== `explain ${run}` && !verb.includes('--method'))
				.map((verb) => [...verb, '--format', 'csv']),
		);
		for (const { stdout } of csv) {
			const [head, ...rows] = stdout.trimEnd().split('\n');
			expect(head?.split(',').at(-1)).toBe('caution');
			expect(rows.length).toBeGreaterThan(0);
			for (const row of rows) expect(row).toMatch(caution);
		}
		const records = verbs.filter((verb) => /--(by|layers|profile)/.test(verb.join(' ')));
		for (const { stdout } of await snnEnergyAll(records.map((verb) => [...verb, '--format', 'json'])))
			expect([Object.keys(JSON.parse(stdout))[0], JSON.parse(stdout).cautions[0]]).toEqual([
				'cautions',
				expect.stringMatching(caution),
			]);
		await snnEnergyAll([['report', run, '--tables', at(`tables-${name}`)]]);
		const tables = readdirSync(at(`tables-${name}`)).filter((file) => !/^(constants|sources)\./.test(file));
		for (const ending of ['.csv', '.md', '.tex'])
			expect(tables.filter((file) => file.endsWith(ending)).length).toBeGreaterThan(2);
		for (const table of tables) {
			const text = readFileSync(join(at(`tables-${name}`), table), 'utf8').replaceAll('\\allowbreak{}', '');
			if (table.endsWith('.csv')) for (const row of text.trimEnd().split('\n').slice(1)) expect(row).toMatch(caution);
			// Above the table, or in the caption that LaTeX sets above it.
			expect([table, text.slice(0, text.search(/\| :?--|\\midrule/)).search(caution) >= 0 || table.endsWith('.csv')]).toEqual([
				table,
				true,
			]);
		}
		const [figure] = await snnEnergyAll([['report', run, '--figure', 'energy-by-layer', '--out', at('figure.svg')]]);
		expect(figure?.stderr).toMatch(caution);
	},
	240_000,
);

test('a run without such a reason has no caution anywhere', async () => {
	const run = at('fine.json');
	const outcomes = await snnEnergyAll(
		[
			['analyze', run],
			['explain', run],
			['explain', run, '--by', 'constants', '--format', 'csv'],
			['report', run, '--method'],
		].map((line) => [...line]),
	);
	for (const { stdout } of outcomes) {
		expect(stdout).not.toMatch(/is dead|is random|^! /m);
		expect(stdout.split('\n')[0]).not.toMatch(/caution$/);
	}
});

test.each(['dead.json', 'random.json'])('%s: a DNN beside it has no row that is formed from its spikes', async (name) => {
	const dnn = 'models/mnist-cnn/relu.analysis.json';
	const [odd, fine] = await snnEnergyAll([
		['compare', at(name), dnn, '--format', 'json'],
		['compare', at('fine.json'), dnn, '--format', 'json'],
	]);
	const variants = (text = '{}'): unknown[] => JSON.parse(text).rows.map(({ variant }: { variant: string | null }) => variant);
	expect(variants(fine?.stdout).filter((variant) => /-bit/.test(`${variant}`))).toHaveLength(2);
	expect(variants(odd?.stdout)).toEqual(['dense', 'zero-skipping', 'int8', null]);
});

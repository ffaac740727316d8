import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { paperRatio, rateForRatio } from '../../src/cli/energy-section.ts';
import { describeExpectation } from '../../src/cli/train-expectation.ts';
import { outlineDataset } from '../../src/formats/datasets/index.ts';
import { architectureNames } from '../../src/network/architectures.ts';
import { expectation, mergeSettings, planFor, presets, type TrainingConfiguration } from '../../src/training/index.ts';
import { snnEnergyAll } from '../support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-options-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const write = (name: string, content: string): string => {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
};

const refused: readonly (readonly [readonly string[], RegExp])[] = [
	[['--dataset', 'mnits'], /--dataset mnits: there is no such name. Did you mean mnist\?/],
	[['--arch', 'vgg17'], /--arch vgg17: there is no such name. Did you mean vgg1/],
	[['--arch', 'vgg16:width=0'], /option "width=0" is not understood/],
	[['--arch', '32 A 64 B'], /layer "B" is not understood/],
	[['--dataset', 'mnist', '--arch', 'vgg16'], /a 2x2 pooling does not divide the 7x7 map/],
	[['--schedule', '5,4,,1'], /--schedule is \[5, 4, NaN, 1\]; expected a list of timesteps/],
	[['--schedule', '5,0'], /--schedule is \[5, 0\]/],
	[['--schedule', '3,3'], /names a number of timesteps twice/],
	[['--epochs', '1,-1'], /--epochs is \[-1\]/],
	[['--epochs', '1,2,3', '--schedule', '1'], /2 numbers of epochs \(2,3\) are given for the 1 spiking stage/],
	[['--refine', '-1'], /--refine is -1; expected a number from 0 to 100000/],
	[['--batch-size', '0'], /--batch-size is 0; expected a whole number from 1/],
	[['--batch-size', '2.5'], /--batch-size is 2\.5/],
	[['--learning-rate', '-1'], /--learning-rate is -1; expected a number above 0/],
	[['--relu-dropout', '2'], /--relu-dropout is 2; expected a number from 0 to 0\.95/],
	[['--percentile', '90'], /--percentile is 90; expected a number from 0 to 1/],
	[['--drops', '0.5,abc'], /--drops is \[0\.5, NaN\]/],
	[['--seed', 'seven'], /--seed seven: expected a number/],
	[['--workers', '0'], /--workers must be a whole number from 1, not 0/],
	[['--samples', '1.5'], /--samples must be a whole number from 1, not 1\.5/],
	[['--batch-size', '20', '--batch-size', '10'], /--batch-size was given 2 times; give it once/],
	[['--out', 'a', '--out', 'b'], /--out was given 2 times; give it once/],
	[['--engine', 'onnx', '--engine', 'onnx'], /--engine was given 2 times; give it once/],
	[['--seed'], /--seed needs a value behind it/],
	[['--dataset', '--flip'], /--dataset needs a value behind it/],
	[['--pool', 'sum'], /pool/],
	[['--preset', 'papre'], /preset/],
	[['--engine', 'cuda'], /engine/],
	[['--lerning-rate', '1'], /lerning-rate/],
	[['--config', join(folder, 'none.yaml')], /none\.yaml cannot be read as a configuration/],
	[
		['--config', write('unknown.yaml', 'spiking:\n  droupout: 0.1\n')],
		/unknown\.yaml: "spiking\.droupout" is not a setting; the settings there are optimiser, momentum/,
	],
	[['--config', write('wrong.json', '{"batch": "many"}')], /wrong\.json: "batch" is "many"; expected a whole number from 1/],
	[['--config', write('empty.yaml', '')], /empty\.yaml: "configuration" is null; expected settings by name/],
	[['--config', write('proto.yaml', 'constructor: 1\n')], /"constructor" is not a setting/],
	[['--config', write('broken.yaml', 'a: [1,\n')], /broken\.yaml cannot be read as a configuration/],
];

test('options that are unknown, of the wrong kind or contradict each other are refused in a sentence, before anything starts', async () => {
	const outcomes = await snnEnergyAll(refused.map(([line]) => ['train', '--dry-run', ...line]));
	for (const [index, [line, sentence]] of refused.entries()) {
		const { code, stderr, stdout } = outcomes[index] ?? { code: null, stderr: '', stdout: '' };
		expect(`${line.join(' ')}: ${stderr}`).toMatch(sentence);
		expect(stderr).not.toMatch(/internal error|\n\s+at /);
		expect([stdout, code === 1 || code === 2]).toEqual(['', true]);
	}
}, 600_000);

test.each(architectureNames)('%s is laid out, stage by stage', (name) => {
	const arch = `${name}:width=0.05,classifier=20`;
	const configuration = mergeSettings(presets.default as TrainingConfiguration, { dataset: 'cifar100', arch });
	const set = outlineDataset('cifar100', { split: 'train', dataDir: join(folder, 'none') });
	const expected = expectation(planFor(configuration, set), configuration, set.count);
	const text = describeExpectation(expected, configuration, { train: set.count, test: 100, validation: 0 }, { problem: 'none' });
	expect(text).toMatch(/parameters, [\d.]+ M multiply-accumulates an image\n50,000 training images/);
	expect(text).toMatch(/together: memory at most [\d.]+ GiB a worker, time unknown/);
	expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test('an architecture of a name, the paper’s settings and a JSON list are laid out and timed without any data here', async () => {
	const list = write('net.json', '[{"conv": 4, "kernel": 5, "stride": 2}, {"residual": 6}, {"pool": 2}, {"dense": 12}]');
	const none = ['--data-dir', join(folder, 'none')];
	const dry = (...line: readonly string[]): string[] => ['train', '--dry-run', ...none, ...line];
	const lines = [
		dry('--dataset', 'cifar100', '--arch', 'vgg6:width=0.05,classifier=20'),
		dry('--dataset', 'fashion-mnist', '--arch', list, '--pool', 'max', '--schedule', '3,1', '--control'),
		dry(
			'--config',
			write('run.yaml', 'dataset: cifar10\narch: 4 A 4 A\nreluEpochs: 2\nspiking:\n  dropout: 0.3\n'),
			'--epochs',
			'3,1,1,1,1,2',
		),
	];
	const outcomes = await snnEnergyAll(lines);
	for (const { code, stdout, stderr } of outcomes) {
		expect([code, stderr]).toEqual([0, '']);
		expect(stdout).toMatch(/parameters, [\d.]+ M multiply-accumulates an image/);
		expect(stdout).toMatch(/together: memory at most [\d.]+ GiB a worker, time \d/);
	}
	expect(outcomes[1]?.stdout).toMatch(/60,000 training images, 10,000 test images/);
	expect(outcomes[1]?.stdout).toMatch(/control-T1 +T=1 +7 epochs/);
	expect(outcomes[2]?.stdout).toMatch(/relu +T=1 +3 epochs/);
	expect(existsSync(join(folder, 'none'))).toBe(false);
}, 600_000);

test('the paper’s formula gives the sheet’s ratios, and the firing rates that a ratio means', () => {
	// VGG16 on CIFAR-10: a spreadsheet of the same group has 3.07 for R = 1.65 at f = 0.005.
	expect(paperRatio(0.005, 1.65)).toBeCloseTo(3.07, 1);
	expect(paperRatio(0.0052, 0.13)).toBeCloseTo(32.7, 0);
	expect(rateForRatio(0.0052, paperRatio(0.0052, 0.15))).toBeCloseTo(0.15, 12);
});

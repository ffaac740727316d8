import { trainingPicture } from '../../src/cli/training-picture.ts';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { modelCard } from '../../src/training/card.ts';
import { comparisonSection } from '../../src/training/comparison.ts';
import { defaultConfiguration } from '../../src/training/configuration.ts';
import { buildPlan, firstLayerShare, neuronCount } from '../../src/training/plan.ts';
import type { StageRecord, TrainingRecord } from '../../src/training/record.ts';
import { confidenceInterval, differenceInterval } from '../../src/training/statistics.ts';

const plan = buildPlan(parseArchitecture('2 A 5d'), [1, 4, 4], 10);

/** A stage whose layers of 32 and 5 neurons fired this often over 1000 images. */
const stage = (name: string, timesteps: number, correct: number, rates: readonly [number, number], epochs = 1): StageRecord => ({
	stage: name,
	timesteps,
	evaluation: { correct, total: 1000, spikes: [rates[0] * 32 * timesteps * 1000, rates[1] * 5 * timesteps * 1000] },
	thresholds: name === 'relu' ? [] : [0.5, 0.75],
	leaks: name === 'relu' ? [] : [1, 0.9],
	epochs: Array.from({ length: epochs }, (_, index) => ({
		stage: name,
		timesteps,
		epoch: index + 1,
		loss: 0.5,
		trainAccuracy: 0.7,
		testAccuracy: correct / 1000,
		images: 2000,
		learningRate: 0.01,
		imagesPerSecond: 100,
		seconds: 20,
		firingRates: rates,
	})),
});

const record = (...stages: StageRecord[]): TrainingRecord => ({
	schema: 'snn-energy/training@1',
	version: '1.2.3',
	command: 'snn-energy train --seed 7',
	configuration: { ...defaultConfiguration, schedule: [2, 1], spikingEpochs: [0.5, 1.5], seed: 7 },
	engine: 'onnxruntime',
	machine: '2 × a processor',
	parameters: 123,
	trainImages: 2000,
	trainSha256: 'a'.repeat(64),
	testSha256: 'b'.repeat(64),
	samples: 20,
	stages,
});
const staged = [stage('relu', 1, 920, [0.5, 0.5]), stage('T2', 2, 910, [0.2, 0.1]), stage('T1', 1, 905, [0.15, 0.08], 2)];

test('intervals are Wilson’s and Newcombe’s', () => {
	// Newcombe 1998, table II, example (a): 56/70 against 48/80 gives 0.0524 to 0.3339.
	const [low, high] = differenceInterval({ correct: 56, total: 70 }, { correct: 48, total: 80 });
	expect(low).toBeCloseTo(0.0524, 4);
	expect(high).toBeCloseTo(0.3339, 4);
	const [from, to] = confidenceInterval(81, 263);
	expect(from).toBeCloseTo(0.2553, 4);
	expect(to).toBeCloseTo(0.3662, 4);
});

test('a card tells accuracy, firing rates, command, seed, engine and time', () => {
	const card = modelCard('net', plan, record(...staged), { energy: '## Energy\n\nnone', curves: 'curves.svg' });
	expect(card).toContain('| T = 1 | `model.onnx` | 90.50 | 88.52 – 92.17 |');
	expect(card).toContain('| T = 2 | `model-T2.onnx` | 91.00 |');
	expect(card).toContain('| T = 1 | 0.1500 | 0.0800 | 5 |');
	expect(card).toContain('    snn-energy train --seed 7');
	expect(card).toContain('Seed 7; engine onnxruntime; 80 seconds of gradient steps on 2 × a processor.');
	expect(card).toContain('](curves.svg)');
	expect(card).toContain('## Energy');
	expect(card).not.toContain('Staged or direct');
	expect(card).not.toContain('ot kept');
});

test('a file that is not kept beside the card is told, with its accuracy', () => {
	const whole = record(...staged, stage('control-T1', 1, 300, [0.12, 0.0002], 2));
	const card = modelCard('net', plan, whole, { absent: ['control-T1.onnx'] });
	expect(card).toContain('| T = 1, trained directly (control) | not kept | 30.00 |');
	expect(card).toContain('\n\nNot kept here, for its size: `control-T1.onnx`. The command below makes it again.\n\n## Activity');
	expect(card).toContain('| T = 1 | `model.onnx` | 90.50 |');
});

test('staged and direct stand side by side with their firing rates, and silent layers are named', () => {
	const section = comparisonSection(plan, record(...staged, stage('control-T1', 1, 300, [0.12, 0.0002], 2)));
	expect(section).toContain('(2 epochs; staged: 0.5 at T = 2, 1.5 at T = 1)');
	expect(section).toContain('| accuracy in % (95 % interval) | 90.50 (88.52 – 92.17) | 30.00 (27.24 – 32.91) |');
	expect(section).toContain('| firing rate of neuron2 | 0.0800 | 0.0002 |');
	expect(section).toMatch(/The staged schedule is better by \+60\.50 points/);
	expect(section).toContain(
		'The staged net has no silent layer; the direct one is silent (below 0.001 spikes a neuron) in neuron2.',
	);
});

test('the verdict falls whichever way the numbers do', () => {
	const verdict = (correct: number) => comparisonSection(plan, record(...staged, stage('control-T1', 1, correct, [0.1, 0.1])));
	expect(verdict(960)).toMatch(/Direct training is better: staged − direct is −5\.50 points/);
	expect(verdict(903)).toMatch(/Staged − direct is \+0\.20 points .*: the test set does not tell them apart/);
	expect(comparisonSection(plan, record(...staged))).toBe('');
});

test('the picture shows each path and each stage, in words too', async () => {
	const all = record(...staged, stage('control-T1', 1, 300, [0.12, 0.0002], 2));
	const svg = await trainingPicture('net', plan, all);
	expect(svg).toMatch(/^<svg role="img" aria-label="Training of net\. ReLU net: test accuracy 92\.0 %/);
	for (const text of ['staged', 'direct (control)', 'T = 2', 'T = 1 direct', 'neuron2']) expect(svg).toContain(text);
	expect(svg).not.toContain('<script');
});

test('a network’s first layer has its share of the operations, and its neurons are counted', () => {
	const [first, second, third] = [9 * 2 * 16, 2 * 2 * 2 * 5, 5 * 10];
	expect(firstLayerShare(plan)).toBeCloseTo(first / (first + second + third), 12);
	expect(neuronCount(plan)).toBe(2 * 16 + 5);
});

import type { Options } from 'yargs';
import { accountingNames } from '../hardware/accounting/accountings.ts';
import { poolings } from '../network/architectures.ts';
import type { PartialConfiguration } from '../training/index.ts';

/**
 * Options of "train": one for each setting of a configuration. Only tables and their reading: heavy modules are
 * imported by the handler.
 */
export const trainOptions = {
	dataset: { type: 'string', describe: 'mnist, fashion-mnist, cifar10, cifar100 or imagefolder:DIR', group: 'Task:' },
	arch: {
		type: 'string',
		describe: 'vgg6|vgg9|vgg11|vgg16|resnet12|resnet20[:width=0.25,classifier=256], "32 A 64 A 256d", or a JSON file',
		group: 'Task:',
	},
	pool: {
		choices: poolings,
		describe: 'Pooling; max, and current (in front of the neuron), keep every spike binary',
		group: 'Task:',
	},
	schedule: { type: 'string', describe: 'Timesteps of the spiking stages, such as 5,4,3,2,1', group: 'Task:' },
	epochs: {
		type: 'string',
		describe: 'Epochs of the ReLU net, then of each spiking stage: 10,1,1,1,1,6 (fractions allowed)',
		group: 'Task:',
	},
	control: { type: 'boolean', describe: 'Also train the last T directly, with as many image passes', group: 'Task:' },
	refine: {
		type: 'number',
		describe: 'Epochs without cutout, at a tenth of the rate, behind the last T and the control',
		group: 'Task:',
	},
	seed: { type: 'number', describe: 'Seed of every random choice', group: 'Task:' },
	config: { type: 'string', describe: 'YAML or JSON file of settings; options win over it', group: 'Task:' },
	preset: { choices: ['default', 'cpu', 'paper'], default: 'default', describe: 'Settings to start from', group: 'Task:' },

	'batch-norm': { hidden: true, type: 'boolean', describe: 'Train the ReLU net with batch normalisation', group: 'Training:' },
	'keep-batch-norm': {
		hidden: true,
		type: 'boolean',
		describe: 'Keep it in the spiking stages, over images and timesteps; folded at the end',
		group: 'Training:',
	},
	distillation: {
		hidden: true,
		type: 'number',
		describe: "Share of the ReLU net's own answers in what the spiking stages learn (0 to 1)",
		group: 'Training:',
	},
	'energy-weight': {
		hidden: true,
		type: 'number',
		describe: 'Adds the energy of an inference to the loss, 1 at the start of each stage times this (0: not)',
		group: 'Training:',
	},
	'energy-profile': { hidden: true, type: 'string', describe: 'Hardware profile that prices it (45nm)', group: 'Training:' },
	'energy-accounting': {
		hidden: true,
		choices: accountingNames,
		describe: 'How its operations are counted (exact)',
		group: 'Training:',
	},
	'batch-size': { hidden: true, type: 'number', describe: 'Images of one step', group: 'Training:' },
	shards: {
		hidden: true,
		type: 'number',
		describe: 'Parts of a batch that workers share (changes the result, workers do not)',
		group: 'Training:',
	},
	crop: { hidden: true, type: 'number', describe: 'Random crop after padding by N pixels', group: 'Training:' },
	flip: { hidden: true, type: 'boolean', describe: 'Random horizontal flip', group: 'Training:' },
	validation: {
		hidden: true,
		type: 'number',
		describe: 'Training images held out: epochs are judged by them, not by the test set',
		group: 'Training:',
	},
	'train-limit': { hidden: true, type: 'number', describe: 'Use only the first N training images', group: 'Training:' },
	'test-limit': { hidden: true, type: 'number', describe: 'Use only the first N test images', group: 'Training:' },
	percentile: { hidden: true, type: 'number', describe: 'Threshold: share of currents below it (0.97)', group: 'Training:' },
	'threshold-steps': { hidden: true, type: 'number', describe: 'Threshold: timesteps it is measured over', group: 'Training:' },
	'threshold-images': { hidden: true, type: 'number', describe: 'Threshold: images it is measured on', group: 'Training:' },
	'threshold-scale': { hidden: true, type: 'number', describe: 'Threshold: factor on the measured value', group: 'Training:' },
	balance: {
		hidden: true,
		type: 'boolean',
		describe: 'Fit weights and biases to the thresholds (yes; preset paper: no)',
		group: 'Training:',
	},

	'learning-rate': {
		hidden: true,
		type: 'number',
		describe: 'Learning rate',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	optimiser: {
		hidden: true,
		choices: ['adam', 'sgd'],
		describe: 'What takes the steps',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	'rate-schedule': {
		hidden: true,
		describe: 'How the learning rate falls',
		choices: ['cosine', 'one-cycle', 'step', 'constant'],
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	drops: {
		hidden: true,
		type: 'string',
		describe: 'step: divide by 5 after these shares, 0.6,0.8,0.9',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	momentum: {
		hidden: true,
		type: 'number',
		describe: 'SGD: momentum; Adam: beta1',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	amsgrad: {
		hidden: true,
		type: 'boolean',
		describe: 'Adam with AMSGrad',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	'weight-decay': {
		hidden: true,
		type: 'number',
		describe: 'L2 penalty on weights',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	dropout: {
		hidden: true,
		type: 'number',
		describe: 'Rate; one mask for all timesteps',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	'label-smoothing': {
		hidden: true,
		type: 'number',
		describe: 'Share of each label spread over all classes',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	cutout: {
		hidden: true,
		type: 'number',
		describe: 'Blank a square of N × N pixels at random',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	averaging: {
		hidden: true,
		type: 'number',
		describe: 'Decay of an average of the weights over the steps (0.999; 0: none)',
		group: 'Spiking stages (with relu- before the name: ReLU net):',
	},
	'relu-learning-rate': { type: 'number', hidden: true },
	'relu-optimiser': { choices: ['adam', 'sgd'], hidden: true },
	'relu-rate-schedule': { choices: ['cosine', 'one-cycle', 'step', 'constant'], hidden: true },
	'relu-drops': { type: 'string', hidden: true },
	'relu-momentum': { type: 'number', hidden: true },
	'relu-amsgrad': { type: 'boolean', hidden: true },
	'relu-weight-decay': { type: 'number', hidden: true },
	'relu-dropout': { type: 'number', hidden: true },
	'relu-label-smoothing': { type: 'number', hidden: true },
	'relu-cutout': { type: 'number', hidden: true },
	'relu-averaging': { type: 'number', hidden: true },

	out: { type: 'string', describe: 'Folder for the models, such as models/NAME', group: 'Run:' },
	checkpoints: { type: 'string', describe: 'Folder of checkpoints (default OUT/checkpoints)', group: 'Run:' },
	resume: { type: 'boolean', default: false, describe: 'Continue from the checkpoints', group: 'Run:' },
	engine: {
		choices: ['auto', 'onnx', 'tfjs', 'tensorflow', 'webgpu', 'cpu'],
		default: 'auto',
		describe: 'What computes the gradients',
		group: 'Run:',
	},
	workers: {
		type: 'number',
		default: 2,
		describe: 'Worker threads that share each batch; the result does not depend on them',
		group: 'Run:',
	},
	'data-dir': { type: 'string', describe: 'Folder of data sets', group: 'Run:' },
	samples: { type: 'number', default: 300, describe: 'Test images to put into samples.npz', group: 'Run:' },
	'dry-run': { type: 'boolean', default: false, describe: 'Only print what the run would take', group: 'Run:' },
	quiet: { type: 'boolean', default: false, describe: 'No progress', group: 'Run:' },
} as const satisfies Record<string, Options>;

/** What yargs hands over, by the options' names. */
export type TrainArguments = Readonly<Record<string, unknown>>;

const numbers = (value: unknown): number[] | undefined =>
	typeof value === 'string' ? value.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part))) : undefined;

/** The option that gives each setting of a stage. */
const stageOptions = {
	learningRate: 'learning-rate',
	optimiser: 'optimiser',
	rateSchedule: 'rate-schedule',
	drops: 'drops',
	momentum: 'momentum',
	amsgrad: 'amsgrad',
	weightDecay: 'weight-decay',
	dropout: 'dropout',
	labelSmoothing: 'label-smoothing',
	cutout: 'cutout',
	averaging: 'averaging',
} as const;

const thresholdOptions = {
	percentile: 'percentile',
	steps: 'threshold-steps',
	images: 'threshold-images',
	scale: 'threshold-scale',
	balance: 'balance',
} as const;

const ownOptions = {
	dataset: 'dataset',
	arch: 'arch',
	pooling: 'pool',
	schedule: 'schedule',
	control: 'control',
	refineEpochs: 'refine',
	seed: 'seed',
	normalisation: 'batch-norm',
	spikingNormalisation: 'keep-batch-norm',
	distillation: 'distillation',
	energyWeight: 'energy-weight',
	energyProfile: 'energy-profile',
	energyAccounting: 'energy-accounting',
	batch: 'batch-size',
	shards: 'shards',
	crop: 'crop',
	flip: 'flip',
	validation: 'validation',
	trainLimit: 'train-limit',
	testLimit: 'test-limit',
} as const;

const listOptions: readonly string[] = ['schedule', 'drops', 'relu-drops'];

/** The option that gives a setting such as "spiking.dropout", for messages about it. */
export function optionOf(setting: string): string {
	const [group = '', name = ''] = setting.split('.');
	if (group === 'relu') return `--relu-${stageOptions[name as keyof typeof stageOptions]}`;
	if (group === 'spiking') return `--${stageOptions[name as keyof typeof stageOptions]}`;
	if (group === 'thresholds') return `--${thresholdOptions[name as keyof typeof thresholdOptions]}`;
	return `--${ownOptions[setting as keyof typeof ownOptions] ?? 'epochs'}`;
}

/** The settings that options give; what is not given is undefined. Not checked yet. */
export function settingsOf(values: TrainArguments): PartialConfiguration {
	const read = (option: string): unknown => (listOptions.includes(option) ? numbers(values[option]) : values[option]);
	const group = (options: Readonly<Record<string, string>>, prefix = ''): Record<string, unknown> =>
		Object.fromEntries(Object.entries(options).map(([setting, option]) => [setting, read(prefix + option)]));
	const [reluEpochs, ...spikingEpochs] = numbers(values.epochs) ?? [];
	return {
		...group(ownOptions),
		reluEpochs,
		spikingEpochs: spikingEpochs.length > 0 ? spikingEpochs : undefined,
		relu: group(stageOptions, 'relu-'),
		spiking: group(stageOptions),
		thresholds: group(thresholdOptions),
	} as PartialConfiguration;
}

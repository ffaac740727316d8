import { basename, join, resolve } from 'node:path';
import { stderr, stdout } from 'node:process';
import { UserError } from '../../errors.ts';
import type { EngineChoice, GradientSource, Plan, Shipment, TrainingConfiguration } from '../../training/index.ts';
import { accountingsOf } from '../accountings.ts';
import type { Command } from '../command.ts';
import { describeExpectation, type Pace } from '../train-expectation.ts';
import { optionOf, settingsOf, type TrainArguments, trainOptions } from '../train-options.ts';
import { progressPrinter } from '../train-progress.ts';

export const train: Command = {
	command: 'train',
	describe: 'Train a spiking network: ReLU net, then T = 5 down to 1, each stage started from the one before',
	builder: (command) => command.options(trainOptions),
	examples: [
		['train --dataset mnist --arch "32 A 64 A 256d" --out models/mine'],
		['train --preset cpu --out models/cifar', 'CIFAR-10 at one timestep on a few cores, every spike binary'],
		['train --preset paper --engine webgpu --out models/vgg16', 'the published settings, on a GPU'],
		['train --config run.yaml --out models/mine --resume', 'continue'],
	],
	handler: (values) => run(values as TrainArguments),
};

/** The command a reader can repeat: every option that was given, but not where files lie on this machine. */
function commandLine(values: TrainArguments): string {
	const local = ['checkpoints', 'resume', 'data-dir', 'quiet', 'dry-run', 'workers', 'engine'];
	const parts = Object.keys(trainOptions).flatMap((name) => {
		const value = values[name];
		const fallback = (trainOptions[name as keyof typeof trainOptions] as { default?: unknown }).default;
		if (value === undefined || value === fallback || local.includes(name)) return [];
		if (value === true) return [`--${name}`];
		if (value === false) return [`--no-${name}`];
		const text = String(value);
		return [`--${name} ${/^[\w.,:=/-]+$/.test(text) ? text : `"${text}"`}`];
	});
	return ['snn-energy train', ...parts].join(' ');
}

/** The stages, sizes, memory and time of a run that is not started. */
async function dryRun(configuration: TrainingConfiguration, values: TrainArguments): Promise<void> {
	const training = await import('../../training/index.ts');
	const { outlineDataset } = await import('../../formats/datasets/index.ts');
	const dataDir = values['data-dir'] as string | undefined;
	const train = outlineDataset(configuration.dataset, { split: 'train', dataDir });
	const test = outlineDataset(configuration.dataset, { split: 'test', dataDir });
	const atMost = (count: number, limit: number): number => (limit > 0 ? Math.min(count, limit) : count);
	const { validation } = configuration;
	const images = {
		train: Math.max(0, atMost(train.count, configuration.trainLimit) - validation),
		test: atMost(test.count, configuration.testLimit),
		validation,
	};
	const plan = training.planFor(configuration, train);
	const pace = await measuredPace(plan, configuration, values);
	stdout.write(describeExpectation(training.expectation(plan, configuration, images.train), configuration, images, pace));
}

async function measuredPace(plan: Plan, configuration: TrainingConfiguration, values: TrainArguments): Promise<Pace> {
	const training = await import('../../training/index.ts');
	try {
		const { source } = await training.openEngine(values.engine as EngineChoice, workersOf(values));
		try {
			return { title: source.title, seconds: await training.measureImageSeconds(plan, configuration, source) };
		} finally {
			await source.close();
		}
	} catch (error) {
		if (error instanceof UserError) return { problem: error.message };
		throw error;
	}
}

/** The picture of the training curves, beside the card. */
const curvesFile = 'curves.svg';

/** A whole number that an option gives. */
function wholeNumber(values: TrainArguments, option: string, smallest: number): number {
	const value = Number(values[option]);
	if (!Number.isSafeInteger(value) || value < smallest)
		throw new UserError(`--${option} must be a whole number from ${smallest}, not ${String(values[option])}.`);
	return value;
}

const workersOf = (values: TrainArguments): number => wholeNumber(values, 'workers', 1);

/** Batch normalisation takes the statistics of a whole shard, so a shard is one worker's. */
const idleWorkers = (shards: number, workers: number): string =>
	`note: with batch normalisation a shard is computed whole, so --shards ${shards} leaves ${workers - shards} of ${workers} workers idle while the ReLU net is trained; --shards ${workers} uses all`;

async function run(values: TrainArguments): Promise<void> {
	const training = await import('../../training/index.ts');
	const preset = training.presets[String(values.preset)] as TrainingConfiguration;
	const fromFile = typeof values.config === 'string' ? training.readSettings(values.config) : {};
	const configuration = training.checkedConfiguration(
		training.mergeSettings(preset, fromFile, training.checkedSettings(settingsOf(values), optionOf)),
	);
	const workers = workersOf(values);
	const wantedSamples = wholeNumber(values, 'samples', 1);
	if (values['dry-run'] === true) return dryRun(configuration, values);
	const folder = values.out as string | undefined;
	if (!folder) throw new UserError('--out is missing: name the folder for the models, such as --out models/mine.');
	const dataDir = values['data-dir'] as string | undefined;
	const checkpoints = (values.checkpoints as string | undefined) ?? join(folder, 'checkpoints');
	const { onInterrupt } = await import('../interrupt.ts');
	const interrupt = onInterrupt();
	const release: (() => void)[] = [];
	let source: GradientSource | undefined;
	try {
		for (const place of new Set([resolve(folder), resolve(checkpoints)])) release.push(training.lockFolder(place));
		const { name: engine, source: opened } = await training.openEngine(values.engine as EngineChoice, workers);
		source = opened;
		stderr.write(`engine: ${source.title}\n`);
		const { normalisation, shards } = configuration;
		if (normalisation && shards < workers) stderr.write(`${idleWorkers(shards, workers)}\n`);
		const { spikeEnergies } = await import('../../spike-energy.ts');
		const { energyProfile: profile, energyAccounting } = configuration;
		const [accounting = 'exact'] = accountingsOf(energyAccounting);
		const runOptions = {
			dataDir,
			checkpoints,
			resume: values.resume === true,
			threads: workers,
			spikeEnergies: (network: { model: Uint8Array; samples: Uint8Array }) => spikeEnergies({ ...network, profile, accounting }),
		};
		interrupt.arm();
		const result = await training.runPipeline(configuration, runOptions, source, {
			...progressPrinter(values.quiet === true),
			stopped: () => interrupt.signal.aborted,
		});
		const samples = Math.min(wantedSamples, result.test.count);
		const record = training.trainingRecord({ ...result, command: commandLine(values), configuration, engine, samples });
		const shipment: Shipment = { folder, ...result, record };
		await training.writeModels(shipment);
		const { energySection } = await import('../energy-section.ts');
		const { trainingPicture } = await import('../training-picture.ts');
		const { writeWhole } = await import('../../files.ts');
		writeWhole(join(folder, curvesFile), [await trainingPicture(basename(resolve(folder)), result.plan, record)]);
		training.writeCard(shipment, { energy: await energySection(folder, result.plan, record), curves: curvesFile });
		stdout.write(`${join(folder, 'card.md')}\n`);
	} catch (error) {
		if (!(error instanceof training.Interrupted)) throw error;
		throw new UserError(`stopped; the checkpoint is in ${checkpoints}. Continue with the same command and --resume.`, {
			exitCode: 130,
		});
	} finally {
		for (const give of release) give();
		interrupt.release();
		await source?.close();
	}
}

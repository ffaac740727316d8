import { join } from 'node:path';
import { stderr, stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { UserError } from '../../errors.ts';
import type { EngineChoice, EpochRecord, Expectation, Progress, Shipment, TrainingConfiguration } from '../../training/index.ts';
import { settingsOf, type TrainArguments, trainOptions } from '../train-options.ts';

export const train: CommandModule = {
	command: 'train',
	describe: 'Train a spiking network: ReLU net, then T = 5 down to 1, each stage started from the one before',
	builder: (command) =>
		command
			.options(trainOptions)
			.example('$0 train --dataset mnist --arch "32 A 64 A 256d" --out models/mine', '')
			.example('$0 train --preset paper --engine webgpu --out models/vgg16', 'the published settings, on a GPU')
			.example('$0 train --config run.yaml --out models/mine --resume', 'continue'),
	handler: (values) => run(values as TrainArguments),
};

const million = (value: number): string => `${(value / 1e6).toFixed(2)} M`;

/** What a run would take, as text. Time is told by a rate because it depends on the machine. */
function describeExpectation(
	{ parameters, macsPerImage, layers, stages }: Expectation,
	configuration: TrainingConfiguration,
): string {
	const lines = [
		`${configuration.arch} on ${configuration.dataset}: ${parameters.toLocaleString('en')} parameters, ${million(macsPerImage)} multiply-accumulates an image`,
		...layers.map(
			({ name, shape, macs, weights }) =>
				`  ${name.padEnd(8)} ${shape.join('x').padEnd(12)} ${million(macs).padStart(10)} MACs  ${weights.toLocaleString('en').padStart(12)} weights`,
		),
		'stages:',
		...stages.map(
			({ stage, timesteps, epochs, memoryBytes, macs }) =>
				`  ${stage.padEnd(11)} T=${timesteps}  ${String(epochs).padStart(5)} epochs  about ${(memoryBytes / 2 ** 30).toFixed(2)} GiB  ${hours(macs)} at 30 GMAC/s`,
		),
		`together ${hours(stages.reduce((sum, { macs }) => sum + macs, 0))} at 30 GMAC/s ("npm run bench" measures this machine's rate)`,
	];
	return `${lines.join('\n')}\n`;
}

function hours(macs: number): string {
	const seconds = macs / 30e9;
	if (seconds < 120) return `${seconds.toFixed(0)} s`;
	return seconds < 7200 ? `${(seconds / 60).toFixed(0)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

/** Prints progress: one line that is written over in a terminal, one line a minute elsewhere. */
function progressPrinter(quiet: boolean): { onProgress: (progress: Progress) => void; onEpoch: (epoch: EpochRecord) => void } {
	let last = 0;
	const terminal = stderr.isTTY;
	return {
		onProgress({ stage, epoch, epochs, step, steps, loss, accuracy, imagesPerSecond, secondsLeft }) {
			if (quiet || Date.now() - last < (terminal ? 500 : 60_000)) return;
			last = Date.now();
			const left = secondsLeft < 120 ? `${secondsLeft.toFixed(0)} s` : `${(secondsLeft / 60).toFixed(0)} min`;
			const line = `${stage} epoch ${epoch}/${Math.ceil(epochs)} step ${step}/${steps}  loss ${loss.toFixed(4)}  accuracy ${(100 * accuracy).toFixed(2)} %  ${imagesPerSecond.toFixed(0)} images/s  ${left} left in this stage`;
			stderr.write(terminal ? `\r\x1b[K${line}` : `${line}\n`);
		},
		onEpoch({ stage, epoch, loss, trainAccuracy, testAccuracy, seconds, firingRates }) {
			if (quiet) return;
			const test = testAccuracy === null ? '' : `, test ${(100 * testAccuracy).toFixed(2)} %`;
			const rates = stage === 'relu' ? '' : `, firing rates ${firingRates.map((rate) => rate.toFixed(3)).join(' ')}`;
			stderr.write(
				`${terminal ? '\r\x1b[K' : ''}${stage} epoch ${epoch}: loss ${loss.toFixed(4)}, training ${(100 * trainAccuracy).toFixed(2)} %${test}${rates}, ${seconds.toFixed(0)} s\n`,
			);
			const silent = firingRates.flatMap((rate, index) => (rate === 0 ? [`neuron${index + 1}`] : []));
			if (silent.length > 0) stderr.write(`warning: ${silent.join(', ')} did not fire once in this epoch\n`);
		},
	};
}

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

async function run(values: TrainArguments): Promise<void> {
	const training = await import('../../training/index.ts');
	const preset = training.presets[String(values.preset)] as TrainingConfiguration;
	const fromFile = typeof values.config === 'string' ? training.readSettings(values.config) : {};
	const configuration = training.mergeSettings(preset, fromFile, training.checkedSettings(settingsOf(values), 'options'));
	const dataDir = values['data-dir'] as string | undefined;
	if (values['dry-run'] === true) {
		const { loadDataset } = await import('../../formats/datasets/index.ts');
		const set = loadDataset(configuration.dataset, { split: 'train', dataDir });
		const count = configuration.trainLimit > 0 ? Math.min(configuration.trainLimit, set.count) : set.count;
		stdout.write(
			describeExpectation(training.expectation(training.planFor(configuration, set), configuration, count), configuration),
		);
		return;
	}
	const folder = values.out as string | undefined;
	if (folder === undefined) throw new UserError('--out is missing: name the folder for the models, such as --out models/mine.');
	const workers = Number(values.workers);
	if (!Number.isInteger(workers) || workers < 1) throw new UserError('--workers must be a whole number from 1.');
	const { name: engine, source } = await training.openEngine(values.engine as EngineChoice, workers);
	stderr.write(`engine: ${source.title}\n`);
	const { onInterrupt } = await import('../interrupt.ts');
	const interrupt = onInterrupt();
	const printer = progressPrinter(values.quiet === true);
	const checkpoints = (values.checkpoints as string | undefined) ?? join(folder, 'checkpoints');
	try {
		const result = await training.runPipeline(configuration, { dataDir, checkpoints, resume: values.resume === true }, source, {
			...printer,
			onNote: (note) => stderr.write(`${note}\n`),
			stopped: () => interrupt.signal.aborted,
		});
		const samples = Math.min(Number(values.samples), result.test.count);
		const record = training.trainingRecord({ ...result, command: commandLine(values), configuration, engine, samples });
		const shipment: Shipment = { folder, ...result, record };
		await training.writeModels(shipment);
		const { energySection } = await import('../energy-section.ts');
		training.writeCard(shipment, await energySection(folder, configuration, record));
		stdout.write(`${join(folder, 'card.md')}\n`);
	} catch (error) {
		if (!(error instanceof training.Interrupted)) throw error;
		throw new UserError(`stopped; the checkpoint is in ${checkpoints}. Continue with the same command and --resume.`, {
			exitCode: 130,
		});
	} finally {
		interrupt.release();
		await source.close();
	}
}

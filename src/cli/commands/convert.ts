import { stderr, stdout } from 'node:process';
import type { ConversionMethod } from '../../conversion/index.ts';
import { type DocumentFormat, pageFormats, renderDocument } from '../../reporting/formats.ts';
import type { Command } from '../command.ts';
import { countOptions, countOptionsOf, dataOptions, priceOptions, type SharedArguments, withOptions } from '../options.ts';

interface ConvertArguments extends Omit<SharedArguments, 'format' | 'method'> {
	readonly model: string;
	readonly out: string;
	readonly timesteps: number;
	readonly method: ConversionMethod;
	readonly percentile?: number;
	readonly scale?: number;
	readonly leak?: number;
	readonly steps?: number;
	readonly maxPool: 'count' | 'average';
	readonly calibration?: number;
	readonly curve?: string;
	readonly epochs: number;
	readonly trainSamples?: number;
	readonly learningRate?: number;
	readonly report?: string;
	readonly format: DocumentFormat;
}

export const convert: Command = {
	command: 'convert <model>',
	describe: 'Turn a ReLU network into a spiking one; accuracy, spikes and energy at each T',
	builder: (command) =>
		withOptions(
			command.positional('model', {
				type: 'string',
				demandOption: true,
				describe: 'ONNX or tfjs file of a trained ReLU network',
			}),
			dataOptions,
			priceOptions,
			countOptions,
		)
			.option('out', { type: 'string', demandOption: true, describe: 'ONNX file of the spiking network, a step model' })
			.option('timesteps', {
				type: 'number',
				alias: 'T',
				demandOption: true,
				describe: 'Timesteps the spiking network is meant for',
			})
			.option('method', {
				choices: ['threshold-balancing', 'iir'],
				default: 'threshold-balancing',
				describe: 'Thresholds from the ReLUs; or as the IIR-SNN papers: layer by layer from the spiking network, then trained',
			})
			.option('percentile', { type: 'number', describe: 'Percentile that becomes the threshold (default 99.9; iir 90)' })
			.option('scale', { hidden: true, type: 'number', describe: 'Factor on the measured thresholds (default 1)' })
			.option('leak', {
				hidden: true,
				type: 'number',
				describe: 'Share of the membrane potential kept per timestep (default 1: no leak)',
			})
			.option('steps', {
				hidden: true,
				type: 'number',
				describe: 'iir: timesteps run while a threshold is measured (default 100)',
			})
			.option('max-pool', {
				choices: ['count', 'average'],
				default: 'count',
				describe: 'Max pooling by comparing spike counts, or replaced by averages',
			})
			.option('calibration', { type: 'number', describe: 'Samples thresholds are measured on (default 256; iir 64)' })
			.option('curve', { type: 'string', describe: 'Numbers of timesteps to run, separated by commas (default 1,2,4 … T)' })
			.option('epochs', {
				type: 'number',
				default: 1,
				describe: 'iir: passes over the training images in each stage, T = 5 down to the asked one (0: no training)',
			})
			.option('train-samples', { hidden: true, type: 'number', describe: 'iir: only the first training images' })
			.option('learning-rate', { hidden: true, type: 'number', describe: 'iir: learning rate of every stage (default 0.0005)' })
			.option('report', { type: 'string', describe: 'HTML page with the curve' })
			.option('output', { hidden: true, type: 'string', describe: 'Output that holds the class scores' })
			.option('format', { choices: pageFormats, default: 'table', describe: 'Form of the curve' })
			.option('quiet', { hidden: true, type: 'boolean', default: false, describe: 'No progress on stderr' }),
	examples: [
		['convert relu.onnx -T 16 --data x.npy --labels y.npy --out snn.onnx'],
		['convert relu.onnx -T 16 --data x.npy --labels y.npy --out snn.onnx --report curve.html'],
		['convert relu.onnx -T 2 --method iir --data cifar10 --out snn.onnx', 'trained on the training images'],
	],
	handler: (values) => run(values as unknown as ConvertArguments),
};

async function run(values: ConvertArguments): Promise<void> {
	const { checkWholeNumbers } = await import('../whole-numbers.ts');
	checkWholeNumbers(values);
	const { UserError } = await import('../../errors.ts');
	const { convertFile } = await import('../../convert.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { writeWhole } = await import('../../files.ts');
	const { describeConversion } = await import('../../reporting/conversion-document.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { onInterrupt } = await import('../interrupt.ts');
	const { writeResult } = await import('../output.ts');
	const { progressPrinter } = await import('../train-progress.ts');
	const { Interrupted } = await import('../../training/index.ts');
	const { curveSyntax, numberAbove, stoppedInTraining } = await import('../messages.ts');

	const profiles = values.profile ?? [];
	const set = values.set ?? [];
	for (const name of profiles) loadProfile(name, { set });
	const curve = values.curve?.split(',').map(Number);
	if (curve?.some((timesteps) => !Number.isSafeInteger(timesteps) || timesteps < 1))
		throw new UserError(curveSyntax(values.curve ?? ''), { exitCode: 2 });
	if (!Number.isFinite(values.epochs) || values.epochs < 0)
		throw new UserError(numberAbove('epochs', values.epochs, 'a number from 0'), { exitCode: 2 });
	if (values.learningRate !== undefined && !(values.learningRate > 0))
		throw new UserError(numberAbove('learning-rate', values.learningRate, 'a number above 0'), { exitCode: 2 });
	if (values.trainSamples !== undefined && !(Number.isSafeInteger(values.trainSamples) && values.trainSamples > 0))
		throw new UserError(numberAbove('train-samples', values.trainSamples, 'a whole number above 0'), { exitCode: 2 });
	const say = (text: string): void => {
		if (!values.quiet) stderr.write(`${text}\n`);
	};
	const interrupt = onInterrupt();
	let result: Awaited<ReturnType<typeof convertFile>>;
	try {
		result = await convertFile(values.model, values.out, {
			...countOptionsOf(values),
			method: values.method,
			timesteps: values.timesteps,
			percentile: values.percentile,
			scale: values.scale,
			leak: values.leak,
			steps: values.steps,
			maxPool: values.maxPool,
			output: values.output,
			calibration: values.calibration,
			curve,
			profiles,
			set,
			signal: interrupt.signal,
			training: {
				epochs: values.epochs,
				trainSamples: values.trainSamples,
				learningRate: values.learningRate,
				events: { ...progressPrinter(values.quiet === true), stopped: () => interrupt.signal.aborted },
			},
			onPoint: (timesteps) => {
				interrupt.arm();
				say(timesteps === null ? 'running the plain network' : `running the spiking network, T = ${timesteps}`);
			},
		});
	} catch (error) {
		if (!(error instanceof Interrupted)) throw error;
		throw new UserError(stoppedInTraining(values.out), { exitCode: 130 });
	} finally {
		interrupt.release();
	}
	const { conversion, plain, curve: points, trained, bytes } = result;
	writeWhole(values.out, [bytes]);
	say(`${values.out} written`);
	const report = {
		source: values.model,
		result: values.out,
		method: values.method,
		plain,
		curve: points,
		trained,
		thresholds: conversion.thresholds,
		assumptions: conversion.assumptions,
		warnings: conversion.warnings,
	};
	if (values.report !== undefined) {
		const { renderConversionPage } = await import('../../reporting/html/conversion.ts');
		writeWhole(values.report, [await renderConversionPage(report)]);
		say(`${values.report} written`);
	}
	await writeResult(
		await renderDocument(describeConversion(report), values.format, terminalOptions(stdout, process.env)),
		undefined,
	);
}

/** Every sentence of the training pipeline that a user can meet. */
import { UserError } from '../errors.ts';

export const engineDoesNotStart = (choice: string, tried: readonly string[]): UserError =>
	new UserError(
		`--engine ${choice}: no engine starts here (${tried.join('; ')}). Use --engine onnx, which needs nothing more, or install the engine's package.`,
	);

export const deviceFailed = (problem: string): UserError =>
	new UserError(
		`the GPU refused a computation, so its numbers cannot be trusted: ${problem.split('\n')[0]}. Use a smaller --batch-size or more --shards if memory ran out, else --engine onnx.`,
	);

export const damagedCheckpoint = (path: string): UserError =>
	new UserError(`${path} is not a whole checkpoint; delete it and continue with --resume from the stage before.`);

export const otherCheckpoint = (path: string): UserError =>
	new UserError(
		`${path} was written by a run with other settings; continue with the settings of that run, or choose another --out (or delete the folder to start anew).`,
	);

export const notANumber = (stage: string, epoch: number, step: number, what: string, checkpoint: string): UserError =>
	new UserError(
		`stage ${stage}, epoch ${epoch}, step ${step}: ${what} is not a finite number. Lower the learning rate (--learning-rate, or --relu-learning-rate for the ReLU net), delete ${checkpoint} if it is there, and continue with --resume: what the earlier stages learned is kept.`,
	);

export const learnedNothing = (
	stage: string,
	epochs: number,
	{ trainAccuracy, loss }: { readonly trainAccuracy: number; readonly loss: number },
	silent: readonly string[],
): UserError =>
	new UserError(
		`stage ${stage}: after ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'} the training accuracy is ${(100 * trainAccuracy).toFixed(1)} %, no better than chance, and the loss ${loss.toPrecision(3)}${
			silent.length > 0 ? `; ${silent.join(', ')} stopped firing` : ''
		}. ${
			silent.length > 0 && stage !== 'relu'
				? 'Start from lower thresholds, so that deep layers get enough input (a lower --percentile; docs/training.md has an example), or lower --learning-rate.'
				: 'Lower the learning rate (--learning-rate, or --relu-learning-rate for the ReLU net) or train more epochs at the stage before.'
		}`,
	);

export const folderInUse = (folder: string, pid: number, lock: string): UserError =>
	new UserError(
		`${folder} is in use by another training run (process ${pid}); wait for it or choose another --out. If no such run exists, delete ${lock}.`,
	);

export const folderCannotBeUsed = (folder: string, problem: string, cause: unknown): UserError =>
	new UserError(`${folder} cannot be used for a run: ${problem}. Choose another --out or --checkpoints.`, { cause });

export const nothingToKeep = (): UserError =>
	new UserError(
		'the spiking stages cannot keep a batch normalisation that the ReLU net does not have; leave out --keep-batch-norm or --no-batch-norm.',
	);

export const nothingToTrain = (held: number, images: number): UserError =>
	new UserError(`--validation ${held} leaves none of the ${images} training images to train on; hold out fewer.`);

export const otherImages = (path: string): UserError =>
	new UserError(
		`${path} was written by a run on other training images of the same name; give it the images it was started with, or choose another --out.`,
	);

export const checkpointsExist = (folder: string): UserError =>
	new UserError(`${folder} holds checkpoints of an earlier run; continue it with --resume, or choose another --out.`);

export const notOurModel = (path: string, problem: string): UserError =>
	new UserError(
		`${path} is not a model that snn-energy train wrote: ${problem}. "export" converts only those; "analyze" reads models of any origin.`,
	);

export const workerFailed = (problem: string): UserError =>
	new UserError(`a training worker stopped: ${problem}. Continue from the last checkpoint with --resume, or with --workers 1.`);

/** What a user wrote, as a user would write it: JSON has no word for a number that is none. */
const shown = (value: unknown): string =>
	Array.isArray(value) ? `[${value.map(shown).join(', ')}]` : typeof value === 'number' ? String(value) : JSON.stringify(value);

export const unknownSetting = (setting: string, known: readonly string[]): UserError =>
	new UserError(`${setting} is not a setting; the settings there are ${known.join(', ')}.`);

export const wrongSetting = (setting: string, value: unknown, expected: string): UserError =>
	new UserError(`${setting} is ${shown(value)}; expected ${expected}.`);

export const repeatedTimesteps = (schedule: readonly number[]): UserError =>
	new UserError(`--schedule ${schedule.join(',')} names a number of timesteps twice; each stage must have its own.`);

export const tooManyEpochs = (epochs: readonly number[], schedule: readonly number[]): UserError =>
	new UserError(
		`${epochs.length} numbers of epochs (${epochs.join(',')}) are given for the ${schedule.length} spiking ${schedule.length === 1 ? 'stage' : 'stages'} of --schedule ${schedule.join(',')}; give the ReLU net's, then at most one a stage.`,
	);

export const unreadableSettings = (path: string, cause: unknown): UserError =>
	new UserError(`${path} cannot be read as a configuration: ${(cause as Error).message.split('\n')[0]}.`, { cause });

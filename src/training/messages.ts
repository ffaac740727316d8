/** Every sentence of the training pipeline that a user can meet. */
import { UserError } from '../errors.ts';

export const engineDoesNotStart = (choice: string, tried: readonly string[]): UserError =>
	new UserError(
		`--engine ${choice}: no engine starts here (${tried.join('; ')}). Use --engine wasm, which runs wherever Node runs, or install the engine's package.`,
	);

export const damagedCheckpoint = (path: string): UserError =>
	new UserError(`${path} is not a whole checkpoint; delete it and continue with --resume from the stage before.`);

export const otherCheckpoint = (path: string): UserError =>
	new UserError(
		`${path} was written by a run with other settings; continue with the settings of that run, or choose another --out (or delete the folder to start anew).`,
	);

export const lossIsNotANumber = (stage: string, epoch: number, step: number, layer: string): UserError =>
	new UserError(
		`stage ${stage}, epoch ${epoch}, step ${step}: the loss is not a number (first in ${layer}). Lower the learning rate (--learning-rate) or start from an earlier checkpoint.`,
	);

export const learnedNothing = (stage: string, epochs: number, accuracy: number, silent: readonly string[]): UserError =>
	new UserError(
		`stage ${stage}: after ${epochs} epochs the training accuracy is ${(100 * accuracy).toFixed(1)} %, no better than chance${
			silent.length > 0 ? `; ${silent.join(', ')} stopped firing` : ''
		}. Lower the learning rate or train more epochs at the stage before.`,
	);

export const checkpointsExist = (folder: string): UserError =>
	new UserError(`${folder} holds checkpoints of an earlier run; continue it with --resume, or choose another --out.`);

export const notOurModel = (path: string, problem: string): UserError =>
	new UserError(
		`${path} is not a model that snn-energy train wrote: ${problem}. "export" converts only those; "analyze" reads models of any origin.`,
	);

export const workerFailed = (problem: string): UserError =>
	new UserError(`a training worker stopped: ${problem}. Continue from the last checkpoint with --resume, or with --workers 1.`);

export const unknownSetting = (place: string, name: string, known: readonly string[]): UserError =>
	new UserError(`${place}: there is no setting "${name}"; the settings there are ${known.join(', ')}.`);

export const wrongSetting = (place: string, name: string, value: unknown, expected: string): UserError =>
	new UserError(`${place}: "${name}" is ${JSON.stringify(value)}; expected ${expected}.`);

export const unreadableSettings = (path: string, cause: unknown): UserError =>
	new UserError(`${path} cannot be read as a configuration: ${(cause as Error).message.split('\n')[0]}.`, { cause });

export const reluAsNir = (): UserError =>
	new UserError('A network of ReLUs cannot be written as NIR, which has no activation without state; export it to onnx or tfjs.');
export const maxPoolingAsNir = (layer: string): UserError =>
	new UserError(`Layer ${layer} is a max pooling, which NIR does not have; train with pool=average, or export to onnx or tfjs.`);

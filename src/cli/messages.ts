import { UserError } from '../errors.ts';

/** Sentences of commands that read saved results. */

export const notASavedResult = (file: string): string =>
	`${file}: is no saved result. Write one with "snn-energy analyze MODEL --format json --out FILE", or --save-activity FILE.`;

export const folderWithoutModel = (folder: string): string =>
	`${folder}: the folder holds no .onnx or .nir file. Name a model file, or a folder with one.`;

export const folderWithModels = (folder: string, names: readonly string[]): string =>
	`${folder}: the folder holds ${names.length} models (${names.slice(0, 4).join(', ')}${names.length > 4 ? ', …' : ''}) and none is called model.onnx. Name the one you mean.`;

export const outMustBeFolder = (path: string): string =>
	`--out ${path}: this is a file; figures are several files, so name a folder (it is made if it does not exist).`;

export const noCharts = (): string => 'The results give no chart: no profile prices them and no layer spikes.';

export const unknownChart = (name: string, known: readonly string[]): string =>
	`--chart ${name}: the results give no chart of that name. They give ${known.join(', ')}.`;

export const baselineOutside = (found: number, models: number): string =>
	`--baseline ${found}: expected the place of one of the ${models} models, 1 to ${models}.`;

const filesMissing =
	'%s file was named where the command needs at least %s (a model, a run, …); put --help behind the command to see what it takes.';

const needsValue = '--%s needs a value behind it.';

export const optionWithoutValue = (name: string): UserError => new UserError(needsValue.replace('%s', name), { exitCode: 2 });

export const optionGivenTwice = (name: string, times: number): UserError =>
	new UserError(`--${name} was given ${times} times; give it once.`, { exitCode: 2 });

/** What the option parser says, in our words; its keys are the parser's own. */
export const parserSentences = {
	'Invalid values:': '',
	'Argument: %s, Given: %s, Choices: %s': '--%s %s: expected one of %s.',
	'Not enough non-option arguments: got %s, need at least %s': {
		one: filesMissing,
		other: filesMissing.replace('file was', 'files were'),
	},
	'Unknown argument: %s': {
		one: 'There is no option or argument "%s" here; put --help behind the command to see what it takes.',
		other: 'There are no options or arguments "%s" here; put --help behind the command to see what it takes.',
	},
	'Not enough arguments following: %s': needsValue,
} as const;

export const curveSyntax = (option: string): string =>
	`--curve ${option}: expected numbers of timesteps separated by commas, such as 1,2,4,8.`;

export const numberAbove = (option: string, value: number | undefined, range: string): string =>
	`--${option} ${value}: expected ${range}.`;

export const stoppedInTraining = (out: string): string =>
	`stopped while training; ${out} was not written. Run the command again, with --epochs 0 to convert without training.`;

export const notComparable = (file: string, headlines: readonly string[]): string =>
	`${file}: this run cannot be compared with a DNN. ${headlines.join(' ')}`;

import { UserError } from '../errors.ts';

/** Sentences of commands that read saved results. */

export const oneTableAsCsv = (names: readonly string[]): string =>
	`--format csv holds one table: say which with --by ${names.join('|')}.`;

export const oneProfile = (names: readonly string[]): string =>
	`--profile ${names.join(',')}: a run is explained under one profile at a time; name one of them.`;

export const overview = (names: readonly string[]): string =>
	`What the cost rests on, in short. --by ${names.join('|')} shows one part whole, with what its rows mean.`;

export const savedRunFixed = (file: string, options: readonly string[]): string =>
	`${file} is a saved run: ${options.map((name) => `--${name}`).join(', ')} cannot change what was counted. Name the model instead, or leave ${options.length === 1 ? `--${options[0]}` : 'these options'} out.`;

export const needsModel = (option: string, file: string): string =>
	`--${option} runs the model in other ways, and ${file} is a saved run. Name the model.`;

export const notASavedResult = (file: string): string =>
	`${file}: is not a saved result. Write one with "snn-energy analyze MODEL --format json --out FILE", or --save-activity FILE.`;

export const noCharts = (): string => 'The results give no chart: no profile prices them and no layer spikes.';

export const unknownChart = (name: string, near: readonly string[], known: readonly string[]): string =>
	`--figure ${name}: the results give no chart of that name. ${near.length > 0 ? `Did you mean ${near.join(' or ')}? ` : ''}They give ${known.join(', ')}.`;

export const formatOfFigures = (format: string): string =>
	`--format ${format} is a form of figures: name one with --figure, such as --figure energy-by-layer; --figure list names them.`;

export const formatOfOut = (out: string, command: string, known: readonly string[]): string =>
	`--out ${out}: ${command} writes ${known.join(', ')}; end the name so${known.length > 1 ? ', or give --format' : ''}.`;

export const formatOfMode = (format: string, command: string, known: readonly string[]): string =>
	`--format ${format}: ${command} writes ${known.join(', ')}.`;

export const unknownFigureFormat = (out: string, known: readonly string[]): string =>
	`--out ${out}: a figure is written as ${known.join(', ')}; end the name so, or name a folder.`;

export const figuresNeedFolder = (out: string, charts: number): string =>
	`--out ${out}: this is one file, and ${charts} figures were asked for; name a folder (it is made if it does not exist).`;

export const badResolution = (dpi: number): string => `--dpi ${dpi}: expected dots per inch from 36 to 2400, such as 300.`;

export const badWidth = (text: string): string =>
	`--width ${text}: expected a length from 40mm to 500mm, such as 85mm, 3.5in or 252pt.`;

export const baselineOutside = (found: number, models: number): string =>
	`--baseline ${found}: expected the place of one of the ${models} models, 1 to ${models}.`;

export const columnsOfLatex = (): string => '--columns chooses columns of LaTeX tables; give it with --format latex.';

export const layersOfTwo = (found: number): string =>
	`--layers sets two runs side by side, layer by layer; ${found} ${found === 1 ? 'was' : 'were'} named.`;

export const exitCodeWithLayers = (): string => '--exit-code tells whether two runs differ; give it with --layers.';

const filesMissing =
	'%s file was named where the command needs at least %s (a model, a run, …); put --help after the command to see what it takes.';

const needsValue = '--%s needs a value behind it.';

export const didYouMean = (names: readonly string[]): string => `Did you mean ${names.join(' or ')}?`;

export const oneFileForTwo = (file: string): UserError =>
	new UserError(`${file}: --out and --labels-out name the same file. Give each a file of its own.`, { exitCode: 2 });
export const noRecordings = (data: string): UserError =>
	new UserError(
		`${data}: frames are made of recordings; give events:FILE_OR_DIR, or a set of recordings that "snn-energy data list" names.`,
		{
			exitCode: 2,
		},
	);

export const optionNotANumber = (name: string, found: string): UserError =>
	new UserError(`--${name} ${found}: expected a number.`, { exitCode: 2 });

export const optionWithoutValue = (name: string): UserError => new UserError(needsValue.replace('%s', name), { exitCode: 2 });

export const optionGivenTwice = (name: string, times: number): UserError =>
	new UserError(`--${name} was given ${times} times; give it once.`, { exitCode: 2 });

const hinted = (sentence: string, near: readonly string[]): string =>
	near.length > 0 ? `${sentence} ${didYouMean(near)}` : sentence;

export const unknownCommand = (typed: string, near: readonly string[]): string =>
	`There is no command "${typed}". ${near.length > 0 ? didYouMean(near) : '"snn-energy --help" lists all.'}`;

export const unknownOptions = (names: readonly string[], near: readonly string[]): string =>
	hinted(
		`There ${names.length === 1 ? 'is no option' : 'are no options'} ${names.map((name) => `${name.length === 1 ? '-' : '--'}${name}`).join(', ')} here; put --help after the command to see what it takes.`,
		near,
	);

export const unknownChoice = (option: string, typed: string, near: readonly string[], known: readonly string[]): string =>
	hinted(`--${option} ${typed}: expected ${known.join(', ')}.`, near);

/** @param label  the option or the command that takes the name */
export const unknownName = (label: string, typed: string, near: readonly string[], known: readonly string[]): string =>
	`${label} ${typed}: there is no such name. ${near.length > 0 ? didYouMean(near) : `Choose from ${known.join(', ')}.`}`;

/** What the option parser says, in our words; its keys are the parser's own. */
export const parserSentences = {
	'Not enough non-option arguments: got %s, need at least %s': {
		one: filesMissing,
		other: filesMissing.replace('file was', 'files were'),
	},
	'Unknown argument: %s': {
		one: 'There is no option or argument "%s" here; put --help after the command to see what it takes.',
		other: 'There are no options or arguments "%s" here; put --help after the command to see what it takes.',
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

/** A place is a file and a line, such as "snn-energy.yaml:3". */
export const unknownSetting = (place: string, key: string, near: readonly string[], verb?: string): string =>
	`${place}: ${verb === undefined ? 'there is' : `"${verb}" has`} no option "${key}".${near.length > 0 ? ` ${didYouMean(near)}` : ' The names are those of the command line, without dashes.'}`;

export const onlyTyped = (place: string, key: string): string =>
	`${place}: --${key} says what one command does; give it on the command line.`;

export const settingValue = (place: string, key: string): string =>
	`${place}: "${key}" has no value that an option can have; expected text, a number, true or false.`;

export const settingOnce = (place: string, key: string): string => `${place}: "${key}" is a list, and --${key} takes one value.`;

export const settingTruth = (place: string, key: string): string => `${place}: "${key}": expected true or false.`;

export const notASetOfOptions = (file: string, key: string): string =>
	`${file}: "${key}" is not a set of options; expected { "profile": "45nm", … }.`;

export const notOptions = (file: string): string =>
	`${file}:1: expected options as "name: value", such as "profile: 45nm"; this file holds something else.`;

export const nameNotText = (word: string): string =>
	`${word}: the name holds bytes that are not UTF-8, and Node.js cannot hand such a name on. Rename the file, or make a link to it under another name.`;
export const unknownShell = (shell: string): string =>
	`--completion ${shell}: expected bash or zsh. Put eval "$(snn-energy --completion bash)" into ~/.bashrc, or the same with zsh into ~/.zshrc.`;

import { existsSync } from 'node:fs';
import type { Argv, Options } from 'yargs';
import type { EventOptions } from '../formats/events/options.ts';
import { type ReportFormat, reportFormats } from '../reporting/formats.ts';

/** Options that a file gave to a command line. */
export interface Configured {
	/** As it is named from the working directory. */
	readonly file: string;
	/** Names of the options it set, and how each is written on a command line. */
	readonly options: ReadonlyMap<string, readonly string[]>;
}

/**
 * Options shared by commands, so that one name means one thing everywhere. Only tables: heavy modules are
 * imported by the handlers.
 */

export const modelOptions = {
	timesteps: { type: 'number', alias: 'T', describe: 'Timesteps to run a model that computes one at a time', group: 'Model:' },
	state: {
		hidden: true,
		type: 'string',
		array: true,
		nargs: 1,
		describe: 'Pair a state input with its output, IN=OUT (repeatable)',
		group: 'Model:',
	},
	output: { hidden: true, type: 'string', describe: 'Output that holds the class scores', group: 'Model:' },
	readout: { hidden: true, choices: ['sum', 'last'], describe: 'Combine class scores over timesteps', group: 'Model:' },
	dt: { hidden: true, type: 'number', describe: 'Timestep length in seconds (NIR)', group: 'Model:' },
	reset: {
		hidden: true,
		choices: ['zero', 'subtract'],
		describe: 'What a spike does to the membrane, where the file does not say (NIR)',
		group: 'Model:',
	},
} as const satisfies Record<string, Options>;

export const dataOptions = {
	data: {
		type: 'string',
		describe:
			'.npy/.npz file, data set name, events:FILE_OR_DIR, imagefolder:DIR@224, random or random:SEED (default: samples.npz beside the model)',
		group: 'Data:',
	},
	labels: { type: 'string', describe: '.npy with one class number a sample', group: 'Data:' },
	samples: { type: 'number', describe: 'Run the first N samples', group: 'Data:' },
	batch: { hidden: true, type: 'number', describe: 'Samples run at once (default 16, fewer for large networks)', group: 'Data:' },
	reshape: { hidden: true, type: 'string', describe: 'Sizes of one sample, such as 1,28,28', group: 'Data:' },
	layout: {
		choices: ['ntc', 'tnc'],
		describe: 'Data in time: which axis comes first, where sizes do not tell',
		group: 'Data:',
	},
	channels: {
		hidden: true,
		choices: ['first', 'last'],
		describe: 'Axes of images: [C, H, W] or [H, W, C], where sizes do not tell',
		group: 'Data:',
	},
	scale: {
		hidden: true,
		type: 'number',
		describe: 'Divide the numbers of an array by this, such as 255 for bytes',
		group: 'Data:',
	},
	normalize: {
		hidden: true,
		type: 'string',
		describe: 'Then subtract means and divide by deviations of the channels: 0.1307,0.3081',
		group: 'Data:',
	},
	'assume-rate': {
		hidden: true,
		type: 'boolean',
		describe: 'With random input: take its firing rates for those of real data, and compare with the DNN',
		group: 'Data:',
	},
	'data-dir': { hidden: true, type: 'string', describe: 'Folder of data sets', group: 'Data:' },
	bins: { type: 'number', describe: 'Timesteps a recording is cut into (default: those of the model)', group: 'Events:' },
	'bin-time': {
		hidden: true,
		type: 'string',
		describe: 'Length of a bin, such as 10ms (default: length of the recording ÷ bins)',
		group: 'Events:',
	},
	'bin-by': {
		hidden: true,
		choices: ['time', 'count'],
		describe: 'Bins of equal length (default) or of equal numbers of events',
		group: 'Events:',
	},
	'bin-values': {
		hidden: true,
		type: 'string',
		describe: 'What a bin holds: count (default), binary, or clip:N',
		group: 'Events:',
	},
	polarities: {
		hidden: true,
		choices: [1, 2],
		describe: 'Off and on in a channel each, or together (default: as the model takes)',
		group: 'Events:',
	},
	sensor: {
		hidden: true,
		type: 'string',
		describe: 'Size of the camera, such as 34x34, where the file does not say it',
		group: 'Events:',
	},
	downscale: {
		hidden: true,
		type: 'string',
		describe: 'Sum pixels to smaller frames: a factor such as 4, or a size such as 32x32',
		group: 'Events:',
	},
	crop: { hidden: true, type: 'string', describe: 'Read only the first part of each recording, such as 300ms', group: 'Events:' },
} as const satisfies Record<string, Options>;

export const countOptions = {
	encoder: {
		hidden: true,
		choices: ['once', 'every-step'],
		default: 'once',
		describe: 'Charge a layer whose input does not change once, or at every timestep',
		group: 'Counting:',
	},
	'spike-test': {
		hidden: true,
		choices: ['element', 'timestep', 'layer'],
		default: 'element',
		describe: 'Grain of "spike or number?": each element, or the whole tensor of a timestep or layer',
		group: 'Counting:',
	},
	graded: {
		hidden: true,
		choices: ['mac', 'ac'],
		default: 'mac',
		describe: 'Charge a spike of k heights as one MAC or as k ACs',
		group: 'Counting:',
	},
} as const satisfies Record<string, Options>;

/** How the work of a run is shared out: none of it changes the result. */
export const scaleOptions = {
	shard: {
		hidden: true,
		type: 'string',
		describe: 'Run only the K-th of N shares of the samples, such as 2/7; "batch merge" joins what --save-activity keeps',
		group: 'Scale:',
	},
	jobs: { type: 'number', describe: 'Worker processes that share the samples (default 1)', group: 'Scale:' },
	threads: {
		hidden: true,
		type: 'number',
		describe: 'Threads to compute with, shared by all workers (default: all cores)',
		group: 'Scale:',
	},
	'save-activity': {
		type: 'string',
		describe: 'Also write the event counts, to price again; FILE.partial while the run goes on',
		group: 'Scale:',
	},
	resume: {
		hidden: true,
		type: 'boolean',
		default: false,
		describe: 'Go on from the FILE.partial of an interrupted run',
		group: 'Scale:',
	},
} as const satisfies Record<string, Options>;

/** For commands that run several models. */
export const saveActivityFolder = {
	...scaleOptions['save-activity'],
	describe: 'Also write the event counts of each model that is run to this folder, for "analyze" and "batch merge"',
} as const satisfies Options;

/** Names given in several options or in one, separated by commas; a file whose name has a comma stays whole. */
const listed = (values: readonly string[] | undefined): readonly string[] | undefined =>
	values?.flatMap((value) =>
		existsSync(value)
			? [value]
			: value
					.split(',')
					.map((name) => name.trim())
					.filter((name) => name !== ''),
	);

/** Hardware profiles, one or several. */
const profileOption = { type: 'string', array: true, nargs: 1, coerce: listed, group: 'Price:' } as const satisfies Options;

export const priceOptions = {
	profile: { ...profileOption, default: ['45nm'], describe: 'Hardware profiles, names or files, separated by commas' },
	set: { type: 'string', array: true, nargs: 1, describe: 'Change a constant, such as E_ac=0.4pJ (repeatable)', group: 'Price:' },
	accounting: { type: 'string', describe: 'Ways of counting to price, separated by commas (default exact)', group: 'Price:' },
} as const satisfies Record<string, Options>;

/** Profiles for commands that keep the prices a saved result has unless one is named. */
export const optionalProfile = {
	...profileOption,
	describe: 'Hardware profiles, names or files, separated by commas (default: those of the saved result, else 45nm)',
} as const satisfies Options;

export const outputOptions = {
	format: {
		choices: reportFormats,
		default: 'table',
		describe: 'Form of the result',
		group: 'Output:',
	},
	out: {
		type: 'string',
		describe: 'Write the result to this file instead of stdout; its ending gives the format',
		group: 'Output:',
	},
	columns: {
		type: 'string',
		hidden: true,
		describe: 'LaTeX: print these columns, by their heads, separated by commas (default: those that fit a column)',
		group: 'Output:',
	},
	quiet: { hidden: true, type: 'boolean', default: false, describe: 'No progress on stderr', group: 'Output:' },
	verbose: { hidden: true, type: 'boolean', default: false, describe: 'Every layer and every column', group: 'Output:' },
} as const satisfies Record<string, Options>;

export const methodOptions = {
	method: {
		type: 'boolean',
		default: false,
		describe: 'Print the method paragraph and BibTeX a paper needs instead',
		group: 'Output:',
	},
	bib: { type: 'string', describe: 'With --method: write the BibTeX to this file', group: 'Output:' },
} as const satisfies Record<string, Options>;

/** Options that say what is run and how. Commands that study a run take them for a model, and leave them to the help of "analyze". */
const runOptions = { ...dataOptions, ...modelOptions, ...countOptions, ...scaleOptions } as const satisfies Record<
	string,
	Options
>;
const hidden = (options: Readonly<Record<string, Options>>): Readonly<Record<string, Options>> =>
	Object.fromEntries(Object.entries(options).map(([name, option]) => [name, { ...option, hidden: true }]));
export const runOptionsHidden = hidden(runOptions);
/** For commands that run a model themselves, in one piece. */
export const wholeRunOptionsHidden = hidden({ ...dataOptions, ...modelOptions, ...countOptions });

/** Names of the options given, other than by default, among those that say what is run and how. */
export function givenRunOptions(values: Readonly<Record<string, unknown>>): string[] {
	const options: Readonly<Record<string, Options>> = runOptions;
	const { configured } = values as RunArguments;
	return Object.keys(options).filter(
		(name) => values[name] !== undefined && values[name] !== options[name]?.default && !configured?.options.has(name),
	);
}

export const withOptions = (command: Argv, ...tables: readonly Record<string, Options>[]): Argv =>
	tables.reduce((parser, table) => parser.options(table), command);

/** What yargs hands over for the options that say what is run, and how. */
export interface RunArguments extends EventOptions {
	/** Options that a file gave, rather than the command line. */
	readonly configured?: Configured;
	readonly timesteps?: number;
	readonly state?: readonly string[];
	readonly output?: string;
	readonly readout?: 'sum' | 'last';
	readonly dt?: number;
	readonly reset?: 'zero' | 'subtract';
	readonly data?: string;
	readonly labels?: string;
	readonly samples?: number;
	readonly batch?: number;
	readonly reshape?: string;
	readonly layout?: 'ntc' | 'tnc';
	readonly dataDir?: string;
	readonly channels?: 'first' | 'last';
	readonly scale?: number;
	readonly normalize?: string;
	readonly assumeRate?: boolean;
	readonly shard?: string;
	readonly jobs?: number;
	readonly threads?: number;
	readonly saveActivity?: string | undefined;
	readonly resume?: boolean;
	readonly encoder?: 'once' | 'every-step';
	readonly spikeTest?: 'element' | 'timestep' | 'layer';
	readonly graded?: 'mac' | 'ac';
	readonly densities?: boolean;
	readonly quiet?: boolean;
}

/** The same with those of prices and output. */
export interface SharedArguments extends RunArguments {
	readonly profile?: readonly string[];
	readonly set?: readonly string[];
	readonly accounting?: string;
	readonly format?: ReportFormat;
	readonly out?: string;
	readonly columns?: string;
	readonly verbose?: boolean;
	readonly method?: boolean;
	readonly bib?: string;
}

/** Options of the library from the shared arguments. */
export function loadOptionsOf(values: RunArguments) {
	return {
		timesteps: values.timesteps,
		states: values.state,
		output: values.output,
		readout: values.readout,
		dt: values.dt,
		reset: values.reset,
	};
}

export function countOptionsOf(values: RunArguments) {
	const { data, labels, samples, batch, reshape, layout, dataDir, encoder, spikeTest, graded } = values;
	const { bins, binTime, binBy, binValues, polarities, sensor, downscale, crop } = values;
	const { channels, scale, normalize, assumeRate } = values;
	const prepared = {
		channels,
		scale,
		normalize,
		assumeRate,
		bins,
		binTime,
		binBy,
		binValues,
		polarities,
		sensor,
		downscale,
		crop,
	};
	return { data, labels, samples, batch, reshape, layout, dataDir, encoder, spikeTest, graded, ...prepared };
}

/** Names among the options that say what is run and how. */
export const isRunOption = (name: string): boolean => Object.hasOwn(runOptions, name);

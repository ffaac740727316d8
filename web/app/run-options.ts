/** What a run can be told: options of the command line, and how a reader of the page gives them. */

import type { RunOptions } from '../worker/protocol.ts';

type Name = keyof RunOptions;

export interface RunField {
	readonly name: Name;
	/** Of the command line, without its dashes. */
	readonly flag: string;
	readonly title: string;
	/** Values and what they mean; "number", or "text" as the command line takes it. */
	readonly input: 'number' | 'text' | readonly (readonly [value: string, title: string])[];
	readonly example?: string;
	/** Rarely asked for: folded away. */
	readonly rare?: true;
}

export const runFields: readonly RunField[] = [
	{
		name: 'encoder',
		flag: 'encoder',
		title: 'Analog first layer',
		input: [
			['once', 'charged once'],
			['every-step', 'charged at every timestep'],
		],
	},
	{
		name: 'spikeTest',
		flag: 'spike-test',
		title: 'Spike or number is decided',
		input: [
			['element', 'for each element'],
			['timestep', 'for each timestep'],
			['layer', 'for each layer'],
		],
	},
	{
		name: 'graded',
		flag: 'graded',
		title: 'A spike of k times θ is',
		input: [
			['mac', 'one MAC'],
			['ac', 'k ACs'],
		],
	},
	{
		name: 'readout',
		flag: 'readout',
		title: 'Class scores over time',
		input: [
			['', 'as found in the network'],
			['sum', 'summed over timesteps'],
			['last', 'those of the last timestep'],
		],
	},
	{ name: 'samples', flag: 'samples', title: 'Samples', input: 'number' },
	{ name: 'timesteps', flag: 'timesteps', title: 'Timesteps', input: 'number' },
	{ name: 'output', flag: 'output', title: 'Output with the class scores', input: 'text', example: 'logits', rare: true },
	{ name: 'states', flag: 'state', title: 'States, INPUT=OUTPUT', input: 'text', example: 'mem0=mem1, syn0=syn1', rare: true },
	{ name: 'dt', flag: 'dt', title: 'Length of a timestep, seconds (NIR)', input: 'number', example: '0.001', rare: true },
	{
		name: 'reset',
		flag: 'reset',
		title: 'A spike (NIR)',
		input: [
			['', 'resets as the file says'],
			['zero', 'sets the membrane to v_reset'],
			['subtract', 'subtracts the threshold'],
		],
		rare: true,
	},
	{
		name: 'layout',
		flag: 'layout',
		title: 'First axes of the data',
		input: [
			['', 'as found'],
			['ntc', 'samples, timesteps'],
			['tnc', 'timesteps, samples'],
		],
		rare: true,
	},
	{ name: 'reshape', flag: 'reshape', title: 'Shape of a sample', input: 'text', example: '1,28,28', rare: true },
	{
		name: 'channels',
		flag: 'channels',
		title: 'Channels of images',
		input: [
			['', 'where sizes say'],
			['first', 'first'],
			['last', 'last'],
		],
		rare: true,
	},
	{ name: 'scale', flag: 'scale', title: 'Data are divided by', input: 'number', example: '255', rare: true },
	{ name: 'normalize', flag: 'normalize', title: 'Means and deviations', input: 'text', example: '0.1307,0.3081', rare: true },
	{ name: 'bins', flag: 'bins', title: 'Frames of a recording', input: 'number', rare: true },
	{ name: 'binTime', flag: 'bin-time', title: 'Length of a frame', input: 'text', example: '10ms', rare: true },
	{
		name: 'binBy',
		flag: 'bin-by',
		title: 'Frames are equal in',
		input: [
			['', 'length'],
			['count', 'number of events'],
		],
		rare: true,
	},
	{
		name: 'binValues',
		flag: 'bin-values',
		title: 'A frame holds',
		input: 'text',
		example: 'count, binary or clip:N',
		rare: true,
	},
	{
		name: 'polarities',
		flag: 'polarities',
		title: 'Off and on',
		input: [
			['', 'as the network takes them'],
			['1', 'in one channel'],
			['2', 'in a channel each'],
		],
		rare: true,
	},
	{ name: 'sensor', flag: 'sensor', title: 'Size of the camera', input: 'text', example: '34x34', rare: true },
	{ name: 'downscale', flag: 'downscale', title: 'Smaller frames', input: 'text', example: '2 or 32x32', rare: true },
	{ name: 'crop', flag: 'crop', title: 'Only the first', input: 'text', example: '300ms', rare: true },
	{
		name: 'assumeRate',
		flag: 'assume-rate',
		title: 'Rates of random input',
		input: [
			['', 'say nothing about real data'],
			['yes', 'are taken for real ones'],
		],
		rare: true,
	},
];

/** As it is typed or chosen; "" where nothing was said. */
export type Written = Readonly<Partial<Record<Name, string>>>;

/** What was written, as options; null where a number is none. */
export function optionsOf(written: Written): RunOptions | null {
	const entries: [string, unknown][] = [];
	for (const { name, input } of runFields) {
		const text = written[name]?.trim() ?? '';
		if (text === '') continue;
		if (input === 'number') {
			if (!(Number(text) > 0)) return null;
			entries.push([name, Number(text)]);
		} else if (name === 'states') entries.push([name, text.split(/[,;\s]+/)]);
		else entries.push([name, name === 'assumeRate' ? true : name === 'polarities' ? Number(text) : text]);
	}
	return Object.fromEntries(entries) as RunOptions;
}

/** The flags of a command line that gives the options. */
export const flagsOf = (options: RunOptions): string[] =>
	runFields.flatMap(({ name, flag }) => {
		const value = options[name];
		if (value === undefined) return [];
		if (value === true) return [`--${flag}`];
		return (typeof value === 'object' ? value : [value]).map((one) => `--${flag} ${quoted(String(one))}`);
	});

export const quoted = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

/** Fields that a sentence asks for by their flags. */
export const fieldsIn = (sentence: string): RunField[] =>
	runFields.filter(({ flag }) => new RegExp(`--${flag}(?![\\w-])`).test(sentence));

const flagsByLength = runFields.map(({ flag }) => flag).sort((a, b) => b.length - a.length);
const optionAndNextWord = new RegExp(`--(${flagsByLength.join('|')})(?![\\w-])(?: (\\S+?)(?=[,.;:)]*(?:\\s|$)))?`, 'g');

/** A sentence that names options of the command line, with the names of the page's fields and files in their place. */
export const inPageWords = (text: string): string =>
	// Another program's command stays as it is typed.
	text.replace(/^(?:(?!python -m)[\s\S])+/, optionsAsFields);

const optionsAsFields = (sentence: string): string =>
	sentence
		.replaceAll(/\bPass (?=--)/g, 'Give ')
		.replaceAll(/--(?:data|labels) (?=\S*[^\s:][.:/])/g, '')
		.replaceAll(/--(data|labels)\b/g, 'the $1')
		.replaceAll(optionAndNextWord, (_, flag: string, next: string | undefined) => {
			const { title, input } = runFields.find((field) => field.flag === flag) as RunField;
			const chosen = typeof input === 'string' ? undefined : input.find(([value]) => value === next)?.[1];
			if (chosen !== undefined) return `“${title}: ${chosen}”`;
			if (next === undefined) return `“${title}”`;
			return `“${title}” ${/^[\dA-Z]/.test(next) ? '= ' : ''}${next}`;
		});

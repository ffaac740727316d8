import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import yargs from 'yargs/yargs';
import type { Command } from '../../src/cli/command.ts';
import { withSubcommands } from '../../src/cli/command.ts';
import { declaredOn, optionNames } from '../../src/cli/declared.ts';
import { namesOfOption } from '../../src/cli/known-names.ts';
import { refuseMistyped } from '../../src/cli/mistyped.ts';
import { commandParser } from '../../src/cli/parser.ts';
import { loadCommands, verbOf } from '../../src/cli/verbs.ts';
import { documentFormats, pageFormats, reportFormats } from '../../src/reporting/formats.ts';
import { snnEnergyAll } from '../support/built-cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const model = 'models/fashion-cnn';

const cases: readonly (readonly [line: readonly string[], said: string])[] = [
	[['analyse', model], 'Did you mean analyze?'],
	[['analyze', model, '--profil', '45nm'], 'Did you mean --profile?'],
	[['analyze', model, '--format', 'tex'], 'Did you mean latex?'],
	[['analyze', model, '--layout', 'ncd'], 'Did you mean ntc'],
	[['analyze', model, '-t', '4'], 'Did you mean -T?'],
	[['analyze', model, '--data', 'imagefoldr:x'], 'Did you mean imagefolder:?'],
	[['analyze', model, '--accounting', 'exact,layer-rat'], 'Did you mean layer-rate'],
	[['analyze', 'models/fashion-cn'], 'Did you mean models/fashion-cnn or models/fashion-max?'],
	[
		['explain', 'models/fashion-cnn/model.analysis.json', '--dnn', 'models/fashion-cnn/relu.analysis.jsn'],
		'Did you mean models/fashion-cnn/relu.analysis.json',
	],
	[['help', 'analyse'], 'Did you mean analyze?'],
	[['--hlp'], 'Did you mean --help?'],
	[['profiles', 'shwo', 'loihi'], 'Did you mean profiles show?'],
	[['profiles', 'show', 'lohi'], 'Did you mean loihi'],
	[['data', 'fetch', 'mnits'], 'Did you mean mnist'],
	[['train', '--dataset', 'mnits'], 'Did you mean mnist'],
	[['analyze', model, '--Profile', '45nm'], 'no option --Profile here'],
	[['analyze', model, '--Profile', '45nm'], 'Did you mean --profile?'],
	[['check', '4.5 mJ', '--arch', 'spikformer'], 'Did you mean spikformer-'],
	[['train', '--arch', 'vgg66'], 'Did you mean vgg16 or vgg6?'],
	[['train', '--energy-profile', '45mn'], 'Did you mean 45nm'],
	[['export', model, '--too', 'nir'], 'Did you mean --to?'],
	[['export', model, '--to', 'nri'], 'Did you mean nir?'],
	[['convert', model, '--method', 'iri'], 'Did you mean iir?'],
	[['serve', '--no-opne'], 'Did you mean --no-open?'],
	[['check', '--arch', 'spikformr-8-512'], 'Did you mean spikformer-8-512'],
	[['validate', '--only', 'truenrth'], 'Did you mean truenorth'],
	[['analyze', model, '--profile', '45mn'], 'Did you mean 45nm'],
	[['analyze', model, '--data', 'mnistt'], 'Did you mean mnist'],
	[['analyze', model, '--data', 'randon'], 'Did you mean random?'],
	[['analyze', model, '--data', 'nmnist', '--data-dir', 'nowhere'], 'the set nmnist is not here'],
	[['analyze', model, '--timesteps', 'abc'], '--timesteps abc: expected a number.'],
	[['analyze', model, '-T', 'abc'], '--timesteps abc: expected a number.'],
	[['explain', `${model}/model.analysis.json`, '--by', 'memry'], 'Did you mean memory?'],
	[['report', `${model}/model.analysis.json`, '--figure', 'energy-by-layr'], 'Did you mean energy-by-layer'],
];

test('whatever is mistyped is answered in one sentence with what was meant', async () => {
	const outcomes = await snnEnergyAll(cases.map(([line]) => line));
	for (const [at, [line, said]] of cases.entries()) {
		const { code, stdout, stderr } = outcomes[at] ?? { code: null, stdout: '', stderr: '' };
		expect([line, code === 0, stdout]).toEqual([line, false, '']);
		expect(stderr).toMatch(/^snn-energy: [^\n]+\n$/);
		expect(stderr).toContain(said);
	}
}, 120_000);

/** Every command with the words that call it; none of them does anything. */
const idle = (command: Command): Command => {
	const subcommands = command.subcommands?.map(idle);
	return {
		...command,
		handler: () => undefined,
		...(subcommands ? { subcommands, builder: (parser) => withSubcommands(parser, subcommands) } : {}),
	};
};
const commands = (await loadCommands()).map(idle);
const called = commands.flatMap((command): (readonly [string, Command, Command])[] => {
	const verb = verbOf(command.command);
	const below = (command.subcommands ?? []).map((one) => [`${verb} ${verbOf(one.command)}`, one, command] as const);
	return below.length > 0 ? below : [[verb, command, command]];
});

/** What the program answers, before it does anything. */
const answer = async (words: readonly string[], command: Command): Promise<string> => {
	try {
		await refuseMistyped(command, words, yargs);
		await commandParser(yargs, words, [command]).parseAsync();
		return 'nothing is wrong';
	} catch (error) {
		return (error as Error).message;
	}
};
/** A word with one letter changed, its last but one where it is long enough to have one. */
const mistyped = (word: string): string => {
	const at = Math.max(word.length - 2, 0);
	return `${word.slice(0, at)}${word[at] === 'q' ? 'z' : 'q'}${word.slice(at + 1)}`;
};

const tried = new Set<string>();

test.each(called)(
	'%s: an option or a choice with one letter changed is answered with one that is near',
	async (path, own, verb) => {
		const declared = declaredOn(own.builder(yargs([]).help(false).version(false)));
		const { choices, number } = declared.getOptions();
		const unanswered: string[] = [];
		const ask = async (meant: string, ...words: string[]): Promise<void> => {
			const said = await answer([...path.split(' '), ...words], verb);
			// Another name may be as near: what is offered is one letter away from what was typed.
			const offered = /Did you mean ([^?]+)\?/.exec(said)?.[1]?.split(' or ') ?? [];
			if (!offered.some((one) => one === meant || one.length === meant.length)) unanswered.push(`${words.join(' ')}: ${said}`);
		};
		for (const name of optionNames(declared)) {
			await ask(`--${name}`, `--${mistyped(name)}`);
			// Nothing is near a digit that is another.
			if (number.includes(name) || choices[name]?.every((choice) => typeof choice === 'number')) continue;
			const known = choices[name] ?? [];
			const names = known.length > 0 ? known : ((await namesOfOption(path, name)?.names()) ?? []);
			for (const one of names.filter((value) => !value.endsWith(':'))) {
				// Verbs share options: each of their names is tried once.
				const line = `--${name} ${one}`;
				if (!tried.has(line)) await ask(one, `--${name}`, mistyped(one));
				tried.add(line);
			}
		}
		expect(unanswered).toEqual([]);
	},
	120_000,
);

test('a result is written as the ending of its file says, unless --format stands on the line', async () => {
	const folder = temporaryFolder('formats-');
	const run = 'models/fashion-cnn/model.analysis.json';
	const lines = [
		['run.json', /^\{\s*"schema"/],
		['run.tex', /\\begin\{table\}/],
		['run.md', /^# /],
		['run.csv', /^[\w,]+\n/],
	] as const;
	await snnEnergyAll(lines.map(([name]) => ['analyze', run, '--out', join(folder, name)]));
	for (const [name, begins] of lines) expect(readFileSync(join(folder, name), 'utf8')).toMatch(begins);
	await snnEnergyAll([['explain', run, '--format', 'table', '--out', join(folder, 'why.json')]]);
	expect(readFileSync(join(folder, 'why.json'), 'utf8')).not.toMatch(/^\{/);
});

// What stands in the table of formats, where a command writes them all, and where it writes no page.
const [all, tables, pages] = [reportFormats, documentFormats, pageFormats].map((names) => names.join(', '));

test.each([
	[
		['report', 'run', '--out', 'r.pdf'],
		`r.pdf: report writes ${all}; end the name so, or give --format. --format pdf is a form of figures`,
	],
	[['explain', 'run', '--out', 'e.html'], `e.html: explain writes ${tables}; end the name so, or give --format.`],
	[['check', '4.5 mJ', '--out', 'c.HTML'], `check writes ${tables};`],
	[['validate', '--only', 'truenorth', '--out', 'v.tex'], `validate writes ${pages};`],
	[['compare', 'run', 'run', '--out', 'c.svg'], `compare writes ${all};`],
	[['compare', 'run', 'run', '--layers', '--out', 'c.html'], `compare --layers writes ${tables};`],
	[['report', 'run', '--method', '--out', 'm.csv'], 'report --method writes table, markdown, latex;'],
	[['report', 'run', '--interactive', '--out', 'm.md'], 'report --interactive writes html; end the name so.'],
])('%j is refused: the command does not write what the ending names', async (words, said) => {
	const folder = temporaryFolder('endings-');
	const line = words.map((word) => (word === 'run' ? 'models/fashion-cnn/model.analysis.json' : word));
	line.push(join(folder, line.pop() ?? ''));
	const [outcome] = await snnEnergyAll([line]);
	expect([outcome?.code, outcome?.stdout, readdirSync(folder)]).toEqual([2, '', []]);
	expect(outcome?.stderr).toContain(said);
});

test.each([
	[['analyze', 'run', '--method', '--format', 'json'], '--format json: analyze --method writes table, markdown, latex.'],
	[['report', 'run', '--method', '--format=html'], '--format html: report --method writes table, markdown, latex.'],
	[['compare', 'run', 'run', '--layers', '--format', 'html'], `--format html: compare --layers writes ${tables}.`],
	[
		['analyze', 'models/fashion-cnn/model.onnx', '--ambiguity', '--format', 'html'],
		`--format html: analyze --ambiguity writes ${tables}.`,
	],
	[
		['analyze', 'models/fashion-cnn/model.onnx', '--ambiguity', '--out', 'a.html'],
		`--out a.html: analyze --ambiguity writes ${tables}; end the name so, or give --format.`,
	],
	[['analyze', 'models/fashion-cnn/model.onnx', '--polarities', 'sum'], '--polarities sum: expected 1, 2.'],
])('%j is refused: this mode of the command has no such format, or the option no such value', async (words, said) => {
	const line = words.map((word) => (word === 'run' ? 'models/fashion-cnn/model.analysis.json' : word));
	const [outcome] = await snnEnergyAll([line]);
	expect([outcome?.code, outcome?.stdout, outcome?.stderr.trim()]).toEqual([2, '', `snn-energy: ${said}`]);
});

test('a file that is not there is answered with those of like names, wherever one is named', async () => {
	const folder = temporaryFolder('near-');
	for (const name of ['snn.json', 'layers.csv', 'mine.yaml']) writeFileSync(join(folder, name), '');
	const at = (name: string): string => join(folder, name);
	const lines = [
		['serve', at('snn.jsn')],
		['check', '4.5 mJ', '--layers', at('layer.csv')],
		['check', '4.5 mJ', '--arch', 'vgg16@32', '--rates', at('layer.csv')],
		['profiles', 'check', at('min.yaml')],
		['profiles', 'show', at('min.yaml')],
		['analyze', 'models/fashion-cnn/model.analysis.json', '--profile', at('min.yaml')],
	];
	const outcomes = await snnEnergyAll(lines);
	for (const [index, { code, stderr }] of outcomes.entries()) {
		expect([lines[index], code === 1 || code === 2]).toEqual([lines[index], true]);
		expect([lines[index], /Did you mean (\S+)\?$/.exec(stderr.trim())?.[1]]).toEqual([
			lines[index],
			at(['snn.json', 'layers.csv', 'layers.csv', 'mine.yaml', 'mine.yaml', 'mine.yaml'][index] ?? ''),
		]);
	}
});

test('a complaint shows words behind "--" as they were typed', async () => {
	const [outcome] = await snnEnergyAll([['analyze', '--', 'models/fashion-cnn/model.analysis.json', '--x']]);
	expect(outcome?.code).toBe(2);
	expect(outcome?.stderr).toContain('--x');
	expect(outcome?.stderr).not.toContain('\0');
});

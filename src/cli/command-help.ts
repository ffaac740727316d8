import type { Argv } from 'yargs';
import type { Command, Example } from './command.ts';
import { type Declared, declaredOn, optionNames, positionalsOf } from './declared.ts';
import { verbOf } from './verbs.ts';

interface Entry {
	readonly left: string;
	readonly text: string;
}

const width = 100;

/**
 * The help of a verb, with examples that can be copied as they stand.
 *
 * @param called  how the verb is called, such as "snn-energy profiles show"
 * @param parser  a parser without options of its own; the command's are declared on it
 * @param all  whether options that are rarely needed are shown too, rather than named in a line
 */
export function commandHelp(called: string, command: Command, parser: Argv, all: boolean): string {
	const usage = String([command.command].flat()[0]).split(' ').slice(1).join(' ');
	const declared = declaredOn(command.builder(parser));
	const lines = [`Usage: ${called}${usage === '' ? '' : ` ${usage}`} [options]`, command.describe];
	const groups = entriesByGroup(declared, all);
	const below = (command.subcommands ?? []).map((one): Entry => ({ left: `  ${usageOf(one)}`, text: one.describe }));
	const column = Math.min(30, Math.max(0, ...[...groups.values(), below].flat().map(({ left }) => left.length)) + 2);
	if (below.length > 0) lines.push('', ...below.flatMap((entry) => entryLines(entry, column)));
	for (const [heading, entries] of groups)
		lines.push(...(heading === '' ? [] : [heading]), ...entries.flatMap((entry) => entryLines(entry, column)));
	const rare = all ? [] : visibleOptions(declared, true).map((name) => `--${name}`);
	if (rare.length > 0) lines.push(...wrapped(`More with --help-all: ${rare.join(' ')}`, width, '  '));
	if (command.examples.length > 0)
		lines.push('Examples:', ...command.examples.flatMap((example) => exampleLines(example, called)));
	return `${lines.join('\n')}\n`;
}

const usageOf = ({ command }: Command): string => String([command].flat()[0]);

/** The command that words after a verb name, and how it is called. */
export function subcommandOf(command: Command, words: readonly string[]): { readonly command: Command; readonly path: string } {
	const below = command.subcommands?.find((one) => verbOf(one.command) === words[0]);
	const own = verbOf(command.command);
	return below === undefined ? { command, path: own } : { command: below, path: `${own} ${verbOf(below.command)}` };
}

/** Names of the options shown, or of those rarely needed; an option without a description is a variant of another. */
function visibleOptions(declared: Declared, rare: boolean): string[] {
	const { hiddenOptions } = declared.getOptions();
	const descriptions = declared.getInternalMethods().getUsageInstance().getDescriptions();
	return optionNames(declared).filter((name) => (descriptions[name] ?? '') !== '' && hiddenOptions.includes(name) === rare);
}

function entriesByGroup(declared: Declared, all: boolean): Map<string, Entry[]> {
	const grouped = declared.getGroups();
	const groupOf = (name: string): string => Object.keys(grouped).find((group) => grouped[group]?.includes(name)) ?? 'Options:';
	const names = [...positionalsOf(declared), ...visibleOptions(declared, false), ...(all ? visibleOptions(declared, true) : [])];
	const found = new Map<string, Entry[]>();
	for (const name of names) {
		const group = groupOf(name) === 'Positionals:' ? '' : groupOf(name);
		found.set(group, [...(found.get(group) ?? []), entryOf(name, declared)]);
	}
	return found;
}

function entryOf(name: string, declared: Declared): Entry {
	const { alias, array, boolean, number, choices, default: defaults } = declared.getOptions();
	const description = declared.getInternalMethods().getUsageInstance().getDescriptions()[name] ?? '';
	const positional = positionalsOf(declared).includes(name);
	const known = choices[name] ?? [];
	const fallback = defaults[name];
	const facts = [
		...(known.length > 0 ? [known.join('|')] : []),
		...(fallback === undefined || fallback === false || (Array.isArray(fallback) && fallback.length === 0)
			? []
			: [`default ${[fallback].flat().join(',')}`]),
		...(!positional && Object.hasOwn(declared.getDemandedOptions(), name) ? ['needed'] : []),
	];
	const text = `${description}${facts.length > 0 ? ` [${facts.join('; ')}]` : ''}`;
	if (positional) return { left: `  ${name}`, text };
	const short = alias[name]?.find((other) => other.length === 1);
	const value = boolean.includes(name) ? '' : number.includes(name) ? ' N' : array.includes(name) ? ' …' : ' …';
	return { left: `  ${short === undefined ? '' : `-${short}, `}--${name}${value}`, text };
}

function entryLines({ left, text }: Entry, column: number): string[] {
	const [first = '', ...rest] = wrapped(text, width - column, '');
	const indent = ' '.repeat(column);
	const head = left.length + 1 < column ? [`${left.padEnd(column)}${first}`] : [left, `${indent}${first}`];
	return [...head, ...rest.map((line) => `${indent}${line}`)];
}

/** The line whole, its note behind it where both fit: a shell takes it for a comment. */
function exampleLines([line, note]: Example, called: string): string[] {
	const program = called.split(' ')[0] ?? '';
	const whole = `  ${line.startsWith('sh ') || line.startsWith('xargs ') ? '' : `${program} `}${line}`;
	if (note === undefined) return [whole];
	const together = `${whole}   # ${note}`;
	return together.length <= width ? [together] : [`  # ${note}`, whole];
}

function wrapped(text: string, columns: number, indent: string): string[] {
	const lines: string[] = [];
	let line = '';
	for (const word of text.split(' ')) {
		if (line !== '' && line.length + 1 + word.length > columns) {
			lines.push(line);
			line = `${indent}${word}`;
		} else line = line === '' ? word : `${line} ${word}`;
	}
	return [...lines, line];
}

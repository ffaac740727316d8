import { execFileSync } from 'node:child_process';
import yargs from 'yargs';
import type { Command } from '../../src/cli/command.ts';
import { commandHelp } from '../../src/cli/command-help.ts';
import { renamed } from '../../src/cli/renamed.ts';
import { topHelp } from '../../src/cli/top-help.ts';
import { loadCommands, nameOf, verbGroups, verbOf } from '../../src/cli/verbs.ts';
import { snnEnergyAll } from '../support/built-cli.ts';

const commands = await loadCommands();
const verbs = verbGroups.flatMap((group) => group.verbs);

/** Every command with how it is called, those below others included. */
const called = commands.flatMap((command): (readonly [string, Command])[] => {
	const path = `snn-energy ${verbOf(command.command)}`;
	return [[path, command], ...(command.subcommands ?? []).map((one) => [`${path} ${verbOf(one.command)}`, one] as const)];
});
const help = (path: string, command: Command, all: boolean): string =>
	commandHelp(path, command, yargs([]).help(false).version(false), all);

test('the table of verbs names each command as its file does', () => {
	expect(verbs.map(nameOf)).toEqual(commands.map(({ command }) => verbOf(command)));
	expect(verbs.length).toBeLessThanOrEqual(15);
});

test('the top page fits 24 lines and names every verb', () => {
	const lines = topHelp('snn-energy').trimEnd().split('\n');
	expect(lines.length).toBeLessThanOrEqual(24);
	for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
	for (const verb of verbs) expect(lines.some((line) => line.startsWith(`  ${verb.usage} `))).toBe(true);
});

test.each(called)('%s: help fits 40 lines of 100 columns and names every option', (path, command) => {
	const [short, long] = [help(path, command, false), help(path, command, true)];
	const lines = short.trimEnd().split('\n');
	expect(lines.length).toBeLessThanOrEqual(40);
	for (const line of lines) expect(line.length).toBeLessThanOrEqual(100);
	for (const [option] of long.matchAll(/^ +(?:-\w, )?--([\w-]+)/gm)) expect(short).toContain(option.trim().split(' ').at(-1));
	expect(short).not.toMatch(/undefined|\$0/);
});

test('an example stands on one line, and a shell reads it as one command', () => {
	for (const [path, command] of called) {
		const page = help(path, command, false);
		for (const [line] of command.examples) {
			expect(page.split('\n').some((shown) => shown.includes(line))).toBe(true);
			execFileSync('/bin/sh', ['-n', '-c', line]);
			const [verb] = line.split(' ');
			if (!line.startsWith('xargs ')) expect(verbs.map(nameOf)).toContain(verb);
		}
	}
});

test.each([
	[['price', 'run.json', '--profile', 'loihi'], 'snn-energy analyze run.json --profile loihi'],
	[['accountings', 'run.json'], 'snn-energy explain run.json --by conventions'],
	[['sensitivity', 'run.json', '--sweep', 'E_ac=1pJ'], 'snn-energy explain run.json --sweep E_ac=1pJ --by constants'],
	[['break-even', 'run.json'], 'snn-energy explain run.json --by break-even'],
	[['memory', 'run.json'], 'snn-energy explain run.json --by memory'],
	[['fit', 'm.onnx'], 'snn-energy chip m.onnx'],
	[['plot', 'run.json'], 'snn-energy report run.json --figure all'],
	[['diff', 'a.json', 'b.json'], 'snn-energy compare a.json b.json --layers'],
	[['sweep', 'm.onnx', '--out', 'my folder'], "snn-energy batch plan m.onnx --out 'my folder'"],
	[['merge', 'a.json'], 'snn-energy batch merge a.json'],
	[['tables'], 'snn-energy report --tables FOLDER'],
])('the former verb in %j is answered with the command that does it now', async (line, now) => {
	expect(renamed(line)).not.toBeNull();
	const [plain, asked] = await snnEnergyAll([line, [...line, '--help']]);
	for (const outcome of [plain, asked]) {
		expect(outcome?.code).toBe(2);
		expect(outcome?.stdout).toBe('');
	}
	expect(plain?.stderr).toBe(`snn-energy: "${line[0]}" is part of "${now.split(' ')[1]}" now. Use: ${now}\n`);
});

test('help is given by an option anywhere and by the word before a verb', async () => {
	const lines = [
		['analyze', '--help'],
		['analyze', 'm.onnx', '-h'],
		['help', 'analyze'],
	];
	const [first, ...others] = await snnEnergyAll(lines);
	expect(first?.stdout).toContain('Usage: snn-energy analyze <model> [options]');
	for (const other of others) expect(other.stdout).toBe(first?.stdout);
});

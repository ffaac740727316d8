import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { listProfiles } from '../../src/hardware/index.ts';
import { snnEnergy, snnEnergyAll } from '../support/built-cli.ts';
import { temporaryFolder } from '../support/temporary.ts';

const trace = new URL('../support/loaded-modules.js', import.meta.url).href;

interface Loaded {
	readonly names: readonly string[];
	readonly kilobytes: number;
}

/** Module files a command line loads, without those of Node itself. */
async function modulesOf(...line: readonly string[]): Promise<Loaded> {
	const { stderr } = await snnEnergy(line, { environment: { NODE_OPTIONS: `--import ${trace}` } });
	const urls = [...stderr.matchAll(/^loaded (file:.*)$/gm)].map(([, url]) => url as string);
	const names = [...new Set(urls)].filter((url) => !url.endsWith('loaded-modules.js'));
	const bytes = names.reduce((sum, url) => sum + statSync(fileURLToPath(url)).size, 0);
	return { names, kilobytes: bytes / 1000 };
}

const heavy =
	/node_modules\/(mathjs|ajv|yaml|onnxruntime|@tensorflow|@bufbuild|vega|pdfkit)|program\/(pipeline|training|draw|units|ajv)\d*\.js/;

// Time depends on the machine; what is loaded does not. A file costs about a millisecond, and so do a hundred kilobytes.
test.each([
	[['--help'], 12],
	[['--version'], 12],
	[['profiles'], 57],
	[['analyze', '--help'], 36],
	[['analyze', 'missing.onnx'], 39],
	[['explain', 'missing.json'], 42],
	[['analyze', fileURLToPath(import.meta.url), '--profile', 'no-such-profile'], 47],
	[['profiles', 'show', 'no-such-profile'], 46],
])('snn-energy %j loads no heavy module, at most %i files and 300 kB', async (line, most) => {
	const { names, kilobytes } = await modulesOf(...line);
	expect(names.filter((url) => heavy.test(url))).toEqual([]);
	expect(names.length).toBeGreaterThan(0);
	expect(names.length).toBeLessThanOrEqual(most);
	expect(kilobytes).toBeLessThan(300);
});

const model = fileURLToPath(new URL('../../models/fashion-cnn/model.onnx', import.meta.url));
const saved = model.replace(/onnx$/, 'analysis.json');

test.each([
	['pricing a saved run again', ['analyze', saved], 160, 2600],
	['counting the shipped model', ['analyze', model, '--samples', '1'], 180, 3300],
	['a report', ['report', saved, '--out', join(temporaryFolder('snn-energy-start-'), 'report.html')], 160, 4100],
])('%s loads no package file by file, and a program of limited size', async (_what, line, files, most) => {
	const { names, kilobytes } = await modulesOf(...line);
	expect(names.filter((url) => /node_modules\/(mathjs|ajv|yaml|@bufbuild|vega|d3-|pngjs)/.test(url))).toEqual([]);
	expect(names.some((url) => heavy.test(url))).toBe(true);
	expect(names.length).toBeLessThanOrEqual(files);
	expect(kilobytes).toBeLessThan(most);
});

test('the program carries the text of the licence of every package it holds', () => {
	const texts = readFileSync(new URL('../../dist/cli/program/licences.txt', import.meta.url), 'utf8').split(
		`\n${'-'.repeat(80)}\n\n`,
	);
	expect(texts.length).toBeGreaterThan(20);
	for (const text of texts) expect(text).toMatch(/^\S+ \S+: [^\n]+\n\n.*(?:permission|permitted|licen[cs]e).*(?:warrant|liab)/is);
	const named = (name: string) => texts.find((text) => text.startsWith(`${name} `));
	expect(named('@bufbuild/protobuf')).toMatch(
		/Buf Technologies.*Google Inc.*Redistribution and use.*Apache License\s+Version 2\.0/s,
	);
	expect(named('onnxruntime-common')).toMatch(/MIT License\s+Copyright \(c\) Microsoft/);
});

test('the list that the build keeps is the one made by checking every profile', async () => {
	const { stdout } = await snnEnergy(['profiles', '--format', 'json']);
	expect(JSON.parse(stdout)).toEqual(JSON.parse(JSON.stringify(listProfiles())));
});

test('a file that is not there is told in one sentence, whatever kind of file a command wants', async () => {
	const commands = ['analyze', 'explain', 'compare', 'chip'];
	const outcomes = await snnEnergyAll(commands.map((command) => [command, 'missing.file']));
	for (const { code, stdout, stderr } of outcomes)
		expect([code, stdout, stderr]).toEqual([1, '', 'snn-energy: missing.file: there is no such file. Check the path.\n']);
});

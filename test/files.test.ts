import { spawn, spawnSync } from 'node:child_process';
import {
	chmodSync,
	chownSync,
	closeSync,
	existsSync,
	linkSync,
	lstatSync,
	mkdirSync,
	mkdtempSync,
	openSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowReplacing, checkOutput, makeFolder, writeWhole } from '../src/files.ts';
import { forgetInputs, readInput, watchInputs } from '../src/inputs.ts';
import { runOnBuild } from './support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const host = (hostname().split('.')[0] ?? '').replace(/\W/g, '_');
/** The number of a process that has ended. */
const ended = spawnSync(process.execPath, ['-e', '']).pid;

function age(name: string, minutes: number): void {
	const then = Date.now() / 1000 - 60 * minutes;
	utimesSync(join(folder, name), then, then);
}

function leave(name: string, ageMinutes: number): string {
	writeFileSync(join(folder, name), 'half');
	age(name, ageMinutes);
	return name;
}

test('what a killed run left of this very file goes; what may be somebody’s stays', () => {
	leave(`result.json.${host}-${ended}-1.part`, 60);
	leave(`result.json.${host}-${ended}-27.part`, 60);
	const kept = [
		leave(`result.json.${host}-${process.pid}-99.part`, 60),
		leave(`result.json.${host}-${ended}-2.part`, 1),
		leave(`result.json.another-${ended}-1.part`, 60),
		leave(`other.json.${host}-${ended}-1.part`, 60),
		leave(`result.json.${host}-mine.part`, 60),
	];
	writeWhole(join(folder, 'result.json'), ['{"a":', '1}']);
	expect(readFileSync(join(folder, 'result.json'), 'utf8')).toBe('{"a":1}');
	expect(readdirSync(folder).sort()).toEqual(['result.json', ...kept].sort());
});

test('a process killed before its file is in place leaves what the next one finds and removes', async () => {
	const program = join(folder, 'killed.mjs');
	const path = join(folder, 'killed.json');
	const built = new URL('../dist/files.js', import.meta.url).href;
	writeFileSync(
		program,
		`import fs from 'node:fs';
		import { syncBuiltinESMExports } from 'node:module';
		fs.renameSync = () => process.kill(process.pid, 'SIGKILL');
		syncBuiltinESMExports();
		const { writeWhole } = await import(${JSON.stringify(built)});
		writeWhole(${JSON.stringify(path)}, ['half']);`,
	);
	expect((await runOnBuild(program, [])).signal).toBe('SIGKILL');
	const [left, ...more] = readdirSync(folder).filter((name) => name.startsWith('killed.json'));
	expect(left).toMatch(/\.part$/);
	expect(more).toEqual([]);
	age(String(left), 60);
	writeWhole(path, ['whole']);
	expect(readdirSync(folder).filter((name) => name.startsWith('killed.json'))).toEqual(['killed.json']);
}, 120_000);

test('a file that cannot be put in place leaves nothing half-written and the older one as it was', () => {
	const place = join(folder, 'folder');
	mkdirSync(place);
	writeFileSync(join(place, 'old'), 'old');
	expect(() => writeWhole(place, ['new'])).toThrow(/folder: cannot be written: .*\. Nothing was written\./);
	expect(readdirSync(place)).toEqual(['old']);
	expect(readdirSync(folder).filter((name) => name.startsWith('folder'))).toEqual(['folder']);
});

const at = (name: string): string => join(folder, name);
const modeOf = (path: string): number => statSync(path).mode & 0o7777;

test('a symbolic link stays, and what it leads to is written, there or not', () => {
	writeFileSync(at('target'), 'old');
	symlinkSync('target', at('link'));
	symlinkSync(at('link'), at('link-to-link'));
	writeWhole(at('link-to-link'), ['new']);
	expect([lstatSync(at('link')).isSymbolicLink(), lstatSync(at('link-to-link')).isSymbolicLink()]).toEqual([true, true]);
	expect(readFileSync(at('target'), 'utf8')).toBe('new');
	symlinkSync('not-yet', at('dangling'));
	writeWhole(at('dangling'), ['made']);
	expect(readFileSync(at('not-yet'), 'utf8')).toBe('made');
	symlinkSync('round', at('round'));
	expect(() => writeWhole(at('round'), ['x'])).toThrow(/round: cannot be written: its symbolic links lead in a circle/);
});

test('a file that is replaced hands its mode on', () => {
	writeFileSync(at('private'), 'old', { mode: 0o600 });
	writeWhole(at('private'), ['new']);
	expect([readFileSync(at('private'), 'utf8'), modeOf(at('private'))]).toEqual(['new', 0o600]);
	writeFileSync(at('open'), 'old');
	chmodSync(at('open'), 0o666);
	writeWhole(at('open'), ['new']);
	expect(modeOf(at('open'))).toBe(0o666);
});

const asRoot = process.getuid?.() === 0 ? test : test.skip;
asRoot('a file that is replaced keeps its owner', () => {
	writeFileSync(at('owned'), 'old');
	chownSync(at('owned'), 1234, 2345);
	writeWhole(at('owned'), ['new']);
	const { uid, gid } = statSync(at('owned'));
	expect([readFileSync(at('owned'), 'utf8'), uid, gid]).toEqual(['new', 1234, 2345]);
});

test('a pipe is written to, not replaced', async () => {
	spawnSync('mkfifo', [at('pipe')]);
	const reader = spawn('cat', [at('pipe')]);
	let got = '';
	reader.stdout.on('data', (text) => {
		got += text;
	});
	const ended = new Promise((resolve) => reader.on('close', resolve));
	writeWhole(at('pipe'), ['through', ' the pipe']);
	await ended;
	expect([got, lstatSync(at('pipe')).isFIFO()]).toEqual(['through the pipe', true]);
});

// The other tests of this process write what they have read.
afterEach(forgetInputs);

test('no name of an input can be written, and no output read as input', () => {
	watchInputs();
	writeFileSync(at('input.json'), '{}');
	linkSync(at('input.json'), at('hard-link.json'));
	symlinkSync('input.json', at('soft-link.json'));
	readInput(at('soft-link.json'));
	for (const name of ['input.json', 'hard-link.json', 'soft-link.json']) {
		expect(() => writeWhole(at(name), ['{"a":1}'])).toThrow(/which this run reads|a file that this run reads/);
		expect(() => checkOutput(at(name))).toThrow(/which this run reads|a file that this run reads/);
	}
	writeFileSync(at('result.txt'), 'old');
	checkOutput(at('result.txt'));
	expect(() => readInput(at('result.txt'))).toThrow(/a file that this run reads\. Nothing was written; name another file/);
	expect(readFileSync(at('input.json'), 'utf8')).toBe('{}');
});

test.each([
	['model.onnx', Buffer.from([8, 8, 0x12, 7, 1, 2]), 'a model (ONNX)'],
	['x.npy', Buffer.from('\x93NUMPY\x01\x00', 'latin1'), 'an array (.npy)'],
	['x.npz', Buffer.from('PK\x03\x04'), 'an archive (ZIP, .npz)'],
	['net.nir', Buffer.from('\x89HDF\r\n\x1a\n', 'latin1'), 'an HDF5 file (as NIR)'],
	['image', Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), 'a picture (PNG)'],
	['photo.jpg', Buffer.from([0xff, 0xd8, 0xff, 0xe0]), 'a picture (JPEG)'],
	['figure.svg', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'a picture (SVG)'],
	['paper.pdf', '%PDF-1.7', 'a PDF'],
	['weights.bin', Buffer.from([0, 1, 2, 0xff, 0xfe]), 'a binary file'],
	['model.json', '{"modelTopology": {}}', 'a model (tfjs)'],
	['run.json', '{"schema": "snn-energy/activity@1"}', 'a saved result (activity)'],
	['package.json', '{"name": "x"}', 'a JSON file'],
	['train.py', 'import torch', 'a .py file'],
	['chip.yaml', 'name: chip', 'a .yaml file'],
	['run.sh', '#!/bin/sh', 'a script'],
	['page.html', '<!doctype html>', 'an HTML page'],
])('%s is not replaced by a table, unless --force says so', (name, content, kind) => {
	writeFileSync(at(`kind-${name}`), content);
	expect(() => writeWhole(at(`kind-${name}`), ['Energy on 45nm\n'])).toThrow(`is ${kind}, and text would replace it`);
	expect(readFileSync(at(`kind-${name}`))).toEqual(Buffer.from(content));
	allowReplacing(true);
	writeWhole(at(`kind-${name}`), ['Energy on 45nm\n']);
	allowReplacing(false);
	expect(readFileSync(at(`kind-${name}`), 'utf8')).toBe('Energy on 45nm\n');
});

test('a result replaces an older one of its kind, and an empty file', () => {
	for (const [name, older, newer] of [
		['a.txt', 'old table', 'new table'],
		['a.csv', 'a,b\n', 'a,c\n'],
		['empty.png', '', 'text'],
		['b.json', '{"schema": "snn-energy/analysis@1"}', '{"schema": "snn-energy/analysis@1", "x": 1}'],
		['c.html', '<!DOCTYPE html><p>1', '<!doctype html><p>2'],
	] as const) {
		writeFileSync(at(name), older);
		writeWhole(at(name), [newer]);
		expect(readFileSync(at(name), 'utf8')).toBe(newer);
	}
});

test('only regular files are read: pipes, devices and folders are told, without waiting', () => {
	spawnSync('mkfifo', [at('waiting')]);
	expect(() => readInput(at('waiting'))).toThrow(/waiting: is a pipe, and only regular files are read/);
	expect(() => readInput('/dev/zero')).toThrow('/dev/zero: is a device, and only regular files are read');
	expect(() => readInput(folder)).toThrow(expect.objectContaining({ code: 'EISDIR' }));
	expect(() => readInput(at('a.txt'), { largest: 3 })).toThrow(/a\.txt: has 9 bytes, and at most 3 are read/);
});

test('two writers of one file leave one of the two results, whole', async () => {
	const program = at('writer.mjs');
	const path = at('shared.txt');
	const built = new URL('../dist/files.js', import.meta.url).href;
	writeFileSync(
		program,
		`const { writeWhole } = await import(${JSON.stringify(built)});
		for (let round = 0; round < 40; round += 1) writeWhole(${JSON.stringify(path)}, [process.argv[2].repeat(100_000)]);`,
	);
	const both = Promise.all([runOnBuild(program, ['a']), runOnBuild(program, ['b'])]);
	let running = true;
	both.finally(() => {
		running = false;
	});
	const seen = new Set<string>();
	while (running) {
		if (existsSync(path)) seen.add(readFileSync(path, 'utf8'));
		await new Promise((resolve) => setTimeout(resolve, 1));
	}
	expect((await both).map(({ code }) => code)).toEqual([0, 0]);
	expect(['a'.repeat(100_000), 'b'.repeat(100_000)]).toEqual(expect.arrayContaining([...seen]));
	expect(readdirSync(folder).filter((name) => name.startsWith('shared.txt'))).toEqual(['shared.txt']);
}, 120_000);

test('a clock set back neither removes what another run writes nor fails a write', () => {
	const now = Date.now;
	Date.now = () => now() - 365 * 86400_000;
	try {
		const other = leave(`clock.json.${host}-${ended}-3.part`, 1);
		writeWhole(at('clock.json'), ['{}']);
		expect(readdirSync(folder)).toEqual(expect.arrayContaining(['clock.json', other]));
	} finally {
		Date.now = now;
	}
});

test('odd file names are written as they are', () => {
	for (const name of ['-leading', 'new\nline', ' ', 'ünï', `${'long'.repeat(62)}.txt`]) {
		writeWhole(at(name), ['text']);
		expect(readFileSync(at(name), 'utf8')).toBe('text');
	}
});

test('folders are made down to the last, or what stands in the way is told', () => {
	makeFolder(at('one/two/three'), '--out');
	makeFolder(at('one/two/three'), '--out');
	expect(statSync(at('one/two/three')).isDirectory()).toBe(true);
	writeFileSync(at('one/file'), '');
	expect(() => makeFolder(at('one/file'), '--out')).toThrow(/one\/file cannot be made: a file has that name/);
	expect(() => makeFolder(at('one/file/two'), '--out')).toThrow(/a part of the path is a file/);
	symlinkSync('nowhere/at/all', at('one/leads-nowhere'));
	expect(() => makeFolder(at('one/leads-nowhere/two'), '--out')).toThrow(/one\/leads-nowhere\/two cannot be made: /);
});

const onLinux = process.platform === 'linux' ? test : test.skip;
onLinux('a folder that takes no folders, as /proc, is refused and not tried for ever', () => {
	expect(() => makeFolder('/proc/self/fd/9999/figures', '--out')).toThrow(/figures cannot be made: .*\. Choose another --out\./);
	expect(() => makeFolder('/proc/no-such-place', '--out')).toThrow(/no-such-place cannot be made: .*\. Choose another --out\./);
});

onLinux('what is not open for writing is told before the work that gives the result', () => {
	writeFileSync(at('only-read'), '');
	const file = openSync(at('only-read'), 'r');
	try {
		for (const path of [`/dev/fd/${file}`, '/proc/self/fd/9999'])
			expect(() => checkOutput(path)).toThrow(
				`${path}: cannot be written: nothing is open there for writing. Nothing was written.`,
			);
	} finally {
		closeSync(file);
	}
});

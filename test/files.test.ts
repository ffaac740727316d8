import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeWhole } from '../src/files.ts';
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

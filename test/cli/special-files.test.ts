import { execFile, spawnSync } from 'node:child_process';
import { copyFileSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { builtFile } from '../support/built-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-special-'));
const run = join(folder, 'run.json');
let main = '';
beforeAll(async () => {
	main = fileURLToPath(await builtFile('cli/main.js'));
	copyFileSync(fileURLToPath(new URL('../../models/mnist-cnn/model-T2.analysis.json', import.meta.url)), run);
	mkdirSync(join(folder, 'dev'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Outcome {
	readonly code: number;
	readonly stdout: string;
	readonly stderr: string;
}

/** Runs shell lines in the folder; `analyze` is the command on the saved run. */
function shell(lines: string, before: readonly string[] = []): Promise<Outcome> {
	const script = `analyze() { "${process.execPath}" "${main}" analyze run.json "$@"; }\n${lines}`;
	const [program = 'sh', ...words] = [...before, 'sh', '-c', script];
	return new Promise((resolve) => {
		execFile(program, words, { cwd: folder }, (error, stdout, stderr) =>
			resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
		);
	});
}

/** Device nodes are made in a file system of their own, which only the test's processes see. */
const own = ['unshare', '--mount'];
const mayMount = spawnSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', join(folder)]).status === 0;
const withDevices = mayMount ? test : test.skip;
const devices = 'set -e; mount -t tmpfs tmpfs dev; mknod dev/null c 1 3; mknod dev/full c 1 7; set +e;';

withDevices(
	'devices are written to and stay devices; a full one is told in a sentence, as --out and as stdout',
	async () => {
		const { stdout, stderr } = await shell(
			`${devices} analyze --out dev/null; echo $?; analyze --out dev/full; echo $?; analyze > dev/full; echo $?; test -c dev/null && test -c dev/full; echo $?`,
			own,
		);
		expect(stdout.trim().split('\n')).toEqual(['0', '1', '1', '0']);
		expect(stderr.trim().split('\n')).toEqual([
			'snn-energy: dev/full: cannot be written: the disk is full. Nothing was written.',
			'snn-energy: stdout: cannot be written: the disk is full. The result is not complete.',
		]);
	},
	60_000,
);

withDevices(
	'a read-only disk is named for what it is, wherever a folder is to be made on it',
	async () => {
		const { stderr } = await shell(
			`mount -t tmpfs -o ro tmpfs dev; "${process.execPath}" "${main}" report run.json --figure all --out dev/figures; analyze --out dev/new/x.txt; analyze --out dev/x.txt`,
			own,
		);
		expect(stderr.trim().split('\n')).toEqual([
			'snn-energy: dev/figures cannot be made: the disk is read-only. Choose another --out.',
			'snn-energy: dev/new/x.txt: cannot be written: the disk is read-only. Nothing was written.',
			'snn-energy: dev/x.txt: cannot be written: the disk is read-only. Nothing was written.',
		]);
	},
	60_000,
);

test('under no name is the input replaced by the result', async () => {
	const before = readFileSync(run);
	linkSync(run, join(folder, 'hard.json'));
	symlinkSync('run.json', join(folder, 'soft.json'));
	for (const name of ['run.json', './run.json', 'hard.json', 'soft.json']) {
		const { code, stderr } = await shell(`analyze --format json --force --out ${name}`);
		expect([code, stderr]).toEqual([
			1,
			expect.stringMatching(/^snn-energy: \S+: .*which this run reads|a file that this run reads/),
		]);
	}
	expect(readFileSync(run)).toEqual(before);
}, 60_000);

test('what is piped in is read where "-" names it, and "-" is stdout for results', async () => {
	const { code, stdout } = await shell(`"${process.execPath}" "${main}" analyze - --format csv --out - < run.json | head -n 1`);
	expect([code, stdout]).toEqual([0, expect.stringContaining('synaptic')]);
	const pipe = await shell(`mkfifo pipe; "${process.execPath}" "${main}" analyze pipe`);
	expect([pipe.code, pipe.stderr]).toEqual([1, expect.stringContaining('pipe: is a pipe, and only regular files are read')]);
}, 60_000);

test('what stands behind "--" is a name, even where it begins with a dash', async () => {
	const { code, stdout } = await shell(
		`cp run.json ./-x.json; "${process.execPath}" "${main}" analyze --profile loihi -- -x.json; rm ./-x.json`,
	);
	expect(code).toBe(0);
	expect(stdout).toMatch(/Energy on loihi/);
});

test('a name that is not UTF-8 is refused for what it is', async () => {
	const { code, stderr } = await shell(
		`name=$(printf 'run-\\351.json'); cp run.json "$name" 2>/dev/null; "${process.execPath}" "${main}" analyze "$name"; status=$?; rm "$name"; exit $status`,
	);
	expect(code).toBe(2);
	expect(stderr).toMatch(/^snn-energy: run-\uFFFD\.json: the name holds bytes that are not UTF-8.*Rename the file/);
});

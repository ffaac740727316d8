// npm run check-package: packs the package, checks what it holds, installs it into empty folders with and without optional
// dependencies, and runs there what the documentation promises. Needs a registry; not part of npm test.
//
//   npm run check-package -- [--node 20 --node 22 --node 24]     also with those versions of Node, from the registry
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from './script-options.js';

const values = scriptOptions({ node: { type: 'string', multiple: true, default: [] } });
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'snn-energy-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
const largestBytes = 5e6;

const run = (program, line, cwd) =>
	execFileSync(program, line, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26, stdio: ['ignore', 'pipe', 'inherit'] });
const npm = (line, cwd) => run('npm', line, cwd);

function require(holds, what) {
	if (!holds) throw new Error(`the package is not right: ${what}`);
}

/** Packs without building again; what is in it is what users get. */
function pack() {
	const [packed] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', work], root));
	const paths = packed.files.map(({ path }) => path);
	const modelBytes = packed.files.filter(({ path }) => path.startsWith('models/')).reduce((sum, { size }) => sum + size, 0);
	const others = packed.unpackedSize - modelBytes;
	console.log(
		`${packed.filename}: ${megabytes(packed.size)} packed; unpacked ${megabytes(others)} and ${megabytes(modelBytes)} of model, ${paths.length} files`,
	);
	require(others < largestBytes, `${megabytes(others)} without models; at most ${megabytes(largestBytes)}`);
	for (const needed of [
		'dist/cli/main.js',
		'dist/index.d.ts',
		'dist/hardware/profile/shipped-list.json',
		'LICENSE',
		'README.md',
		'docs/library.md',
	])
		require(paths.includes(needed), `${needed} is missing`);
	const extra = paths.filter((path) =>
		/^(test|bench|scripts|reports)\/|\.test\.|^src\/(?!reporting\/schemas\/)|\.tsbuildinfo$/.test(path),
	);
	require(extra.length === 0, `users do not need ${extra.slice(0, 5).join(', ')}`);
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const atInstall = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts);
	require(atInstall.length === 0, `it runs ${atInstall.join(', ')} when it is installed`);
	return join(work, packed.filename);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** An empty folder with the package installed; install scripts of dependencies are not run, so nothing may need them. */
function install(tarball, name, further) {
	const folder = join(work, name);
	mkdirSync(folder);
	writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }\n');
	npm(['install', tarball, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...further], folder);
	return folder;
}

/** The commands of README and docs/library.md. @returns the counted result, which must be the same everywhere */
function useIt(folder, node = process.execPath) {
	const cli = join(folder, 'node_modules/snn-energy/dist/cli/main.js');
	const model = 'node_modules/snn-energy/models/fashion-cnn/model.onnx';
	require(run(node, [cli, '--help'], folder).includes('analyze <model>'), '--help does not list analyze');
	require(run(node, [cli, 'profiles'], folder).includes('45nm'), 'profiles does not list 45nm');
	const result = run(node, [cli, 'analyze', model, '--samples', '20', '--format', 'json', '--quiet'], folder);
	const page = readFileSync(join(folder, 'node_modules/snn-energy/docs/library.md'), 'utf8');
	const printed = [...page.matchAll(/```js\n([\s\S]*?)```/g)].map(([, code], index) => {
		const file = join(folder, `program-${index}.mjs`);
		writeFileSync(file, code);
		return run(node, [file], folder);
	});
	require(printed.length >= 4 && printed.every((text) => text !== ''), 'a program of docs/library.md prints nothing');
	return JSON.stringify([JSON.parse(result), printed]);
}

/** The program of a version of Node, from the registry's package of its binary. */
function nodeOf(version) {
	const folder = join(work, `node-${version}`);
	mkdirSync(folder);
	writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }\n');
	const name = `node-${process.platform}-${process.arch}`;
	npm(['install', `${name}@${version}`, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], folder);
	return join(folder, 'node_modules', name, 'bin/node');
}

const tarball = pack();
const whole = install(tarball, 'whole', []);
const expected = useIt(whole);
console.log(`with optional dependencies: works (${readdirSync(join(whole, 'node_modules')).length} entries in node_modules)`);
const lean = install(tarball, 'lean', ['--omit=optional']);
require(useIt(lean) === expected, 'without optional dependencies the results differ');
console.log(`without optional dependencies: works, same results (${readdirSync(join(lean, 'node_modules')).length} entries)`);
for (const version of values.node) {
	const node = nodeOf(version);
	require(useIt(lean, node) === expected, `under Node ${version} the results differ`);
	console.log(`Node ${run(node, ['--version'], work).trim()}: works, same results`);
}

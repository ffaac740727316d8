// npm run check-package: packs the package, checks what it holds, installs it into empty folders as users do, with install
// scripts and without, with optional dependencies and without, and runs there what the documentation promises. Needs a registry
// and nothing else: install scripts that fetch from elsewhere may fail. Not part of npm test.
//
//   npm run check-package -- [--node 20 --node 22 --node 24]     also with those versions of Node, from the registry
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { scriptOptions } from './script-options.js';

const values = scriptOptions({ node: { type: 'string', multiple: true, default: [] } });
const root = fileURLToPath(new URL('..', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'snn-energy-package-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));
/** Programs and the packages they hold, profiles with what the scorecard runs, docs, and the font of PDF figures. */
const largestBytes = 11e6;
/** The page with its WebAssembly, compressed. */
const largestPageBytes = 6e6;

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
	const bytesUnder = (folder) =>
		packed.files.filter(({ path }) => path.startsWith(folder)).reduce((sum, { size }) => sum + size, 0);
	const [modelBytes, pageBytes] = [bytesUnder('models/'), bytesUnder('dist/web/')];
	const others = packed.unpackedSize - modelBytes - pageBytes;
	console.log(
		`${packed.filename}: ${megabytes(packed.size)} packed; unpacked ${megabytes(others)}, ${megabytes(pageBytes)} of the page and ${megabytes(modelBytes)} of model, ${paths.length} files`,
	);
	require(others < largestBytes, `${megabytes(others)} without models and page; at most ${megabytes(largestBytes)}`);
	require(pageBytes > 0 &&
		pageBytes < largestPageBytes, `the page has ${megabytes(pageBytes)}; at most ${megabytes(largestPageBytes)}, and there`);
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
		/^(test|bench|scripts|reports)\/|\.test\.|^src\/(?!reporting\/(?:schemas|charts\/fonts)\/)|\.tsbuildinfo$/.test(path),
	);
	require(extra.length === 0, `users do not need ${extra.slice(0, 5).join(', ')}`);
	const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
	const atInstall = ['preinstall', 'install', 'postinstall', 'prepare'].filter((name) => name in scripts);
	require(atInstall.length === 0, `it runs ${atInstall.join(', ')} when it is installed`);
	return join(work, packed.filename);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(2)} MB`;

/** An empty folder with the package installed. */
function install(tarball, name, further) {
	const folder = join(work, name);
	mkdirSync(folder);
	writeFileSync(join(folder, 'package.json'), '{ "name": "empty", "private": true }\n');
	npm(['install', tarball, '--no-audit', '--no-fund', '--loglevel=error', ...further], folder);
	const native = existsSync(join(folder, 'node_modules/onnxruntime-node'));
	console.log(`npm install ${further.join(' ')}: ${entries(folder)} entries, ${native ? 'native onnxruntime' : 'WebAssembly'}`);
	return folder;
}

const entries = (folder) => readdirSync(join(folder, 'node_modules')).length;

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
	// The name of the build that counted differs, and the checksum over it.
	const {
		checksum: _,
		run: { runtimes, ...counted },
		...rest
	} = JSON.parse(result);
	require(runtimes.length === 1, 'a result does not name the build that counted');
	return JSON.stringify([counted, rest, printed]);
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
const [first, ...others] = [
	// As most users type it. Behind a firewall the scripts of optional dependencies fail, and npm leaves those out.
	install(tarball, 'plain', []),
	install(tarball, 'no-scripts', ['--ignore-scripts']),
	install(tarball, 'lean', ['--omit=optional']),
];
const expected = useIt(first);
for (const folder of others) require(useIt(folder) === expected, `in ${folder} the results differ`);
console.log('all three work, with the same results');
const lean = others.at(-1);
require(!existsSync(
	join(lean, 'node_modules/onnxruntime-node'),
), 'onnxruntime-node is installed where optional dependencies are not wanted');
for (const version of values.node) {
	const node = nodeOf(version);
	require(useIt(lean, node) === expected, `under Node ${version} the results differ`);
	console.log(`Node ${run(node, ['--version'], work).trim()}: works, same results`);
}

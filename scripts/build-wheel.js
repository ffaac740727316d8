// npm run wheel: the Python package, python/dist/snn_energy-VERSION-py3-none-any.whl. It holds the built JavaScript and the packages it
// runs with, so that pip needs nothing but Node: no npm, no network. python3 with pip builds it; SNN_ENERGY_PYTHON names another Python.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const inside = join(root, 'python/snn_energy/_js');
const largestBytes = 40e6;

/** What npm would publish: the files that package.json names. */
function copyOwnFiles() {
	const [packed] = JSON.parse(
		execFileSync('npm', ['pack', '--json', '--dry-run', '--ignore-scripts'], { cwd: root, encoding: 'utf8', maxBuffer: 2 ** 26 }),
	);
	for (const { path } of packed.files) if (!unneeded(path)) copy(path);
}

/** The packages a user installs, as the lockfile lists them; none that is only for development, or optional and of one platform. */
function copyPackages() {
	const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
	const names = Object.keys(packages).filter((path) => path.startsWith('node_modules/'));
	for (const path of names) {
		const { dev, optional, devOptional } = packages[path];
		if (!dev && !optional && !devOptional) copyTree(path);
	}
}

function copyTree(path) {
	for (const entry of readdirSync(join(root, path), { withFileTypes: true })) {
		const child = `${path}/${entry.name}`;
		// A package inside a package has a line of its own in the lockfile.
		if (entry.name === 'node_modules' || unneeded(child)) continue;
		if (entry.isDirectory()) copyTree(child);
		else if (entry.isFile()) copy(child);
	}
}

function copy(path) {
	const target = join(inside, path);
	mkdirSync(dirname(target), { recursive: true });
	cpSync(join(root, path), target);
}

/** Files that Node never loads: types, sources, maps, pages, builds for browsers. */
const unneededFiles = [
	/\.(map|d\.ts|d\.mts|d\.cts|ts|md|markdown|flow|html|coffee|tsbuildinfo|yml|jst)$/i,
	/\/(test|tests|__tests__|example|examples|docs|bench|benchmark|demo|\.github)\//,
	/\/(package-lock|tsconfig|bower|karma\.conf|rollup\.config|jest\.config)[^/]*$/,
	// tfjs ships each of its packages ten times over; Node loads dist/tf-*.node.js, and the files beside index.js where modules are imported.
	/^node_modules\/@tensorflow\/[^/]+\/(dist\/(miniprogram|tests?)|src)\//,
	/^node_modules\/@tensorflow\/[^/]+\/dist\/tf-[a-z-]+(\.es2017|\.fesm)?(\.min)?\.js$/,
	/^node_modules\/mathjs\/lib\/(cjs|esm)\//,
	/^node_modules\/@tensorflow\/.*_test\.js$/,
	/^node_modules\/(vega[^/]*|svg-to-pdfkit|pdfkit|fontkit|h5wasm)\/.*\.min\.js$/,
];
/** Of onnxruntime-web, the CPU's WebAssembly and the script that holds its glue. */
const neededOfOnnxruntimeWeb =
	/\/(package\.json|LICENSE|dist\/ort\.wasm\.bundle\.min\.mjs|dist\/ort-wasm-simd-threaded\.(mjs|wasm))$/;

function unneeded(path) {
	if (/(^|\/)(licen[cs]e|notice|copying)[^/]*$/i.test(path)) return false;
	if (path.startsWith('node_modules/onnxruntime-web/'))
		return !neededOfOnnxruntimeWeb.test(path) && statSync(join(root, path)).isFile();
	if (path.startsWith('models/')) return false;
	return unneededFiles.some((pattern) => pattern.test(path));
}

rmSync(inside, { recursive: true, force: true });
copyOwnFiles();
copyPackages();
cpSync(join(root, 'LICENSE'), join(root, 'python/LICENSE'));
// A package.json of a module's own name and kind, without what only npm reads.
const { name, version, license, type, imports, exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
writeFileSync(
	join(inside, 'package.json'),
	`${JSON.stringify({ name, version, license, type, imports, exports }, null, '\t')}\n`,
);

const python = process.env.SNN_ENERGY_PYTHON ?? 'python3';
const out = join(root, 'python/dist');
rmSync(out, { recursive: true, force: true });
execFileSync(python, ['-m', 'pip', 'wheel', '--quiet', '--no-deps', '--wheel-dir', out, join(root, 'python')], {
	stdio: 'inherit',
});
// In a checkout the package runs what "npm run build" wrote, never what an older wheel held.
rmSync(inside, { recursive: true });
rmSync(join(root, 'python/LICENSE'));
const [wheel] = existsSync(out) ? readdirSync(out) : [];
if (wheel === undefined) throw new Error('pip built no wheel');
const bytes = statSync(join(out, wheel)).size;
console.log(`python/dist/${wheel}: ${(bytes / 1e6).toFixed(1)} MB`);
if (bytes > largestBytes) throw new Error(`the wheel is larger than ${largestBytes / 1e6} MB`);

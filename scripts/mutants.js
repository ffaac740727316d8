/**
 * Does a test fail when the code is wrong? Changes one operator at a time in src/activity, src/hardware and src/simulation and runs the tests of that
 * folder, in memory only. A mutant that no test notices is printed with its line.
 *
 *   node scripts/mutants.js                      a sample of 40 over the folders
 *   node scripts/mutants.js --folder hardware    one of them
 *   node scripts/mutants.js --sample 200 --seed 2
 *   node scripts/mutants.js --only src/hardware/price.ts
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generator } from './random.js';
import { scriptOptions } from './script-options.js';

const options = scriptOptions({
	folder: { type: 'string' },
	sample: { type: 'string', default: '40' },
	seed: { type: 'string', default: '1' },
	only: { type: 'string' },
});
const root = fileURLToPath(new URL('..', import.meta.url));

/** The tests that stand for a folder; they import src itself, not the build. */
const tests = {
	hardware: [
		'test/hardware',
		'test/reporting/band',
		'test/reporting/compare',
		...['chip-traffic', 'sana-fe', 'scorecard'].map((name) => `test/conformance/${name}`),
	],
	activity: ['test/activity', 'test/simulation', 'test/conformance/fixtures'],
	simulation: ['test/simulation', 'test/conformance/fixtures'],
};

const swaps = [
	[' < ', ' <= '],
	[' <= ', ' < '],
	[' > ', ' >= '],
	[' >= ', ' > '],
	[' + ', ' - '],
	[' - ', ' + '],
	[' * ', ' / '],
	[' / ', ' * '],
	[' === ', ' !== '],
	[' !== ', ' === '],
	[' && ', ' || '],
	[' || ', ' && '],
	['Math.max(', 'Math.min('],
	['Math.min(', 'Math.max('],
	['.some(', '.every('],
	['.every(', '.some('],
	[' += ', ' -= '],
];

/** Lines that say nothing at run time: comments, imports, types. */
const silent = /^\s*(\/\/|\/?\*|import |export (type|interface)|readonly |type |\| )|messages\.|`|'[^']* [^']*'/;

function mutantsOf(folder) {
	const files = readdirSync(join(root, 'src', folder), { recursive: true, encoding: 'utf8' })
		.filter((name) => /\.ts$/.test(name) && !/messages|schema|types/.test(name))
		.map((name) => `src/${folder}/${name}`)
		.filter((file) => options.only === undefined || file === options.only)
		.sort();
	return files.flatMap((file) => {
		let at = 0;
		return readFileSync(join(root, file), 'utf8')
			.split('\n')
			.flatMap((text, line) => {
				const start = at;
				at += text.length + 1;
				if (silent.test(text)) return [];
				return swaps.flatMap(([from, to]) => {
					const found = text.indexOf(from);
					return found < 0 ? [] : [{ folder, file, line: line + 1, at: start + found, from, to, text: text.trim() }];
				});
			});
	});
}

const all = (options.folder === undefined ? Object.keys(tests) : [options.folder]).flatMap(mutantsOf);
const next = generator(Number(options.seed));
const sample = all
	.map((mutant) => ({ mutant, place: next() }))
	.sort((left, right) => left.place - right.place)
	.slice(0, Number(options.sample))
	.map(({ mutant }) => mutant);
process.stdout.write(`${sample.length} of ${all.length} mutants\n`);

/** Whether tests pass, with a mutant or without. */
const pass = (files, mutant) =>
	spawnSync(process.execPath, ['node_modules/jest/bin/jest.js', '-w', '1', '--bail', ...files], {
		cwd: root,
		stdio: 'ignore',
		timeout: 900_000,
		env: mutant ? { ...process.env, SNN_ENERGY_MUTANT: JSON.stringify(mutant) } : process.env,
	}).status === 0;

/** Tests that fail without a mutant would kill every one. */
const whole = new Set();
function survives(files, mutant) {
	const key = files.join(' ');
	if (!whole.has(key) && !pass(files)) throw new Error(`tests fail as they are: ${key}`);
	whole.add(key);
	return pass(files, mutant);
}

/** The test file of a source's own name is asked first: most mutants end there. */
function survivesAll(mutant) {
	const own = mutant.file.replace(/^src(.*)\.ts$/, 'test$1.test.ts');
	return !(existsSync(join(root, own)) && !survives([own], mutant)) && survives(tests[mutant.folder], mutant);
}

let killed = 0;
for (const [at, mutant] of sample.entries()) {
	const survived = survivesAll(mutant);
	if (!survived) killed += 1;
	const word = survived ? 'SURVIVES' : 'killed';
	process.stdout.write(`${at + 1} ${word} ${mutant.file}:${mutant.line}${mutant.from}→${mutant.to}  ${mutant.text}\n`);
}
process.stdout.write(`${killed} of ${sample.length} killed (${((100 * killed) / sample.length).toFixed(0)} %)\n`);

/**
 * How long the command line takes to answer, as a ratio to Node that does nothing: both take turns, so that other load on the
 * machine meets both, and the quickest of each counts, because load only adds.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const path = (name) => fileURLToPath(new URL(name, import.meta.url));
const main = path('../dist/cli/main.js');
const model = path('../models/fashion-cnn/model.onnx');
const saved = path('../models/fashion-cnn/model.analysis.json');

/** What is asked of the program, and the ratio it must not pass: a quarter above what it is. */
const startUps = [
	{ name: 'start --version', args: ['--version'], limit: 1.65 },
	{ name: 'start --help', args: ['--help'], limit: 1.7 },
	{ name: 'start profiles', args: ['profiles'], limit: 2.9 },
	{ name: 'start analyze, counted', args: ['analyze', saved], limit: 5.5 },
	{ name: 'start report', args: ['report', saved], limit: 25 },
	{ name: 'start analyze', args: ['analyze', model], limit: 16 },
];

/** @returns for each start-up its CPU milliseconds, and their ratio to those of `node -e 0` */
export function measureStartUps(turns = 5) {
	const bare = [];
	const times = startUps.map(() => []);
	for (let turn = 0; turn < turns; turn++)
		for (const [index, { args }] of startUps.entries()) {
			bare.push(cpuMilliseconds(['-e', '0']));
			times[index].push(cpuMilliseconds([main, ...args]));
		}
	const bareMilliseconds = Math.min(...bare);
	return startUps.map(({ name, limit }, index) => {
		const milliseconds = Math.min(...times[index]);
		return { name, limit, bareMilliseconds, milliseconds, ratio: milliseconds / bareMilliseconds };
	});
}

/** CPU time of a process, its threads included. */
function cpuMilliseconds(args) {
	const { status, output } = spawnSync(process.execPath, ['--require', path('./cpu-time.cjs'), ...args], {
		stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(`node ${args.join(' ')} ended with ${status}`);
	return Number(output[3]);
}

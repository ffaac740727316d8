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

/** What is asked of the program, and the ratio it must stay below. */
export const startUps = [
	{ name: 'start --version', args: ['--version'], limit: 1.5 },
	{ name: 'start --help', args: ['--help'], limit: 2 },
	{ name: 'start profiles', args: ['profiles'], limit: 5 },
	{ name: 'start price again', args: ['analyze', saved], limit: 12 },
	{ name: 'start report', args: ['report', saved], limit: 24 },
	{ name: 'start analyze', args: ['analyze', model], limit: 24 },
];

/** @returns for each start-up its CPU milliseconds and the ratio of them to those of a bare `node -e 0` */
export function measureStartUps(turns = 5, main_ = main) {
	const times = startUps.map(() => []);
	const bare = [];
	for (let turn = 0; turn < turns; turn++)
		for (const [index, { args }] of startUps.entries()) {
			bare.push(cpuMilliseconds(['-e', '0']));
			times[index].push(cpuMilliseconds([main_, ...args]));
		}
	const quickest = Math.min(...bare);
	return startUps.map((one, index) => {
		const milliseconds = Math.min(...times[index]);
		return { ...one, milliseconds, bareMilliseconds: quickest, ratio: milliseconds / quickest };
	});
}

function cpuMilliseconds(args) {
	const { status, output } = spawnSync(process.execPath, ['--require', path('./cpu-time.cjs'), ...args], {
		stdio: ['ignore', 'ignore', 'inherit', 'pipe'],
		encoding: 'utf8',
	});
	if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}`);
	return Number(output[3]);
}
if (process.argv[2])
	console.table(
		measureStartUps(Number(process.argv[3] ?? 5), process.argv[2]).map(({ args, milliseconds, bareMilliseconds, ratio }) => ({
			n: args[0],
			milliseconds,
			bareMilliseconds,
			ratio: ratio.toFixed(2),
		})),
	);

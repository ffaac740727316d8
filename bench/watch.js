/**
 * What looking costs: CPU time of a run of 100 samples in which something is looked at, over one in which it is not. Both take turns
 * in one process. "values" is the second entry of the balance, "decisions" those within rounding of their threshold.
 *
 *   node bench/watch.js [--case NAME …] [--rounds 15] [--check]      --check: exit 1 above 3 % for values
 */
import { findStructure } from '../dist/network/structure.js';
import { simulate } from '../dist/simulation/simulate.js';
import { generator } from '../scripts/random.js';
import { scriptOptions } from '../scripts/script-options.js';
import { cases } from './cases.js';

const samples = 100;
const most = 1.03;
const usual = ['mnist-cnn-T5-b16', 'fashion-cnn-T5-b16', 'cifar10-vgg-T5-b16', 'spikingjelly-csnn-dynamo-b16'];
const {
	rounds,
	check,
	case: asked,
} = scriptOptions({
	rounds: { type: 'string', default: '15' },
	check: { type: 'boolean', default: false },
	case: { type: 'string', multiple: true, default: usual },
});

const kinds = { values: (looks) => ({ lookAtValues: looks }), decisions: (looks) => (looks ? {} : { closeSamples: 0 }) };
let worst = 0;
for (const name of asked) {
	const { load, timesteps, batch } = cases.find((one) => one.name === name);
	const network = await findStructure({ model: await load(), file: name, format: 'onnx', sha256: '' }, { timesteps });
	for (const [kind, optionsOf] of Object.entries(kinds)) await measure(name, network, batch, kind, optionsOf);
}
if (check && worst > most) process.exitCode = 1;

async function measure(name, network, batch, kind, optionsOf) {
	const run = async (looks) => {
		const before = process.cpuUsage();
		await simulate(network, source(network), { batch, threads: 1, ...optionsOf(looks) });
		const { user, system } = process.cpuUsage(before);
		return user + system;
	};
	await run(true);
	// Other load on the machine only adds: the least time of many is nearest to the truth.
	const least = { true: Infinity, false: Infinity };
	for (let round = 0; round < 2 * Number(rounds); round += 1) {
		const looks = (round + (round >> 1)) % 2 === 0;
		least[looks] = Math.min(least[looks], await run(looks));
	}
	const ratio = least.true / least.false;
	if (kind === 'values') worst = Math.max(worst, ratio);
	const cpu = Object.values(least).map((microseconds) => (microseconds / 1000).toFixed(0));
	console.log(`${name.padEnd(32)} ${kind.padEnd(10)} ${((ratio - 1) * 100).toFixed(1)} % (${cpu.join(' and ')} ms CPU)`);
}

/** Random numbers in the shape of the network's input. */
function source({ input: { dims } }) {
	const axis = typeof dims[0] === 'number' && typeof dims[1] !== 'number' ? 1 : 0;
	const sampleShape = dims.slice(axis + 1);
	const size = sampleShape.reduce((product, dim) => product * dim, axis === 1 ? dims[0] : 1);
	const random = generator(3);
	const data = Float32Array.from({ length: samples * size }, () => random() * 2 - 1);
	return {
		name: 'bench',
		sha256: null,
		random: true,
		count: samples,
		sampleShape,
		timesteps: axis === 1 ? dims[0] : null,
		labels: null,
		close() {},
		read: async (start, end) => data.slice(start * size, end * size),
	};
}

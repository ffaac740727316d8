/**
 * How fast an explicit network runs on a chip (`snn-energy chip NET.json`), without reading its file: synaptic events per CPU
 * second, with simple and detailed timing, beside a bare loop that does nothing but add those weights to their targets.
 *
 *   npm run bench:chip                  20,000 neurons with 50 synapses each, 110 million events
 *   npm run bench:chip -- --large       a million neurons, 100 million events
 *
 * A neuron's synapses lie on the 2,000 neurons behind it, as those of a layer do.
 */
import { chipParameters, simulateChip } from '../dist/hardware/chip/index.js';
import { placeNetwork } from '../dist/hardware/chip/placed-network.js';
import { loadProfile } from '../dist/hardware/index.js';
import { generator } from '../scripts/random.js';
import { scriptOptions } from '../scripts/script-options.js';

const { large } = scriptOptions({ large: { type: 'boolean', default: false } });
const [neurons, fanOut, timesteps] = large ? [1_000_000, 10, 100] : [20_000, 50, 1100];
/** A bias of a tenth of the threshold makes every neuron fire once in ten timesteps or so; weights of mean zero spread them. */
const [threshold, bias, cores] = [64, 6.4, 128];
const reach = 2000;

const network = randomNetwork();
const chip = chipParameters(loadProfile('loihi-sanafe', {}));
const entries = network.mappings.get('spread');
const placed = placeNetwork(network, 'spread', entries, chip, 'bench');

for (const timing of large ? ['simple'] : ['simple', 'detailed']) {
	const { seconds, value } = fastest(() => simulateChip(network, 'spread', chip, { timing, strict: false, file: 'bench' }));
	const { seconds: placing } = fastest(() => placeNetwork(network, 'spread', entries, chip, 'bench'));
	const events = value.totals.synapticEvents;
	const rate = (of) => `${(events / of / 1e6).toFixed(0)} million events a CPU second`;
	console.log(
		`${timing}: ${events} events, ${value.totals.fired} spikes, ${seconds.toFixed(2)} s with placing (${placing.toFixed(2)} s), ${rate(seconds - placing)} behind it`,
	);
	if (timing === 'simple') {
		const { seconds: bare } = fastest(() => addWeights(placed, Math.round(events / placed.synapseWeight.length)));
		console.log(`bare loop: ${bare.toFixed(2)} s, ${rate(bare)}`);
	}
}
console.log(`peak memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MB`);

function randomNetwork() {
	const random = generator(5);
	const synapses = neurons * fanOut;
	const lif = {
		kind: 'lif',
		name: 'lif',
		size: neurons,
		threshold,
		reverseThreshold: -1e9,
		leakDecay: 1,
		inputDecay: 0,
		resetMode: 'soft',
		reset: 0,
		reverseResetMode: 'none',
		reverseReset: 0,
		refractoryDelay: 0,
		forceUpdate: false,
		synapseUnit: null,
		bias: new Float64Array(neurons).map(() => bias * (0.5 + random())),
	};
	const projection = {
		pre: 'lif',
		post: 'lif',
		preIndex: Uint32Array.from({ length: synapses }, (_, k) => Math.floor(k / fanOut)),
		postIndex: Uint32Array.from(
			{ length: synapses },
			(_, k) => (Math.floor(k / fanOut) + Math.floor(random() * reach)) % neurons,
		),
		weight: Float64Array.from({ length: synapses }, () => Math.round((random() * 2 - 1) * 64) / 64),
	};
	const size = Math.ceil(neurons / cores);
	const mapping = Array.from({ length: cores }, (_, core) => ({
		group: 'lif',
		first: core * size,
		last: Math.min(neurons, (core + 1) * size) - 1,
		tile: core >> 2,
		core: core & 3,
	}));
	return { name: 'bench', timesteps, groups: [lif], projections: [projection], mappings: new Map([['spread', mapping]]) };
}

/** What no run can do without: every synapse added to its target, `times` over. */
function addWeights({ neurons: count, synapseTarget, synapseWeight }, times) {
	const input = new Float64Array(count);
	for (let time = 0; time < times; time += 1)
		for (let k = 0; k < synapseTarget.length; k += 1) input[synapseTarget[k]] += synapseWeight[k];
	return input;
}

/** Of three runs, in CPU seconds. */
function fastest(run) {
	let best = { seconds: Number.POSITIVE_INFINITY, value: null };
	for (let round = 0; round < 3; round += 1) {
		const { user, system } = process.cpuUsage();
		const value = run();
		const now = process.cpuUsage();
		const seconds = (now.user - user + now.system - system) / 1e6;
		if (seconds < best.seconds) best = { seconds, value };
	}
	return best;
}

import { coreLabel } from './mesh.ts';
import * as messages from './messages.ts';
import type { ChipParameters } from './parameters.ts';
import type { PlacedNetwork } from './placed-network.ts';

/**
 * What of a mapped network is more than the chip holds: one sentence per limit, naming the worst core.
 *
 * The run goes on: its counts and prices are those of a chip with room enough, which is what a designer asking
 * "and if the cores were larger?" wants, but the answer must say so.
 */
export function overCapacity(network: PlacedNetwork, chip: ChipParameters): readonly string[] {
	const { cores } = network;
	const { limits, mesh } = chip;
	const neurons = new Uint32Array(cores.length);
	for (const { rank, count } of network.segments) (neurons[rank] as number) += count;
	const load = connectionLoad(network);
	const findings: string[] = [];
	const check = (used: Uint32Array, limit: number | null, what: string): void => {
		if (limit === null) return;
		let worst = 0;
		for (let rank = 1; rank < used.length; rank++) if ((used[rank] as number) > (used[worst] as number)) worst = rank;
		if ((used[worst] ?? 0) > limit) {
			findings.push(messages.overCoreLimit(coreLabel(chip, cores[worst] ?? 0), used[worst] ?? 0, limit, what, chip.name));
		}
	};
	check(neurons, limits.neurons, 'neurons');
	const words = limits.synapticBytes === null ? null : Math.floor((limits.synapticBytes * 8) / chip.weightBits);
	check(load.synapses, words, `synapses of ${chip.weightBits} bits`);
	check(load.axonsIn, limits.axonsIn, 'incoming axons');
	check(load.axonsOut, limits.axonsOut, 'outgoing axons');
	const lastTile = Math.floor((cores.at(-1) ?? 0) / mesh.coresPerTile);
	const tiles = mesh.width * mesh.height;
	if (lastTile >= tiles) findings.push(messages.beyondMesh(lastTile, tiles, chip.name));
	if (limits.fanIn !== null) {
		const fanIn = new Uint32Array(network.neurons);
		for (const target of network.synapseTarget) (fanIn[target] as number)++;
		const most = fanIn.reduce((best, value) => Math.max(best, value), 0);
		if (most > limits.fanIn) findings.push(messages.overFanIn(most, limits.fanIn, chip.name));
	}
	return findings;
}

function connectionLoad(network: PlacedNetwork) {
	const cores = network.cores.length;
	const synapses = new Uint32Array(cores);
	const axonsIn = new Uint32Array(cores);
	const axonsOut = new Uint32Array(cores);
	for (const { rank, firstNeuron, count } of network.segments) {
		const first = network.packetOffsets[firstNeuron] as number;
		(axonsOut[rank] as number) += (network.packetOffsets[firstNeuron + count] as number) - first;
	}
	for (const rank of network.packetCore) (axonsIn[rank] as number)++;
	const rankOf = new Uint32Array(network.neurons);
	for (const { rank, firstNeuron, count } of network.segments) rankOf.fill(rank, firstNeuron, firstNeuron + count);
	for (const target of network.synapseTarget) (synapses[rankOf[target] as number] as number)++;
	return { synapses, axonsIn, axonsOut };
}

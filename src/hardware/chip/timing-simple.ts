import type { ChipParameters } from './parameters.ts';
import type { PlacedNetwork } from './placed-network.ts';
import type { SomaRecord } from './soma.ts';

/** How long each core was busy in a timestep, by rank. Reused from step to step. */
export interface CoreWork {
	/** Neurons walked and packets sent. */
	readonly sendingSeconds: Float64Array;
	/** Packets received and their synapses read. */
	readonly receivingSeconds: Float64Array;
}

/** Busy time of every core in one timestep. */
export function coreWork(
	network: PlacedNetwork,
	lifOnCore: Uint32Array,
	record: SomaRecord,
	chip: ChipParameters,
	work: CoreWork,
): void {
	const { packetOffsets, packetCore, packetSeconds } = network;
	const { sendingSeconds, receivingSeconds } = work;
	for (let rank = 0; rank < sendingSeconds.length; rank++) {
		sendingSeconds[rank] =
			(lifOnCore[rank] as number) * chip.neuronAccess.latencySeconds +
			(record.updatedLif[rank] as number) * chip.neuronUpdate.latencySeconds +
			(record.firedLif[rank] as number) * chip.neuronSpike.latencySeconds;
	}
	receivingSeconds.fill(0);
	let place = 0;
	for (let rank = 0; rank < sendingSeconds.length; rank++) {
		let packets = 0;
		for (; place < (record.firedEnd[rank] as number); place++) {
			const neuron = record.fired[place] as number;
			const end = packetOffsets[neuron + 1] as number;
			const start = packetOffsets[neuron] as number;
			packets += end - start;
			for (let packet = start; packet < end; packet++) {
				(receivingSeconds[packetCore[packet] as number] as number) += packetSeconds[packet] as number;
			}
		}
		(sendingSeconds[rank] as number) += packets * chip.axonOut.latencySeconds;
	}
}

/** The busiest core and what keeps it busy. */
export interface Bottleneck {
	readonly rank: number;
	readonly resource: 'sending' | 'receiving';
	readonly seconds: number;
}

/** Timestep by the busiest core: the most of neuron work and packet work over all cores. Hops take no time in it. */
export function busiestCore(work: CoreWork): Bottleneck {
	let best: Bottleneck = { rank: 0, resource: 'sending', seconds: 0 };
	for (let rank = 0; rank < work.sendingSeconds.length; rank++) {
		const sending = work.sendingSeconds[rank] as number;
		const receiving = work.receivingSeconds[rank] as number;
		if (sending > best.seconds) best = { rank, resource: 'sending', seconds: sending };
		if (receiving > best.seconds) best = { rank, resource: 'receiving', seconds: receiving };
	}
	return best;
}

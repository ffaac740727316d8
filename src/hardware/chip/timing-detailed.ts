import { eventQueue } from './event-queue.ts';
import { flightQueues } from './flight-queues.ts';
import { linksPerTile, routeLinks } from './mesh.ts';
import type { ChipParameters } from './parameters.ts';
import type { PlacedNetwork } from './placed-network.ts';
import type { SomaRecord } from './soma.ts';

/**
 * A timing model that lets packets queue: each core sends its packets one after the other, a packet that finds
 * its route full blocks its sender, and a core takes packets in one at a time.
 *
 * Events go in the order of sending. A packet in flight adds 1 / (hops + 2) to the density of each link of its
 * route. With c the density summed over a new packet's route, B the link buffer and M the mean time the packets in
 * flight keep their destinations busy:
 *
 *     blocked   = max(0, c − B·(hops + 1))·M, added to the send time
 *     travel    = max(hop latencies, c·M / (hops + 1))
 *     received  = max(send + travel, destination free)
 *     destination free = received + the packet's processing time
 *
 * The timestep ends with the last of all send and processing times. Source: SANA-FE's semi-analytical model
 * (github.com/SLAM-Lab/SANA-FE), docs/chips.md.
 *
 * @returns a function that gives the seconds of one timestep, before the barrier
 */
export function detailedTiming(network: PlacedNetwork, chip: ChipParameters): (record: SomaRecord) => number {
	const { cores, packetOffsets, packetCore, packetSeconds } = network;
	const { height, coresPerTile } = chip.mesh;
	const columns = Math.floor(Math.floor((cores.at(-1) ?? 0) / coresPerTile) / height) + 1;
	const density = new Float64Array(columns * height * linksPerTile(chip));
	const links = new Int32Array(columns + height + 1);
	const coreFree = new Float64Array(cores.length);
	const sending = eventQueue();
	// Destination cores by the receive time of their next packet in flight.
	const inFlight = eventQueue();
	// The packet each core is about to send: its send time, its place in the step's list of fired neurons, and itself.
	const sendTime = new Float64Array(cores.length);
	const place = new Uint32Array(cores.length);
	const nextPacket = new Uint32Array(cores.length);
	const NONE = 2 ** 32 - 1;
	const flights = flightQueues(cores.length);
	let meanSeconds = 0;
	let count = 0;

	function travelSeconds(from: number, to: number): number {
		const source = Math.floor(from / coresPerTile);
		const target = Math.floor(to / coresPerTile);
		const eastwards = Math.floor(target / height) - Math.floor(source / height);
		const northwards = (target % height) - (source % height);
		return (
			Math.abs(eastwards) * (eastwards > 0 ? chip.hop.east : chip.hop.west).latencySeconds +
			Math.abs(northwards) * (northwards > 0 ? chip.hop.north : chip.hop.south).latencySeconds
		);
	}

	function depart(now: number): void {
		while (inFlight.earliest() <= now) {
			const toRank = inFlight.pop();
			const flight = flights.shift(toRank);
			const next = flights.earliest(toRank);
			if (next !== Number.POSITIVE_INFINITY) inFlight.push(next, toRank);
			const packet = flights.packet(flight);
			const used = routeLinks(chip, cores[flights.sender(flight)] as number, cores[toRank] as number, links);
			for (let i = 0; i < used; i++) (density[links[i] as number] as number) -= 1 / (used + 1);
			if (count > 1) meanSeconds += (meanSeconds - (packetSeconds[packet] as number)) / (count - 1);
			else meanSeconds = 0;
			count--;
		}
	}

	function enter(rank: number, toRank: number, packet: number, used: number, received: number): void {
		for (let i = 0; i < used; i++) (density[links[i] as number] as number) += 1 / (used + 1);
		meanSeconds += ((packetSeconds[packet] as number) - meanSeconds) / (count + 1);
		count++;
		if (flights.earliest(toRank) === Number.POSITIVE_INFINITY) inFlight.push(received, toRank);
		flights.push(toRank, rank, packet, received);
	}

	return (record) => {
		density.fill(0);
		coreFree.fill(0);
		sending.clear();
		inFlight.clear();
		flights.clear();
		meanSeconds = 0;
		count = 0;
		let last = 0;

		/** Queues the next thing the core does after `after`: a packet, or the neuron work left over when there is none. */
		function queueNext(rank: number, after: number): void {
			const end = record.firedEnd[rank] as number;
			let at = place[rank] as number;
			let packet = nextPacket[rank] as number;
			let seconds = chip.axonOut.latencySeconds;
			while (at < end) {
				const neuron = record.fired[at] as number;
				if (packet === NONE) {
					packet = packetOffsets[neuron] as number;
					seconds += record.secondsBefore[at] as number;
				}
				if (packet < (packetOffsets[neuron + 1] as number)) break;
				packet = NONE;
				seconds = chip.axonOut.latencySeconds;
				at++;
			}
			place[rank] = at;
			nextPacket[rank] = packet;
			if (at < end) {
				sendTime[rank] = after + seconds;
				last = Math.max(last, sendTime[rank] as number);
				sending.push(sendTime[rank] as number, rank);
				return;
			}
			const leftOver = record.leftOverSeconds[rank] as number;
			if (at === end && leftOver !== 0) {
				place[rank] = at + 1;
				sendTime[rank] = after + leftOver;
				last = Math.max(last, sendTime[rank] as number);
				sending.push(sendTime[rank] as number, rank);
			}
		}

		for (let rank = 0; rank < cores.length; rank++) {
			place[rank] = rank === 0 ? 0 : (record.firedEnd[rank - 1] as number);
			nextPacket[rank] = NONE;
			queueNext(rank, 0);
		}
		while (sending.size > 0) {
			const rank = sending.pop();
			let sent = sendTime[rank] as number;
			depart(sent);
			const packet = nextPacket[rank] as number;
			if (packet !== NONE) {
				const toRank = packetCore[packet] as number;
				const from = cores[rank] as number;
				const to = cores[toRank] as number;
				const used = routeLinks(chip, from, to, links);
				let congestion = 0;
				for (let i = 0; i < used; i++) congestion += density[links[i] as number] as number;
				const capacity = chip.linkBufferMessages * used;
				if (congestion > capacity) sent += (congestion - capacity) * meanSeconds;
				const arrived = sent + Math.max(travelSeconds(from, to), (congestion * meanSeconds) / used);
				const received = Math.max(arrived, coreFree[toRank] as number);
				const done = received + (packetSeconds[packet] as number);
				coreFree[toRank] = done;
				last = Math.max(last, done);
				enter(rank, toRank, packet, used, received);
				nextPacket[rank] = packet + 1;
			}
			queueNext(rank, sent);
		}
		return last;
	};
}

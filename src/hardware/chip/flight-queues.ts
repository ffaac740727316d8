/**
 * Packets in flight, a queue per destination core. A core takes packets in one at a time, so receive times never
 * fall along a queue: its first packet is always the next to leave the network.
 */
export interface FlightQueues {
	push(destination: number, sender: number, packet: number, receivedSeconds: number): void;
	/** Receive time of the destination's first packet; Infinity when it has none. */
	earliest(destination: number): number;
	/** Removes the destination's first packet and returns its number for `sender` and `packet`, valid until the next push. */
	shift(destination: number): number;
	sender(flight: number): number;
	packet(flight: number): number;
	clear(): void;
}

const NONE = 2 ** 32 - 1;

export function flightQueues(destinations: number): FlightQueues {
	let capacity = 256;
	let senders = new Uint32Array(capacity);
	let packets = new Uint32Array(capacity);
	let received = new Float64Array(capacity);
	let following = new Uint32Array(capacity);
	const first = new Uint32Array(destinations).fill(NONE);
	const last = new Uint32Array(destinations).fill(NONE);
	let used = 0;
	// Places of packets that have left, linked through `following`, so that memory follows the packets in flight.
	let free = NONE;

	function grow(): void {
		capacity *= 2;
		senders = copied(senders, new Uint32Array(capacity));
		packets = copied(packets, new Uint32Array(capacity));
		received = copied(received, new Float64Array(capacity));
		following = copied(following, new Uint32Array(capacity));
	}

	function place(): number {
		if (free !== NONE) {
			const flight = free;
			free = following[flight] as number;
			return flight;
		}
		if (used === capacity) grow();
		return used++;
	}

	return {
		push(destination, sender, packet, receivedSeconds) {
			const flight = place();
			senders[flight] = sender;
			packets[flight] = packet;
			received[flight] = receivedSeconds;
			following[flight] = NONE;
			if (first[destination] === NONE) first[destination] = flight;
			else following[last[destination] as number] = flight;
			last[destination] = flight;
		},
		earliest(destination) {
			const flight = first[destination] as number;
			return flight === NONE ? Number.POSITIVE_INFINITY : (received[flight] as number);
		},
		shift(destination) {
			const flight = first[destination] as number;
			first[destination] = following[flight] as number;
			following[flight] = free;
			free = flight;
			return flight;
		},
		sender: (flight) => senders[flight] as number,
		packet: (flight) => packets[flight] as number,
		clear() {
			first.fill(NONE);
			last.fill(NONE);
			used = 0;
			free = NONE;
		},
	};
}

function copied<A extends Uint32Array | Float64Array>(old: A, larger: A): A {
	larger.set(old);
	return larger;
}

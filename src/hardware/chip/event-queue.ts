/**
 * A binary heap of numbered items by time, earliest first.
 *
 * Which of two items with the same time comes first is part of the model: SANA-FE leaves ties to the heap of
 * the C++ standard library, so removal here walks the hole to a leaf, preferring the right child on ties, and
 * lifts the last item from there. In symmetric networks another order moves a timestep by up to 0.1 %.
 */
export interface EventQueue {
	readonly size: number;
	push(time: number, item: number): void;
	/** Time of the earliest item; Infinity when empty. */
	earliest(): number;
	/** Removes the earliest item and returns it. */
	pop(): number;
	clear(): void;
}

export function eventQueue(initialCapacity = 256): EventQueue {
	let times = new Float64Array(initialCapacity);
	let items = new Uint32Array(initialCapacity);
	let size = 0;

	function lift(from: number, time: number, item: number): void {
		let at = from;
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const parentTime = times[parent] as number;
			if (parentTime <= time) break;
			times[at] = parentTime;
			items[at] = items[parent] as number;
			at = parent;
		}
		times[at] = time;
		items[at] = item;
	}

	function grow(): void {
		const largerTimes = new Float64Array(times.length * 2);
		largerTimes.set(times);
		times = largerTimes;
		const largerItems = new Uint32Array(items.length * 2);
		largerItems.set(items);
		items = largerItems;
	}

	return {
		get size() {
			return size;
		},
		push(time, item) {
			if (size === times.length) grow();
			lift(size++, time, item);
		},
		earliest() {
			return size === 0 ? Number.POSITIVE_INFINITY : (times[0] as number);
		},
		pop() {
			const first = items[0] as number;
			size--;
			if (size === 0) return first;
			const lastTime = times[size] as number;
			const lastItem = items[size] as number;
			let hole = 0;
			for (;;) {
				const right = 2 * hole + 2;
				const left = right - 1;
				if (left >= size) break;
				const child = right < size && (times[right] as number) <= (times[left] as number) ? right : left;
				times[hole] = times[child] as number;
				items[hole] = items[child] as number;
				hole = child;
			}
			lift(hole, lastTime, lastItem);
			return first;
		},
		clear() {
			size = 0;
		},
	};
}

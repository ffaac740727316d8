import { continuous, recordPieces } from './byte-file.ts';
import * as messages from './messages.ts';
import type { ByteFile, EventVisitor } from './types.ts';

const types = { off: 0x0, on: 0x1, timeHigh: 0x8, trigger: 0xa, others: 0xe, continued: 0xf } as const;
const knownTypes: ReadonlySet<number> = new Set(Object.values(types));
/** Times have 34 bits: 28 in a word of their own, 6 in each event. */
const clock = 2 ** 34;

/**
 * EVT 2.0: words of 32 bits. The highest 4 are the type; of an event time 6, x 11 and y 11 bits follow; of a time its upper 28 bits.
 * Events before the first time are of no known time and left out, as Prophesee's decoder does.
 */
export function visitEvt2(file: ByteFile, start: number, visitor: EventVisitor): void {
	const timeOf = continuous(clock);
	let high: number | null = null;
	for (const { view, records } of recordPieces(file, start, 4)) {
		for (let at = 0; at < records * 4; at += 4) {
			const word = view.getUint32(at, true);
			const type = word >>> 28;
			if (type === types.timeHigh) high = (word & 0xfffffff) * 64;
			else if (type === types.off || type === types.on) {
				if (high === null) continue;
				if (!visitor(timeOf(high + ((word >>> 22) & 0x3f)), (word >>> 11) & 0x7ff, word & 0x7ff, type)) return;
			} else if (!knownTypes.has(type)) throw messages.unknownWord(file.path, 'EVT 2.0', type);
		}
	}
}

/**
 * EVT 2.1: words of 64 bits. The upper half is a word of EVT 2.0, the lower one tells for 32 pixels from x on which of them saw it.
 *
 * @param legacy  the upper half comes first, as IMX636 cameras send it
 */
export function visitEvt21(file: ByteFile, start: number, legacy: boolean, visitor: EventVisitor): void {
	const timeOf = continuous(clock);
	let high: number | null = null;
	for (const { view, records } of recordPieces(file, start, 8)) {
		for (let at = 0; at < records * 8; at += 8) {
			const word = view.getUint32(at + (legacy ? 0 : 4), true);
			const type = word >>> 28;
			if (type === types.timeHigh) high = (word & 0xfffffff) * 64;
			else if (type === types.off || type === types.on) {
				if (high === null) continue;
				const time = timeOf(high + ((word >>> 22) & 0x3f));
				const [x, y] = [(word >>> 11) & 0x7ff, word & 0x7ff];
				const valid = view.getUint32(at + (legacy ? 4 : 0), true);
				for (let bit = 0; bit < 32; bit += 1) if (((valid >>> bit) & 1) === 1 && !visitor(time, x + bit, y, type)) return;
			} else if (!knownTypes.has(type)) throw messages.unknownWord(file.path, 'EVT 2.1', type);
		}
	}
}

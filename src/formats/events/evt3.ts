import { continuous, recordPieces } from './byte-file.ts';
import * as messages from './messages.ts';
import type { ByteFile, EventVisitor } from './types.ts';

const types = {
	y: 0x0,
	x: 0x2,
	baseX: 0x3,
	vector12: 0x4,
	vector8: 0x5,
	timeLow: 0x6,
	continued4: 0x7,
	timeHigh: 0x8,
	trigger: 0xa,
	others: 0xe,
	continued12: 0xf,
} as const;
const knownTypes: ReadonlySet<number> = new Set(Object.values(types));
/** Times have 24 bits: words of 12 upper and 12 lower bits. */
const clock = 2 ** 24;

/**
 * EVT 3.0: words of 16 bits, the highest 4 are the type. Row, time and the start of a vector are told only where they change.
 * Events before the first upper half of a time are of no known time and left out, as Prophesee's decoder does.
 */
export function visitEvt3(file: ByteFile, start: number, visitor: EventVisitor): void {
	const timeOf = continuous(clock);
	let high: number | null = null;
	let low = 0;
	let y = 0;
	let x = 0;
	let polarity = 0;
	for (const { view, records } of recordPieces(file, start, 2)) {
		for (let at = 0; at < records * 2; at += 2) {
			const word = view.getUint16(at, true);
			switch (word >>> 12) {
				case types.y:
					y = word & 0x7ff;
					break;
				case types.x:
					if (high === null) break;
					if (!visitor(timeOf(high + low), word & 0x7ff, y, (word >>> 11) & 1)) return;
					break;
				case types.baseX:
					x = word & 0x7ff;
					polarity = (word >>> 11) & 1;
					break;
				case types.vector12:
				case types.vector8: {
					const length = word >>> 12 === types.vector12 ? 12 : 8;
					for (let bit = 0; high !== null && bit < length; bit += 1)
						if (((word >>> bit) & 1) === 1 && !visitor(timeOf(high + low), x + bit, y, polarity)) return;
					x += length;
					break;
				}
				case types.timeLow:
					low = word & 0xfff;
					break;
				case types.timeHigh:
					// The lower half of the time before says nothing of the new one.
					if (high !== (word & 0xfff) * 4096) low = 0;
					high = (word & 0xfff) * 4096;
					break;
				default:
					if (!knownTypes.has(word >>> 12)) throw messages.unknownWord(file.path, 'EVT 3.0', word >>> 12);
			}
		}
	}
}

/**
 * Prophesee and ATIS .dat: header lines that start with "%", a byte for the type and one for the size of an event, then events of
 * 8 bytes, little-endian: time in µs, u32, then x, y and polarity in one u32.
 *
 * @see https://docs.prophesee.ai/stable/data/file_formats/dat.html
 */
import { headerLines, recordPieces } from './byte-file.ts';
import * as messages from './messages.ts';
import type { EventFormat, Sensor } from './types.ts';

const eventBytes = 8;
/** Of the clock: 32 bits of microseconds. */
const clock = 2 ** 32;

export const propheseeDat: EventFormat = {
	title: 'Prophesee and ATIS (.dat)',
	endings: ['.dat'],
	matches: (start, path) => path.toLowerCase().endsWith('.dat') && (start[0] === 0x25 || start.length < 1),
	open(file) {
		const { lines, end } = headerLines(file, '%');
		const value = (name: string): number | null => {
			const line = lines.find((one) => one.toLowerCase().startsWith(`${name} `));
			const number = Number(line?.slice(name.length));
			return line !== undefined && Number.isSafeInteger(number) ? number : null;
		};
		// Files without a version are of the first.
		const version = value('version') ?? 1;
		const [type = 0, size = 0] = file.read(end, 2);
		if (size !== eventBytes)
			throw messages.unsupported(
				file.path,
				`says that an event takes ${size} bytes (type ${type}); 8 are read. It is damaged, or holds something else than events of a camera.`,
			);
		const wide = version >= 2;
		return {
			count: 1,
			labels: null,
			recording: () => ({
				kind: 'camera',
				sensor: sensorOf(value('width'), value('height')),
				notes: [],
				visit(visitor) {
					let passed = 0;
					let last = 0;
					for (const { view, records } of recordPieces(file, end + 2, eventBytes)) {
						for (let at = 0; at < records * eventBytes; at += eventBytes) {
							const time = view.getUint32(at, true);
							if (last - time > clock / 2) passed += clock;
							last = time;
							const word = view.getUint32(at + 4, true);
							const x = wide ? word & 0x3fff : word & 0x1ff;
							const y = wide ? (word >>> 14) & 0x3fff : (word >>> 9) & 0xff;
							const polarity = wide ? (word >>> 28) & 1 : (word >>> 17) & 1;
							if (!visitor(time + passed, x, y, polarity)) return;
						}
					}
				},
			}),
		};
	},
};

/** The sensor, where both of its sizes are known and possible. */
export const sensorOf = (width: number | null, height: number | null): Sensor | null =>
	width !== null && height !== null && width > 0 && height > 0 && width <= 16384 && height <= 16384 ? { width, height } : null;

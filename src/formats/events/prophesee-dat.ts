/**
 * Prophesee and ATIS .dat: header lines that start with "%", a byte for the type and one for the size of an event, then events of
 * 8 bytes, little-endian: time in µs, u32, then x, y and polarity in one u32.
 *
 * @see https://docs.prophesee.ai/stable/data/file_formats/dat.html
 */
import { continuous, headerLines, headerNumber, recordPieces, sensorOf } from './byte-file.ts';
import * as messages from './messages.ts';
import { cameraFile, type EventFormat } from './types.ts';

const eventBytes = 8;

export const propheseeDat: EventFormat = {
	title: 'Prophesee and ATIS (.dat)',
	endings: ['.dat'],
	// Older files have no header, so that nothing at their start tells the format.
	matches: (_, path) => path.toLowerCase().endsWith('.dat'),
	open(file) {
		const { lines, end } = headerLines(file, '%', /^end$/i);
		const [type = 0, size = 0] = file.read(end, 2);
		if (size !== eventBytes) throw messages.eventSize(file.path, type, size, eventBytes);
		// Files without a version are of the first: 9 bits of x, 8 of y.
		const wide = (headerNumber(lines, 'version') ?? 1) >= 2;
		return cameraFile(sensorOf(headerNumber(lines, 'width'), headerNumber(lines, 'height')), (visitor) => {
			const timeOf = continuous(2 ** 32);
			for (const { view, records } of recordPieces(file, end + 2, eventBytes)) {
				for (let at = 0; at < records * eventBytes; at += eventBytes) {
					const time = timeOf(view.getUint32(at, true));
					const word = view.getUint32(at + 4, true);
					const x = wide ? word & 0x3fff : word & 0x1ff;
					const y = wide ? (word >>> 14) & 0x3fff : (word >>> 9) & 0xff;
					const polarity = wide ? (word >>> 28) & 1 : (word >>> 17) & 1;
					if (!visitor(time, x, y, polarity)) return;
				}
			}
		});
	},
};

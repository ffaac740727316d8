/**
 * AEDAT 3 of cAER (DVS128 Gesture): header lines that start with "#", then packets: a header of 28 bytes and events, little-endian.
 * A polarity event is a u32 of validity 1, polarity 1, y 15 and x 15 bits, from the lowest, and a time of 31 bits in µs.
 *
 * @see https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-3.1.html and libcaer's events/common.h
 */
import { headerLines, viewOf } from './byte-file.ts';
import * as messages from './messages.ts';
import { cameraFile, type EventFormat, type Sensor } from './types.ts';

const headerBytes = 28;
const polarityType = 1;
const largestType = 100;
const eventBytes = 8;
/** Packets are read whole: libcaer's hold some thousand events. */
const mostPacketBytes = 2 ** 28;

const sensors: readonly (readonly [RegExp, Sensor])[] = [
	[/DAVIS346/i, { width: 346, height: 260 }],
	[/DAVIS640/i, { width: 640, height: 480 }],
	[/DAVIS240/i, { width: 240, height: 180 }],
	[/DAVIS208/i, { width: 208, height: 192 }],
	[/(DVS|DAVIS)128/i, { width: 128, height: 128 }],
	[/DVS132/i, { width: 132, height: 104 }],
];

export const aedat3: EventFormat = {
	title: 'AEDAT 3.1 (.aedat)',
	endings: ['.aedat', '.aedat3'],
	matches: (start) => new TextDecoder('latin1').decode(start).startsWith('#!AER-DAT3.'),
	open(file) {
		const { lines, end } = headerLines(file, '#', /^!END-HEADER$/);
		if (!lines.includes('!END-HEADER')) throw messages.damaged(file.path, 'its header has no line "#!END-HEADER"');
		const format = lines.find((line) => /^Format:/i.test(line)) ?? 'Format: RAW';
		if (!/raw/i.test(format))
			throw messages.unsupported(file.path, `is compressed ("${format.slice(0, 60)}"); AEDAT 3.1 in the format RAW is read.`);
		const source = lines.find((line) => /^Source \d+:/i.test(line)) ?? '';
		const sensor = sensors.find(([name]) => name.test(source))?.[1] ?? null;
		return cameraFile(sensor, (visitor) => {
			for (let at = end; at < file.size; ) {
				const header = viewOf(file.read(at, headerBytes));
				const type = header.getInt16(0, true);
				const size = header.getInt32(4, true);
				const overflow = header.getInt32(12, true);
				const [capacity, number] = [header.getInt32(16, true), header.getInt32(20, true)];
				const bytes = size * capacity;
				if (
					type < 0 ||
					type > largestType ||
					size < 0 ||
					overflow < 0 ||
					number < 0 ||
					number > capacity ||
					bytes > mostPacketBytes
				)
					throw messages.damaged(file.path, `the packet at byte ${at} has an impossible header`);
				if (type === polarityType && size !== eventBytes && number > 0)
					throw messages.eventSize(file.path, type, size, eventBytes);
				at += headerBytes;
				if (at + bytes > file.size) throw messages.damaged(file.path, `the packet at byte ${at - headerBytes} is cut off`);
				const view = type === polarityType ? viewOf(file.read(at, bytes)) : null;
				for (let event = 0; view !== null && event < number; event += 1) {
					const word = view.getUint32(event * eventBytes, true);
					// What a filter took out stays in the file, marked as not valid.
					if ((word & 1) === 0) continue;
					const time = overflow * 2 ** 31 + view.getInt32(event * eventBytes + 4, true);
					if (!visitor(time, word >>> 17, (word >>> 2) & 0x7fff, (word >>> 1) & 1)) return;
				}
				at += bytes;
			}
		});
	},
};

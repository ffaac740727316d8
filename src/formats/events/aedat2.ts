/**
 * AEDAT 2.0 of jAER (CIFAR10-DVS, DVS128 and DAVIS cameras): header lines that start with "#", then for each event an address and a
 * time in µs, 32 bits each, big-endian.
 *
 * @see https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-2.0.html
 */
import { continuous, headerLines, recordPieces } from './byte-file.ts';
import * as messages from './messages.ts';
import { cameraFile, type EventFormat, type Sensor } from './types.ts';

const eventBytes = 8;
const davisSensors: readonly (readonly [RegExp, Sensor])[] = [
	[/davis.*346/i, { width: 346, height: 260 }],
	[/davis.*640/i, { width: 640, height: 480 }],
	[/davis.*128/i, { width: 128, height: 128 }],
	[/davis|sbret/i, { width: 240, height: 180 }],
];
const dvs128: Sensor = { width: 128, height: 128 };

export const aedat2: EventFormat = {
	title: 'AEDAT 2.0 (.aedat)',
	endings: ['.aedat', '.aedat2'],
	matches: (start) => new TextDecoder('latin1').decode(start).startsWith('#!AER-DAT2.'),
	open(file) {
		const { lines, end } = headerLines(file, '#', /^End Of ASCII Header$/i);
		const chip = lines.find((line) => /AEChip/i.test(line)) ?? '';
		const davis = davisSensors.find(([name]) => name.test(chip))?.[1] ?? null;
		const sensor = davis ?? dvs128;
		const note = davis
			? 'x and y of AEDAT 2.0 are mirrored to an upright picture, as jAER shows it.'
			: 'x, y and polarity of AEDAT 2.0 are read as SpikingJelly reads CIFAR10-DVS: x = 127 − address bits 8 to 14, y = 127 − bits 1 to 7, on where bit 0 is 0. tonic takes them without "127 −", and on where bit 0 is 1.';
		return cameraFile(
			sensor,
			(visitor) => {
				const timeOf = continuous(2 ** 32);
				for (const { view, records } of recordPieces(file, end, eventBytes)) {
					for (let at = 0; at < records * eventBytes; at += eventBytes) {
						const address = view.getUint32(at);
						const time = timeOf(view.getUint32(at + 4));
						if (davis) {
							// Frames, motion and external signals are no events of pixels.
							if (address >>> 31 === 1 || (address & 0x400) !== 0) continue;
							const x = sensor.width - 1 - ((address >>> 12) & 0x3ff);
							const y = sensor.height - 1 - ((address >>> 22) & 0x1ff);
							if (x < 0 || y < 0) throw messages.impossibleAddress(file.path, address, chip);
							if (!visitor(time, x, y, (address >>> 11) & 1)) return;
						} else {
							if (address > 0xffff) throw messages.impossibleAddress(file.path, address, 'DVS128');
							// Bit 15: an external signal.
							if ((address & 0x8000) !== 0) continue;
							if (!visitor(time, 127 - ((address >>> 8) & 0x7f), 127 - ((address >>> 1) & 0x7f), 1 - (address & 1))) return;
						}
					}
				}
			},
			[note],
		);
	},
};

/**
 * N-MNIST and N-Caltech101: 40 bits an event, big-endian: x 8, y 8, polarity 1, time 23 bits in µs.
 *
 * An event in row 240 is none: it says that the clock has gone on by 2^13 µs more.
 * @see https://www.garrickorchard.com/datasets/n-mnist and the authors' Read_Ndataset.m
 */
import { recordPieces } from './byte-file.ts';
import { cameraFile, type EventFormat } from './types.ts';

const eventBytes = 5;
const overflowRow = 240;
const overflowMicroseconds = 2 ** 13;

export const nmnist: EventFormat = {
	title: 'N-MNIST and N-Caltech101 (.bin)',
	endings: ['.bin'],
	// Nothing at its start tells the format.
	matches: (_, path) => path.toLowerCase().endsWith('.bin'),
	open: (file) =>
		cameraFile(null, (visitor) => {
			let passed = 0;
			for (const { view, records } of recordPieces(file, 0, eventBytes)) {
				for (let at = 0; at < records * eventBytes; at += eventBytes) {
					const y = view.getUint8(at + 1);
					if (y === overflowRow) {
						passed += overflowMicroseconds;
						continue;
					}
					const word = view.getUint8(at + 2);
					const time = ((word & 0x7f) << 16) | view.getUint16(at + 3);
					if (!visitor(time + passed, view.getUint8(at), y, word >> 7)) return;
				}
			}
		}),
};

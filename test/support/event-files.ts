/** Writers of event recordings, one a format, each from its specification: small files for the tests. */
import fc from 'fast-check';

export interface TestEvent {
	readonly t: number;
	readonly x: number;
	readonly y: number;
	readonly p: 0 | 1;
}

/** A format as the tests write it, and what it can hold. */
export interface EventWriter {
	readonly title: string;
	readonly ending: string;
	readonly width: number;
	readonly height: number;
	/** Microseconds below which times lie. */
	readonly latest: number;
	readonly write: (events: readonly TestEvent[]) => Uint8Array;
}

/** Events in the order of time, as a camera of this format would record them. */
export const recordingOf = ({
	width,
	height,
	latest,
}: Pick<EventWriter, 'width' | 'height' | 'latest'>): fc.Arbitrary<TestEvent[]> =>
	fc
		.array(
			fc.record({
				t: fc.oneof(fc.integer({ min: 0, max: Math.min(latest - 1, 400_000) }), fc.integer({ min: 0, max: latest - 1 })),
				x: fc.integer({ min: 0, max: width - 1 }),
				y: fc.integer({ min: 0, max: height - 1 }),
				p: fc.constantFrom<0 | 1>(0, 1),
			}),
			{ maxLength: 60 },
		)
		.map((events) => events.sort((a, b) => a.t - b.t));

const bytesOf = (size: number, fill: (view: DataView) => void): Uint8Array => {
	const bytes = new Uint8Array(size);
	fill(new DataView(bytes.buffer));
	return bytes;
};
const joined = (...parts: readonly (Uint8Array | string)[]): Uint8Array =>
	Uint8Array.from(Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : part))));

/** The clock of N-MNIST files goes on by 8,192 µs with an event in row 240. */
function writeNmnist(events: readonly TestEvent[]): Uint8Array {
	const rows: number[][] = [];
	let passed = 0;
	for (const { t, x, y, p } of events) {
		while (t - passed >= 2 ** 23) {
			rows.push([0, 240, 0, 0, 0]);
			passed += 8192;
		}
		const time = t - passed;
		rows.push([x, y, (p << 7) | (time >> 16), (time >> 8) & 255, time & 255]);
	}
	return Uint8Array.from(rows.flat());
}

const writeDat =
	(version: 1 | 2) =>
	(events: readonly TestEvent[]): Uint8Array =>
		joined(
			`% Data file containing CD events.\n${version === 2 ? '% Version 2\n% Width 1280\n% Height 720\n' : ''}`,
			Uint8Array.of(version === 2 ? 12 : 0, 8),
			bytesOf(8 * events.length, (view) =>
				events.forEach(({ t, x, y, p }, at) => {
					view.setUint32(8 * at, t % 2 ** 32, true);
					view.setUint32(8 * at + 4, version === 2 ? (x | (y << 14) | (p << 28)) >>> 0 : x | (y << 9) | (p << 17), true);
				}),
			),
		);

export const eventWriters: readonly EventWriter[] = [
	{ title: 'N-MNIST', ending: '.bin', width: 240, height: 180, latest: 9e6, write: writeNmnist },
	{ title: 'Prophesee .dat 2', ending: '.dat', width: 1280, height: 720, latest: 2 ** 31, write: writeDat(2) },
	{ title: 'ATIS .dat 1', ending: '.dat', width: 304, height: 240, latest: 2 ** 31, write: writeDat(1) },
];

/** Writers of event recordings, one a format, each from its specification: small files for the tests. */
import fc from 'fast-check';
import { encodeNpz } from '../../src/formats/npy/index.ts';
import { writeAedat4 } from './aedat4-writer.ts';

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

/** As jAER writes a DVS128, read the way of SpikingJelly. */
const writeAedat2 = (events: readonly TestEvent[]): Uint8Array =>
	joined(
		'#!AER-DAT2.0\r\n# This is a raw AE data file - do not edit\r\n# Timestamps tick is 1 us\r\n',
		bytesOf(8 * events.length, (view) =>
			events.forEach(({ t, x, y, p }, at) => {
				view.setUint32(8 * at, ((127 - x) << 8) | ((127 - y) << 1) | (1 - p));
				view.setUint32(8 * at + 4, t % 2 ** 32);
			}),
		),
	);

const writeAedat2Davis = (events: readonly TestEvent[]): Uint8Array =>
	joined(
		'#!AER-DAT2.0\r\n# AEChip: eu.seebetter.ini.chips.davis.DAVIS240C\r\n',
		// A sample of a frame and an external signal, which are no events.
		bytesOf(16, (view) => {
			view.setUint32(0, 0x80000000);
			view.setUint32(8, 0x400);
		}),
		bytesOf(8 * events.length, (view) =>
			events.forEach(({ t, x, y, p }, at) => {
				view.setUint32(8 * at, ((179 - y) << 22) | ((239 - x) << 12) | (p << 11));
				view.setUint32(8 * at + 4, t % 2 ** 32);
			}),
		),
	);

/** Packets of some events, an event that a filter took out in each, and a packet of another type before them. */
function writeAedat3(events: readonly TestEvent[]): Uint8Array {
	const header = (type: number, size: number, overflow: number, count: number): Uint8Array =>
		bytesOf(28, (view) => {
			view.setInt16(0, type, true);
			view.setInt32(4, size, true);
			view.setInt32(8, 4, true);
			view.setInt32(12, overflow, true);
			for (const at of [16, 20, 24]) view.setInt32(at, count, true);
		});
	const parts: Uint8Array[] = [header(0, 12, 0, 1), new Uint8Array(12)];
	for (let at = 0; at < events.length; ) {
		const overflow = Math.floor((events[at] as TestEvent).t / 2 ** 31);
		const rest = events.slice(at, at + 4000);
		const end = rest.findIndex(({ t }) => Math.floor(t / 2 ** 31) !== overflow);
		const packet = end < 0 ? rest : rest.slice(0, end);
		parts.push(
			header(1, 8, overflow, packet.length + 1),
			bytesOf(8 * (packet.length + 1), (view) => {
				view.setUint32(0, (5 << 17) | (6 << 2), true);
				packet.forEach(({ t, x, y, p }, index) => {
					view.setUint32(8 + 8 * index, ((x << 17) | (y << 2) | (p << 1) | 1) >>> 0, true);
					view.setInt32(12 + 8 * index, t % 2 ** 31, true);
				});
			}),
		);
		at += packet.length;
	}
	return joined('#!AER-DAT3.1\r\n#Format: RAW\r\n#Source 1: DVS128\r\n#Start-Time: 2015\r\n#!END-HEADER\r\n', ...parts);
}

const words = (size: 2 | 4, list: readonly number[]): Uint8Array =>
	bytesOf(size * list.length, (view) =>
		list.forEach((word, at) => {
			if (size === 2) view.setUint16(2 * at, word, true);
			else view.setUint32(4 * at, word, true);
		}),
	);

function writeEvt2(events: readonly TestEvent[]): Uint8Array {
	// An event before the first time is of no known time.
	const list = [0x10000000, 0xa0000001];
	let high = -1;
	for (const { t, x, y, p } of events) {
		if (Math.floor(t / 64) !== high) {
			high = Math.floor(t / 64);
			list.push((0x80000000 | (high & 0xfffffff)) >>> 0);
		}
		list.push(((p << 28) | ((t & 63) << 22) | (x << 11) | y) >>> 0);
	}
	return joined('% camera_integrator_name Prophesee\n% evt 2.0\n% geometry 1280x720\n', words(4, list));
}

const writeEvt21 =
	(legacy: boolean) =>
	(events: readonly TestEvent[]): Uint8Array => {
		const list: number[] = [];
		const put = (upper: number, lower: number): void => void list.push(...(legacy ? [upper, lower] : [lower, upper]));
		let high = -1;
		for (let at = 0; at < events.length; ) {
			const { t, x, y, p } = events[at] as TestEvent;
			if (Math.floor(t / 64) !== high) {
				high = Math.floor(t / 64);
				put((0x80000000 | (high & 0xfffffff)) >>> 0, 0);
			}
			// What follows at the same time in the same row, further right, is told by the same word.
			const base = Math.max(0, x - 3);
			let valid = 0;
			for (let last = -1; at < events.length; at += 1) {
				const next = events[at] as TestEvent;
				const bit = next.x - base;
				if (next.t !== t || next.y !== y || next.p !== p || bit <= last || bit > 31) break;
				valid |= 1 << bit;
				last = bit;
			}
			put(((p << 28) | ((t & 63) << 22) | (base << 11) | y) >>> 0, valid >>> 0);
		}
		const format = `% format EVT21;height=720;width=1280${legacy ? ';endianness=legacy' : ''}`;
		return joined(`% camera_integrator_name Prophesee\n${format}\n% end\n`, words(4, list));
	};

function writeEvt3(events: readonly TestEvent[]): Uint8Array {
	const list = [0x2005, 0xe001, 0x7001];
	let [high, low, row] = [-1, -1, -1];
	for (let at = 0; at < events.length; ) {
		const { t, x, y, p } = events[at] as TestEvent;
		if (Math.floor(t / 4096) % 4096 !== high) {
			high = Math.floor(t / 4096) % 4096;
			low = -1;
			list.push(0x8000 | high);
		}
		if (t % 4096 !== low) {
			low = t % 4096;
			list.push(0x6000 | low);
		}
		if (y !== row) {
			row = y;
			list.push(y);
		}
		const base = Math.max(0, x - 2);
		const bits: number[] = [];
		for (; at < events.length; at += 1) {
			const next = events[at] as TestEvent;
			const bit = next.x - base;
			if (next.t !== t || next.y !== y || next.p !== p || bit <= (bits.at(-1) ?? -1) || bit > 19) break;
			bits.push(bit);
		}
		const mask = (from: number, to: number): number =>
			bits.filter((bit) => bit >= from && bit < to).reduce((sum, bit) => sum | (1 << (bit - from)), 0);
		if (bits.length === 1) list.push(0x2000 | (p << 11) | x);
		else list.push(0x3000 | (p << 11) | base, 0x4000 | mask(0, 12), 0x5000 | mask(12, 20));
	}
	return joined('% evt 3.0\n% format EVT3;height=720;width=1280\n% end\n', words(2, list));
}

/** As numpy saves a structured array with gaps, or big-endian. */
const writeStructured =
	(aligned: boolean) =>
	(events: readonly TestEvent[]): Uint8Array => {
		const fields = aligned
			? "[('x', '<i2'), ('y', '<i2'), ('', '|V4'), ('t', '<i8'), ('p', '|b1'), ('', '|V7')]"
			: "[('t', '>u4'), ('x', '>u2'), ('y', '>u2'), ('p', '|i1')]";
		const size = aligned ? 24 : 9;
		const text = `{'descr': ${fields}, 'fortran_order': False, 'shape': (${events.length},), }`.padEnd(245);
		return joined(
			Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 246, 0),
			`${text}\n`,
			bytesOf(size * events.length, (view) =>
				events.forEach(({ t, x, y, p }, at) => {
					if (aligned) {
						view.setInt16(24 * at, x, true);
						view.setInt16(24 * at + 2, y, true);
						view.setBigInt64(24 * at + 8, BigInt(t), true);
						view.setUint8(24 * at + 16, p);
					} else {
						view.setUint32(9 * at, t);
						view.setUint16(9 * at + 4, x);
						view.setUint16(9 * at + 6, y);
						view.setInt8(9 * at + 8, p === 1 ? 1 : -1);
					}
				}),
			),
		);
	};

const writeArrays = (events: readonly TestEvent[]): Uint8Array => {
	const shape = [events.length];
	return encodeNpz(
		new Map([
			['t', { dtype: 'int64', shape, data: BigInt64Array.from(events, ({ t }) => BigInt(t)) }],
			['x', { dtype: 'uint16', shape, data: Uint16Array.from(events, ({ x }) => x) }],
			['y', { dtype: 'uint16', shape, data: Uint16Array.from(events, ({ y }) => y) }],
			['p', { dtype: 'bool', shape, data: Uint8Array.from(events, ({ p }) => p) }],
		]),
	);
};

export const eventWriters: readonly EventWriter[] = [
	{ title: 'N-MNIST', ending: '.bin', width: 240, height: 180, latest: 9e6, write: writeNmnist },
	{ title: 'Prophesee .dat 2', ending: '.dat', width: 1280, height: 720, latest: 2 ** 31, write: writeDat(2) },
	{ title: 'ATIS .dat 1', ending: '.dat', width: 304, height: 240, latest: 2 ** 31, write: writeDat(1) },
	{ title: 'AEDAT 2.0', ending: '.aedat', width: 128, height: 128, latest: 2 ** 31, write: writeAedat2 },
	{ title: 'AEDAT 2.0 of a DAVIS', ending: '.aedat', width: 240, height: 180, latest: 2 ** 31, write: writeAedat2Davis },
	{ title: 'AEDAT 3.1', ending: '.aedat', width: 128, height: 128, latest: 2 ** 33, write: writeAedat3 },
	{ title: 'AEDAT 4.0', ending: '.aedat4', width: 640, height: 480, latest: 2 ** 51, write: writeAedat4('none') },
	{ title: 'AEDAT 4.0 with LZ4', ending: '.aedat4', width: 640, height: 480, latest: 2 ** 51, write: writeAedat4('lz4') },
	{ title: 'AEDAT 4.0 with Zstandard', ending: '.aedat4', width: 640, height: 480, latest: 2 ** 51, write: writeAedat4('zstd') },
	{ title: 'EVT 2.0', ending: '.raw', width: 1280, height: 720, latest: 2 ** 34, write: writeEvt2 },
	{ title: 'EVT 2.1', ending: '.raw', width: 1280, height: 720, latest: 2 ** 34, write: writeEvt21(false) },
	{ title: 'EVT 2.1 of IMX636', ending: '.raw', width: 1280, height: 720, latest: 2 ** 34, write: writeEvt21(true) },
	{ title: 'EVT 3.0', ending: '.raw', width: 1280, height: 720, latest: 2 ** 23, write: writeEvt3 },
	{ title: 'structured .npy', ending: '.npy', width: 1280, height: 720, latest: 2 ** 52, write: writeStructured(true) },
	{
		title: 'structured .npy, big-endian',
		ending: '.npy',
		width: 1280,
		height: 720,
		latest: 2 ** 32,
		write: writeStructured(false),
	},
	{ title: 'arrays in .npz', ending: '.npz', width: 1280, height: 720, latest: 2 ** 52, write: writeArrays },
];

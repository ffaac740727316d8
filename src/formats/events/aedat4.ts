/**
 * AEDAT 4.0 of DV: a line with the version, a table of FlatBuffers (IOHE) with compression and the streams as XML, then packets:
 * stream and size, i32 each, and a table of FlatBuffers, compressed by LZ4 or Zstandard. Events (EVTS) are structures of 16 bytes:
 * time in µs, i64, x and y, i16, polarity, 8 bits.
 *
 * @see https://docs.inivation.com/software/software-advanced-usage/file-formats/aedat-4.0.html
 */
import { Decompress } from 'fzstd';
import { sensorOf, viewOf } from './byte-file.ts';
import { rootTable, textOf, vectorOf } from './flat-table.ts';
import { decodeLz4 } from './lz4.ts';
import * as messages from './messages.ts';
import { type ByteFile, cameraFile, type EventFormat, type Sensor } from './types.ts';

const version = '#!AER-DAT4.0\r\n';
const eventBytes = 16;
/** Bytes of one packet, decompressed: DV's hold some thousand events. */
const mostPacketBytes = 2 ** 28;
const mostHeaderBytes = 2 ** 24;

type Compression = (bytes: Uint8Array) => Uint8Array;
/** By number, as the table of the header holds it: none, LZ4, LZ4 high, Zstandard, Zstandard high. */
const compressions: readonly Compression[] = [
	(bytes) => bytes,
	(bytes) => decodeLz4(bytes, mostPacketBytes),
	(bytes) => decodeLz4(bytes, mostPacketBytes),
	decodeZstandard,
	decodeZstandard,
];

export const aedat4: EventFormat = {
	title: 'AEDAT 4.0 (.aedat4)',
	endings: ['.aedat4'],
	matches: (start) => new TextDecoder('latin1').decode(start).startsWith('#!AER-DAT4.'),
	open(file) {
		const { decompress, packets, end, streams } = readHeader(file);
		const [stream] = streams;
		if (!stream) throw messages.unsupported(file.path, 'holds no stream of events (frames or motion only).');
		const notes = streams.length > 1 ? [`of ${streams.length} streams of events the first is read.`] : [];
		return cameraFile(
			stream.sensor,
			(visitor) => {
				for (let at = packets; at < end; ) {
					const header = viewOf(file.read(at, 8));
					const [id, size] = [header.getInt32(0, true), header.getInt32(4, true)];
					if (size < 0 || size > mostPacketBytes || at + 8 + size > end)
						throw messages.damaged(file.path, `the packet at byte ${at} is cut off or claims ${size} bytes`);
					if (id === stream.id) {
						const { view, start, length } = packetOf(file.path, at, () => decompress(file.read(at + 8, size)));
						for (let event = start; event < start + length * eventBytes; event += eventBytes) {
							const time = Number(view.getBigInt64(event, true));
							const [x, y] = [view.getInt16(event + 8, true), view.getInt16(event + 10, true)];
							const polarity = view.getUint8(event + 12);
							if (x < 0 || y < 0 || polarity > 1)
								throw messages.damaged(
									file.path,
									`the packet at byte ${at} holds an event at x ${x}, y ${y} of polarity ${polarity}`,
								);
							if (!visitor(time, x, y, polarity)) return;
						}
					} else if (!Number.isSafeInteger(id) || id < 0)
						throw messages.damaged(file.path, `the packet at byte ${at} is of the impossible stream ${id}`);
					at += 8 + size;
				}
			},
			notes,
		);
	},
};

function packetOf(path: string, at: number, content: () => Uint8Array): { view: DataView; start: number; length: number } {
	try {
		const table = rootTable(content(), 'EVTS');
		if (table === null) throw new RangeError('it is not a packet of events');
		return { view: table.view, ...vectorOf(table, 0, eventBytes) };
	} catch (error) {
		throw messages.damaged(path, `the packet at byte ${at} cannot be read (${(error as Error).message})`);
	}
}

interface Header {
	readonly decompress: Compression;
	/** Where packets start and end. */
	readonly packets: number;
	readonly end: number;
	readonly streams: readonly EventStream[];
}

interface EventStream {
	readonly id: number;
	readonly sensor: Sensor | null;
}

function readHeader(file: ByteFile): Header {
	const start = version.length;
	const size = 4 + viewOf(file.read(start, 4)).getUint32(0, true);
	if (size > mostHeaderBytes) throw messages.damaged(file.path, `its header claims ${size} bytes`);
	const bytes = file.read(start, size);
	try {
		const table = rootTable(bytes, 'IOHE');
		if (table === null) throw new RangeError('it is not a header of AEDAT 4');
		const { view, place } = table;
		const [compressionAt, endAt] = [place(0), place(1)];
		const compression = compressionAt === null ? 0 : view.getInt32(compressionAt, true);
		const decompress = compressions[compression];
		if (!decompress) throw new RangeError(`the compression ${compression} is not known`);
		// Behind the packets a table of them may lie; −1: the recording was not ended, and there is none.
		const tableAt = endAt === null ? -1 : Number(view.getBigInt64(endAt, true));
		const packets = start + size;
		if (tableAt > file.size || (tableAt >= 0 && tableAt < packets)) throw new RangeError(`its packets end at byte ${tableAt}`);
		return { decompress, packets, end: tableAt < 0 ? file.size : tableAt, streams: eventStreams(textOf(table, 2)) };
	} catch (error) {
		throw messages.damaged(file.path, `its header cannot be read (${(error as Error).message})`);
	}
}

/** Streams of events in the XML that describes a recording: nodes with numbers for names, with attributes in and below them. */
function eventStreams(xml: string): EventStream[] {
	const streams: { id: number; depth: number; attributes: Map<string, string> }[] = [];
	let depth = 0;
	for (const [, close, node, attributes = '', key, value = ''] of xml.matchAll(
		/<(\/)?(node)\b([^<>]*)>|<attr\b[^<>]*\bkey="([^"<>]*)"[^<>]*>([^<>]*)<\/attr>/g,
	)) {
		const open = streams.findLast((stream) => stream.depth < depth);
		if (node !== undefined) {
			if (close === undefined) {
				const id = /\bname="(\d+)"/.exec(attributes)?.[1];
				if (id !== undefined && /\bpath="[^"]*outInfo\/\d+\/"/.test(attributes))
					streams.push({ id: Number(id), depth, attributes: new Map() });
				if (!attributes.endsWith('/')) depth += 1;
			} else depth -= 1;
		} else if (key !== undefined) open?.attributes.set(key, value.trim());
	}
	return streams
		.filter(({ attributes }) => attributes.get('typeIdentifier') === 'EVTS')
		.map(({ id, attributes }) => ({
			id,
			sensor: sensorOf(Number(attributes.get('sizeX') ?? Number.NaN), Number(attributes.get('sizeY') ?? Number.NaN)),
		}));
}

/** The content of a Zstandard frame. @throws Error where it is damaged or holds more than a packet may */
function decodeZstandard(bytes: Uint8Array): Uint8Array {
	const parts: Uint8Array[] = [];
	let length = 0;
	const stream = new Decompress((part) => {
		length += part.length;
		if (length > mostPacketBytes) throw new RangeError('the Zstandard frame holds more than it may');
		parts.push(part);
	});
	stream.push(bytes, true);
	const content = new Uint8Array(length);
	let at = 0;
	for (const part of parts) {
		content.set(part, at);
		at += part.length;
	}
	return content;
}

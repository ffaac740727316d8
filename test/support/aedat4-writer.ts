/** AEDAT 4.0 files, with the tables of FlatBuffers built by its own library. */
import { Builder } from 'flatbuffers';
import type { TestEvent } from './event-files.ts';
import { encodeLz4 } from './lz4-writer.ts';

export type TestCompression = 'none' | 'lz4' | 'zstd';

const numbers = { none: 0, lz4: 1, zstd: 3 } as const;

/** A Zstandard frame of one raw block. */
function storedZstandard(bytes: Uint8Array): Uint8Array {
	const header = (bytes.length << 3) | 1;
	return Uint8Array.from([
		...[0x28, 0xb5, 0x2f, 0xfd, 0xa0],
		...[bytes.length & 255, (bytes.length >> 8) & 255, (bytes.length >> 16) & 255, bytes.length >>> 24],
		...[header & 255, (header >> 8) & 255, header >> 16],
		...bytes,
	]);
}

const xml = (streams: readonly string[]): string =>
	`<dv version="2.0"><node name="outInfo" path="/mainloop/Recorder/outInfo/">${streams
		.map(
			(type, id) =>
				`<node name="${id}" path="/mainloop/Recorder/outInfo/${id}/"><attr key="typeIdentifier" type="string">${type}</attr><node name="info" path="/mainloop/Recorder/outInfo/${id}/info/"><attr key="sizeX" type="int">640</attr><attr key="sizeY" type="int">480</attr></node></node>`,
		)
		.join('')}</node></dv>`;

function headerTable(compression: TestCompression): Uint8Array {
	const builder = new Builder(1024);
	const info = builder.createString(xml(['FRME', 'EVTS']));
	builder.startObject(3);
	builder.addFieldInt32(0, numbers[compression], 0);
	builder.addFieldInt64(1, -1n, 0n);
	builder.addFieldOffset(2, info, 0);
	builder.finishSizePrefixed(builder.endObject(), 'IOHE');
	return builder.asUint8Array().slice();
}

function eventTable(events: readonly TestEvent[]): Uint8Array {
	const builder = new Builder(64 + 16 * events.length);
	builder.startVector(16, events.length, 8);
	for (const { t, x, y, p } of [...events].reverse()) {
		builder.prep(8, 16);
		builder.pad(3);
		builder.writeInt8(p);
		builder.writeInt16(y);
		builder.writeInt16(x);
		builder.writeInt64(BigInt(t));
	}
	const elements = builder.endVector();
	builder.startObject(1);
	builder.addFieldOffset(0, elements, 0);
	builder.finishSizePrefixed(builder.endObject(), 'EVTS');
	return builder.asUint8Array().slice();
}

/** An empty table, for a packet of another kind. */
function emptyTable(identifier: string): Uint8Array {
	const builder = new Builder(64);
	builder.startObject(1);
	builder.finishSizePrefixed(builder.endObject(), identifier);
	return builder.asUint8Array().slice();
}

export const writeAedat4 =
	(compression: TestCompression) =>
	(events: readonly TestEvent[]): Uint8Array => {
		const parts: Uint8Array[] = [Buffer.from('#!AER-DAT4.0\r\n', 'latin1'), headerTable(compression)];
		const encode = { none: (bytes: Uint8Array) => bytes, lz4: encodeLz4, zstd: storedZstandard }[compression];
		const packet = (stream: number, content: Uint8Array): void => {
			const header = new DataView(new ArrayBuffer(8));
			header.setInt32(0, stream, true);
			header.setInt32(4, content.length, true);
			parts.push(new Uint8Array(header.buffer), content);
		};
		// A frame, which is passed over, and packets of a few events.
		packet(0, encode(emptyTable('FRME')));
		for (let at = 0; at < events.length; at += 3000) packet(1, encode(eventTable(events.slice(at, at + 3000))));
		return Uint8Array.from(Buffer.concat(parts));
	};

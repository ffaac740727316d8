import { Cursor, damaged, type Source, visit } from './cursor.ts';

/** Kinds of header messages; the names are those of the HDF5 file format specification. */
export const messageTypes = {
	dataspace: 0x01,
	linkInfo: 0x02,
	datatype: 0x03,
	fillValue: 0x05,
	link: 0x06,
	externalFiles: 0x07,
	dataLayout: 0x08,
	filterPipeline: 0x0b,
	continuation: 0x10,
	symbolTable: 0x11,
} as const;

export interface HeaderMessage {
	readonly type: number;
	readonly body: () => Cursor;
}

/**
 * The messages of an object: all that the file says about one group or dataset.
 *
 * @see https://docs.hdfgroup.org/documentation/hdf5/latest/_f_m_t3.html section IV.A
 */
export function readObjectHeader(source: Source, address: number): HeaderMessage[] {
	visit(source);
	const cursor = new Cursor(source, address, 'an object header');
	const version = cursor.u8();
	if (version === 1) {
		return readVersion1(source, cursor);
	}
	if (version === 'O'.charCodeAt(0)) {
		return readVersion2(source, address);
	}
	throw damaged(source, `an object header at byte ${address} has the unknown version ${version}`);
}

function readVersion1(source: Source, cursor: Cursor): HeaderMessage[] {
	cursor.skip(1);
	const count = cursor.u16();
	cursor.skip(4);
	const size = cursor.u32();
	cursor.skip(4);
	const messages: HeaderMessage[] = [];
	const blocks = [new Cursor(source, cursor.address, 'an object header', size)];
	for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
		while (block.left >= 8 && messages.length < count) {
			const type = block.u16();
			const length = block.u16();
			const flags = block.u8();
			block.skip(3);
			addMessage(source, messages, blocks, type, flags, block.address, length, 0);
			block.skip(length);
		}
	}
	return messages;
}

function readVersion2(source: Source, address: number): HeaderMessage[] {
	const cursor = new Cursor(source, address, 'an object header');
	cursor.expect('OHDR');
	const version = cursor.u8();
	if (version !== 2) {
		throw damaged(source, `an object header at byte ${address} has the unknown version ${version}`);
	}
	const flags = cursor.u8();
	cursor.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
	const size = cursor.unsigned(1 << (flags & 3));
	const fixed = 4 + (flags & 0x04 ? 2 : 0);
	const messages: HeaderMessage[] = [];
	const blocks = [new Cursor(source, cursor.address, 'an object header', size)];
	for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
		while (block.left >= fixed) {
			const type = block.u8();
			const length = block.u16();
			const messageFlags = block.u8();
			block.skip(fixed - 4);
			addMessage(source, messages, blocks, type, messageFlags, block.address, length, 4);
			block.skip(length);
		}
	}
	return messages;
}

/** @param frame bytes of a continuation block before its messages, and as many after them */
function addMessage(
	source: Source,
	messages: HeaderMessage[],
	blocks: Cursor[],
	type: number,
	flags: number,
	address: number,
	length: number,
	frame: number,
): void {
	visit(source);
	const body = () => new Cursor(source, address, `message ${type} of an object header`, length);
	if (flags & 0x02 && type === messageTypes.datatype) {
		throw damaged(source, 'it names its data types (committed types), which NIR files do not');
	}
	if (type === messageTypes.continuation) {
		const cursor = body();
		const start = cursor.address64();
		const size = cursor.u64();
		if (start === null || size < 2 * frame) {
			throw damaged(source, 'an object header continues nowhere');
		}
		blocks.push(new Cursor(source, start + frame, 'the continuation of an object header', size - 2 * frame));
	}
	messages.push({ type, body });
}

export function findMessage(messages: readonly HeaderMessage[], type: number): Cursor | undefined {
	return messages.find((message) => message.type === type)?.body();
}

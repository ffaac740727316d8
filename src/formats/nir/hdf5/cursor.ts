import { UserError } from '../../../errors.ts';
import { messages } from '../messages.ts';

/** What HDF5 writes for "no address". */
const undefinedAddress = 0xffffffffffffffffn;

/**
 * A file being read, and what is left of its budgets. A damaged file can describe far more than it holds (cycles, one block under a
 * thousand names, chunks that expand a thousandfold), so every visit and every decoded byte is paid for.
 */
export interface Source {
	readonly file: string;
	/** Bytes of the file. */
	readonly size: number;
	/** A piece of the file; it lies in it. */
	readonly read: (position: number, length: number) => Uint8Array;
	/** Where the file's own address 0 lies. */
	readonly base: number;
	readonly budget: { visits: number; decodedBytes: number };
}

export function damaged(source: Source, what: string): UserError {
	return new UserError(messages.damaged(source.file, what));
}

/** Pays for looking at one more block. */
export function visit(source: Source): void {
	source.budget.visits--;
	if (source.budget.visits < 0) {
		throw damaged(source, 'its blocks refer to each other without end');
	}
}

/** Pays for decoding `count` more bytes. */
export function payBytes(source: Source, count: number, what: string): void {
	source.budget.decodedBytes -= count;
	if (!(source.budget.decodedBytes >= 0)) {
		throw damaged(source, `${what} claims ${count} bytes, more than the file can hold`);
	}
}

/** Bytes that are read at once where single fields are asked for. */
const windowBytes = 512;

/** Reads little-endian fields one after another, never beyond its block. */
export class Cursor {
	readonly source: Source;
	private position: number;
	private readonly end: number;
	/** What has been read of the block, and where it starts in the file. */
	private window: DataView = new DataView(new ArrayBuffer(0));
	private windowStart = 0;
	private readonly what: string;

	/** @param address relative to the file's base; @param length of the block; to the end of the file unless given */
	constructor(source: Source, address: number, what: string, length?: number) {
		const start = source.base + address;
		const end = length === undefined ? source.size : start + length;
		this.source = source;
		this.what = what;
		if (!(start >= source.base && end >= start && end <= source.size)) {
			throw this.cutOff();
		}
		this.position = start;
		this.end = end;
	}

	private cutOff(): UserError {
		return damaged(this.source, `${this.what} lies outside the file`);
	}

	private advance(count: number): number {
		const position = this.position;
		if (count < 0 || position + count > this.end) {
			throw this.cutOff();
		}
		this.position += count;
		return position;
	}

	/** Goes on by `count` bytes. @returns where they lie in the window */
	private next(count: number): number {
		const position = this.advance(count);
		if (position < this.windowStart || position + count > this.windowStart + this.window.byteLength) {
			const bytes = this.source.read(position, Math.min(Math.max(count, windowBytes), this.end - position));
			this.window = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
			this.windowStart = position;
		}
		return position - this.windowStart;
	}

	get left(): number {
		return this.end - this.position;
	}

	/** Address of the next byte, relative to the file's base. */
	get address(): number {
		return this.position - this.source.base;
	}

	skip(count: number): void {
		this.advance(count);
	}

	u8(): number {
		const at = this.next(1);
		return this.window.getUint8(at);
	}

	u16(): number {
		const at = this.next(2);
		return this.window.getUint16(at, true);
	}

	u32(): number {
		const at = this.next(4);
		return this.window.getUint32(at, true);
	}

	/** A length or count of 8 bytes. */
	u64(): number {
		const at = this.next(8);
		const value = this.window.getBigUint64(at, true);
		if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
			throw damaged(this.source, `${this.what} holds the impossible number ${value}`);
		}
		return Number(value);
	}

	/** An unsigned integer of `size` bytes, 1 to 8. */
	unsigned(size: number): number {
		let value = 0;
		const start = this.next(size);
		for (let index = size - 1; index >= 0; index--) {
			value = value * 256 + this.window.getUint8(start + index);
		}
		return value;
	}

	/** An address, or null where HDF5 writes that there is none. */
	address64(): number | null {
		const at = this.next(8);
		const value = this.window.getBigUint64(at, true);
		if (value === undefinedAddress) {
			return null;
		}
		if (value > BigInt(this.source.size)) {
			throw damaged(this.source, `${this.what} points outside the file`);
		}
		return Number(value);
	}

	take(count: number): Uint8Array {
		const start = this.advance(count);
		return this.source.read(start, count);
	}

	/** A signature of four characters. */
	expect(signature: string): void {
		const found = this.take(4);
		if (![...signature].every((character, index) => found[index] === character.charCodeAt(0))) {
			throw damaged(this.source, `${this.what} does not start with "${signature}"`);
		}
	}

	text(length: number): string {
		return new TextDecoder().decode(this.take(length));
	}
}

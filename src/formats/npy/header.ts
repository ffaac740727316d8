import { UserError } from '../../errors.ts';
import { type ArrayType, arrayTypes, elementCount } from './array.ts';
import { messages } from './messages.ts';

/**
 * What a .npy header says.
 *
 * @see https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export interface NpyHeader {
	readonly dtype: ArrayType;
	readonly bigEndian: boolean;
	readonly fortranOrder: boolean;
	readonly shape: readonly number[];
	/** Where the elements start, in bytes from the start of the file. */
	readonly dataOffset: number;
	/** How many bytes the elements take. */
	readonly dataBytes: number;
}

/** Bytes that suffice to know how long the header is. */
export const prefixBytes = 12;
const signature = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];
/** numpy itself writes at most a few hundred bytes for an array of numbers. */
const longestHeader = 65536;
const mostAxes = 64;

export function hasNpySignature(bytes: Uint8Array): boolean {
	return signature.every((byte, index) => bytes[index] === byte);
}

/**
 * How many bytes come before the elements, from the first {@link prefixBytes} bytes of a file.
 * @throws UserError if they are not the start of a .npy file
 */
export function headerEnd(bytes: Uint8Array, file: string): number {
	if (bytes.length >= signature.length && !hasNpySignature(bytes)) {
		throw new UserError(messages.notNpy(file));
	}
	if (bytes.length < 10) {
		throw new UserError(messages.headerTruncated(file, 10, bytes.length));
	}
	const version = bytes[6] ?? 0;
	if (version < 1 || version > 3) {
		throw new UserError(messages.version(file, version));
	}
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (version === 1) {
		return 10 + view.getUint16(8, true);
	}
	if (bytes.length < 12) {
		throw new UserError(messages.headerTruncated(file, 12, bytes.length));
	}
	const length = view.getUint32(8, true);
	if (length > longestHeader) {
		throw new UserError(messages.headerTooLong(file, length, longestHeader));
	}
	return 12 + length;
}

/**
 * Reads the header at the start of `bytes`; the elements need not be there.
 * @throws UserError if it is truncated, damaged, or describes elements that are not plain numbers
 */
export function parseHeader(bytes: Uint8Array, file: string): NpyHeader {
	const dataOffset = headerEnd(bytes, file);
	if (bytes.length < dataOffset) {
		throw new UserError(messages.headerTruncated(file, dataOffset, bytes.length));
	}
	const text = new TextDecoder('latin1').decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataOffset));
	const description = parseDescription(text.trim(), file);
	const { bigEndian, dtype } = parseType(description.descr, file);
	const dataBytes = elementCount(description.shape) * arrayTypes[dtype].bytesPerElement;
	if (!Number.isSafeInteger(dataBytes)) {
		throw new UserError(messages.absurdShape(file, `(${description.shape.join(', ')})`));
	}
	return { dtype, bigEndian, fortranOrder: description.fortranOrder, shape: description.shape, dataOffset, dataBytes };
}

/** The Python dictionary literal of a header: three known keys, in any order. */
function parseDescription(text: string, file: string): { descr: string; fortranOrder: boolean; shape: number[] } {
	const fail = () => new UserError(messages.headerUnreadable(file, text));
	if (!/^\{.*\}$/s.test(text)) {
		throw fail();
	}
	if (/'descr'\s*:\s*\[/.test(text)) {
		throw new UserError(messages.structured(file));
	}
	const entry = /^\s*'(descr|fortran_order|shape)'\s*:\s*(?:'([^']*)'|(True|False)|\(([^()]*)\))\s*(?:,|$)/;
	let rest = text.slice(1, -1);
	let descr: string | undefined;
	let fortranOrder: boolean | undefined;
	let shape: number[] | undefined;
	while (rest.trim() !== '') {
		const match = entry.exec(rest);
		if (match === null) {
			throw fail();
		}
		rest = rest.slice(match[0].length);
		if (match[1] === 'descr' && match[2] !== undefined && descr === undefined) {
			descr = match[2];
		} else if (match[1] === 'fortran_order' && match[3] !== undefined && fortranOrder === undefined) {
			fortranOrder = match[3] === 'True';
		} else if (match[1] === 'shape' && match[4] !== undefined && shape === undefined) {
			shape = parseShape(match[4], file, fail);
		} else {
			throw fail();
		}
	}
	if (descr === undefined || fortranOrder === undefined || shape === undefined) {
		throw fail();
	}
	return { descr, fortranOrder, shape };
}

function parseShape(text: string, file: string, fail: () => UserError): number[] {
	const trimmed = text.trim();
	if (trimmed === '') {
		return [];
	}
	const sizes = trimmed.replace(/,$/, '').split(',');
	const shape = sizes.map((size) => {
		// Python 2 wrote long integers with an L.
		if (!/^\s*\d+L?\s*$/.test(size)) {
			throw fail();
		}
		return Number.parseInt(size, 10);
	});
	if (shape.length > mostAxes || shape.some((size) => !Number.isSafeInteger(size))) {
		throw new UserError(messages.absurdShape(file, `(${trimmed.slice(0, 80)})`));
	}
	return shape;
}

function parseType(descr: string, file: string): { dtype: ArrayType; bigEndian: boolean } {
	const order = descr[0] ?? '';
	const code = descr.slice(1);
	if (code.startsWith('O')) {
		throw new UserError(messages.pickled(file));
	}
	const found = Object.entries(arrayTypes).find(([, facts]) => facts.code === code);
	if (!'<>|='.includes(order) || order === '' || found === undefined) {
		throw new UserError(messages.unsupportedType(file, descr));
	}
	return { dtype: found[0] as ArrayType, bigEndian: order === '>' };
}

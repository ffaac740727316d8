import { UserError } from '../../errors.ts';
import { type ArrayType, arrayTypes } from './array.ts';
import { headerEnd } from './header.ts';
import { messages } from './messages.ts';

/** One field of the elements of a structured array. */
export interface StructuredField {
	readonly name: string;
	readonly dtype: ArrayType;
	readonly bigEndian: boolean;
	/** Bytes from the start of an element. */
	readonly offset: number;
}

/** What the header of a .npy file of one structured array says. */
export interface StructuredHeader {
	readonly fields: readonly StructuredField[];
	/** Bytes of an element, with what lies between its fields. */
	readonly elementBytes: number;
	readonly count: number;
	/** Where the elements start, in bytes from the start of the file. */
	readonly dataOffset: number;
}

const dictionary =
	/^\{\s*'descr'\s*:\s*\[(.*)\]\s*,\s*'fortran_order'\s*:\s*(?:True|False)\s*,\s*'shape'\s*:\s*\(\s*(\d+)L?\s*,?\s*\)\s*,?\s*\}$/s;
const fieldPattern = /^\s*\(\s*'([^']*)'\s*,\s*'([<>|=])([a-zA-Z])(\d+)'\s*\)\s*(?:,|$)/;

/**
 * Reads the header of a one-dimensional structured array, as numpy writes it.
 *
 * @param bytes  the start of the file, with the whole header
 * @returns null where the array is not structured
 * @throws UserError if the header is damaged, or its fields are not plain numbers
 */
export function parseStructured(bytes: Uint8Array, file: string): StructuredHeader | null {
	const dataOffset = headerEnd(bytes, file);
	if (bytes.length < dataOffset) throw new UserError(messages.headerTruncated(file, dataOffset, bytes.length));
	const text = new TextDecoder('latin1').decode(bytes.subarray(bytes[6] === 1 ? 10 : 12, dataOffset)).trim();
	if (!/'descr'\s*:\s*\[/.test(text)) return null;
	const match = dictionary.exec(text);
	if (!match) throw new UserError(messages.headerUnreadable(file, text));
	const fields: StructuredField[] = [];
	let elementBytes = 0;
	let rest = match[1] ?? '';
	while (rest.trim() !== '') {
		const field = fieldPattern.exec(rest);
		if (!field) throw new UserError(messages.headerUnreadable(file, text));
		const [whole, name = '', order, kind = '', size = '0'] = field;
		const bytesOfField = Number(size);
		// numpy writes the gaps of aligned elements as fields without a name.
		if (kind !== 'V') {
			const type = Object.entries(arrayTypes).find(([, { code }]) => code === `${kind}${size}`);
			if (!type) throw new UserError(messages.unsupportedType(`${file}, field "${name}",`, `${order}${kind}${size}`));
			fields.push({ name, dtype: type[0] as ArrayType, bigEndian: order === '>', offset: elementBytes });
		} else if (name !== '') throw new UserError(messages.unsupportedType(`${file}, field "${name}",`, `${order}${kind}${size}`));
		elementBytes += bytesOfField;
		rest = rest.slice(whole.length);
	}
	const count = Number(match[2]);
	if (fields.length === 0 || !Number.isSafeInteger(count * elementBytes))
		throw new UserError(messages.absurdShape(file, `(${count},)`));
	return { fields, elementBytes, count, dataOffset };
}

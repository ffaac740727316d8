/** Every sentence a user can meet when reading or writing numpy files. */

const asNpy = 'Save the array again with numpy.save(file, array)';

export const messages = {
	missing: (file: string) => `${file} does not exist; check the path.`,
	unreadable: (file: string, reason: string) => `${file} cannot be read: ${reason}.`,
	unwritable: (file: string, reason: string) => `${file} cannot be written: ${reason}.`,
	notNumpy: (file: string) =>
		`${file} is neither a .npy nor a .npz file: it starts with neither numpy's signature nor a zip archive's. ${asNpy}.`,
	notNpy: (file: string) => `${file} is not a .npy file: it does not start with numpy's signature "\\x93NUMPY". ${asNpy}.`,
	version: (file: string, version: number) =>
		`${file} is a .npy file of version ${version}; versions 1, 2 and 3 can be read. ${asNpy}.`,
	headerTruncated: (file: string, expected: number, found: number) =>
		`${file} ends inside its .npy header: ${expected} bytes are needed, ${found} are there. The file is truncated; copy it again.`,
	headerTooLong: (file: string, length: number, limit: number) =>
		`${file} claims a .npy header of ${length} bytes, more than the ${limit} that any array needs; the file is damaged.`,
	headerUnreadable: (file: string, header: string) =>
		`${file} has a .npy header that is not a description of an array (found ${quote(header)}, expected {'descr': …, 'fortran_order': …, 'shape': …}); the file is damaged.`,
	structured: (file: string) =>
		`${file} holds a structured array (several fields an element); one array of numbers is wanted. Save each field by itself.`,
	unsupportedType: (file: string, descr: string) =>
		`${file} holds elements of type ${quote(descr)}; float16/32/64, int8 to int64, uint8 to uint64 and bool can be read. Convert the array with array.astype("float32").`,
	pickled: (file: string) =>
		`${file} holds Python objects (a pickle), which are never loaded because that would run code. Convert the array with array.astype("float32").`,
	absurdShape: (file: string, shape: string) => `${file} claims the impossible shape ${shape}; the file is damaged.`,
	wrongLength: (file: string, type: string, shape: readonly number[], expected: number, found: number) =>
		found < expected
			? `${file} claims ${type} [${shape.join(', ')}], which takes ${expected} bytes, but only ${found} follow the header. The file is truncated; copy it again.`
			: `${file} claims ${type} [${shape.join(', ')}], which takes ${expected} bytes, but ${found} follow the header. Save one array per file.`,
	tooLarge: (file: string, bytes: number, limit: number) =>
		`${file} holds ${bytes} bytes of data, more than the ${limit} that are loaded at once. Save it uncompressed with numpy.save, which is read piece by piece.`,
	notFinite: (file: string, value: number, index: readonly number[], type: string) =>
		Number.isFinite(value)
			? `${file} holds ${value} (${type}) at [${index.join(', ')}], which is too large for float32. Scale the data.`
			: `${file} holds ${value} at [${index.join(', ')}]; every value must be finite. Remove or replace such values.`,
	badZip: (file: string, what: string) =>
		`${file} is a damaged .npz archive: ${what}. Copy it again or save it again with numpy.savez.`,
	encryptedZip: (file: string, entry: string) => `${file}: entry "${entry}" is encrypted. Save the archive without a password.`,
	zipMethod: (file: string, entry: string, method: number) =>
		`${file}: entry "${entry}" is compressed by zip method ${method}; only stored and deflated entries can be read. Save it again with numpy.savez.`,
	emptyZip: (file: string) => `${file} is a .npz archive without any array in it.`,
	zipEntryNotArray: (file: string, entry: string) =>
		`${file}: entry "${entry}" is not an array (its name does not end in .npy). Save the archive again with numpy.savez.`,
	rowsOutside: (file: string, start: number, end: number, size: number) =>
		`${file}: rows ${start} to ${end} were asked for, but there are ${size}.`,
	noRows: (file: string) => `${file} holds a single number; an array with a first axis of samples is wanted.`,
};

function quote(text: string): string {
	const printable = text.replace(/[^\x20-\x7e]/g, '?');
	return JSON.stringify(printable.length > 80 ? `${printable.slice(0, 80)}…` : printable);
}

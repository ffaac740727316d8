import { extname } from 'node:path';

/** What a .npy file is called. */
export const arrayKind = 'an array (.npy)';

/** As much of a file as tells its kind. */
export const telltaleBytes = 4096;

const signatures: readonly (readonly [kind: string, start: readonly number[]])[] = [
	[arrayKind, [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]],
	['an archive (ZIP, .npz)', [0x50, 0x4b]],
	['an HDF5 file (as NIR)', [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a]],
	['a picture (PNG)', [0x89, 0x50, 0x4e, 0x47]],
	['a picture (JPEG)', [0xff, 0xd8, 0xff]],
	['a picture (GIF)', [0x47, 0x49, 0x46, 0x38]],
	['a PDF', [0x25, 0x50, 0x44, 0x46]],
	['a compressed file (gzip)', [0x1f, 0x8b]],
	['a program', [0x7f, 0x45, 0x4c, 0x46]],
	['a script', [0x23, 0x21]],
];

/** Endings of text that people write by hand; nothing here prints such files. */
const handwritten = new Set(
	'.c .cc .cfg .cpp .go .h .hpp .ini .ipynb .java .js .mjs .py .r .rs .sh .toml .ts .yaml .yml'.split(' '),
);

/**
 * What a file is, by its first bytes, in words for a sentence. Two results that may replace one another are of one kind.
 *
 * @param start  its first bytes, at most {@link telltaleBytes}
 * @param name  tells text written by hand from what a command prints
 */
export function kindOfFile(start: Uint8Array, name: string): string {
	for (const [kind, signature] of signatures) if (signature.every((byte, at) => start[at] === byte)) return kind;
	const text = textOf(start);
	if (text === null) return looksLikeOnnx(start) ? 'a model (ONNX)' : 'a binary file';
	const begin = text.trimStart().toLowerCase();
	if (begin.startsWith('{') || begin.startsWith('[')) return kindOfJson(text);
	if (begin.startsWith('<!doctype html') || begin.startsWith('<html')) return 'an HTML page';
	if (/^(<\?xml[^>]*>\s*)?<svg/.test(begin)) return 'a picture (SVG)';
	const ending = extname(name).toLowerCase();
	return handwritten.has(ending) ? `a ${ending} file` : 'text';
}

function kindOfJson(text: string): string {
	const schema = /"schema":\s*"snn-energy\/([\w-]+)@/.exec(text)?.[1];
	if (schema !== undefined) return `a saved result (${schema})`;
	return /"modelTopology"|"format":\s*"(layers|graph)-model"/.test(text) ? 'a model (tfjs)' : 'a JSON file';
}

/** UTF-8 without control characters; null where it is not. The cut may have split the last character. */
function textOf(start: Uint8Array): string | null {
	for (let cut = 0; cut < 4 && cut <= start.length; cut += 1) {
		try {
			const text = new TextDecoder('utf-8', { fatal: true }).decode(start.subarray(0, start.length - cut));
			return /[^\t\n\f\r\P{Cc}]/u.test(text) ? null : text;
		} catch {}
	}
	return null;
}

/** A ModelProto starts with its version (field 1, a small number) and goes on with another of its fields. */
const looksLikeOnnx = (start: Uint8Array): boolean =>
	start[0] === 0x08 && (start[1] ?? 0) < 0x40 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(start[2] ?? 0);

import { sha256 as sha256Of } from '#platform/digest';
import { UserError } from '../errors.ts';
import type { ModelFile } from '../model/model-file.ts';
import { foreignFile, foreignHdf5 } from './foreign.ts';
import { modelFileOf } from './model-folder.ts';
import { parseOnnx, readBytes } from './onnx/reader.ts';

export interface ModelOptions {
	/** Timestep length in seconds, for formats in continuous time (NIR). */
	readonly dt?: number | undefined;
	/** What a spike does to the membrane, where the format does not say (NIR). */
	readonly reset?: 'zero' | 'subtract' | undefined;
}

/** A model as read, with the axis order of its images. */
export interface OpenedModel extends ModelFile {
	readonly inputLayout: 'NCHW' | 'NHWC';
}

/**
 * Reads a model file of any known format. The content decides which format it is, not the file's ending.
 *
 * @throws UserError naming the file, what was found and what to do
 */
export async function openModel(path: string, options: ModelOptions = {}): Promise<OpenedModel> {
	const file = modelFileOf(path);
	const bytes = readBytes(file);
	const hdf5 = isHdf5(bytes);
	const foreign = hdf5 ? foreignHdf5(bytes, file) : foreignFile(bytes, file);
	if (foreign) throw new UserError(foreign);
	const sha256 = sha256Of().update(bytes).hex();
	if (hdf5) {
		const { decodeNir, nirToModel } = await import('./nir/index.ts');
		const source = nirToModel(decodeNir(bytes, file), file, options);
		return { ...source, file, format: 'nir', sha256, inputLayout: source.inputLayout ?? 'NCHW' };
	}
	if (isJson(bytes)) {
		const { readTfjs } = await import('./tfjs/index.ts');
		const source = await readTfjs(file);
		// The weights lie in files of their own; a model is the same only if they are.
		const hash = sha256Of().update(bytes);
		for (const weights of source.files ?? []) hash.update(readBytes(weights));
		const { model, assumptions } = source;
		// A plain network has no states, and whether it has any is for the structure finder to say.
		const states = source.timing === 'step' ? source.states : undefined;
		return {
			model,
			assumptions,
			states,
			file,
			format: 'tfjs',
			sha256: hash.hex(),
			inputLayout: source.inputLayout ?? 'NCHW',
		};
	}
	return { model: parseOnnx(bytes, file), file, format: 'onnx', sha256, inputLayout: 'NCHW' };
}

/** JSON text: an opening brace, which no ONNX model starts with. */
function isJson(bytes: Uint8Array): boolean {
	return bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d].includes(byte)) === 0x7b;
}

const hdf5Signature = Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a);

/** An HDF5 file starts with its signature, or has it at 512, 1024, … bytes behind a user block. */
function isHdf5(bytes: Uint8Array): boolean {
	for (let at = 0; at + 8 <= bytes.length && at <= 8192; at = at === 0 ? 512 : at * 2) {
		if (hdf5Signature.every((byte, offset) => bytes[at + offset] === byte)) return true;
	}
	return false;
}

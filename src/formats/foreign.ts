import { includesText } from '../bytes.ts';
import * as messages from './messages.ts';

/**
 * What a file that holds no graph is, and how its framework writes one: weights, pickles, source text, files of other runtimes.
 * Decided by content; a source file, and what is neither an ONNX model nor known otherwise, by its ending.
 *
 * @returns one sentence for the user, or null where the file may be a model
 */
export function foreignFile(bytes: Uint8Array, file: string): string | null {
	const holds = (text: string): boolean => includesText(bytes, text);
	if (/\.py$/i.test(file)) return messages.pythonSource(file);
	if (startsWith(bytes, 'PK\x03\x04')) {
		if (holds('model.weights.h5')) return messages.kerasFile(file);
		// TorchScript lies in such an archive too; its graph has no ONNX operators.
		if (holds('data.pkl')) return messages.torchFile(file);
		if (holds('.npy')) return messages.arraysAsModel(file);
		return byEnding(file);
	}
	// A pickle of protocol 2 to 5: PROTO, then the protocol's number. Old torch.save wrote one with a magic number of its own.
	if (bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5) {
		return holds('torch') ? messages.torchFile(file) : messages.pickleFile(file);
	}
	if (isSafetensors(bytes)) return messages.safetensorsFile(file);
	if (startsWith(bytes, '\x93NUMPY')) return messages.arraysAsModel(file);
	if (startsWith(bytes, '{') && holds('"nbformat"')) return messages.pythonSource(file);
	if (startsWith(bytes.subarray(4), 'TFL3')) return messages.tfliteFile(file);
	// ONNX models start with their version, field 1; tfjs models are JSON.
	if (bytes.length === 0 || bytes[0] === 0x08 || bytes[0] === 0x7b) return null;
	return byEnding(file);
}

const endings: readonly (readonly [ending: RegExp, sentence: (file: string) => string])[] = [
	[/\.(pt|pth|ckpt)$/i, messages.torchFile],
	[/\.safetensors$/i, messages.safetensorsFile],
	[/\.(pkl|pickle)$/i, messages.pickleFile],
	[/\.(keras|h5|hdf5)$/i, messages.kerasFile],
	[/\.tflite$/i, messages.tfliteFile],
	[/\.net$/i, messages.lavaFile],
];

const byEnding = (file: string): string | null => endings.find(([ending]) => ending.test(file))?.[1](file) ?? null;

/** HDF5 that is no NIR: Keras' weights, or a network of lava-dl. */
export function foreignHdf5(bytes: Uint8Array, file: string): string | null {
	const holds = (text: string): boolean => includesText(bytes, text);
	if (holds('NIRGraph')) return null;
	if (['model_weights', 'keras_version', 'layer_names', '_layer_checkpoint_dependencies'].some(holds))
		return messages.kerasFile(file);
	// Weights of Keras 3, which have no names of their own: groups "layers" and "vars".
	if (/\.weights\.h5$/i.test(file) || (holds('layers') && holds('vars'))) return messages.kerasWeights(file);
	// Names of lava.lib.dl.slayer's export_hdf5: the groups of layers, and the neuron's fixed-point decays.
	if (/\.net$/i.test(file) || (holds('layer') && (holds('iDecay') || holds('inFeatures')))) return messages.lavaFile(file);
	return null;
}

function startsWith(bytes: Uint8Array, text: string): boolean {
	return [...text].every((character, at) => bytes[at] === character.charCodeAt(0));
}

/** Eight bytes of length, then a JSON object of that length. */
function isSafetensors(bytes: Uint8Array): boolean {
	if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
	return new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) + 8n <= BigInt(bytes.length);
}

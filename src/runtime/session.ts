import { type InferenceSession, Tensor } from 'onnxruntime-common';
import { openRuntime } from '#platform/runtime';
import { UserError } from '../errors.ts';
import { encodeModelApart } from '../formats/onnx/codec.ts';
import type { ConstantTensor, ElementType, Model } from '../model/graph.ts';
import * as messages from './messages.ts';
import { optimisersFor } from './optimisers.ts';
import type { Runtime } from './runtime.ts';
import { runtimeError } from './runtime-error.ts';

export interface SessionOptions {
	/** False for a graph that runs once: optimising would cost more than it saves. */
	readonly optimize?: boolean;
	/** False where memory is short: onnxruntime then makes no plan of one block for all tensors of a run. */
	readonly planMemory?: boolean;
	/** Threads it computes with; by default as many as there are cores. */
	readonly threads?: number | undefined;
	/** False where other threads want the cores between two runs: its threads then sleep instead of waiting busily. */
	readonly spin?: boolean;
}

let opened: Promise<Runtime> | null = null;

/** The runtime of this platform, loaded when it is first asked for. @throws UserError when it cannot be loaded */
export const runtime = (): Promise<Runtime> => {
	opened ??= openRuntime();
	return opened;
};

/** onnxruntime takes no longer weight from memory, in bytes. */
const longestWeight = 2 ** 31;

/**
 * Makes an onnxruntime session of a model in memory.
 *
 * @throws UserError in onnxruntime's words when it refuses the model, or where one weight is longer than it takes
 */
export async function createSession(
	model: Model,
	file: string,
	{ optimize = true, planMemory = true, spin = true, threads }: SessionOptions = {},
): Promise<InferenceSession> {
	const { createSession: create } = await runtime();
	for (const [name, { bytes }] of model.graph.constants)
		if (bytes.length >= longestWeight) throw new UserError(messages.weightTooLong(file, name, bytes.length, longestWeight));
	try {
		const { bytes, weights } = encodeModelApart(model);
		return await create(bytes, {
			...(weights.length > 0 && { externalData: weights }),
			graphOptimizationLevel: optimize ? 'all' : 'disabled',
			logSeverityLevel: 4,
			enableMemPattern: planMemory,
			// Weights that were made floats again would be quantised anew, by scales of onnxruntime's own.
			extra: {
				session: { disable_quant_qdq: '1', ...(spin ? {} : { intra_op: { allow_spinning: '0' } }) },
				...optimisersFor(model.graph.nodes.length),
			},
			...(threads === undefined ? {} : { intraOpNumThreads: threads }),
		});
	} catch (cause) {
		throw runtimeError(cause, file);
	}
}

/** Runs a session. @throws UserError in onnxruntime's words when the run fails */
export async function runSession(
	session: InferenceSession,
	feeds: Readonly<Record<string, Tensor>>,
	fetches: readonly string[],
	file: string,
): Promise<Record<string, Tensor>> {
	let results: Record<string, Tensor>;
	try {
		results = (await session.run(feeds, [...fetches])) as Record<string, Tensor>;
	} catch (cause) {
		throw runtimeError(cause, file);
	}
	// It names results as properties of an object, and "__proto__" never becomes one.
	const lost = fetches.find((name) => !Object.hasOwn(results, name));
	if (lost !== undefined) throw new UserError(messages.lostTensor(file, lost));
	return results;
}

type Fill = (values: ArrayLike<number>) => Tensor['data'];

/** How float samples become an input of another element type. */
const conversions: Partial<Record<ElementType, Fill>> = {
	float32: (values) => (values instanceof Float32Array ? values : Float32Array.from(values)),
	float64: (values) => Float64Array.from(values),
	int64: (values) => BigInt64Array.from(Array.from(values, (value) => BigInt(Math.trunc(value)))),
	int32: (values) => Int32Array.from(values),
	int8: (values) => Int8Array.from(values),
	uint8: (values) => Uint8Array.from(values),
	bool: (values) => Uint8Array.from(values, (value) => (value === 0 ? 0 : 1)),
	float16: (values) => Uint16Array.from(values, numberToHalf),
};

/** @throws UserError for element types that cannot be fed */
export function inputTensor(
	values: Float32Array,
	dims: readonly number[],
	type: ElementType | null,
	name: string,
	file: string,
): Tensor {
	const convert = conversions[type ?? 'float32'];
	if (!convert) throw new UserError(messages.inputType(file, name, type ?? 'an unknown type'));
	return new Tensor((type ?? 'float32') as 'float32', convert(values) as Float32Array, [...dims]);
}

/** A result as a constant; its bytes are the result's own. */
export function fromRuntime(tensor: Tensor): ConstantTensor {
	const data = tensor.data as unknown as ArrayBufferView;
	return {
		type: tensor.type as ElementType,
		dims: tensor.dims,
		bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
	};
}

/** Nearest IEEE 754 half, ties to even. */
function numberToHalf(value: number): number {
	const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
	const magnitude = Math.abs(value);
	if (Number.isNaN(value)) return 0x7e00;
	if (magnitude >= 65520) return sign | 0x7c00;
	if (magnitude < 2 ** -24 / 2) return sign;
	const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
	const scaled = (magnitude / 2 ** exponent) * 1024;
	const floor = Math.floor(scaled);
	const tie = scaled - floor;
	const rounded = tie > 0.5 || (tie === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
	return sign | (exponent === -14 && rounded < 1024 ? rounded : (exponent + 14) * 1024 + rounded);
}

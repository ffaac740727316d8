import { createRequire } from 'node:module';
import type * as OnnxruntimeNode from 'onnxruntime-node';
import { UserError } from '../../errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { wasmRuntime } from '../wasm-runtime.ts';
import { memoryBytes } from './memory.ts';

/** The environment variable that chooses the build of onnxruntime. */
const variable = 'SNN_ENERGY_RUNTIME';

/**
 * The native onnxruntime where it can be loaded, else the WebAssembly build, which counts the same and takes longer;
 * SNN_ENERGY_RUNTIME names one of the two.
 *
 * @throws UserError when the variable says anything else, or the build it names cannot be loaded
 */
export async function openRuntime(): Promise<Runtime> {
	const asked = process.env[variable];
	switch (asked) {
		case undefined:
		case '':
			// An optional dependency: npm leaves it out where its install script, which fetches CUDA, has no network.
			try {
				return nativeRuntime();
			} catch {
				return named('onnxruntime-web', 'native', wasmRuntime);
			}
		case 'native':
			return named('onnxruntime-node', 'wasm', nativeRuntime);
		case 'wasm':
			return named('onnxruntime-web', 'native', wasmRuntime);
		default:
			throw new UserError(
				`${variable}=${asked} is not a runtime. Set it to native or to wasm, or unset it for native where it is installed.`,
			);
	}
}

/** Opens a build. @throws UserError that names its package and the other build */
async function named(name: string, other: string, open: () => Runtime | Promise<Runtime>): Promise<Runtime> {
	try {
		return await open();
	} catch (cause) {
		const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
		throw new UserError(
			`${name} cannot be loaded: ${reason}. Run npm install ${name}, or set ${variable}=${other} for the other build.`,
			{ cause },
		);
	}
}

function nativeRuntime(): Runtime {
	// Not an import: NODE_PATH names a copy that lies elsewhere, as beside the Python package.
	const { env, InferenceSession } = createRequire(import.meta.url)('onnxruntime-node') as typeof OnnxruntimeNode;
	return {
		name: 'onnxruntime-node',
		version: env.versions.node ?? env.versions.common,
		kind: process.arch,
		memoryBytes,
		createSession: (model, options) => InferenceSession.create(model, options),
	};
}

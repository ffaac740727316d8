import { UserError } from '../../errors.ts';
import type { Runtime } from '../../runtime/runtime.ts';
import { wasmRuntime } from '../wasm-runtime.ts';

/** The environment variable that chooses the build of onnxruntime. */
const variable = 'SNN_ENERGY_RUNTIME';

/**
 * The native onnxruntime, or the WebAssembly build where SNN_ENERGY_RUNTIME says "wasm".
 *
 * @throws UserError when the variable says anything else, or the build is not installed
 */
export async function openRuntime(): Promise<Runtime> {
	const asked = process.env[variable] || 'native';
	if (asked !== 'native' && asked !== 'wasm')
		throw new UserError(`${variable}=${asked} is not a runtime. Set it to native or to wasm, or unset it for native.`);
	try {
		return await (asked === 'wasm' ? wasmRuntime() : nativeRuntime());
	} catch (cause) {
		const [name, other] = asked === 'wasm' ? ['onnxruntime-web', 'native'] : ['onnxruntime-node', 'wasm'];
		const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
		throw new UserError(
			`${name} cannot be loaded: ${reason}. Run npm install ${name}, or set ${variable}=${other} for the other build.`,
			{ cause },
		);
	}
}

async function nativeRuntime(): Promise<Runtime> {
	const { env, InferenceSession } = await import('onnxruntime-node');
	return {
		name: 'onnxruntime-node',
		version: env.versions.node ?? env.versions.common,
		kind: process.arch,
		createSession: (model, options) => InferenceSession.create(model, options),
	};
}

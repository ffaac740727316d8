/** Which machinery computes. `auto` takes the fastest that really starts. */
import * as tf from '@tensorflow/tfjs-core';
import * as messages from './messages.ts';
import { wasmMemory } from './operations/host.ts';
import { startWebgpu } from './webgpu.ts';

/** The tfjs engines, fastest first; a GPU is only taken when it is asked for, because a software device is slow. */
const tfjsEngines = ['tensorflow', 'wasm', 'cpu', 'webgpu'] as const;
export type TfjsEngine = (typeof tfjsEngines)[number];
/** What a user can ask for. `onnx`: onnxruntime computes the gradients. `tfjs`: the fastest tfjs engine on the CPU. */
export const engineNames = ['auto', 'onnx', 'tfjs', ...tfjsEngines] as const;
export type EngineChoice = (typeof engineNames)[number];

async function startTensorflow(): Promise<void> {
	// The package is optional: its install step downloads a library, which some networks refuse.
	const name = '@tensorflow/tfjs-node';
	await import(name);
	if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend did not start');
}

/** tfjs copies on WebAssembly what it clones to keep; shared as on its other backends, since no operation writes to what it is given. */
function shareClones(): void {
	const kernelName = 'Identity';
	tf.unregisterKernel(kernelName, 'wasm');
	tf.registerKernel({
		kernelName,
		backendName: 'wasm',
		kernelFunc: ({ inputs, backend }) => {
			const { dataId, shape, dtype } = inputs.x as tf.TensorInfo;
			(backend as tf.KernelBackend).incRef(dataId);
			return { dataId, shape, dtype };
		},
	});
}

interface WasmModule {
	_malloc(bytes: number): number;
	_free(address: number): void;
}
const guarded = new WeakSet<WasmModule>();

/** tfjs takes the address 0 that it gets where no memory is left for one, and writes there: numbers would be wrong without a word. */
function refuseFullHeap({ wasm }: { readonly wasm: WasmModule }): void {
	if (guarded.has(wasm)) return;
	// Emscripten puts the true function in its place at the first call.
	wasm._free(wasm._malloc(1));
	const allocate = wasm._malloc;
	wasm._malloc = (bytes) => {
		const address = allocate(bytes);
		if (address === 0) throw messages.heapIsFull(bytes);
		return address;
	};
	guarded.add(wasm);
}

async function startWasm(): Promise<void> {
	await import('@tensorflow/tfjs-backend-wasm');
	shareClones();
	if (!(await tf.setBackend('wasm'))) throw new Error('the backend did not start');
	wasmMemory();
	refuseFullHeap(tf.backend() as unknown as { wasm: WasmModule });
}

async function startCpu(): Promise<void> {
	await import('@tensorflow/tfjs-backend-cpu');
	if (!(await tf.setBackend('cpu'))) throw new Error('the backend did not start');
}

const starters: Readonly<Record<TfjsEngine, () => Promise<void>>> = {
	tensorflow: startTensorflow,
	webgpu: startWebgpu,
	wasm: startWasm,
	cpu: startCpu,
};

const isTfjs = (choice: EngineChoice): choice is TfjsEngine => (tfjsEngines as readonly string[]).includes(choice);

/**
 * Starts a tfjs engine.
 *
 * @returns the engine that runs
 * @throws UserError when the named engine does not start here
 */
export async function startEngine(choice: EngineChoice): Promise<TfjsEngine> {
	const tried: string[] = [];
	const wanted: readonly TfjsEngine[] = isTfjs(choice) ? [choice] : tfjsEngines.filter((name) => name !== 'webgpu');
	for (const name of wanted) {
		try {
			await quietly(starters[name]);
			await tf.ready();
			return name;
		} catch (error) {
			tried.push(`${name}: ${(error as Error).message.split('\n')[0] ?? ''}`);
		}
	}
	throw messages.engineDoesNotStart(choice, tried);
}

/** tfjs prints advice on the console while a backend starts; it is not for our users. */
async function quietly(start: () => Promise<void>): Promise<void> {
	const { warn, info, log } = console;
	console.warn = console.info = console.log = () => undefined;
	try {
		await start();
	} finally {
		Object.assign(console, { warn, info, log });
	}
}

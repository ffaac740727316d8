/** Which machinery computes. `auto` takes the fastest that really starts. */
import * as tf from '@tensorflow/tfjs-core';
import * as messages from './messages.ts';
import { startWebgpu } from './webgpu.ts';

/** The tfjs engines, fastest first; a GPU is only taken when it is asked for, because a software device is slow. */
const tfjsEngines = ['tensorflow', 'cpu', 'webgpu'] as const;
export type TfjsEngine = (typeof tfjsEngines)[number];
/** What a user can ask for. `onnx`: onnxruntime computes the gradients. `tfjs`: tensorflow if it is installed, else plain JavaScript. */
const engineNames = ['auto', 'onnx', 'tfjs', ...tfjsEngines] as const;
export type EngineChoice = (typeof engineNames)[number];

async function startTensorflow(): Promise<void> {
	// The package is optional: its install step downloads a library, which some networks refuse.
	const name = '@tensorflow/tfjs-node';
	await import(name);
	if (!(await tf.setBackend('tensorflow'))) throw new Error('the backend did not start');
}

async function startCpu(): Promise<void> {
	await import('@tensorflow/tfjs-backend-cpu');
	if (!(await tf.setBackend('cpu'))) throw new Error('the backend did not start');
}

const starters: Readonly<Record<TfjsEngine, () => Promise<void>>> = {
	tensorflow: startTensorflow,
	webgpu: startWebgpu,
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
			await quietly(async () => {
				await starters[name]();
				await tf.ready();
				// The first tensor shows that the backend works, and lets plain JavaScript say its advice here.
				tf.scalar(1).dispose();
			});
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

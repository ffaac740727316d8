/**
 * The GPU as a tfjs engine: Dawn, WebGPU's implementation in Chrome, which the npm package `webgpu` brings to Node.
 *
 * WebGPU reports a refused shader or exhausted memory as an event and computes on with wrong numbers, so those events are
 * kept here and stop the run.
 */
import * as tf from '@tensorflow/tfjs-core';
import * as messages from './messages.ts';

interface Device extends EventTarget {
	destroy(): void;
}
interface Adapter {
	readonly info?: { readonly device?: string; readonly description?: string };
}
interface Gpu {
	requestAdapter(options: object): Promise<Adapter | null>;
}

let device: Device | null = null;
let problem: string | null = null;
let title = '';

/** Starts the device and makes it the active tfjs backend. @throws Error with the reason when there is none */
export async function startWebgpu(): Promise<void> {
	// The packages are optional: they are large and useless without a GPU.
	const name = 'webgpu';
	const dawn = (await import(name)) as { create(options: string[]): Gpu; globals: object };
	Object.assign(globalThis, dawn.globals);
	const gpu = dawn.create([]);
	const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
	if (!adapter) throw new Error('no device that WebGPU can use was found (VK_ICD_FILENAMES names the Vulkan driver to try)');
	const scope = globalThis as { navigator?: object };
	Object.defineProperty(scope, 'navigator', { value: { ...scope.navigator, gpu }, configurable: true, writable: true });
	await import('@tensorflow/tfjs-backend-webgpu');
	if (!(await tf.setBackend('webgpu'))) throw new Error('the backend did not start');
	const started = (tf.backend() as unknown as { device: Device }).device;
	title = adapter.info?.description || adapter.info?.device || 'unknown device';
	if (started === device) return;
	device = started;
	problem = null;
	device.addEventListener('uncapturederror', (event) => {
		event.preventDefault();
		problem ??= (event as Event & { error: Error }).error.message;
	});
}

/** What the GPU calls itself, after it started. */
export const webgpuTitle = (): string => title;

/** @throws UserError when the device refused something since it started */
export function requireSoundDevice(): void {
	if (problem !== null) throw messages.deviceFailed(problem);
}

/** Gives the device back; without this its threads outlive the program and end it with an error. */
export function closeWebgpu(): void {
	if (!device) return;
	tf.removeBackend('webgpu');
	device.destroy();
	device = null;
	Reflect.deleteProperty(globalThis, 'navigator');
}

/** The compiled kernels, working on a given memory. */
import { compiledKernels } from './compiled.ts';

/** Where a float32 tensor lies: its first byte in the memory. 0: none, where a kernel allows it. */
export type Address = number;

/** What ./assembly exports; the meaning of each argument stands there. */
export interface Kernels {
	channelSums(x: Address, out: Address, scratch: Address, rows: number, channels: number): void;
	channelProducts(
		...values: [
			dy: Address,
			x: Address,
			mask: Address,
			sums: Address,
			products: Address,
			scratch: Address,
			rows: number,
			channels: number,
		]
	): void;
	moments(x: Address, mean: Address, variance: Address, scratch: Address, rows: number, channels: number): void;
	affine(x: Address, a: Address, b: Address, y: Address, rows: number, channels: number, rectify: number): void;
	combine(
		...values: [
			dy: Address,
			x: Address,
			mask: Address,
			a: Address,
			b: Address,
			c: Address,
			out: Address,
			rows: number,
			channels: number,
		]
	): void;
	countPositive(x: Address, out: Address, count: number): void;
	maskByOutput(dy: Address, y: Address, out: Address, count: number): void;
	multiply(x: Address, factors: Address, out: Address, times: number, count: number): void;
	filterGradient(
		...values: [
			x: Address,
			dy: Address,
			dw: Address,
			scratch: Address,
			n: number,
			h: number,
			w: number,
			cin: number,
			oh: number,
			ow: number,
			cout: number,
			kh: number,
			kw: number,
			stride: number,
			padding: number,
			imagesAtOnce: number,
			rowsAtOnce: number,
		]
	): void;
	flipFilter(weight: Address, out: Address, pairs: number, taps: number): void;
	lifForward(
		...values: [
			current: Address,
			threshold: Address,
			leak: Address,
			spikes: Address,
			membranes: Address,
			neurons: number,
			timesteps: number,
			repeated: number,
		]
	): void;
	lifBackward(
		...values: [
			dy: Address,
			membranes: Address,
			threshold: Address,
			leak: Address,
			dCurrent: Address,
			dThreshold: Address,
			dLeak: Address,
			neurons: number,
			timesteps: number,
			repeated: number,
			surrogateHeight: number,
		]
	): void;
	averagePoolBackward(dy: Address, dx: Address, rows: number, columns: number, channels: number, size: number): void;
	maxPoolBackward(
		...values: [
			dy: Address,
			x: Address,
			maxima: Address,
			dx: Address,
			rows: number,
			columns: number,
			channels: number,
			size: number,
		]
	): void;
}

/** A WebAssembly memory: its buffer is another one after it has grown. */
export interface Memory {
	readonly buffer: ArrayBuffer;
	grow(pages: number): number;
}

/** What is used of WebAssembly here: Node has it, its types do not. */
interface WebAssemblyInterface {
	readonly Memory: new (size: { initial: number }) => Memory;
	readonly Module: new (bytes: Uint8Array) => object;
	readonly Instance: new (module: object, imports: { env: { memory: Memory } }) => { exports: unknown };
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyInterface };

/** Bytes of a page, in which a memory grows. */
export const pageBytes = 65536;
export const newMemory = (): Memory => new WebAssembly.Memory({ initial: 1 });

let compiled: object | null = null;
const instances = new WeakMap<Memory, Kernels>();

/** The kernels on this memory; compiled once a process. */
export function kernelsOn(memory: Memory): Kernels {
	const known = instances.get(memory);
	if (known) return known;
	compiled ??= new WebAssembly.Module(Buffer.from(compiledKernels, 'base64'));
	const kernels = new WebAssembly.Instance(compiled, { env: { memory } }).exports as Kernels;
	instances.set(memory, kernels);
	return kernels;
}

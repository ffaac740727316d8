import { fileURLToPath } from 'node:url';
import { snnEnergy } from '../support/built-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const line = ['analyze', 'models/mnist-cnn/model.onnx', '--samples', '4', '--format', 'json', '--quiet'];

const analyze = (runtime: string, environment: Readonly<Record<string, string>> = {}) =>
	snnEnergy(line, { cwd: root, environment: { SNN_ENERGY_RUNTIME: runtime, ...environment } });

const withoutNative = {
	NODE_OPTIONS: `--require "${fileURLToPath(new URL('../support/no-native-runtime.cjs', import.meta.url))}"`,
};

test('where the native onnxruntime is not installed, the WebAssembly build counts the same', async () => {
	const native = await analyze('native');
	expect(native.stderr).toBe('');
	expect(JSON.parse(native.stdout).totals.spikes).toBeGreaterThan(0);
	expect(await analyze('', withoutNative)).toEqual(native);
	expect(await analyze('wasm')).toEqual(native);
});

test('a build that was asked for by name and is not installed is named, with the other one', async () => {
	const { code, stderr } = await analyze('native', withoutNative);
	expect(stderr).toMatch(/onnxruntime-node cannot be loaded.*set SNN_ENERGY_RUNTIME=wasm for the other build/s);
	expect(code).toBe(1);
	expect((await analyze('gpu')).stderr).toContain('SNN_ENERGY_RUNTIME=gpu is not a runtime. Set it to native or to wasm');
});

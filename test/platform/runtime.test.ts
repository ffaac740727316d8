import { fileURLToPath } from 'node:url';
import { snnEnergy } from '../support/built-cli.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const line = ['analyze', 'models/mnist-cnn/model.onnx', '--samples', '4', '--format', 'json', '--quiet'];

const analyze = (runtime: string, environment: Readonly<Record<string, string>> = {}) =>
	snnEnergy(line, { cwd: root, timeout: 240_000, environment: { SNN_ENERGY_RUNTIME: runtime, ...environment } });

const withoutNative = {
	NODE_OPTIONS: `--require "${fileURLToPath(new URL('../support/no-native-runtime.cjs', import.meta.url))}"`,
};

interface Result {
	readonly run: { readonly runtimes: readonly string[] };
	readonly totals: { readonly spikes: number };
	readonly checksum: string;
}

/** All but the name of the build, and the checksum over it. */
function without({ run: { runtimes, ...run }, checksum, ...rest }: Result) {
	expect(checksum).toMatch(/^sha256:/);
	return { build: runtimes.join(), counts: { run, ...rest } };
}

test('where the native onnxruntime is not installed, the WebAssembly build counts the same', async () => {
	const results = [await snnEnergy(line), await analyze('', withoutNative)];
	expect(results.map(({ code, stderr }) => [code, stderr])).toEqual(results.map(() => [0, '']));
	const [native, fallback] = results.map(({ stdout }) => without(JSON.parse(stdout) as Result));
	expect(native?.counts.totals.spikes).toBeGreaterThan(0);
	expect(fallback?.counts).toEqual(native?.counts);
	expect([native?.build, fallback?.build]).toEqual([
		expect.stringMatching(/^onnxruntime-node /),
		expect.stringMatching(/^onnxruntime-web .* wasm$/),
	]);
}, 300_000);

test('a build that was asked for by name and is not installed is named, with the other one', async () => {
	const { code, stderr } = await analyze('native', withoutNative);
	expect(stderr).toMatch(/onnxruntime-node cannot be loaded.*set SNN_ENERGY_RUNTIME=wasm for the other build/s);
	expect(code).toBe(1);
	expect((await analyze('gpu')).stderr).toContain('SNN_ENERGY_RUNTIME=gpu is not a runtime. Set it to native or to wasm');
});

/** Every engine that computes gradients here, and why the others do not start. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEngine } from '../../src/training/engines.ts';
import { shardGradient } from '../../src/training/gradients.ts';
import { onnxSource } from '../../src/training/onnx-engine/source.ts';
import type { ShardResult } from '../../src/training/pieces.ts';
import { runOnBuild } from './built-cli.ts';
import type { GradientCase } from './gradient-cases.ts';

/** A software Vulkan device that Debian's chromium brings along: any machine can try the GPU engine with it. */
const softwareDevice = '/usr/lib/chromium/vk_swiftshader_icd.json';

/** The cases an engine ran and their results, or the sentence with which it refused to start. */
export type EngineOutcome = { readonly engine: string } & (
	| { readonly cases: readonly GradientCase[]; readonly results: readonly ShardResult[] }
	| { readonly refused: string }
);

async function inProcess(
	engine: string,
	cases: readonly GradientCase[],
	environment: Record<string, string>,
): Promise<EngineOutcome> {
	const folder = mkdtempSync(join(tmpdir(), 'snn-gradients-'));
	try {
		const [input, output] = [join(folder, 'cases.json'), join(folder, 'results.json')];
		const plainNumbers = (_: string, value: unknown): unknown =>
			ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
		writeFileSync(input, JSON.stringify(cases, plainNumbers));
		const program = fileURLToPath(new URL('gradients-in-process.js', import.meta.url));
		const { code, signal, stderr } = await runOnBuild(program, [engine, input, output], { environment, timeout: 900_000 });
		if (code === 3) return { engine, refused: stderr.trim() };
		if (!existsSync(output)) throw new Error(`the process of ${engine} ended with ${code ?? signal}: ${stderr.slice(-2000)}`);
		return { engine, cases, results: (JSON.parse(readFileSync(output, 'utf8')) as { results: ShardResult[] }).results };
	} finally {
		rmSync(folder, { recursive: true });
	}
}

/** A shader is compiled for each kind of operation and shape, slowly: the shortest and the longest run of each net must do. */
function forSoftwareDevice({ plan, layout, shard }: GradientCase, _: number, all: readonly GradientCase[]): boolean {
	if (layout.mode.neuron === 'relu') return layout.mode.normalised;
	const longest = Math.max(
		...all.filter((other) => other.plan.architecture.name === plan.architecture.name).map((other) => other.shard.timesteps),
	);
	return shard.timesteps === 1 || shard.timesteps === longest;
}

async function onGpu(cases: readonly GradientCase[]): Promise<EngineOutcome> {
	const real = await inProcess('webgpu', cases, {});
	if ('results' in real || !existsSync(softwareDevice)) return real;
	const software = await inProcess('webgpu', cases, { VK_ICD_FILENAMES: softwareDevice });
	return { ...software, engine: 'webgpu on SwiftShader' };
}

/** Runs the cases on onnxruntime and on every tfjs engine there is. */
export async function gradientsOnEveryEngine(cases: readonly GradientCase[]): Promise<EngineOutcome[]> {
	const outcomes: EngineOutcome[] = [];
	const onnx = onnxSource();
	const results: ShardResult[] = [];
	for (const { plan, layout, parameters, shard } of cases) results.push(...(await onnx.run(plan, layout, parameters, [shard])));
	await onnx.close();
	outcomes.push({ engine: 'onnx', cases, results });
	await startEngine('cpu');
	const inJavaScript: ShardResult[] = [];
	for (const { plan, layout, parameters, shard } of cases)
		inJavaScript.push(await shardGradient(plan, layout, parameters, shard));
	outcomes.push({ engine: 'cpu', cases, results: inJavaScript });
	outcomes.push(await inProcess('tensorflow', cases, {}), await onGpu(cases.filter(forSoftwareDevice)));
	return outcomes;
}

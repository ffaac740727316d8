import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArchitecture } from '../../src/network/architectures.ts';
import { initialParameters, layoutOf } from '../../src/training/parameters.ts';
import type { Shard } from '../../src/training/pieces.ts';
import { buildPlan } from '../../src/training/plan.ts';
import { workerSource } from '../../src/training/workers.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-workers-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = buildPlan(parseArchitecture('4d'), [3], 2);
const layout = layoutOf(plan, { neuron: 'lif', normalised: false });
const parameters = initialParameters(plan, layout, 1);
const shard: Shard = {
	images: new Float32Array(6),
	labels: Uint8Array.of(0, 1),
	timesteps: 1,
	dropout: 0,
	labelSmoothing: 0,
	stream: [0],
};

/** A worker that starts and then does this when it is asked to compute. */
function workerThat(name: string, does: string): URL {
	const file = join(folder, `${name}.mjs`);
	writeFileSync(
		file,
		`import { parentPort } from 'node:worker_threads';
		parentPort.on('message', ({ kind }) => {
			if (kind === 'start') parentPort.postMessage({ kind: 'ready' });
			if (kind === 'end') parentPort.close();
			if (kind === 'piece') { ${does} }
		});`,
	);
	return pathToFileURL(file);
}

test.each([
	['ends', 'process.exit(3);', /a training worker stopped: it ended with code 3\. Continue .* with --resume/],
	['throws', 'throw new Error("no memory left");', /a training worker stopped: no memory left\. Continue/],
	['says it failed', 'parentPort.postMessage({ kind: "failed", problem: "a bad shape" });', /stopped: a bad shape\. Continue/],
])(
	'a worker that %s stops the run in a sentence, now and when asked again, and closing does not wait for it',
	async (name, does, sentence) => {
		const source = await workerSource('onnx', 2, workerThat(name, does));
		const again = () => source.run(plan, layout, parameters, [shard, shard]);
		await expect(again()).rejects.toThrow(sentence);
		await expect(again()).rejects.toThrow(sentence);
		await source.close();
	},
);

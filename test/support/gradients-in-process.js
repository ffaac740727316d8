/**
 * Computes the gradients of the cases in a JSON file on one tfjs engine: a program of its own, because a GPU's driver and a
 * native library belong to the process, and may end it.
 *
 *   node gradients-in-process.js ENGINE CASES RESULTS
 */
import { readFileSync, writeFileSync } from 'node:fs';

const [engine, casesFile, resultsFile] = process.argv.slice(2);
const { startEngine } = await import('../../dist/training/engines.js');
const { shardGradient } = await import('../../dist/training/gradients.js');
const name = await startEngine(engine).catch((error) => {
	process.stderr.write(error.message);
	process.exit(3);
});
const results = [];
for (const { plan, layout, parameters, shard } of JSON.parse(readFileSync(casesFile, 'utf8'))) {
	const result = await shardGradient(plan, layout, Float32Array.from(parameters), {
		...shard,
		images: Float32Array.from(shard.images),
		labels: Uint8Array.from(shard.labels),
	});
	results.push({ ...result, gradient: [...result.gradient], statistics: [...result.statistics] });
}
writeFileSync(resultsFile, JSON.stringify({ name, results }));
// A device that is still open keeps the process alive.
process.exit(0);

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { renderJson } from '../../src/reporting/index.ts';
import { countRanges, describeRun, joinParts, mergeParts, type Part, readPart, savedActivity } from '../../src/scale/index.ts';
import { cutRanges, missingRanges, overlapOf, parseShard, shardRange, tidyRanges } from '../../src/scale/shard.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { randomRun, stepNetwork } from '../support/random-network.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-shards-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const elements = (sizes: readonly number[]): number => sizes.reduce((product, size) => product * size, 1);

test('the shares of a run are apart, differ by one sample at most, and together are all of it', () => {
	fc.assert(
		fc.property(fc.integer({ min: 1, max: 5000 }), fc.integer({ min: 1, max: 60 }), (samples, of) => {
			const ranges = Array.from({ length: of }, (_, at) => shardRange({ index: at + 1, of }, samples));
			const sizes = ranges.map(([start, end]) => end - start);
			expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
			expect(tidyRanges(ranges)).toEqual([[0, samples]]);
			expect(overlapOf(ranges)).toBeNull();
		}),
		{ seed: 5, numRuns: 200 },
	);
});

test('work cut for any number of workers is all that is missing, and nothing twice', () => {
	const range = fc.tuple(fc.nat(90), fc.nat(12)).map(([start, length]) => [start, start + length] as const);
	fc.assert(
		fc.property(fc.array(range, { maxLength: 6 }), fc.integer({ min: 1, max: 9 }), (drawn, jobs) => {
			const covered = tidyRanges(drawn.filter((one, at) => !overlapOf([one, ...drawn.slice(0, at)])));
			const missing = missingRanges(
				[0, 100],
				covered.filter(([, end]) => end <= 100),
			);
			const shares = cutRanges(missing, jobs);
			expect(shares.length).toBeLessThanOrEqual(jobs);
			expect(tidyRanges(shares.flat())).toEqual(tidyRanges(missing));
			expect(overlapOf(shares.flat())).toBeNull();
		}),
		{ seed: 6, numRuns: 300 },
	);
});

test.each(['', '2', '0/3', '4/3', '1/0', 'a/b', '1/3/5', '-1/3', '1.5/3'])('--shard %p is refused', (text) => {
	expect(() => parseShard(text)).toThrow(`--shard ${text}: expected K/N`);
});

test('any cut of any run, saved, read back and joined in any order, gives the bytes of the run in one piece', async () => {
	const cuts = fc.record({
		run: randomRun,
		at: fc.array(fc.nat(5), { maxLength: 4 }),
		seed: fc.nat(1000),
		labelled: fc.boolean(),
	});
	let [several, analog] = [0, 0];
	await fc.assert(
		fc.asyncProperty(cuts, async ({ run, at, seed, labelled }) => {
			const network = await stepNetwork(run);
			const { layer, timesteps, samples, data } = run;
			expect(data.length).toBe(timesteps * samples * elements(layer.inputShape));
			const labels = Array.from({ length: samples }, (_, sample) => (sample * 3 + seed) % 4);
			const source = arraySource(data, layer.inputShape, { timesteps, ...(labelled ? { labels } : {}) });
			const opened = { source, assumptions: ['of the data'], warnings: ['first'] };
			const { settings } = describeRun(network, opened, {});
			// Decisions are compared with their thresholds in the first samples of the run, whichever part has them.
			const closeSamples = seed % 5;
			const whole = savedActivity(await countRanges(network, opened, [[0, samples]], settings, { closeSamples }));
			expect(whole.decisions?.samples ?? 0).toBe(whole.decisions ? Math.min(samples, closeSamples) : 0);
			const plain = await simulate(network, source, {});
			expect(whole.totals).toEqual(plain.totals);

			const edges = [...new Set([0, ...at.filter((edge) => edge < samples), samples])].sort((a, b) => a - b);
			const parts: Part[] = [];
			for (const [index, edge] of edges.slice(1).entries()) {
				const options = { batch: (seed % 3) + 1, closeSamples };
				const part = await countRanges(network, opened, [[edges[index] as number, edge]], settings, options);
				const file = join(folder, 'part.json');
				writeFileSync(file, renderJson(savedActivity(part)));
				parts.push(edges.length === 2 ? part : (readPart(file) as Part));
			}
			several += parts.length > 2 ? 1 : 0;
			analog += whole.layers.some((one) => one.kind === 'synaptic' && one.inputKind === 'analog') ? 1 : 0;
			const shuffled = parts.map((part, index) => ({ part, key: Math.sin(seed + index * 7) })).sort((a, b) => a.key - b.key);
			const [first, ...others] = shuffled.map(({ part }) => part);
			const nested = others.reduce((joined, part) => joinParts([part, joined]), first as Part);
			expect(renderJson(savedActivity(joinParts(shuffled.map(({ part }) => part))))).toBe(renderJson(whole));
			expect(renderJson(savedActivity(nested))).toBe(renderJson(whole));
		}),
		{ seed: 11, numRuns: 40 },
	);
	expect(several).toBeGreaterThan(3);
	expect(analog).toBeGreaterThan(3);
}, 180_000);

test('a run names its runtime; parts counted by several are joined in any order, name all, and say that builds round differently', async () => {
	const run = fc.sample(randomRun, { seed: 3, numRuns: 20 }).find(({ samples }) => samples > 1);
	if (!run) throw new Error('no run of several samples was drawn');
	const network = await stepNetwork(run);
	const source = arraySource(run.data, run.layer.inputShape, { timesteps: run.timesteps });
	const opened = { source, assumptions: [], warnings: [] };
	const { settings } = describeRun(network, opened, {});
	const [first, second] = [
		await countRanges(network, opened, [[0, 1]], settings),
		await countRanges(network, opened, [[1, run.samples]], settings),
	];
	const { runtimes = [] } = first.record.facts;
	expect(runtimes).toEqual([expect.stringMatching(new RegExp(`^onnxruntime-node 1\\.\\d+\\.\\d+ ${process.arch}$`))]);
	const elsewhere = 'onnxruntime-web 1.30.0 wasm';
	const other = { ...second, record: { ...second.record, facts: { ...second.record.facts, runtimes: [elsewhere] } } };
	const joined = mergeParts([
		{ file: 'b.json', part: other },
		{ file: 'a.json', part: first },
	]);
	const activity = savedActivity(joined);
	expect(activity.run.runtimes).toEqual([...runtimes, elsewhere]);
	expect(activity.warnings.at(-1)).toBe(
		`Samples were counted by ${runtimes[0]} and by ${elsewhere}, which round differently: where a membrane lies within rounding of its threshold, a spike can differ.`,
	);
	const alike = savedActivity(joinParts([first, second]));
	expect(alike.run.runtimes).toEqual(runtimes);
	expect(alike.warnings.join()).not.toContain('round differently');
	expect(activity.totals).toEqual(alike.totals);
	// A part of an earlier version did not look at decisions: then the run says nothing of them.
	const { close: _, ...counts } = first.record.counts;
	const old = savedActivity(joinParts([{ ...first, record: { ...first.record, counts } }, second]));
	expect([old.decisions, alike.totals]).toEqual([undefined, old.totals]);
});

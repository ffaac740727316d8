import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import type { LayerReuse, ReuseCounts, SynapticLayerActivity } from '../../../src/activity/activity.ts';
import { type ConstantTensor, node } from '../../../src/model/graph.ts';
import { elementCount, float32Tensor } from '../../../src/model/tensors.ts';
import { addSample, noReuse } from '../../../src/simulation/reuse/count.ts';
import { withReuse } from '../../../src/simulation/reuse/index.ts';
import { spikeRows } from '../../../src/simulation/reuse/rows.ts';
import { spikesLeft } from '../../../src/simulation/reuse/tile.ts';
import { simulate } from '../../../src/simulation/simulate.ts';
import { arraySource } from '../../support/array-source.ts';
import { type Connection, plainLayer } from '../../support/plain-counter.ts';
import { type RandomRun, randomRun, stepNetwork } from '../../support/random-network.ts';

/** Prosperity's rule, written as its publication has it: rows one by one, every other row looked at. */
function plainTile(rows: readonly (readonly boolean[])[]): number[] {
	const size = (row: readonly boolean[]): number => row.filter(Boolean).length;
	return rows.map((row, at) => {
		if (size(row) < 2) return size(row);
		const inside = rows.filter((other, index) => {
			const subset = other.every((spike, column) => !spike || row[column]);
			const equal = other.every((spike, column) => spike === row[column]);
			return subset && !(equal && index >= at);
		});
		return size(row) - Math.max(0, ...inside.map(size));
	});
}

test('a tile leaves what the rule of the publication leaves, row by row', () => {
	fc.assert(
		fc.property(
			fc.array(fc.oneof(fc.constantFrom(0, 1, 3, 7, 0x8001), fc.nat(0xffff), fc.nat(0x1f)), { minLength: 1, maxLength: 40 }),
			(values) => {
				const left = new Uint8Array(values.length);
				spikesLeft(Uint16Array.from(values), 0, values.length, left);
				const rows = values.map((value) => Array.from({ length: 16 }, (_, bit) => ((value >> bit) & 1) === 1));
				expect([...left]).toEqual(plainTile(rows));
			},
		),
		{ numRuns: 300 },
	);
});

test('the same row twice costs its spikes once, and a single spike is never taken over', () => {
	const left = new Uint8Array(6);
	spikesLeft(Uint16Array.of(0b0111, 0b0111, 0b1111, 0b0001, 0b0001, 0), 0, 6, left);
	expect([...left]).toEqual([2, 0, 1, 1, 1, 0]);
});

/** One entry of a row: which input element is read, through which weight, by which output. */
interface Entry {
	readonly row: number;
	readonly column: number;
	readonly from: number;
}

/** A layer's rows, written down from its single connections; every weight has a number of its own. */
function plainRows({ layer, timesteps }: RandomRun) {
	const { node, weight, weightPosition, inputShape } = layer as RandomRun['layer'] & {
		readonly weight: ConstantTensor;
		readonly weightPosition: 0 | 1;
	};
	const count = elementCount(weight.dims);
	const numbered = float32Tensor(
		Float32Array.from({ length: count }, (_, at) => at + 1),
		weight.dims,
	);
	const { connections, outputShape } = plainLayer(node, numbered, weightPosition, inputShape);
	return { connections, outputShape, weight, weightPosition, node, timesteps };
}

/** The counts of a layer at each timestep by brute force. */
function plainReuse(
	run: RandomRun,
	active: (sample: number, timestep: number, element: number) => boolean,
	repeats: boolean,
): ReuseCounts[] {
	const { connections, outputShape, weight, weightPosition, node } = plainRows(run);
	const transposes = (name: string): boolean => {
		const attribute = node.attributes.get(name);
		return attribute?.kind === 'int' && attribute.value === 1;
	};
	const groups = ((): number => {
		const attribute = node.attributes.get('group');
		return attribute?.kind === 'int' ? attribute.value : 1;
	})();
	const convolution = node.op === 'Conv' || node.op === 'ConvTranspose';
	const taps = convolution ? elementCount(weight.dims.slice(2)) : 1;
	const positions = elementCount(outputShape.slice(1));
	const [first = 1, second = 1] = weight.dims;
	/** Group, column of its row, and output within the row, of a weight's number. */
	const place = (number: number, to: number): { group: number; column: number; row: number; output: number } => {
		if (node.op === 'Conv') {
			const perOutput = second * taps;
			const output = Math.floor(number / perOutput);
			return { group: Math.floor(output / (first / groups)), column: number % perOutput, row: to % positions, output };
		}
		if (node.op === 'ConvTranspose') {
			const channel = Math.floor(number / (second * taps));
			const inGroup = channel % (first / groups);
			return {
				group: Math.floor(channel / (first / groups)),
				column: inGroup * taps + (number % taps),
				row: to % positions,
				output: Math.floor(to / positions),
			};
		}
		const columns = weight.dims.length < 2 ? 1 : (weight.dims.at(-1) as number);
		const [line, across] = [Math.floor(number / columns), number % columns];
		const contractsRows =
			weight.dims.length < 2 || (weightPosition === 1) !== transposes(weightPosition === 1 ? 'transB' : 'transA');
		const outputs = outputShape.at(-1) as number;
		// W·x has [matrices, lines of W, columns of x]: a row for each column of x.
		const lines = weight.dims.length < 2 ? 1 : (weight.dims.at(-2) as number);
		const row =
			weightPosition === 1
				? Math.floor(to / (weight.dims.length < 2 ? 1 : outputs))
				: Math.floor(to / (lines * outputs)) * outputs + (to % outputs);
		return { group: 0, column: contractsRows ? (weight.dims.length < 2 ? number : line) : across, row, output: to };
	};
	const outputsOfRow = new Map<string, Set<number>>();
	const entries = new Map<string, Entry>();
	let [rowCount, columnCount] = [0, 0];
	for (const { from, to, weight: number } of connections) {
		const { group, column, row, output } = place(number - 1, to);
		entries.set(`${group}|${row}|${column}`, { row, column, from });
		const key = `${group}`;
		outputsOfRow.set(key, (outputsOfRow.get(key) ?? new Set()).add(convolution ? output : 0));
		rowCount = Math.max(rowCount, row + 1);
		columnCount = Math.max(columnCount, column + 1);
	}
	const byTimestep = Array.from({ length: run.timesteps }, () => ({
		rowSpikes: 0,
		rowSpikesLeft: 0,
		partialSums: 0,
		uniqueWeights: 0,
	}));
	for (let sample = 0; sample < run.samples; sample += 1) {
		for (let timestep = 0; timestep < run.timesteps; timestep += 1) {
			const on = connections.filter(({ from }) => active(sample, timestep, from));
			const counts = byTimestep[timestep] as (typeof byTimestep)[number];
			counts.partialSums += new Set(on.map(({ to }: Connection) => to)).size;
			counts.uniqueWeights += new Set(on.map(({ weight: number }: Connection) => number)).size;
		}
		for (let group = 0; group < groups; group += 1) {
			for (let start = 0; start < columnCount; start += 16) {
				const lines = Array.from({ length: rowCount * run.timesteps }, (_, line) => {
					const [row, timestep] = [Math.floor(line / run.timesteps), line % run.timesteps];
					return Array.from({ length: 16 }, (__, bit) => {
						const entry = entries.get(`${group}|${row}|${start + bit}`);
						return entry !== undefined && active(sample, timestep, entry.from);
					});
				});
				for (let tile = 0; tile < lines.length; tile += 256) {
					const rows = lines.slice(tile, tile + 256);
					const left = repeats ? plainTile(rows) : rows.map((row) => row.filter(Boolean).length);
					for (const [at, row] of rows.entries()) {
						const counts = byTimestep[(tile + at) % run.timesteps] as (typeof byTimestep)[number];
						counts.rowSpikes += row.filter(Boolean).length;
						counts.rowSpikesLeft += left[at] as number;
					}
				}
			}
		}
	}
	return byTimestep as unknown as ReuseCounts[];
}

const reuseOf = async (run: RandomRun, batch: number): Promise<{ layer: SynapticLayerActivity; warnings: readonly string[] }> => {
	const network = await stepNetwork(run);
	const source = () => arraySource(run.data, run.layer.inputShape, { timesteps: run.timesteps });
	const activity = await simulate(network, source(), { batch, encoder: 'every-step' });
	const counted = await withReuse(activity, network, source(), { batch });
	return { layer: counted.layers.find(({ kind }) => kind === 'synaptic') as SynapticLayerActivity, warnings: counted.warnings };
};

test('random layers repeat as much as single connections, written down one by one, say', async () => {
	await fc.assert(
		fc.asyncProperty(randomRun, fc.integer({ min: 1, max: 4 }), async (run, batch) => {
			const { layer, warnings } = await reuseOf(run, batch);
			const reuse = layer.reuse as LayerReuse | undefined;
			if (reuse === undefined) {
				// Stacks of matrices are named.
				expect(warnings.some((sentence) => sentence.includes('were not counted'))).toBe(true);
				return;
			}
			const size = elementCount(run.layer.inputShape);
			const values = Float32Array.from(run.data, run.kind.apply);
			const at = (sample: number, timestep: number, element: number): number =>
				values[(timestep * run.samples + sample) * size + element] as number;
			const negative = values.some((value) => value < 0);
			expect(reuse.repeatable).toBe(layer.inputKind === 'spikes' && !negative);
			const expected = plainReuse(run, (sample, timestep, element) => at(sample, timestep, element) !== 0, reuse.repeatable);
			expect(reuse.perTimestep).toMatchObject(expected);
			for (const [timestep, { productEvents, rowSpikes, rowSpikesLeft }] of reuse.perTimestep.entries()) {
				const events = layer.perTimestep[timestep]?.synapticEvents ?? 0;
				if (rowSpikes > 0) expect(productEvents * rowSpikes).toBe(events * rowSpikesLeft);
			}
		}),
		{ numRuns: 60 },
	);
}, 120_000);

interface Dump {
	readonly bitDensity: number;
	readonly productDensity: number;
	readonly layers: readonly {
		readonly name: string;
		readonly inputShape: readonly number[];
		readonly kernel?: readonly number[];
		readonly outputs: number;
		readonly timesteps: number;
		readonly bits: string;
	}[];
}

test("Prosperity's spikes of LeNet-5 have the bit and product density its authors published, to their last digit", () => {
	const dump = JSON.parse(readFileSync(new URL('prosperity-lenet5.json', import.meta.url), 'utf8')) as Dump;
	const sums = { rowEntries: 0, rowSpikes: 0, rowSpikesLeft: 0 };
	for (const { inputShape, kernel, outputs, timesteps, bits } of dump.layers) {
		const size = elementCount(inputShape);
		const packed = Buffer.from(bits, 'base64');
		const masks = Array.from({ length: timesteps }, (_, timestep) => ({
			timestep,
			mask: Uint8Array.from({ length: size }, (__, at) => {
				const bit = timestep * size + at;
				return ((packed[bit >> 3] as number) >> (bit & 7)) & 1;
			}),
		}));
		const [channels = 1, ...sizes] = inputShape;
		const weight = float32Tensor(
			new Float32Array(outputs * channels * elementCount(kernel ?? [])),
			kernel ? [outputs, channels, ...kernel] : [channels, outputs],
		);
		const layer = kernel ? node('Conv', ['x', 'w'], ['y']) : node('MatMul', ['x', 'w'], ['y']);
		const output = kernel ? [outputs, ...sizes.map((length, axis) => length - (kernel[axis] as number) + 1)] : [outputs];
		const rows = spikeRows(layer, weight, 1, { input: inputShape, output });
		const tallies = masks.map(noReuse);
		addSample(rows as NonNullable<typeof rows>, masks, 0, size, true, tallies);
		for (const tally of tallies) for (const name of Object.keys(sums) as (keyof typeof sums)[]) sums[name] += tally[name];
	}
	expect(sums.rowSpikes / sums.rowEntries).toBeCloseTo(dump.bitDensity, 14);
	expect(sums.rowSpikesLeft / sums.rowEntries).toBeCloseTo(dump.productDensity, 15);
});

/** What onnxruntime does with an operator, whatever the table says of it. */
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { ConstantTensor, GraphNode } from '../../src/model/graph.ts';
import { elementCount } from '../../src/model/tensors.ts';
import { modelBuilder } from './model-builder.ts';
import type { Example, Operand } from './operator-examples.ts';

export interface Answer {
	readonly dims: readonly number[];
	readonly values: readonly number[];
}

/** Values of the operands that are not constant, by input position. */
export type Feeds = ReadonlyMap<number, readonly number[]>;

/** One element of one input changed: which elements of the first output changed with it. */
export interface Touched {
	readonly position: number;
	readonly element: number;
	/** null where the output has another shape then. */
	readonly outputs: readonly number[] | null;
}

export interface Observations {
	readonly example: Example;
	readonly node: GraphNode;
	readonly constants: ReadonlyMap<string, ConstantTensor>;
	readonly operands: readonly (Operand | null)[];
	readonly numbers: { readonly feeds: Feeds; readonly outputs: readonly Answer[] };
	/** The same numbers with another sign. */
	readonly negated: Answer;
	readonly spikes: { readonly feeds: Feeds; readonly outputs: readonly Answer[] };
	/** Levels of a graded or ternary spike. */
	readonly levels: { readonly feeds: Feeds; readonly outputs: readonly Answer[] };
	readonly touched: readonly Touched[];
	/** Whether two runs on equal inputs give different results. */
	readonly differs: boolean;
	/** Whether the first entry of the batch gives something else among other samples. */
	readonly mixesBatch: boolean;
	/** Two batches laid one after the other give their results one after the other. */
	readonly entryByEntry: boolean;
	/** Halfway between two inputs lies what is halfway between their outputs. */
	readonly linear: boolean;
}

const arrays = {
	float32: Float32Array,
	uint8: Uint8Array,
	int8: Int8Array,
	int32: Int32Array,
	bool: Uint8Array,
} as const;

function tensorOf(values: readonly number[], { dims, type }: Pick<Operand, 'dims' | 'type'>): Tensor {
	if (type === 'int64')
		return new Tensor(
			BigInt64Array.from(values, (value) => BigInt(Math.trunc(value))),
			dims,
		);
	if (type === 'bool') return new Tensor('bool', Uint8Array.from(values), dims);
	return new Tensor(
		arrays[type].from(values.map((value) => (type === 'float32' ? value : Math.trunc(value)))) as Float32Array,
		dims,
	);
}

const constantOf = (operand: Operand): ConstantTensor => {
	const { data } = tensorOf(operand.values ?? [], operand);
	const { buffer, byteOffset, byteLength } = data as Float32Array;
	return { type: operand.type, dims: operand.dims, bytes: new Uint8Array(buffer, byteOffset, byteLength) };
};

export const same = (a: number, b: number): boolean =>
	Object.is(a, b) ||
	(Number.isFinite(a) && Number.isFinite(b) && Math.abs(a - b) <= 2e-5 * Math.max(1, Math.abs(a), Math.abs(b)));
export const alike = (a: Answer, b: Answer): boolean =>
	a.dims.join() === b.dims.join() && a.values.every((value, at) => same(value, b.values[at] as number));

/** Numbers of one kind for every operand that is fed; no two of them are equal. */
function feedsOf(operands: readonly (Operand | null)[], seed: number, make: (unit: number, operand: Operand) => number): Feeds {
	let state = seed * 7919 + 17;
	const feeds = new Map<number, number[]>();
	for (const [position, operand] of operands.entries()) {
		if (!operand || operand.values) continue;
		feeds.set(
			position,
			Array.from({ length: elementCount(operand.dims) }, () => {
				state = (state * 48271) % 2147483647;
				return make(state / 2147483647, operand);
			}),
		);
	}
	return feeds;
}

/** What is fed for spikes of several heights. */
export const spikeLevels = (type: Operand['type']): readonly number[] =>
	type === 'bool' ? [0, 1] : type === 'float32' ? [-1, 0, 0.5, 1, 2] : [0, 1, 3];

/** @throws where onnxruntime does not run the operator */
export async function observe(example: Example, n: number, k: number): Promise<Observations> {
	const operands = example.operands(n, k);
	const graph = modelBuilder();
	const names = operands.map((operand, position) => {
		if (!operand) return '';
		const name = `in${position}`;
		if (operand.values) return graph.constant(name, constantOf(operand));
		return graph.input(name, operand.dims.map(() => null) as null[], operand.type);
	});
	const outputs = Array.from({ length: example.outputs }, (_, at) => `out${at}`);
	graph.addMany(example.op, names, outputs, example.attributes);
	const model = graph.build({ opset: example.opset });
	const nodes = model.graph.nodes.map((one) => ({ ...one, domain: example.domain }));
	const [node] = nodes as [GraphNode];
	const opsets = new Map([...model.opsets, ['com.microsoft', 1]]);
	const ends = outputs.map((name) => ({ name, type: null, dims: null }));
	const whole = { ...model, opsets, graph: { ...model.graph, nodes, outputs: ends } };
	const session = await InferenceSession.create(encodeModel(whole), { logSeverityLevel: 4, graphOptimizationLevel: 'disabled' });
	const run = async (feeds: Feeds, scaleRows = 1): Promise<Answer[]> => {
		const given = [...feeds].map(([position, values]) => {
			const operand = operands[position] as Operand;
			const [rows = 1, ...rest] = operand.dims;
			return [
				`in${position}`,
				tensorOf(values, { ...operand, dims: operand.dims.length === 0 ? [] : [rows * scaleRows, ...rest] }),
			] as const;
		});
		const results = await session.run(Object.fromEntries(given));
		return outputs.map((name) => {
			const { dims, data } = results[name] as Tensor;
			return { dims, values: Array.from(data as Float32Array, Number) };
		});
	};
	const [low, high] = example.range;
	const number = (unit: number, { type }: Operand): number => {
		if (type === 'bool') return Number(unit > 0.5);
		const value = low + unit * (high - low);
		return type === 'float32' ? Math.fround(value) : Math.round(value);
	};
	const changed = (feeds: Feeds, change: (value: number, operand: Operand) => number): Feeds =>
		new Map(
			[...feeds].map(([position, values]) => [position, values.map((value) => change(value, operands[position] as Operand))]),
		);
	try {
		const numbers = feedsOf(operands, 1, number);
		const others = feedsOf(operands, 2, number);
		const spikes = feedsOf(operands, 3, (unit) => Number(unit > 0.5));
		const levels = feedsOf(
			operands,
			4,
			(unit, { type }) => spikeLevels(type)[Math.floor(unit * spikeLevels(type).length)] as number,
		);
		const answers = await run(numbers);
		const [first] = answers as [Answer];
		const touched: Touched[] = [];
		for (const [position, values] of numbers) {
			for (const element of values.keys()) {
				const operand = operands[position] as Operand;
				const instead = [others.get(position)?.[element] as number, ...(operand.type === 'bool' ? [] : [high, low])];
				// An element may not be seen to work at one value; two others are tried too.
				const reached = new Set<number>();
				let reshaped = false;
				for (const other of operand.type === 'bool' ? [1 - (values[element] as number)] : instead) {
					const feeds = new Map(numbers);
					feeds.set(position, values.with(element, other));
					const [answer] = (await run(feeds)) as [Answer];
					if (answer.dims.join() !== first.dims.join()) reshaped = true;
					else for (const [at, value] of answer.values.entries()) if (!same(value, first.values[at] as number)) reached.add(at);
				}
				touched.push({ position, element, outputs: reshaped ? null : [...reached].sort((a, b) => a - b) });
			}
		}
		const again = await run(numbers);
		const [second] = (await run(others)) as [Answer];
		const joined = new Map([...numbers].map(([position, values]) => [position, [...values, ...(others.get(position) ?? [])]]));
		const [atOnce] = await run(joined, 2).catch(() => [null]);
		const oneByOne: Answer = {
			dims: first.dims.map((size, axis) => (axis === 0 ? size + (second.dims[0] ?? 0) : size)),
			values: [...first.values, ...second.values],
		};
		const middle = new Map(
			[...numbers].map(([position, values]) => [
				position,
				values.map((value, at) => (value + (others.get(position)?.[at] as number)) / 2),
			]),
		);
		const [halfway] = await run(middle);
		return {
			example,
			node,
			constants: model.graph.constants,
			operands,
			numbers: { feeds: numbers, outputs: answers },
			negated: (
				await run(
					changed(numbers, (value, { type }) => (type === 'float32' ? -value : type === 'bool' ? 1 - value : low + high - value)),
				)
			)[0] as Answer,
			spikes: { feeds: spikes, outputs: await run(spikes) },
			levels: { feeds: levels, outputs: await run(levels) },
			touched,
			differs: again.some((answer, at) => !alike(answer, answers[at] as Answer)),
			mixesBatch:
				atOnce !== null &&
				atOnce !== undefined &&
				!alike({ dims: first.dims, values: atOnce.values.slice(0, first.values.length) }, first),
			entryByEntry: atOnce !== null && atOnce !== undefined && first.dims.length > 0 && alike(atOnce, oneByOne),
			linear: (halfway?.values ?? [Number.NaN]).every((value, at) =>
				same(value, ((first.values[at] as number) + (second.values[at] as number)) / 2),
			),
		};
	} finally {
		await session.release();
	}
}

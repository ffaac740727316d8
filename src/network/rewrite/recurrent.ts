import { int } from '../../model/attributes.ts';
import { type Attribute, type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { elementCount, float32Tensor, int64Tensor, tensorValues } from '../../model/tensors.ts';
import { intAttribute, stringAttribute } from '../graph-index.ts';
import { nodePath } from '../names.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';
import type { Measured } from './measure.ts';
import { axesNode, axisAttribute } from './operators.ts';

export interface ExpandedRecurrence {
	readonly graph: Graph;
	/** Length of the longest sequence an expanded operator walks through; null when none was expanded. */
	readonly timesteps: number | null;
}

/** Weight matrices of a gate stack on top of each other in W and R. */
const gates: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };
export const isRecurrent = (candidate: GraphNode): boolean => candidate.domain === '' && Object.hasOwn(gates, candidate.op);

const defaults: Readonly<Record<string, readonly string[]>> = {
	LSTM: ['Sigmoid', 'Tanh', 'Tanh'],
	GRU: ['Sigmoid', 'Tanh'],
	RNN: ['Tanh'],
};
const activationNames = new Set(['Sigmoid', 'Tanh', 'Relu']);

/**
 * Writes LSTM, GRU and RNN out as what they are, step by step: weights applied to the input, weights applied to the
 * hidden state, and gates, so that both kinds of weights are counted as layers of their own.
 *
 * Left alone: peepholes, clipping, sequences of varying length, coupled gates, other activations, weights that are not
 * constant, and sequences whose length depends on the batch.
 *
 * @see the ONNX operator specification of LSTM, GRU and RNN for the equations
 */
export function expandRecurrence(graph: Graph, measured: Measured, opset: number): ExpandedRecurrence {
	const work: Work = { names: freshNames(graph), nodes: [], constants: new Map(graph.constants), opset };
	let timesteps: number | null = null;
	for (const candidate of graph.nodes) {
		const length = isRecurrent(candidate) ? sequenceLength(candidate, measured) : null;
		const cell = length === null ? null : readCell(candidate, work);
		if (!cell || length === null) {
			work.nodes.push(candidate);
			continue;
		}
		expand(candidate, cell, length, work);
		timesteps = Math.max(timesteps ?? 1, length);
	}
	return timesteps === null
		? { graph, timesteps }
		: { graph: { ...graph, nodes: work.nodes, constants: work.constants }, timesteps };
}

interface Work {
	readonly names: FreshNames;
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly opset: number;
}

const longestSequence = 4096;

function sequenceLength(candidate: GraphNode, measured: Measured): number | null {
	const [size] = measured.shapeOf(candidate.inputs[0] ?? '') ?? [];
	return size && size[0] === size[1] && size[0] >= 1 && size[0] <= longestSequence ? size[0] : null;
}

interface Direction {
	readonly reverse: boolean;
	readonly suffix: string;
	/** Weights on the input [gates·H, I] and on the hidden state [gates·H, H], biases [gates·H] each. */
	readonly input: Float32Array;
	readonly hidden: Float32Array;
	readonly inputBias: Float32Array;
	readonly hiddenBias: Float32Array;
	readonly activations: readonly string[];
}

interface Cell {
	readonly inputSize: number;
	readonly hiddenSize: number;
	readonly directions: readonly Direction[];
	readonly linearBeforeReset: boolean;
}

function readCell(candidate: GraphNode, { constants }: Work): Cell | null {
	const [, w = '', r = '', b = '', lengths = '', , , peephole = ''] = candidate.inputs;
	const [weight, recurrent] = [constants.get(w), constants.get(r)];
	const bias = b === '' ? null : constants.get(b);
	const plain =
		lengths === '' && peephole === '' && intAttribute(candidate, 'layout', 0) === 0 && !candidate.attributes.has('clip');
	if (!weight || !recurrent || bias === undefined || !plain || intAttribute(candidate, 'input_forget', 0) === 1) return null;
	const [count = 1, rows = 1, inputSize = 1] = weight.dims;
	const perGate = gates[candidate.op] as number;
	const hiddenSize = rows / perGate;
	const listed = candidate.attributes.get('activations');
	const expected = defaults[candidate.op] as readonly string[];
	const activations = listed?.kind === 'strings' ? listed.value : Array.from({ length: count }, () => expected).flat();
	if (activations.length !== count * expected.length || !activations.every((name) => activationNames.has(name))) return null;
	const direction = stringAttribute(candidate, 'direction', 'forward');
	const [all, hiddenAll, biasAll] = [tensorValues(weight), tensorValues(recurrent), bias ? tensorValues(bias) : null];
	const part = (values: ArrayLike<number>, at: number, size: number): Float32Array =>
		Float32Array.from({ length: size }, (_, index) => values[at + index] ?? 0);
	const directions = Array.from({ length: count }, (_, at): Direction => {
		const reverse = direction === 'reverse' || at === 1;
		return {
			reverse,
			suffix: count > 1 ? (reverse ? '.backward' : '.forward') : '',
			input: part(all, at * rows * inputSize, rows * inputSize),
			hidden: part(hiddenAll, at * rows * hiddenSize, rows * hiddenSize),
			inputBias: part(biasAll ?? [], at * 2 * rows, rows),
			hiddenBias: part(biasAll ?? [], (at * 2 + 1) * rows, rows),
			activations: activations.slice(at * expected.length, (at + 1) * expected.length),
		};
	});
	return { inputSize, hiddenSize, directions, linearBeforeReset: intAttribute(candidate, 'linear_before_reset', 0) === 1 };
}

function expand(candidate: GraphNode, cell: Cell, length: number, work: Work): void {
	const label = nodePath(candidate.name, candidate.op) || candidate.name;
	const [sequence = '', , , , , initialHidden = '', initialCell = ''] = candidate.inputs;
	const emit = emitter(work, label);
	const frames = Array.from({ length }, (_, t) => emit.pick(sequence, t));
	const finals: { hidden: string; cell: string }[] = [];
	const hiddenOver = cell.directions.map((direction, at) => {
		const step = stepOf(candidate.op, cell, direction, `${label}${direction.suffix}`, emit, work);
		let hidden = emit.initial(initialHidden, at, frames[0] ?? '', cell.hiddenSize);
		let memory = candidate.op === 'LSTM' ? emit.initial(initialCell, at, frames[0] ?? '', cell.hiddenSize) : '';
		const outputs: string[] = new Array(length);
		for (let k = 0; k < length; k += 1) {
			const t = direction.reverse ? length - 1 - k : k;
			[hidden, memory] = step(frames[t] as string, hidden, memory);
			outputs[t] = hidden;
		}
		finals.push({ hidden, cell: memory });
		return outputs;
	});
	const [all = '', lastHidden = '', lastCell = ''] = candidate.outputs;
	// Y is [sequence, directions, batch, hidden]; Y_h and Y_c are [directions, batch, hidden].
	const rows = all === '' ? [] : frames.map((_, t) => emit.stack(hiddenOver.map((outputs) => outputs[t] as string)));
	if (all !== '') emit.stack(rows, all);
	if (lastHidden !== '')
		emit.stack(
			finals.map(({ hidden }) => hidden),
			lastHidden,
		);
	if (lastCell !== '')
		emit.stack(
			finals.map(({ cell: memory }) => memory),
			lastCell,
		);
}

type Step = (input: string, hidden: string, memory: string) => [hidden: string, memory: string];

function stepOf(op: string, cell: Cell, direction: Direction, label: string, emit: Emitter, work: Work): Step {
	const { hiddenSize: H, inputSize: I } = cell;
	const [f = '', g = '', h = ''] = direction.activations;
	const rows = direction.inputBias.length;
	const constant = (name: string, values: Float32Array, dims: readonly number[]): string => {
		const fresh = work.names.take(name);
		work.constants.set(fresh, float32Tensor(values, dims));
		return fresh;
	};
	const slice = (values: Float32Array, from: number, to: number): Float32Array =>
		values.slice((from * values.length) / rows, (to * values.length) / rows);
	const layer = (part: string, weights: Float32Array, bias: Float32Array, size: number): ((input: string) => string) => {
		const w = constant(`${label}.${part}.weight`, weights, [bias.length, size]);
		const b = constant(`${label}.${part}.bias`, bias, [bias.length]);
		return (input) => emit.op('Gemm', [input, w, b], { transB: int(1) });
	};
	const fromInput = layer('input', direction.input, direction.inputBias, I);
	if (op === 'GRU' && !cell.linearBeforeReset) {
		const fromHidden = layer('hidden', slice(direction.hidden, 0, 2 * H), slice(direction.hiddenBias, 0, 2 * H), H);
		const candidateFromHidden = layer(
			'hidden.candidate',
			slice(direction.hidden, 2 * H, rows),
			slice(direction.hiddenBias, 2 * H, rows),
			H,
		);
		return (input, hidden) => {
			const [zx = '', rx = '', hx = ''] = emit.split(fromInput(input), 3);
			const [zh = '', rh = ''] = emit.split(fromHidden(hidden), 2);
			const z = emit.op(f, [emit.op('Add', [zx, zh])]);
			const r = emit.op(f, [emit.op('Add', [rx, rh])]);
			const proposed = emit.op(g, [emit.op('Add', [hx, candidateFromHidden(emit.op('Mul', [r, hidden]))])]);
			return [mixed(emit, z, proposed, hidden), ''];
		};
	}
	const fromHidden = layer('hidden', direction.hidden, direction.hiddenBias, H);
	if (op === 'RNN') return (input, hidden) => [emit.op(f, [emit.op('Add', [fromInput(input), fromHidden(hidden)])]), ''];
	if (op === 'GRU') {
		return (input, hidden) => {
			const [zx = '', rx = '', hx = ''] = emit.split(fromInput(input), 3);
			const [zh = '', rh = '', hh = ''] = emit.split(fromHidden(hidden), 3);
			const z = emit.op(f, [emit.op('Add', [zx, zh])]);
			const r = emit.op(f, [emit.op('Add', [rx, rh])]);
			const proposed = emit.op(g, [emit.op('Add', [hx, emit.op('Mul', [r, hh])])]);
			return [mixed(emit, z, proposed, hidden), ''];
		};
	}
	return (input, hidden, memory) => {
		const [i = '', o = '', forget = '', c = ''] = emit.split(emit.op('Add', [fromInput(input), fromHidden(hidden)]), 4);
		const kept = emit.op('Mul', [emit.op(f, [forget]), memory]);
		const next = emit.op('Add', [kept, emit.op('Mul', [emit.op(f, [i]), emit.op(g, [c])])]);
		return [emit.op('Mul', [emit.op(f, [o]), emit.op(h, [next])]), next];
	};
}

/** (1 − z)·proposed + z·hidden, written as proposed + z·(hidden − proposed). */
const mixed = (emit: Emitter, z: string, proposed: string, hidden: string): string =>
	emit.op('Add', [proposed, emit.op('Mul', [z, emit.op('Sub', [hidden, proposed])])]);

interface Emitter {
	op(op: string, inputs: readonly string[], attributes?: Readonly<Record<string, Attribute>>): string;
	split(tensor: string, parts: number): string[];
	/** Frame t of a sequence: [batch, size]. */
	pick(sequence: string, t: number): string;
	/** Joins tensors along a new first axis. */
	stack(tensors: readonly string[], output?: string): string;
	/** State before the first step, [batch, hidden]; it depends on the input, so that the first use of the weights is not folded away. */
	initial(state: string, direction: number, frame: string, hidden: number): string;
}

function emitter(work: Work, label: string): Emitter {
	const constant = (tensor: ConstantTensor): string => {
		const name = work.names.take(`${label}/constant`);
		work.constants.set(name, tensor);
		return name;
	};
	const indices = new Map<number, string>();
	const index = (value: number): string => {
		const known = indices.get(value);
		if (known !== undefined) return known;
		const name = constant(int64Tensor([value], []));
		indices.set(value, name);
		return name;
	};
	const emit: Emitter = {
		op(op, inputs, attributes = {}) {
			const name = work.names.take(`${label}/${op}`);
			work.nodes.push(node(op, inputs, [name], { name, attributes }));
			return name;
		},
		split(tensor, parts) {
			const outputs = Array.from({ length: parts }, () => work.names.take(`${label}/gate`));
			// From operator set 18 on, equal parts have to be announced.
			const attributes = work.opset >= 18 ? { num_outputs: int(parts) } : {};
			work.nodes.push(
				node('Split', [tensor], outputs, {
					name: work.names.take(`${label}/Split`),
					attributes: { ...axisAttribute(1), ...attributes },
				}),
			);
			return outputs;
		},
		pick: (sequence, t) => emit.op('Gather', [sequence, index(t)], axisAttribute(0)),
		stack(tensors, output) {
			const parts = tensors.map((tensor) => {
				const name = work.names.take(`${label}/element`);
				work.nodes.push(
					axesNode('Unsqueeze', tensor, name, [0], { name: work.names.take(`${label}/Unsqueeze`), opset: work.opset, constant }),
				);
				return name;
			});
			const name = output ?? work.names.take(`${label}/stacked`);
			work.nodes.push(node('Concat', parts, [name], { name: work.names.take(`${label}/Concat`), attributes: axisAttribute(0) }));
			return name;
		},
		initial(state, direction, frame, hidden) {
			const given = work.constants.get(state);
			if (state !== '' && !given) return emit.op('Gather', [state, index(direction)], axisAttribute(0));
			const rows = emit.op('Slice', [emit.op('Shape', [frame]), constant(int64Tensor([0])), constant(int64Tensor([1]))]);
			const dims = emit.op('Concat', [rows, constant(int64Tensor([hidden]))], axisAttribute(0));
			const zeros = emit.op('ConstantOfShape', [dims]);
			const values = given ? tensorValues(given) : null;
			if (!given || !values?.some((value) => value !== 0)) return zeros;
			const size = elementCount(given.dims.slice(1));
			const own = Float32Array.from(values).slice(direction * size, (direction + 1) * size);
			return emit.op('Add', [zeros, constant(float32Tensor(own, given.dims.slice(1)))]);
		},
	};
	return emit;
}

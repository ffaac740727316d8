import type { Graph, GraphNode } from '../../model/graph.ts';
import { formOf, mayDropAxis, operatorFacts, reshapes } from '../../model/operators/index.ts';
import { int64Tensor } from '../../model/tensors.ts';
import { intAttribute } from '../graph-index.ts';
import type { Size } from './batch-sizes.ts';
import { freshNames } from './fresh-names.ts';
import type { GraphFacts } from './graph-facts.ts';
import {
	axisIsOne,
	constantDims,
	OpenShape,
	type Part,
	type PartEmitter,
	partEmitter,
	withAxis,
	withoutAxis,
} from './part-emitter.ts';
import type { FoldedTime } from './time-marks.ts';
import { applyTimeMatrix, timeMatrix } from './time-matrix.ts';
import { backwardPlace, isExplicit, partShape, type Shape, samePlace, sameSize, type TimePlace } from './time-places.ts';
import { splitPieces, takenBy } from './time-seeds.ts';

/**
 * Rewrites a graph whose layers work on all timesteps at once into one that works on a timestep at a time: every
 * folded tensor becomes T tensors [B, …], every layer T uses of its weights. Each row of a folded tensor belongs to
 * one (timestep, sample), so the counts of the two graphs are the same.
 *
 * Operators that do not keep timesteps apart stay as they are and get the joined tensor.
 *
 * @returns null when a shape depends on the batch in more than one axis
 */
export function unfoldTime(graph: Graph, facts: GraphFacts, time: FoldedTime, batch: Size): Unfolded | null {
	try {
		return rewrite(graph, facts, time, batch);
	} catch (cause) {
		if (cause instanceof OpenShape) return null;
		throw cause;
	}
}

export interface Unfolded {
	readonly graph: Graph;
	/** By node, the timestep of each use of weights that was taken out of a folded one. */
	readonly uses: ReadonlyMap<string, number>;
}

interface Work {
	readonly facts: GraphFacts;
	readonly time: FoldedTime;
	readonly emit: PartEmitter;
	/** Samples at the two measured sizes. */
	readonly batch: Size;
	/** Whether a matrix over time makes the membranes. */
	readonly overTime: boolean;
	/** Timesteps of folded tensors, in order. */
	readonly parts: Map<string, readonly Part[]>;
	/** Tensors that exist under their own name. */
	readonly whole: Set<string>;
	/** By output, the timestep of each use of weights. */
	readonly uses: Map<string, number>;
}

function rewrite(graph: Graph, facts: GraphFacts, time: FoldedTime, batch: Size): Unfolded {
	const emit = partEmitter(freshNames(graph), new Map(graph.constants));
	const overTime = graph.nodes.some((node) => timeMatrix(node, facts)?.timesteps === time.timesteps);
	const work: Work = { facts, time, emit, batch, overTime, parts: new Map(), whole: new Set(), uses: new Map() };
	for (const name of [...graph.constants.keys(), ...graph.inputs.map((input) => input.name)]) work.whole.add(name);
	for (const node of graph.nodes) {
		if (takeApart(node, work) || create(node, work) || acrossTimesteps(node, work) || perTimestep(node, work)) continue;
		for (const input of node.inputs) makeWhole(input, work);
		emit.keep(node);
		for (const output of node.outputs) work.whole.add(output);
	}
	const outputs = graph.outputs.map((output) => {
		if (work.whole.has(output.name)) return output;
		const place = time.places.get(output.name);
		// A folded answer is given a time axis of its own, so that its timesteps can be told apart.
		const shape = facts.shapeOf(output.name);
		if (place && shape && !isExplicit(place, shape, time.timesteps) && place.axis === 0) {
			const parts = partsOf(output.name, work);
			emit.name(
				emit.concat(
					parts.map((part) => emit.reshape(part, withAxis(partShape(place, shape, time.timesteps), 0, one))),
					0,
				),
				output.name,
			);
			return { ...output, dims: null };
		}
		makeWhole(output.name, work);
		return output;
	});
	const uses = new Map(
		emit.nodes.flatMap(({ name, outputs: [output = ''] }) => {
			const timestep = work.uses.get(output);
			return timestep === undefined ? [] : [[name, timestep] as const];
		}),
	);
	return { graph: { ...graph, nodes: emit.nodes, constants: emit.constants, outputs }, uses };
}

const one: Size = [1, 1];

const shapeOf = (tensor: string, work: Work): Shape => {
	const shape = work.facts.shapeOf(tensor);
	if (!shape) throw new OpenShape(tensor);
	return shape;
};

/** Gather, Slice and Split along the time axis: what they take is a timestep that already exists. */
function takeApart(node: GraphNode, work: Work): boolean {
	const { facts, time } = work;
	const [input = ''] = node.inputs;
	const place = time.places.get(input);
	if (!place) return false;
	const pieces = splitPieces(node, facts);
	if (pieces) {
		const matches = pieces.axis === place.axis && node.outputs.length === time.timesteps && sameSize(pieces.size, place.inner);
		if (!matches) return false;
		for (const [timestep, output] of node.outputs.entries())
			if (output !== '') rename(partsOf(input, work)[timestep] as Part, output, shapeOf(output, work), work);
		return true;
	}
	const taken = takenBy(node, facts);
	const [output = ''] = node.outputs;
	if (!taken || taken.axis !== place.axis || taken.count !== time.timesteps || !sameSize(taken.inner, place.inner)) return false;
	rename(partsOf(input, work)[taken.index] as Part, output, shapeOf(output, work), work);
	return true;
}

function rename(part: Part, output: string, shape: Shape, work: Work): void {
	work.emit.name(work.emit.reshape(part, shape), output);
	work.whole.add(output);
}

/** Concat of T pieces and repetition by Expand or Tile are where a time axis comes into being. */
function create(node: GraphNode, work: Work): boolean {
	const { time, emit } = work;
	const [output = ''] = node.outputs;
	const [input = ''] = node.inputs;
	const place = time.places.get(output);
	const joins = formOf(node) === 'joined';
	if (!place || !(joins || node.op === 'Expand' || node.op === 'Tile')) return false;
	const shape = shapeOf(output, work);
	const part = partShape(place, shape, time.timesteps);
	const wholeAxis = sameSize(part[place.axis], place.inner);
	if (!wholeAxis) return false;
	if (joins) {
		const axis = intAttribute(node, 'axis', 0);
		const pieces = node.inputs.map((name) => shapeOf(name, work));
		const matches =
			(axis < 0 ? axis + shape.length : axis) === place.axis &&
			node.inputs.length === time.timesteps &&
			pieces.every((piece) => sameSize(piece[place.axis], place.inner));
		if (!matches) return false;
		work.parts.set(
			output,
			node.inputs.map((name, at) => {
				makeWhole(name, work);
				return source({ name, shape: pieces[at] as Shape }, work);
			}),
		);
		return true;
	}
	const before = shapeOf(input, work);
	// The repeated tensor is one timestep, up to leading axes of size 1.
	const padded: Shape = [...Array.from({ length: shape.length - before.length }, () => one), ...before];
	if (!padded.every((size, axis) => sameSize(size, part[axis]))) return false;
	makeWhole(input, work);
	const repeated = source({ name: input, shape: before }, work);
	work.parts.set(
		output,
		Array.from({ length: time.timesteps }, () => emit.reshape(repeated, part)),
	);
	return true;
}

/** A matrix over time: its timesteps come out of all timesteps of its input. */
function acrossTimesteps(node: GraphNode, work: Work): boolean {
	const { facts, time, emit, batch } = work;
	const matrix = timeMatrix(node, facts);
	const place = matrix && time.places.get(matrix.input);
	if (!matrix || !place || place.axis !== matrix.axis || matrix.timesteps !== time.timesteps) return false;
	const parts = applyTimeMatrix(
		node,
		matrix,
		partsOf(matrix.input, work).map((part) => emit.reshape(part, partShape(place, shapeOf(matrix.input, work), time.timesteps))),
		batch,
		emit,
	);
	if (!parts) return false;
	work.parts.set(node.outputs[0] ?? '', parts);
	return true;
}

/** A tensor that is only a reshape of another stands for the other one. */
function source(part: Part, work: Work): Part {
	let { name, shape } = part;
	for (;;) {
		const producer = work.facts.index.producer.get(name);
		const [input = ''] = producer?.inputs ?? [];
		if (!producer || !reshapes(producer) || !work.whole.has(input) || work.facts.index.isConstant(input)) return { name, shape };
		const before = work.facts.shapeOf(input);
		if (!before) return { name, shape };
		[name, shape] = [input, before];
	}
}

/** Runs an operator once a timestep when it keeps timesteps apart. */
function perTimestep(node: GraphNode, work: Work): boolean {
	const { time, facts, parts } = work;
	const [output = ''] = node.outputs;
	const place = time.places.get(output);
	if (!place || node.outputs.some((name) => name !== '' && name !== output && !time.places.has(name))) return false;
	const places = node.inputs.map((input, position) =>
		input === '' ? null : backwardPlace(node, position, place, facts, time.timesteps),
	);
	const marked = node.inputs.some((input) => time.places.has(input));
	const consistent = node.inputs.every((input, position) => {
		const known = time.places.get(input);
		const wanted = places[position] ?? null;
		return !known || (wanted !== null && samePlace(known, wanted)) || (reshapes(node) && position > 0);
	});
	if (!marked || !consistent || places.every((one_) => one_ === null)) return false;
	const run = chooseRunner(node, place, work);
	if (!run) return false;
	const inputs = node.inputs.map((input, position): readonly Part[] | null => {
		const there = places[position];
		return there ? partsOf(input, work, there) : null;
	});
	for (const [position, input] of node.inputs.entries()) if (inputs[position] === null && !reshapes(node)) makeWhole(input, work);
	const results = Array.from({ length: time.timesteps }, (_, timestep) =>
		run(
			timestep,
			inputs.map((list) => list?.[timestep] ?? null),
			places,
		),
	);
	if (operatorFacts(node)?.weights)
		for (const [timestep, [part]] of results.entries()) if (part && !work.uses.has(part.name)) work.uses.set(part.name, timestep);
	for (const [at, name] of node.outputs.entries()) {
		if (name !== '')
			parts.set(
				name,
				results.map((outputs) => outputs[at] as Part),
			);
	}
	return true;
}

/** Runs a node for one timestep. `inputs` holds the folded inputs' parts, null where the whole tensor is used. */
type Runner = (timestep: number, inputs: readonly (Part | null)[], places: readonly (TimePlace | null)[]) => readonly Part[];

function chooseRunner(node: GraphNode, place: TimePlace, work: Work): Runner | null {
	const { emit, facts, time } = work;
	const shapes = node.outputs.map((output) => {
		const own = output === '' ? null : time.places.get(output);
		return own ? partShape(own, shapeOf(output, work), time.timesteps) : [];
	});
	const [shape = []] = shapes;
	if (reshapes(node)) return (_, [input]) => [emit.reshape(input as Part, shape)];
	if (mayDropAxis(node)) return squeezedRunner(node, place, shape, work);
	if (node.op === 'Expand') {
		const from = shapeOf(node.inputs[0] ?? '', work);
		const back = backwardPlace(node, 0, place, facts, time.timesteps);
		if (!back) return null;
		const part = partShape(back, from, time.timesteps);
		const offset = shape.length - part.length;
		const target = shape.map((size, axis): Size => (axis >= offset && sameSize(part[axis - offset], size) ? one : size));
		return (timestep, [input]) => {
			const dims = `${node.outputs[0]}/dims`;
			if (!emit.constants.has(dims)) emit.constants.set(dims, int64Tensor(constantDims(target).map((dim) => Math.max(1, dim))));
			const [name = ''] = emit.copy(node, timestep, [kept(input as Part, part, work), dims]);
			return [{ name, shape }];
		};
	}
	return (timestep, inputs, places) => {
		const names = node.inputs.map((input, position) => {
			const there = places[position];
			const part = inputs[position];
			return part && there ? kept(part, partShape(there, shapeOf(input, work), time.timesteps), work) : input;
		});
		return emit.copy(node, timestep, names).map((name, at) => ({ name, shape: shapes[at] as Shape }));
	};
}

const kept = (part: Part, shape: Shape, { emit }: Work): string => emit.reshape(part, shape).name;

/**
 * Element-wise operators and matrix products work without a time axis of size 1, so that what they give leads with the
 * batch, as every other graph does.
 */
function squeezedRunner(node: GraphNode, place: TimePlace, shape: Shape, work: Work): Runner {
	const { emit, time } = work;
	const rank = shape.length;
	const squeeze = axisIsOne(shape, place.axis) && node.op !== 'Gemm' && canDrop(node, place, work);
	return (timestep, inputs, places) => {
		const names = node.inputs.map((input, position) => {
			if (input === '') return input;
			const there = places[position];
			const part = inputs[position];
			const full = shapeOf(input, work);
			const own = part && there ? partShape(there, full, time.timesteps) : full;
			const axis = place.axis - (rank - own.length);
			const from = part ?? { name: input, shape: full };
			if (squeeze && axis >= 0 && axisIsOne(own, axis)) return emit.reshape(from, bySamples(withoutAxis(own, axis), work)).name;
			return part ? emit.reshape(part, own).name : input;
		});
		const [name = ''] = emit.copy(node, timestep, names);
		return [{ name, shape: squeeze ? bySamples(withoutAxis(shape, place.axis), work) : shape }];
	};
}

/** Elements of all samples in one axis, as neurons that make all timesteps at once flatten them, get the samples back in front. */
function bySamples(shape: Shape, { batch, overTime }: Work): Shape {
	const [size, ...more] = shape;
	if (!size || more.length > 0 || !overTime) return shape;
	const elements: Size = [size[0] / batch[0], size[1] / batch[1]];
	return elements[0] === elements[1] && Number.isInteger(elements[0]) && elements[0] > 1 ? [batch, elements] : shape;
}

/** Whether a time axis of size 1 can be left out of all operands of a node. */
function canDrop(node: GraphNode, place: TimePlace, work: Work): boolean {
	const rank = shapeOf(node.outputs[0] ?? '', work).length;
	if (node.op === 'MatMul' && place.axis > rank - 3) return false;
	return node.inputs.every((input, position) => {
		if (input === '') return true;
		const own = shapeOf(input, work);
		const axis = place.axis - (rank - own.length);
		const marked = backwardPlace(node, position, place, work.facts, work.time.timesteps) !== null;
		return axis < 0 || marked || axisIsOne(own, axis);
	});
}

/** The timesteps of a folded tensor, cut out of the whole where nothing else made them. */
function partsOf(tensor: string, work: Work, place = work.time.places.get(tensor)): readonly Part[] {
	const { parts, emit, time } = work;
	const known = parts.get(tensor);
	if (known) return known;
	if (!place) throw new OpenShape(tensor);
	const shape = shapeOf(tensor, work);
	const { axis, inner } = place;
	const size = shape[axis] as Size;
	const outer: Size = [size[0] / inner[0] / time.timesteps, size[1] / inner[1] / time.timesteps];
	const steps: Size = [time.timesteps, time.timesteps];
	const spread: Shape = [...shape.slice(0, axis), outer, steps, inner, ...shape.slice(axis + 1)];
	const explicit = isExplicit(place, shape, time.timesteps);
	const whole = { name: tensor, shape };
	const split = explicit ? whole : emit.reshape(whole, spread);
	const cut = Array.from({ length: time.timesteps }, (_, timestep) => emit.pick(split, explicit ? axis : axis + 1, timestep));
	const result = explicit ? cut : cut.map((part) => emit.reshape(part, partShape(place, shape, time.timesteps)));
	parts.set(tensor, result);
	return result;
}

/** Joins the timesteps of a folded tensor under its own name, for operators that need all of them. */
function makeWhole(tensor: string, work: Work): void {
	const { parts, whole, emit, time } = work;
	if (tensor === '' || whole.has(tensor)) return;
	const known = parts.get(tensor);
	const place = time.places.get(tensor);
	if (!known || !place) return;
	const shape = shapeOf(tensor, work);
	const part = partShape(place, shape, time.timesteps);
	const inOrder = sameSize(part[place.axis], place.inner);
	if (inOrder) {
		emit.name(
			emit.concat(
				known.map((one_) => emit.reshape(one_, part)),
				place.axis,
			),
			tensor,
		);
	} else {
		const outer: Size = [(part[place.axis]?.[0] ?? 1) / place.inner[0], (part[place.axis]?.[1] ?? 1) / place.inner[1]];
		const spread: Shape = [...part.slice(0, place.axis), outer, one, place.inner, ...part.slice(place.axis + 1)];
		const joined = emit.concat(
			known.map((one_) => emit.reshape(one_, spread)),
			place.axis + 1,
		);
		emit.name(emit.reshape(joined, shape), tensor);
	}
	whole.add(tensor);
}

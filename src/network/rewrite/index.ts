import { UserError } from '../../errors.ts';
import type { Graph, GraphNode, Model } from '../../model/graph.ts';
import { type FoldedModel, foldConstants } from '../fold-constants.ts';
import * as messages from '../messages.ts';
import type { Size } from './batch-sizes.ts';
import { bakedSizes } from './batch-sizes.ts';
import { isControlFlow, resolveControlFlow } from './control-flow.ts';
import { withDrawnSpikes } from './drawn-spikes.ts';
import { withoutDuplicates } from './duplicates.ts';
import { resolveEinsum } from './einsum.ts';
import { withExactIntegers } from './exact-integers.ts';
import { usesOfConstantSpikes, withFirstDecisions } from './first-decisions.ts';
import { type GraphFacts, graphFacts } from './graph-facts.ts';
import { withoutInPlaceWrites, writesInPlace } from './in-place.ts';
import { withTimeAndSamples } from './input-rows.ts';
import { withZeroBasedOperands } from './integer-operands.ts';
import { mayHaveLevelAxis, withoutLevelAxes } from './level-axis.ts';
import { type Measured, measure } from './measure.ts';
import { expandRecurrence, isRecurrent } from './recurrent.ts';
import { resolveSequences } from './sequences.ts';
import { hasShapeOnlyWork, withoutShapeOnlyWork } from './shape-only.ts';
import { operandsFromShapes, withMeasuredOperands } from './shape-operands.ts';
import { tidied } from './tidy.ts';
import { type FoldedTime, findFoldedTime } from './time-marks.ts';
import { hasSquareMatrix } from './time-matrix.ts';
import { isExplicit } from './time-places.ts';
import { mayBeFolded } from './time-seeds.ts';
import { type Unfolded, unfoldTime } from './unfold-time.ts';
import { withoutVanishingTerms } from './vanishing.ts';

export interface RewriteOptions {
	readonly file: string;
	/** Timesteps the user asked for. */
	readonly timesteps?: number | undefined;
	/** True when the model is one timestep that the reader knows how to repeat. */
	readonly step: boolean;
}

/** A model in the plain form the structure finder reads. */
export interface RewrittenModel extends FoldedModel {
	/** Timesteps found while rewriting; null when the rewriting has nothing to say. */
	readonly timesteps: number | null;
	/** Axis of the input that counts samples, known where time was unfolded. */
	readonly batchAxis: 0 | 1 | null;
	/** By node, the timestep of each use of weights that was taken out of a folded one. */
	readonly foldedUses: ReadonlyMap<string, number>;
	readonly assumptions: readonly string[];
	/** Uses of weights on constant spikes, which are computed away. */
	readonly constantUses: readonly GraphNode[];
}

/** Loops within loops within choices: deeper nesting than this is no network. */
const deepestNesting = 16;

/**
 * Brings a model into the plain form the structure finder reads: constants folded, If decided, Loop and Scan over time
 * unrolled, lists of tensors resolved, LSTM, GRU and RNN written out, timesteps that are folded into an axis unfolded.
 *
 * @throws UserError when control flow depends on what only running the model can tell
 */
export async function rewriteModel(source: Model, options: RewriteOptions): Promise<RewrittenModel> {
	const assumptions: string[] = [];
	let timesteps: number | null = null;
	let batchAxis: 0 | 1 | null = null;
	let foldedUses: ReadonlyMap<string, number> = new Map();
	const drawn = { ...source, graph: withDrawnSpikes(source.graph) };
	const timed = withTimeAxis(drawn, options.timesteps);
	const started = await withFirstDecisions(timed, options.file);
	const constantUses = await usesOfConstantSpikes({ ...timed, graph: started }, options.file);
	let current = await foldConstants({ ...timed, graph: started }, options.file);
	const advance = async (graph: Graph, kept?: ReadonlySet<string>): Promise<void> => {
		const next = await foldConstants({ ...current.model, graph: tidied(graph, kept) }, options.file);
		current = { model: next.model, constantRoots: chained(current.constantRoots, next.constantRoots) };
	};
	const opset = source.opsets.get('') ?? 17;

	for (let depth = 0; current.model.graph.nodes.some(isControlFlow); depth += 1) {
		const measured = await measure(current.model);
		const resolved = resolveControlFlow(current.model.graph, {
			file: options.file,
			opset,
			timesteps: options.timesteps,
			valueOf: (tensor) => current.model.graph.constants.get(tensor) ?? measured?.valueOf(tensor) ?? null,
			sizeOf: (tensor, axis) => {
				const size = measured?.shapeOf(tensor)?.[axis];
				return size && size[0] === size[1] ? size[0] : null;
			},
		});
		const [stuck] = resolved.left;
		if (stuck && (!resolved.changed || depth >= deepestNesting))
			throw new UserError(messages.controlFlowOpen(options.file, stuck.name, stuck.op));
		for (const { name, op, trips } of resolved.trips) {
			assumptions.push(messages.loopUnrolled(name, op, trips));
			timesteps = Math.max(timesteps ?? 1, trips);
		}
		const written = { ...current.model, graph: resolveSequences(resolved.graph, opset) };
		const unrolled = await withFirstDecisions(written, options.file);
		constantUses.push(...(await usesOfConstantSpikes({ ...current.model, graph: unrolled }, options.file)));
		await advance(unrolled);
	}

	const products = resolveEinsum(current.model.graph);
	if (products !== current.model.graph) await advance(products);

	if (current.model.graph.nodes.some(isRecurrent)) {
		const measured = await measure(current.model);
		const expanded = measured ? expandRecurrence(current.model.graph, measured, opset) : null;
		if (expanded?.timesteps) {
			timesteps = Math.max(timesteps ?? 1, expanded.timesteps);
			assumptions.push(messages.recurrenceExpanded(expanded.timesteps));
			await advance(expanded.graph);
		}
	}

	if (writesInPlace(current.model.graph)) {
		const measured = await measure(current.model);
		if (measured) await advance(withoutInPlaceWrites(current.model.graph, measured));
	}

	if (operandsFromShapes(current.model.graph).size > 0) {
		const measured = await measure(current.model);
		if (measured) await advance(withMeasuredOperands(current.model.graph, measured));
	}

	const meant = withoutVanishingTerms(current.model.graph);
	if (meant !== current.model.graph) await advance(meant);

	if (hasShapeOnlyWork(current.model.graph)) {
		const measured = await measure(current.model);
		if (measured) await advance(withoutShapeOnlyWork(current.model.graph, measured));
	}

	if (mayHaveLevelAxis(current.model.graph)) {
		const measured = await measure(current.model);
		if (measured) await advance(withoutLevelAxes(current.model.graph, measured, opset));
	}

	const single = options.step ? current.model.graph : withoutDuplicates(resolveSequences(current.model.graph, opset));
	if (!options.step && (mayBeFolded(single.nodes) || hasSquareMatrix(single))) {
		const unfolded = await unfolding({ ...current.model, graph: single }, options.timesteps);
		if (unfolded) {
			timesteps = unfolded.timesteps;
			batchAxis = unfolded.batchAxis;
			assumptions.push(...unfolded.assumptions);
			foldedUses = unfolded.uses;
			// All timesteps of a folded layer are computed, whether anything reads them or not.
			await advance(unfolded.graph, new Set(foldedUses.keys()));
		}
	}
	if (!options.step && mayHaveBatchBakedIn(current.model.graph)) {
		const batch = (await measure(current.model))?.batch;
		if (batch && batch[0] === batch[1] && batch[0] > 1) {
			assumptions.push(messages.batchBakedIn(batch[0]));
			current = { ...current, model: { ...current.model, graph: withBatch(current.model.graph, batch[0]) } };
		}
	}
	const exact = withExactIntegers(current.model.graph);
	const model = { ...current.model, graph: withZeroBasedOperands(exact.graph) };
	return {
		model,
		constantRoots: chained(current.constantRoots, exact.madeOf),
		timesteps,
		batchAxis,
		foldedUses,
		assumptions,
		constantUses,
	};
}

interface Unfolding extends Unfolded {
	readonly timesteps: number;
	readonly batchAxis: 0 | 1;
	readonly assumptions: readonly string[];
}

async function unfolding(source: Model, asked: number | undefined): Promise<Unfolding | null> {
	const rows = await foldedTime(source, asked);
	if (!rows) return null;
	// Data that come in rows of timesteps and samples get the two axes first.
	const separate = withTimeAndSamples(source.graph, rows.facts, rows.time);
	const found = separate ? await foldedTime({ ...source, graph: separate.graph }, asked) : rows;
	const unfolded = found ? unfoldTime(found.graph, found.facts, found.time, samplesOf(found)) : null;
	if (!found || !unfolded) return null;
	const { graph } = unfolded;
	const { timesteps, places } = found.time;
	const assumptions = [messages.timeUnfolded(timesteps)];
	const [input] = found.graph.inputs;
	const place = input ? places.get(input.name) : undefined;
	const shape = input ? found.facts.shapeOf(input.name) : null;
	const batchAxis = place?.axis === 0 && shape && isExplicit(place, shape, timesteps) ? 1 : 0;
	if (separate) assumptions.push(messages.rowsOfTimesteps(separate.order, timesteps));
	const [batch] = found.measured.batch;
	if (!isOpen(found.graph) || batch !== found.measured.batch[1]) return { ...unfolded, timesteps, batchAxis, assumptions };
	assumptions.push(messages.batchBakedIn(batch));
	return { ...unfolded, graph: withBatch(graph, batch), timesteps, batchAxis, assumptions };
}

/** Samples at the two measured sizes, where the axis beside the timesteps counts them. */
function samplesOf({ graph, facts, time, measured }: Folded): Size {
	const [input] = graph.inputs;
	const place = input ? time.places.get(input.name) : undefined;
	const shape = input ? facts.shapeOf(input.name) : null;
	const [first, second] = shape ?? [];
	if (!place || !shape || !first || place.axis > 1) return measured.batch;
	if (isExplicit(place, shape, time.timesteps)) return (place.axis === 0 ? second : first) ?? measured.batch;
	return place.axis === 0 ? [first[0] / time.timesteps, first[1] / time.timesteps] : measured.batch;
}

interface Folded {
	readonly graph: Graph;
	readonly measured: Measured;
	readonly facts: GraphFacts;
	readonly time: FoldedTime;
}

async function foldedTime(model: Model, asked: number | undefined): Promise<Folded | null> {
	const measured = await measure(model);
	if (!measured) return null;
	const facts = graphFacts(model.graph, measured);
	const time = findFoldedTime(facts, asked);
	return time ? { graph: model.graph, measured, facts, time } : null;
}

const isOpen = ({ inputs }: Graph): boolean => inputs.some(({ dims }) => dims?.some((dim) => typeof dim !== 'number'));

/** Gives the open axis of every input its one possible size. */
const withBatch = (graph: Graph, batch: number): Graph => ({
	...graph,
	inputs: graph.inputs.map((input) => ({
		...input,
		dims: input.dims?.map((dim) => (typeof dim === 'number' ? dim : batch)) ?? null,
	})),
});

/** Cheap, before anything is measured: an open batch, and constants that could hold one. */
const mayHaveBatchBakedIn = (graph: Graph): boolean => isOpen(graph) && bakedSizes(graph).length > 0;

const timeName = /^(t|time|timesteps?|steps?|seq(uence)?(_len(gth)?)?|num_steps)$/i;

/** An input that leaves both its time axis and its batch axis open gets the number of timesteps the user says. */
function withTimeAxis(model: Model, timesteps: number | undefined): Model {
	if (timesteps === undefined) return model;
	const inputs = model.graph.inputs.map((input) => {
		const open = input.dims?.flatMap((dim, axis) => (typeof dim === 'number' ? [] : [axis])) ?? [];
		if (!input.dims || open.length !== 2) return input;
		const axis = open.find((at) => timeName.test(String(input.dims?.[at]))) ?? open[0];
		return { ...input, dims: input.dims.map((dim, at) => (at === axis ? timesteps : dim)) };
	});
	return { ...model, graph: { ...model.graph, inputs } };
}

/** Where a constant comes from, through several rounds of folding. */
function chained(first: ReadonlyMap<string, string>, second: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
	const roots = new Map(first);
	for (const [name, root] of second) roots.set(name, first.get(root) ?? root);
	return roots;
}

import { Tensor } from 'onnxruntime-common';
import type { Activity, Encoder, GradedRule, SpikeTest } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import type { TensorInfo } from '../model/graph.ts';
import type { StatePairing } from '../model/model-file.ts';
import { distinct, type Finding } from '../network/findings.ts';
import { timeNotRead, timestepsUnknown } from '../network/messages.ts';
import type { Network } from '../network/network.ts';
import { inputTensor, runSession, runtime } from '../runtime/session.ts';
import { batchFor, batchThatFits, foldedBytes, memoryIsPlanned } from './batch-size.ts';
import { closeSamples } from './close-decisions.ts';
import { type BatchFeed, batchesAhead, feeder } from './feed.ts';
import { finishActivity } from './finish.ts';
import { type FoldedGraph, foldTimesteps } from './fold/fold-timesteps.ts';
import * as messages from './messages.ts';
import { batchAxisOf, fixedBatch, initialState, type Pilot, runPilot } from './pilot.ts';
import { findGeometry, makePlan, type Plan, pilotWants } from './plan.ts';
import type { Geometry } from './run-facts.ts';
import { countingRules, factsOf } from './run-facts.ts';
import type { RunRecord } from './run-record.ts';
import { type Run, runState } from './run-state.ts';
import type { SampleSource } from './samples.ts';
import { addToRange, scoreRange } from './score-range.ts';
import { addScores, argmax, refuseBroken, scoresLayout } from './scores.ts';
import { type UnrolledRun, unrollSteps } from './unroll.ts';
import { observe, watch } from './watch.ts';

export { defaultBatch } from './batch-size.ts';

/** How a network is run and its events are counted. */
export interface SimulationOptions {
	readonly encoder?: Encoder | undefined;
	readonly spikeTest?: SpikeTest | undefined;
	readonly graded?: GradedRule | undefined;
	/** Samples run at once; by default 16, or as many as memory allows. */
	readonly batch?: number | undefined;
	/** Stops after the batch under way; what was counted until then is returned, marked partial. */
	readonly signal?: AbortSignal | undefined;
	readonly onProgress?: ((samplesDone: number, samples: number) => void) | undefined;
	/** Told after each batch; the record it can ask for holds until the next batch begins. */
	readonly onBatch?: ((record: () => RunRecord) => void) | undefined;
	/** False leaves out the look at the values on the first sample, which the balance rests on: another part of the run has it. */
	readonly lookAtValues?: boolean | undefined;
	/** First samples whose decisions are compared with their thresholds (default 64); their number changes nothing else. */
	readonly closeSamples?: number | undefined;
	/** Threads onnxruntime computes with; by default as many as there are cores. */
	readonly threads?: number | undefined;
	/** Largest operand and result of a layer that takes several timesteps at once (default 512 MB); 0 runs step by step. */
	readonly mostFoldedBytes?: number | undefined;
}

/**
 * Runs a network on data, timestep by timestep, and counts every event exactly.
 *
 * onnxruntime runs a copy of the graph with probes; memory is that of one batch. Counts do not depend on the batch
 * size or on the order of samples.
 *
 * @throws UserError when the data do not fit, the runtime refuses the model, or a result is not finite
 */
export async function simulate(structure: Network, source: SampleSource, options: SimulationOptions = {}): Promise<Activity> {
	return finishActivity(await countSamples(structure, source, options), source.count);
}

/**
 * The same up to the sums: what was counted, to be finished alone or joined with the records of other samples.
 *
 * @throws UserError as simulate does
 */
export async function countSamples(
	structure: Network,
	source: SampleSource,
	options: SimulationOptions = {},
): Promise<RunRecord> {
	const network = forData(structure, source);
	const timesteps = timestepsToRun(network, source);
	const axis = batchAxisOf(network);
	const fixed = fixedBatch(network.input, axis);
	if (fixed !== null && options.batch !== undefined && options.batch !== fixed)
		throw new UserError(messages.fixedBatch(network.file, fixed, options.batch));
	if (axis === 1 && source.timesteps === null) {
		const { name, dims } = network.input;
		throw new UserError(messages.dataShape(source.name, [source.count, ...source.sampleShape], name, dims ?? []));
	}
	const feed = feeder(source, axis);
	const { memoryBytes, name, version, kind } = await runtime();

	const first = await feed(0, Math.min(1, source.count), fixed ?? 1);
	const watched = options.lookAtValues === false ? null : watch(network, timesteps);
	const pilot = await runPilot(
		network,
		{ ...first(0), batch: fixed ?? 1, later: first },
		{ ...pilotWants(network, timesteps > 1), watch: watched ?? undefined },
	);
	const observed = watched ? observe(network, watched, pilot.watched, fixed ?? 1) : [];
	const geometry = findGeometry(network, pilot);
	const batch = fixed ?? batchFor(source.count, options.batch, batchThatFits(geometry, timesteps, memoryBytes));
	const unrolled = unrollSteps(network, pilot, timesteps, source.timesteps !== null);
	const executed = unrolled?.network ?? network;
	const rules = countingRules(timesteps, options);
	const look = options.closeSamples ?? closeSamples;
	const run = runState(executed, timesteps, source.count, rules.encoder, look);
	const scores = scoresLayout(network, pilot, timesteps);
	const keep = unrolled
		? [...unrolled.answers, ...unrolled.after.values()]
		: [network.readout.output, ...network.states.map(({ output }) => output)];
	const { threads } = options;
	const folded = foldTimesteps(executed, unrolled?.pilot ?? pilot, batch, options.mostFoldedBytes ?? foldedBytes(memoryBytes));
	const context = {
		network,
		executed,
		unrolled,
		folded,
		pilot: unrolled?.pilot ?? pilot,
		geometry,
		keep,
		run,
		timesteps,
		threads,
		planMemory: memoryIsPlanned(geometry, timesteps, batch, source.count),
		startStates: startStates(network, unrolled?.pilot ?? pilot),
		inputDims: inputDims(
			network,
			unrolled,
			first(0).dims.map((size, at) => (at === axis ? batch : size)),
			pilot,
			batch,
		),
	};

	const found = factsOf(network, geometry, source, rules);
	// Without class scores an accuracy that was asked for cannot be given.
	const unused = source.labels && !scores ? [messages.labelsUnused(network.readout.output)] : [];
	const facts = { ...found, runtimes: [`${name} ${version} ${kind}`], warnings: [...found.warnings, ...unused] };
	let plan = await planFor(context);
	let correct = 0;
	let done = 0;
	const range = scores && scoreRange(scores.classes);
	const record = (): RunRecord => ({
		facts,
		samples: done,
		correct: source.labels && scores ? correct : null,
		observed: distinct([...observed, ...[...run.broken].map(brokenLater)]),
		scores: range,
		counts: run,
	});
	try {
		options.onProgress?.(0, source.count);
		for await (const { end, rows, size, values } of batchesAhead(feed, source.count, batch)) {
			if (options.signal?.aborted) break;
			const answers = await runBatch({ ...context, plan }, values, rows, size, scores);
			if (range && answers) addToRange(range, answers, rows, source.labels, done);
			if (source.labels && answers) {
				for (let sample = done; sample < end; sample += 1)
					if (argmax(answers, sample - done, scores?.classes ?? 1) === source.labels[sample]) correct += 1;
			}
			done = end;
			options.onProgress?.(done, source.count);
			options.onBatch?.(record);
			plan = await replanned(plan, context, (source.count - done) / batch);
		}
	} finally {
		await plan.session.release();
	}
	return record();
}

const brokenLater = (layer: string): Finding => ({
	kind: 'no-numbers',
	subject: layer,
	sentence: messages.brokenMembraneLater(layer),
});

/** Data with a time axis change from timestep to timestep, and so does everything a step model computes from them. */
export function forData(network: Network, source: Pick<SampleSource, 'timesteps'>): Network {
	if (source.timesteps === null || network.mode !== 'step') return network;
	return { ...network, synapticLayers: network.synapticLayers.map((layer) => ({ ...layer, timeInvariant: false })) };
}

/** @throws UserError when neither the model, the options nor the data say how many timesteps there are, or they disagree */
export function timestepsToRun(network: Network, source: SampleSource): number {
	if (network.mode === 'plain' && (source.timesteps ?? 1) > 1 && network.neuronLayers.some(({ spiking }) => spiking))
		throw new UserError(timeNotRead(network.file));
	if (source.timesteps !== null && network.timesteps !== null && source.timesteps !== network.timesteps) {
		throw new UserError(messages.timestepsOfData(source.name, source.timesteps, network.timesteps));
	}
	const timesteps = network.timesteps ?? source.timesteps;
	if (timesteps === null) {
		throw new UserError(
			timestepsUnknown(
				network.file,
				network.states.map(({ input }) => input),
			),
		);
	}
	return timesteps;
}

interface RunContext {
	readonly network: Network;
	/** The network whose graph is run: the same, or a step model written out over its timesteps. */
	readonly executed: Network;
	readonly unrolled: UnrolledRun | null;
	/** Its graph with timesteps taken together, where that can be done. */
	readonly folded: FoldedGraph | null;
	readonly pilot: Pilot;
	readonly geometry: Geometry;
	/** Outputs of the graph that are needed besides the probes. */
	readonly keep: readonly string[];
	readonly run: Run;
	readonly timesteps: number;
	readonly threads: number | undefined;
	readonly planMemory: boolean;
	readonly startStates: StartStates;
	readonly inputDims: ReadonlyMap<string, readonly number[]>;
}

function planFor(context: RunContext): Promise<Plan> {
	const { executed, pilot, geometry, run, keep, threads, planMemory, folded, inputDims } = context;
	const close = run.looks() && executed.neuronLayers.some(({ calls }) => calls.some(({ thresholds }) => thresholds));
	const options = { analog: run.analogTensors(), keep, threads, planMemory, folded, close, inputDims };
	return makePlan(executed, pilot, geometry, options);
}

interface BatchContext extends RunContext {
	readonly plan: Plan;
}

/** @returns class scores [rows, classes] summed or taken last, or null when the answer is not class scores */
async function runBatch(
	context: BatchContext,
	feed: BatchFeed,
	rows: number,
	batch: number,
	scores: ReturnType<typeof scoresLayout>,
): Promise<Float64Array | null> {
	const { network, plan, run } = context;
	const { file, input, states } = network;
	if (context.unrolled) return runUnrolled(context, context.unrolled, feed, rows, batch, scores);
	const steps = network.mode === 'step' ? context.timesteps : 1;
	const held = new Map(context.startStates(batch));
	const total = scores ? new Float64Array(rows * scores.classes) : null;
	run.beginBatch(rows);
	for (let step = 0; step < steps; step += 1) {
		const { values, dims } = feed(step);
		const feeds: Record<string, Tensor> = { [input.name]: inputTensor(values, dims, input.type, input.name, file) };
		for (const [name, tensor] of held) feeds[name] = tensor;
		if (plan.unlooked !== null) feeds[plan.unlooked] = choice(!run.looks());
		const results = await runSession(plan.session, feeds, plan.fetches, file);
		for (const state of states) held.set(state.input, results[state.output] as Tensor);
		run.readBatch(plan, results, rows, step);
		const answer = results[network.readout.output] as Tensor;
		if (total && scores) addScores(total, answer, scores, rows, network, step === steps - 1);
		else if (rows === batch) refuseBroken(answer, network);
	}
	run.endBatch();
	return total;
}

async function runUnrolled(
	context: BatchContext,
	unrolled: UnrolledRun,
	feed: BatchFeed,
	rows: number,
	batch: number,
	scores: ReturnType<typeof scoresLayout>,
): Promise<Float64Array | null> {
	const { network, plan, run, timesteps } = context;
	const { file, input } = network;
	const total = scores ? new Float64Array(rows * scores.classes) : null;
	const held = new Map(context.startStates(batch));
	run.beginBatch(rows);
	for (let start = 0; start < timesteps; start += unrolled.answers.length) {
		const feeds: Record<string, Tensor> = {};
		for (const [at, name] of unrolled.dataInputs.entries()) {
			// Behind the last timestep anything will do.
			const { values, dims } = feed(Math.min(start + at, timesteps - 1));
			feeds[name] = inputTensor(values, dims, input.type, input.name, file);
		}
		for (const [name, tensor] of held) feeds[name] = tensor;
		if (plan.unlooked !== null) feeds[plan.unlooked] = choice(!run.looks());
		const results = await runSession(plan.session, feeds, plan.fetches, file);
		for (const [state, output] of unrolled.after) held.set(state, results[output] as Tensor);
		run.readBatch(plan, results, rows, start);
		for (const [at, name] of unrolled.answers.slice(0, timesteps - start).entries()) {
			const answer = results[name] as Tensor;
			if (total && scores) addScores(total, answer, scores, rows, network, start + at === timesteps - 1);
			else if (rows === batch) refuseBroken(answer, network);
		}
	}
	run.endBatch();
	return total;
}

const choice = (value: boolean): Tensor => new Tensor('bool', [value], [1]);

/** Shapes of the graph's inputs in this run. */
function inputDims(
	network: Network,
	unrolled: UnrolledRun | null,
	dataDims: readonly number[],
	pilot: Pilot,
	batch: number,
): ReadonlyMap<string, readonly number[]> {
	const data = (unrolled?.dataInputs ?? [network.input.name]).map((name) => [name, dataDims] as const);
	const states = network.states.map((state) => [state.input, stateDimsFor(network, pilot, state, batch)] as const);
	return new Map([...data, ...states]);
}

/** Every state's tensor before the first timestep, by its input. */
type StartStates = (batch: number) => ReadonlyMap<string, Tensor>;

/** Made once for each batch size, the usual one and the last: onnxruntime does not write to what it is fed. */
function startStates(network: Network, pilot: Pilot): StartStates {
	let known: { readonly batch: number; readonly states: ReadonlyMap<string, Tensor> } | null = null;
	return (batch) => {
		if (known?.batch !== batch) {
			const states = new Map(network.states.map((state) => [state.input, stateAtStart(network, pilot, state, batch)]));
			known = { batch, states };
		}
		return known.states;
	};
}

export function stateAtStart(network: Network, pilot: Pilot, state: StatePairing, batch: number): Tensor {
	const info = network.model.graph.inputs.find(({ name }) => name === state.input) as TensorInfo;
	return initialState(state, info, stateDimsFor(network, pilot, state, batch), network.file);
}

function stateDimsFor(network: Network, pilot: Pilot, { input }: StatePairing, batch: number): number[] {
	const info = network.model.graph.inputs.find(({ name }) => name === input);
	const shape = pilot.stateShapes.get(input) as readonly number[];
	return shape.map((size, at) => (typeof info?.dims?.[at] === 'number' ? size : batch));
}

/** A lighter graph is made once a tensor turns out to be analog: its values need not be fetched any more. */
async function replanned(plan: Plan, context: RunContext, batchesLeft: number): Promise<Plan> {
	if (batchesLeft <= 1) return plan;
	const analog = context.run.analogTensors();
	const wasteful = [...plan.synapses].some(
		({ call, reading }) => (reading.kind === 'raw' || reading.kind === 'levels') && analog.has(call.input),
	);
	if (!wasteful) return plan;
	await plan.session.release();
	return planFor(context);
}

import { UserError } from '../../errors.ts';
import { type ConstantTensor, type Graph, type GraphNode, node } from '../../model/graph.ts';
import { operatorFacts } from '../../model/operators/index.ts';
import { int64Tensor, tensorValues } from '../../model/tensors.ts';
import { intAttribute, intsAttribute } from '../graph-index.ts';
import * as messages from '../messages.ts';
import { type FreshNames, freshNames } from './fresh-names.ts';
import { inlineBody } from './inline.ts';
import { axesNode, axisAttribute } from './operators.ts';

/** What is known while control flow is resolved. */
export interface ControlFlowFacts {
	readonly file: string;
	/** Version of the standard operator set. */
	readonly opset: number;
	/** Timesteps the user asked for. */
	readonly timesteps: number | undefined;
	/** Values of tensors that are the same for every batch (trip counts read off a shape), or null. */
	valueOf(tensor: string): ConstantTensor | null;
	/** Size of an axis of a tensor, or null when it is not known. */
	sizeOf(tensor: string, axis: number): number | null;
}

export interface ResolvedControlFlow {
	readonly graph: Graph;
	readonly changed: boolean;
	/** How often each loop was unrolled. */
	readonly trips: readonly { readonly name: string; readonly op: string; readonly trips: number }[];
	/** Control flow that stays, since what it depends on is not known yet. */
	readonly left: readonly GraphNode[];
}

export const isControlFlow = (candidate: GraphNode): boolean => operatorFacts(candidate)?.rewritten === 'control flow';

/** More copies than this are not a loop over timesteps but a way to fill memory. */
const mostNodes = 400_000;
/** Exporters write the largest 64-bit integer for "until the condition says stop". */
const endless = 2 ** 31;

/**
 * Replaces every If whose condition is known by the branch it takes, and every Loop and Scan whose number of trips is
 * known by that many copies of its body.
 *
 * @throws UserError when a loop would have to be unrolled absurdly often
 */
export function resolveControlFlow(graph: Graph, facts: ControlFlowFacts): ResolvedControlFlow {
	if (!graph.nodes.some(isControlFlow)) return { graph, changed: false, trips: [], left: [] };
	const work: Work = { facts, names: freshNames(graph), nodes: [], constants: new Map(graph.constants), trips: [] };
	const left: GraphNode[] = [];
	let changed = false;
	for (const candidate of graph.nodes) {
		if (!isControlFlow(candidate)) work.nodes.push(candidate);
		else if (resolvers[candidate.op as 'If' | 'Loop' | 'Scan'](candidate, work)) changed = true;
		else {
			work.nodes.push(candidate);
			left.push(candidate);
		}
		if (work.nodes.length > mostNodes) throw new UserError(messages.loopTooLong(facts.file, candidate.name, candidate.op));
	}
	return { graph: { ...graph, nodes: work.nodes, constants: work.constants }, changed, trips: work.trips, left };
}

interface Work {
	readonly facts: ControlFlowFacts;
	readonly names: FreshNames;
	readonly nodes: GraphNode[];
	readonly constants: Map<string, ConstantTensor>;
	readonly trips: { name: string; op: string; trips: number }[];
}

/** Each appends what replaces the node and returns true, or returns false when something is not known. */
const resolvers = { If: takeBranch, Loop: unrollLoop, Scan: unrollScan } as const;

function body(of: GraphNode, attribute: string): Graph | null {
	const found = of.attributes.get(attribute);
	return found?.kind === 'graph' ? found.value : null;
}

function known(tensor: string, work: Work): number | null {
	const constant = work.constants.get(tensor) ?? work.facts.valueOf(tensor);
	const [value] = constant ? tensorValues(constant) : [];
	return value ?? null;
}

function inlineInto(
	work: Work,
	graph: Graph,
	bindings: ReadonlyMap<string, string>,
	shared: Map<string, string>,
	first = true,
): readonly string[] {
	const inlined = inlineBody(graph, bindings, work.names, shared, first);
	work.nodes.push(...inlined.nodes);
	for (const [name, tensor] of inlined.constants) work.constants.set(name, tensor);
	return inlined.outputs;
}

/** Gives a node's outputs the values of other tensors, under their old names. */
function alias(work: Work, outputs: readonly string[], values: readonly string[]): void {
	for (const [at, output] of outputs.entries()) {
		const value = values[at];
		if (output === '' || value === undefined) continue;
		work.nodes.push(node('Identity', [value], [output], { name: work.names.take(`${output}/Identity`) }));
	}
}

function takeBranch(choice: GraphNode, work: Work): boolean {
	const condition = known(choice.inputs[0] ?? '', work);
	const branch = condition === null ? null : body(choice, condition === 0 ? 'else_branch' : 'then_branch');
	if (!branch) return false;
	alias(work, choice.outputs, inlineInto(work, branch, new Map(), new Map()));
	return true;
}

function unrollLoop(loop: GraphNode, work: Work): boolean {
	const graph = body(loop, 'body');
	const [limit = '', condition = '', ...initial] = loop.inputs;
	const trips = graph ? tripCount(limit, condition, work) : null;
	if (!graph || trips === null) return false;
	const [iteration, going] = graph.inputs;
	const carried = graph.inputs.slice(2).map(({ name }) => name);
	checkSize(loop, graph, trips, work);
	const collected: string[][] = graph.outputs.slice(1 + carried.length).map(() => []);
	const shared = new Map<string, string>();
	let values: readonly string[] = initial;
	let proceed = condition === '' ? constantOf(work, `${loop.name}/true`, boolTrue) : condition;
	for (let trip = 0; trip < trips; trip += 1) {
		const bindings = new Map(carried.map((name, at): [string, string] => [name, values[at] ?? '']));
		if (iteration) bindings.set(iteration.name, constantOf(work, `${loop.name}/iteration_${trip}`, int64Tensor([trip], [])));
		if (going) bindings.set(going.name, proceed);
		const [next = '', ...outputs] = inlineInto(work, graph, bindings, shared, trip === 0);
		proceed = next;
		values = outputs.slice(0, carried.length);
		for (const [at, list] of collected.entries()) list.push(outputs[carried.length + at] as string);
	}
	alias(work, loop.outputs, values);
	for (const [at, list] of collected.entries()) stack(work, list, loop.outputs[carried.length + at] ?? '', 0);
	work.trips.push({ name: loop.name, op: 'Loop', trips });
	return true;
}

/** Trips of a Loop: its limit where that is a number; else, for "until the condition says stop", what the user asked for. */
function tripCount(limit: string, condition: string, work: Work): number | null {
	if (condition !== '' && known(condition, work) === 0) return 0;
	const stated = limit === '' ? null : known(limit, work);
	if (stated !== null && stated < endless) return Math.max(0, stated);
	return work.facts.timesteps ?? null;
}

function checkSize(loop: GraphNode, graph: Graph, trips: number, work: Work): void {
	if (trips * Math.max(1, graph.nodes.length) > mostNodes)
		throw new UserError(messages.loopTooLong(work.facts.file, loop.name, loop.op));
}

function unrollScan(scan: GraphNode, work: Work): boolean {
	const graph = body(scan, 'body');
	if (!graph) return false;
	const scanned = intAttribute(scan, 'num_scan_inputs', 1);
	const states = graph.inputs.length - scanned;
	const sequences = scan.inputs.slice(states);
	const axes = intsAttribute(scan, 'scan_input_axes') ?? sequences.map(() => 0);
	const [first = ''] = sequences;
	const trips = work.facts.sizeOf(first, axes[0] ?? 0) ?? work.facts.timesteps ?? null;
	if (trips === null) return false;
	checkSize(scan, graph, trips, work);
	const backwards = intsAttribute(scan, 'scan_input_directions') ?? [];
	const collected: string[][] = graph.outputs.slice(states).map(() => []);
	const shared = new Map<string, string>();
	let values: readonly string[] = scan.inputs.slice(0, states);
	for (let trip = 0; trip < trips; trip += 1) {
		const bindings = new Map<string, string>();
		for (const [at, { name }] of graph.inputs.entries()) {
			if (at < states) bindings.set(name, values[at] ?? '');
			else {
				const which = at - states;
				const index = backwards[which] === 1 ? trips - 1 - trip : trip;
				bindings.set(name, pick(work, scan, sequences[which] ?? '', index, axes[which] ?? 0));
			}
		}
		const outputs = inlineInto(work, graph, bindings, shared, trip === 0);
		values = outputs.slice(0, states);
		for (const [at, list] of collected.entries()) list.push(outputs[states + at] as string);
	}
	alias(work, scan.outputs, values);
	const outputAxes = intsAttribute(scan, 'scan_output_axes') ?? [];
	const outputBackwards = intsAttribute(scan, 'scan_output_directions') ?? [];
	for (const [at, list] of collected.entries()) {
		stack(work, outputBackwards[at] === 1 ? list.reverse() : list, scan.outputs[states + at] ?? '', outputAxes[at] ?? 0);
	}
	work.trips.push({ name: scan.name, op: 'Scan', trips });
	return true;
}

const boolTrue: ConstantTensor = { type: 'bool', dims: [], bytes: Uint8Array.of(1) };

function constantOf(work: Work, wanted: string, tensor: ConstantTensor): string {
	const name = work.names.take(wanted);
	work.constants.set(name, tensor);
	return name;
}

/** The element of a sequence at one trip. */
function pick(work: Work, scan: GraphNode, sequence: string, index: number, axis: number): string {
	const output = work.names.take(`${sequence}/${index}`);
	const at = constantOf(work, `${scan.name}/index_${index}`, int64Tensor([index], []));
	work.nodes.push(
		node('Gather', [sequence, at], [output], {
			name: work.names.take(`${scan.name}/Gather_${index}`),
			attributes: axisAttribute(axis),
		}),
	);
	return output;
}

/** Joins the scan outputs of all trips along a new axis. */
function stack(work: Work, tensors: readonly string[], output: string, axis: number): void {
	if (output === '' || tensors.length === 0) return;
	const expanded = tensors.map((tensor, at) => {
		const name = work.names.take(`${output}/${at}`);
		work.nodes.push(
			axesNode('Unsqueeze', tensor, name, [axis], {
				name: work.names.take(`${output}/Unsqueeze_${at}`),
				opset: work.facts.opset,
				constant: (value) => constantOf(work, `${output}/axes`, value),
			}),
		);
		return name;
	});
	work.nodes.push(
		node('Concat', expanded, [output], { name: work.names.take(`${output}/Concat`), attributes: axisAttribute(axis) }),
	);
}

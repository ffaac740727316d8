import type { GraphNode } from '../model/graph.ts';
import { formOf, operatorFacts, rearranges } from '../model/operators/index.ts';
import { dynamicInputs } from '../network/graph-index.ts';
import type { Network } from '../network/network.ts';
import { upstream } from '../network/reachability.ts';
import type { Pilot } from './pilot.ts';
import type { ProbeGraph } from './probe-graph.ts';

/** A neuron layer's membrane at the last timestep of a run of the graph. */
export interface MembraneCheck {
	readonly layer: string;
	readonly timestep: number;
	/** Whether the membrane of one of the first `rows` samples is NaN or infinite. */
	isBroken(results: Readonly<Record<string, { readonly data: unknown }>>, rows: number): boolean;
}

/**
 * Probes that find samples whose membranes are no numbers: a membrane of NaN passes no threshold, so that no count shows it. NaN
 * stays in what a membrane leaves to the next timestep, so the last one is looked at alone, by its sum over each sample; and only
 * where an operator in front of it makes NaN or infinity of some numbers, because looking costs up to a tenth of the counting.
 *
 * @param now  where the folded graph holds a tensor of the network
 */
export function membraneChecks(
	graph: ProbeGraph,
	network: Network,
	pilot: Pilot,
	now: (tensor: string) => string,
): MembraneCheck[] {
	const { neuronLayers, index, valueSets } = network;
	return neuronLayers.flatMap(({ name, spiking, calls }): MembraneCheck[] => {
		const last = calls.reduce((latest, call) => (call.timestep > latest.timestep ? call : latest));
		const decision = index.producer.get(last.decision);
		if (!spiking || !decision) return [];
		return dynamicInputs(decision, index).flatMap((tensor): MembraneCheck[] => {
			const dims = pilot.shapes.get(tensor);
			if (valueSets.get(tensor)?.kind !== 'any' || !dims || dims.length === 0 || dims[0] !== pilot.batch) return [];
			if (!mayBreak(tensor, network)) return [];
			const numbers = graph.cast(now(tensor), 'float');
			const sums = graph.output(graph.sumOver(1, graph.add('Flatten', [numbers])));
			return [
				{
					layer: name,
					timestep: last.timestep,
					isBroken(results, rows) {
						const found = results[sums]?.data as Float32Array;
						return found.subarray(0, rows).some((sum) => !Number.isFinite(sum));
					},
				},
			];
		});
	});
}

/** Whether a number may have become NaN or infinite on its way from the data, the states or a decision. */
function mayBreak(tensor: string, { index, valueSets, states }: Network): boolean {
	const becomes = new Map(states.map(({ input, output }) => [input, output]));
	const isFew = (name: string): boolean => (valueSets.get(name)?.kind ?? 'any') !== 'any';
	const seen = new Set<string>();
	const open = [tensor];
	for (let start = open.pop(); start !== undefined; start = open.pop()) {
		for (const name of upstream(start, index, (at) => seen.has(at) || isFew(at))) {
			if (seen.has(name) || isFew(name)) continue;
			seen.add(name);
			const node = index.producer.get(name);
			if (node && isPartial(node, index.isConstant)) return true;
			const output = becomes.get(name);
			if (output !== undefined && !seen.has(output)) open.push(output);
		}
	}
	return false;
}

/** Whether an operator has no finite result for some finite numbers; sums that grow past all numbers are left out. */
function isPartial(node: GraphNode, isConstant: (tensor: string) => boolean): boolean {
	const facts = operatorFacts(node);
	const form = formOf(node);
	if (form === 'quotient') return !isConstant(node.inputs[1] ?? '');
	if (!facts) return true;
	const whole = form !== undefined || facts.weights !== undefined || facts.joins !== undefined || facts.smooth === true;
	return !whole && !rearranges(node) && facts.elements !== 'made' && facts.rate !== 'linear';
}

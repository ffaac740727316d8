import type { GraphNode } from '../model/graph.ts';
import { formOf, onlyMoves, operatorFacts, passesOn } from '../model/operators/index.ts';
import type { Network } from './network.ts';
import { isZeroBased } from './rewrite/integer-operands.ts';

/** Whether a tensor holds the model's own input, or a timestep of it, so that the data alone decide whether it is spikes. */
export function holdsModelInput(tensor: string, { index, input }: Pick<Network, 'index' | 'input'>): boolean {
	for (let name = tensor; name !== input.name; ) {
		const producer = index.producer.get(name);
		if (!producer || !carriesInput(producer)) return false;
		name = producer.inputs.find((candidate) => candidate !== '' && !index.isConstant(candidate)) ?? '';
	}
	return true;
}

/** Moves elements, or gives them another type of number: integers among them. */
function carriesInput(node: GraphNode): boolean {
	const form = formOf(node);
	const quantises = form === 'quantised' || form === 'dequantised' || operatorFacts(node)?.scaleOutputs !== undefined;
	return onlyMoves(node) || passesOn(node) || quantises || isZeroBased(node.outputs[0] ?? '');
}

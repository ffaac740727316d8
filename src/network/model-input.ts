import { onlyMoves, operatorFacts } from '../model/operators/index.ts';
import type { Network } from './network.ts';

/** Whether a tensor holds the model's own input, or a timestep of it, so that the data alone decide whether it is spikes. */
export function holdsModelInput(tensor: string, { index, input }: Pick<Network, 'index' | 'input'>): boolean {
	for (let name = tensor; name !== input.name; ) {
		const producer = index.producer.get(name);
		// Besides moving elements: another type of number.
		if (!producer || !(onlyMoves(producer) || operatorFacts(producer)?.form === 'cast')) return false;
		name = producer.inputs[0] ?? '';
	}
	return true;
}

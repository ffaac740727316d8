import type { Network } from './network.ts';
import { moving } from './value-sets.ts';

/** Besides moving elements: zeros around them, another type of number. */
const keeping = new Set([...moving, 'Pad', 'Cast']);

/** Whether a tensor holds the model's own input, or a timestep of it, so that the data alone decide whether it is spikes. */
export function holdsModelInput(tensor: string, { index, input }: Pick<Network, 'index' | 'input'>): boolean {
	for (let name = tensor; name !== input.name; ) {
		const producer = index.producer.get(name);
		if (!producer || !keeping.has(producer.op)) return false;
		name = producer.inputs[0] ?? '';
	}
	return true;
}

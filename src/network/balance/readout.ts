import { upstream } from '../reachability.ts';
import { type Booking, booked, unbooked } from './book.ts';
import type { Books } from './graph-facts.ts';

/** In an unrolled graph, the answer depends on the last timestep at which anything is computed. */
export function bookReadout({ mode, index, readout, synapticLayers, needed }: Books): Booking[] {
	if (mode !== 'unrolled') return [];
	const timestepOf = new Map<string, number>();
	for (const { calls } of synapticLayers)
		for (const { output, timestep } of calls) if (timestep !== 'every' && needed.has(output)) timestepOf.set(output, timestep);
	const latest = (tensors: Iterable<string>): number => {
		let last = -1;
		for (const tensor of tensors) last = Math.max(last, timestepOf.get(tensor) ?? -1);
		return last;
	};
	const last = latest(timestepOf.keys());
	const read = latest(upstream(readout.output, index));
	const when = `output "${readout.output}", up to timestep ${read + 1}`;
	if (read === last) return [booked('readout', readout.output, when)];
	return [
		unbooked('readout', readout.output, `the answer is read from it alone, which ends at timestep ${read + 1} of ${last + 1}`),
	];
}

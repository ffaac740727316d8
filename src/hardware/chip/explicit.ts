import { UserError } from '../../errors.ts';
import { overCapacity } from './capacity.ts';
import * as messages from './messages.ts';
import type { ExplicitNetwork } from './network.ts';
import type { ChipParameters } from './parameters.ts';
import { placeNetwork } from './placed-network.ts';
import { type ChipRun, runChip, type Timing } from './run.ts';

/** A run of an explicit network on a chip, as `snn-energy chip --format json` prints it. */
export interface SimulatedChip extends ChipRun {
	readonly schema: 'snn-energy/chip-run@1';
	readonly network: string;
	readonly mapping: string;
	readonly profile: string;
	readonly timing: Timing;
	/** Where the network is more than the chip holds; its figures are then those of a chip with room enough. */
	readonly doesNotFit: readonly string[];
}

/**
 * Runs one mapping of an explicit network.
 *
 * @param mapping  null: the network's only one
 * @param file  the name used in messages
 * @throws UserError if the mapping is unknown, ambiguous or incomplete, or, when strict, exceeds the chip
 */
export function simulateChip(
	network: ExplicitNetwork,
	mapping: string | null,
	chip: ChipParameters,
	options: { readonly timing: Timing; readonly strict: boolean; readonly file: string },
): SimulatedChip {
	const { timing, strict, file } = options;
	const names = [...network.mappings.keys()];
	if (mapping === null && names.length !== 1) throw new UserError(messages.mappingNeeded(file, names));
	const name = mapping ?? names[0] ?? '';
	const entries = network.mappings.get(name);
	if (entries === undefined) throw new UserError(messages.unknownMapping(file, name, names));
	const placed = placeNetwork(network, name, entries, chip, file);
	const doesNotFit = overCapacity(placed, chip);
	if (strict && doesNotFit[0] !== undefined) throw new UserError(messages.refusedOverCapacity(file, doesNotFit[0]));
	const { totals, perTimestep } = runChip(placed, chip, timing);
	return {
		schema: 'snn-energy/chip-run@1',
		network: network.name,
		mapping: name,
		profile: chip.name,
		timing,
		doesNotFit,
		totals,
		perTimestep,
	};
}

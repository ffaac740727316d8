import { chipParameters } from './chip/chip-profile.ts';
import type { ChipParameters } from './chip/parameters.ts';
import type { Assumption } from './estimate.ts';
import { type NetworkEvents, structureIndex } from './events.ts';
import type { Profile } from './profile/types.ts';

const known = new WeakMap<Profile, ChipParameters>();

/**
 * What of a network is more than the chip behind a profile holds. Measured constants then price a machine nobody has
 * measured, so an estimate with any of these sentences is an assumption.
 */
export function beyondChip(profile: Profile, events: NetworkEvents): readonly Assumption[] {
	if (!profile.chip) return [];
	const chip = known.get(profile) ?? chipParameters(profile);
	known.set(profile, chip);
	const { limits, mesh } = chip;
	const found: Assumption[] = [];
	const of = (name: string) => events.layers.map(({ structure }) => structure[structureIndex(name)] ?? 0);
	const neurons = of('neurons').reduce((sum, count) => sum + count, 0);
	const room = limits.neurons === null ? Number.POSITIVE_INFINITY : limits.neurons * mesh.width * mesh.height * mesh.coresPerTile;
	const say = (sentence: string): number => found.push({ sentence, change: `snn-energy chip --profile ${profile.name}` });
	if (neurons > room) {
		const times = (neurons / room).toLocaleString('en', { maximumSignificantDigits: 3 });
		say(
			`The network has ${neurons.toLocaleString('en')} neurons, ${times} times those of one chip (${room.toLocaleString('en')}); nothing was measured at this size, and what chips say to one another is not priced.`,
		);
	}
	const [synapses, outputs] = [of('synapses'), of('outputElements')];
	const fanIn = Math.round(Math.max(0, ...synapses.map((count, layer) => count / Math.max(1, outputs[layer] ?? 1))));
	if (limits.fanIn !== null && fanIn > limits.fanIn)
		say(
			`A neuron of the network has ${fanIn.toLocaleString('en')} inputs on average in its widest layer, more than the ${limits.fanIn} this chip can give it: as it is, the network does not run there.`,
		);
	return found;
}

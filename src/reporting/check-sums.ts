import type { SynapticCounts, SynapticLayerActivity } from '../activity/activity.ts';
import { type EventRow, neuronEvents, reuseEvents, synapticEvents } from '../activity/events.ts';
import type { Analysis } from './analysis.ts';

/** A count that does not fit the others of its record. */
export interface WrongSum {
	/** Path of the count. */
	readonly place: string;
	/** What is wrong with it. */
	readonly problem: string;
}

/** How far a mean may lie beyond the largest value, relative to it. */
const roundingError = 1e-9;

/**
 * Adds up what belongs together in a record: timesteps make a layer, layers make the network, every synaptic event is an
 * accumulation or a multiplication, no part is larger than its whole.
 *
 * @returns the first count that does not fit; null where all do
 */
export function wrongSum(analysis: Analysis): WrongSum | null {
	const { run, layers, totals, accuracy, spread } = analysis;
	const { samples, timesteps } = run;
	for (const [at, layer] of layers.entries()) {
		const place = `/layers/${at}`;
		if (layer.perTimestep.length !== timesteps)
			return { place: `${place}/perTimestep`, problem: `it has ${layer.perTimestep.length} entries for ${timesteps} timesteps` };
		const wrong =
			unequal(layer.totals, layer.perTimestep, `${place}/totals`, 'its timesteps') ??
			firstOf([...layer.perTimestep.entries()], ([step, counts]) =>
				'acs' in counts
					? wrongSynaptic(counts, `${place}/perTimestep/${step}`, run.graded === 'ac')
					: excessIn(neuronEvents, counts, `${place}/perTimestep/${step}`),
			);
		if (wrong) return wrong;
		if (layer.kind === 'synaptic') {
			const { denseMacs, synapses, effectiveSynapses } = layer.geometry;
			const repeats = wrongReuse(layer, place);
			if (repeats) return repeats;
			if (synapses > denseMacs) return larger(`${place}/geometry/synapses`, 'denseMacs');
			if (effectiveSynapses > synapses) return larger(`${place}/geometry/effectiveSynapses`, 'synapses');
			for (const name of ['denseMacs', 'synapses', 'inputElements'] as const) {
				const one = layer.geometry[name] * samples;
				if (one === 0 ? layer.totals[name] !== 0 : layer.totals[name] % one !== 0)
					return {
						place: `${place}/totals/${name}`,
						problem: `it is not a multiple of the layer's own times ${samples} samples`,
					};
			}
		} else if (layer.totals.neurons !== layer.neurons * samples * timesteps) {
			return {
				place: `${place}/totals/neurons`,
				problem: `it is not ${layer.neurons} x ${samples} samples x ${timesteps} timesteps`,
			};
		}
	}
	const kinds = ['synaptic', 'neuron'] as const;
	const wrong = firstOf(kinds, (kind) => {
		const parts = layers.flatMap((layer) => (layer.kind === kind ? [layer.totals] : []));
		return parts.length === 0 ? null : unequal(totals, parts, '/totals', 'its layers');
	});
	const decided = wrong ?? wrongDecisions(analysis);
	if (decided) return decided;
	if (accuracy && accuracy.total !== samples) return { place: '/accuracy/total', problem: `it is not the ${samples} samples` };
	if (accuracy && accuracy.correct > accuracy.total) return larger('/accuracy/correct', 'total');
	return firstOf(Object.entries(spread), ([name, { mean, minimum, maximum }]) =>
		minimum > mean * (1 + roundingError) || mean > maximum * (1 + roundingError)
			? { place: `/spread/${name}/mean`, problem: 'it does not lie between minimum and maximum' }
			: null,
	);
}

/** Close decisions: layers make the network, timesteps a layer, and none are more than were looked at. */
function wrongDecisions({ run, layers, decisions }: Analysis): WrongSum | null {
	if (!decisions) return null;
	if (decisions.samples > run.samples) return larger('/decisions/samples', 'run/samples');
	const parts = layers.flatMap((layer, at) => (layer.kind === 'neuron' && layer.decisions ? [{ at, ...layer.decisions }] : []));
	for (const { at, compared, close, closePerTimestep } of parts) {
		const place = `/layers/${at}/decisions/close`;
		const added = closePerTimestep?.reduce((total, count) => total + count, 0) ?? null;
		if (close !== added) return { place, problem: `it is ${close}, and the sum of its timesteps is ${added}` };
		if (close !== null && close > compared) return larger(place, 'compared');
	}
	const whole = { compared: decisions.compared, close: decisions.close ?? 0, unknown: decisions.unknown };
	const counted = parts.map(({ compared, close, unknown }) => ({ compared, close: close ?? 0, unknown }));
	return unequal(whole, counted, '/decisions', 'its layers');
}

/** Densities: their sums, and what cannot be more than the whole. */
function wrongReuse({ reuse, geometry }: SynapticLayerActivity, place: string): WrongSum | null {
	if (!reuse) return null;
	const wrong = unequal(reuse.totals, reuse.perTimestep, `${place}/reuse/totals`, 'its timesteps');
	if (wrong) return wrong;
	const excess = excessIn(reuseEvents, reuse.totals, `${place}/reuse/totals`);
	if (excess) return excess;
	return geometry.weightElements === 0 ? { place: `${place}/reuse`, problem: 'the layer has no weights' } : null;
}

/** The first field of a sum that its parts do not add up to. */
function unequal(sum: object, parts: readonly object[], place: string, of: string): WrongSum | null {
	return firstOf(Object.keys(parts[0] ?? {}), (name) => {
		const added = parts.reduce((total, part) => total + ((part as Record<string, number>)[name] ?? 0), 0);
		const found = (sum as Record<string, number>)[name];
		return found === added ? null : { place: `${place}/${name}`, problem: `it is ${found}, and the sum of ${of} is ${added}` };
	});
}

/** @param graded  a spike of several heights may count as several accumulations */
function wrongSynaptic(counts: SynapticCounts, place: string, graded: boolean): WrongSum | null {
	const operations = counts.acs + counts.macs;
	if (graded ? operations < counts.synapticEvents : operations !== counts.synapticEvents)
		return { place: `${place}/synapticEvents`, problem: `acs and macs make ${operations} of ${counts.synapticEvents}` };
	// Products of two activations read no weight.
	if (counts.weightReads !== 0 && counts.weightReads !== counts.synapticEvents)
		return { place: `${place}/weightReads`, problem: 'it is not synapticEvents' };
	return excessIn(synapticEvents, counts, place);
}

/** The first count that exceeds what it is a part of. */
function excessIn(table: Readonly<Record<string, EventRow>>, counts: object, place: string): WrongSum | null {
	const known = counts as Readonly<Record<string, number>>;
	return firstOf(Object.entries(table), ([name, { atMost }]) =>
		atMost !== undefined && (known[name] as number) > (known[atMost] as number) ? larger(`${place}/${name}`, atMost) : null,
	);
}

const larger = (place: string, whole: string): WrongSum => ({ place, problem: `it is larger than ${whole}` });

function firstOf<Entry>(entries: Iterable<Entry>, find: (entry: Entry) => WrongSum | null): WrongSum | null {
	for (const entry of entries) {
		const found = find(entry);
		if (found) return found;
	}
	return null;
}

import {
	neuronCounts,
	neuronNames,
	noSynapticCounts,
	reuseNames,
	sumCounts,
	synapticCounts,
	synapticNames,
} from '../../src/activity/counts.ts';
import { eventTable } from '../../src/activity/events.ts';
import { estimate } from '../../src/hardware/price.ts';
import { loadProfile } from '../../src/hardware/profile/load.ts';
import { eventNames } from '../../src/hardware/profile/vocabulary.ts';
import { synapticLayer, syntheticActivity } from '../../src/hardware/validation/synthetic-activity.ts';
import { analysisSchema } from '../../src/reporting/parse-analysis.ts';

interface Node {
	readonly properties: Readonly<Record<string, unknown>>;
	readonly required: readonly string[];
}

test('the JSON Schema of a result has the counts of the table, and no others', () => {
	const schema = analysisSchema() as { properties: { totals: Node }; $defs: Readonly<Record<string, Node>> };
	const namesIn = (node: Node | undefined) => Object.keys(node?.properties ?? {});
	expect(namesIn(schema.$defs.synapticCounts)).toEqual(synapticNames);
	expect(namesIn(schema.$defs.neuronCounts)).toEqual(neuronNames);
	expect(namesIn(schema.$defs.reuseCounts)).toEqual(reuseNames);
	expect(namesIn(schema.properties.totals)).toEqual([...synapticNames, ...neuronNames]);
});

test('what an event belongs to, and what prices it, are names of the table', () => {
	for (const rows of Object.values(eventTable))
		for (const [name, { atMost, pricedBy, inFormulas }] of Object.entries(rows)) {
			if (atMost !== undefined) expect(Object.keys(rows)).toContain(atMost);
			if (pricedBy) expect(pricedBy).toContain(name);
			expect(eventNames.includes(name)).toBe(inFormulas !== false);
		}
});

test('counts follow from what a run hands over of a layer', () => {
	const tally = { denseMacs: 60, synapses: 50, inputElements: 10, active: 4, events: 20, effectiveEvents: 18, acs: 15, macs: 5 };
	const counts = synapticCounts({ ...tally, dense: true, hasWeights: true });
	expect(counts).toMatchObject({ activeInputs: 4, synapticEvents: 20, acs: 15, macs: 5, macsDense: 60, weightReads: 20 });
	const product = synapticCounts({ ...tally, dense: false, hasWeights: false });
	expect(product).toMatchObject({ macsDense: 5, weightReads: 0 });
	expect(sumCounts([counts, product], noSynapticCounts)).toMatchObject({ denseMacs: 120, macsDense: 65, weightReads: 20 });
	const neurons = { neurons: 8, driven: 5, spikes: 3, spikeSum: 4, resets: 2, leaks: true, words: 2 };
	expect(neuronCounts({ ...neurons, firstTimestep: true, lastTimestep: false })).toMatchObject({
		neuronUpdates: 8,
		leakMultiplies: 8,
		stateReads: 0,
		stateWrites: 16,
	});
	expect(neuronCounts({ ...neurons, leaks: false, firstTimestep: false, lastTimestep: true })).toMatchObject({
		leakMultiplies: 0,
		stateReads: 16,
		stateWrites: 0,
	});
});

test('a profile that prices what an earlier version did not count asks for a new run', () => {
	const layer = synapticLayer('conv', 1, { synapticEvents: 6, acs: 6, synapses: 9, denseMacs: 9 });
	const { acs: _, ...earlier } = layer.totals;
	const activity = syntheticActivity('earlier', { samples: 1, timesteps: 1 }, [
		{ ...layer, totals: earlier as typeof layer.totals },
	]);
	expect(() => estimate(activity, loadProfile('45nm'))).toThrow(
		'Profile 45nm prices acs, which was not counted for layer "conv": analyze the model again with this version',
	);
});

import { classify, type InputEvidence } from '../../src/simulation/classify.ts';
import { type Tally, tally } from '../../src/simulation/tally.ts';

const of = (...heights: readonly number[]): Tally => ({
	...tally(1024, false),
	active: heights.length,
	events: 4 * heights.length,
	magnitudes: new Map(heights.map((height) => [height, { elements: 1, events: 4, effectiveEvents: 4 }])),
});
const evidence = (tallies: readonly Tally[], rest: Partial<InputEvidence> = {}): InputEvidence => ({
	tallies,
	fromThreshold: false,
	oneHeight: false,
	amplitudes: false,
	...rest,
});

test('an infinite value is no height of spikes, alone or among others: it is one MAC an event', () => {
	const infinite = [
		evidence([of(Infinity)]),
		evidence([of(Infinity)], { fromThreshold: true }),
		evidence([of(1), of(Infinity)], { fromThreshold: true, oneHeight: true }),
	];
	for (const one of infinite) {
		const { theta, byTimestep, perTimestep } = classify(one, 'element', 'mac');
		expect([theta, byTimestep]).toEqual([null, false]);
		expect(perTimestep.map(({ acs, macs }) => [acs, macs])).toEqual(one.tallies.map(() => [0, 4]));
	}
	expect(classify(evidence([of(2)]), 'element', 'mac')).toMatchObject({ theta: 2, inputKind: 'spikes' });
});

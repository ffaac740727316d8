import { readFileSync } from 'node:fs';
import type { Activity } from '../../src/activity/activity.ts';
import { countEvents, loadNetwork } from '../../src/pipeline.ts';
import { fixturePath, neuronLayers, synapticLayers } from '../support/fixture.ts';

/** One spiking network as onnxruntime's quantiser writes it, counted on the running graph in numpy; made by make.py. */
interface Counts {
	readonly conv: readonly number[];
	readonly fc: readonly number[];
	readonly rec: readonly number[];
	readonly s1: readonly number[];
	readonly s2: readonly number[];
	readonly parameters: number;
}

const forms = ['qoperator', 'qoperator_perchannel', 'qoperator_all', 'qdq', 'qdq_all', 'dynamic', 'dynamic_perchannel'];
const stored = (name: string): Counts => JSON.parse(readFileSync(fixturePath('quantised', `${name}.json`), 'utf8'));

async function count(folder: string, file: string): Promise<Activity> {
	const network = await loadNetwork(fixturePath(folder, file));
	return countEvents(network, { data: fixturePath(folder, 'x.npy'), layout: 'tnc' });
}

test.each(forms)('%s: events, spikes and parameters are those of the running graph', async (name) => {
	const activity = await count('quantised', `${name}.onnx`);
	const counts = stored(name);
	const events = synapticLayers(activity).map(({ perTimestep }) => perTimestep.map(({ acs }) => acs).join());
	expect(events.sort()).toEqual([counts.conv.join(), counts.fc.join(), counts.rec.join()].sort());
	const spikes = neuronLayers(activity).map(({ perTimestep }) => perTimestep.map((one) => one.spikes).join());
	expect(spikes.sort()).toEqual([counts.s1.join(), counts.s2.join()].sort());
	expect(activity.totals.macs).toBe(0);
	expect(activity.model.parameters).toBe(counts.parameters);
	expect(neuronLayers(activity).map(({ threshold }) => threshold)).toEqual([1, 1]);
});

/** On processors without VNNI, onnxruntime's sums of unsigned · signed bytes overflow: 46 spikes and 10 (or 9) for 48 and 9. */
test.each(['model.onnx', 'model_mixed.onnx', 'model_qlinear.onnx'])(
	'%s: integers are spikes where they are not their zero point, and their sums do not overflow',
	async (file) => {
		const expected = JSON.parse(readFileSync(fixturePath('graphs/integer-operators', 'expected.json'), 'utf8'));
		const activity = await count('graphs/integer-operators', file);
		const [first, second] = synapticLayers(activity).map(({ totals }) => totals);
		const spikes = neuronLayers(activity).map(({ totals }) => totals.spikes);
		expect([first?.acs, first?.macs, second?.acs, second?.macs]).toEqual([expected.fc1, 0, expected.fc2, 0]);
		expect(spikes).toEqual(expected.spikes);
		expect(activity.model.parameters).toBe(16 * 12 + 12 * 5 + 2); // and a threshold and a leak
	},
);

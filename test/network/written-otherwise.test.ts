import fc from 'fast-check';
import type { Network } from '../../src/network/network.ts';
import { simulate } from '../../src/simulation/simulate.ts';
import { arraySource } from '../support/array-source.ts';
import { networkOf } from '../support/model-builder.ts';
import { randomNumbers } from '../support/random-numbers.ts';
import { type RandomSpikingGraph, randomSpikingGraph, rewritten, spikingModel } from '../support/random-spiking-graph.ts';

/** Everything structure finding says of a network, without names. */
function structureOf(network: Network) {
	const { synapticLayers, neuronLayers, timesteps, mode, parameters, readout, warnings } = network;
	const place = new Map(neuronLayers.map(({ name }, at) => [name, at]));
	return {
		timesteps,
		mode,
		parameters,
		rule: readout.rule,
		warnings: warnings.length,
		synapses: synapticLayers.map((layer) => ({
			op: layer.op,
			dims: network.model.graph.constants.get(layer.weight)?.dims,
			timesteps: layer.calls.map(({ timestep }) => timestep),
			timeInvariant: layer.timeInvariant,
			sources: layer.sources.map((name) => place.get(name)).sort(),
		})),
		neurons: neuronLayers.map((layer) => ({
			op: layer.op,
			leak: layer.leak,
			threshold: layer.threshold,
			reset: layer.reset,
			delayedReset: layer.delayedReset,
			stateWords: layer.stateWords,
			spiking: layer.spiking,
			calls: layer.calls.map(({ timestep, drivers, heldStates }) => [timestep, drivers.length, heldStates.length]),
		})),
	};
}

/** Graphs that are compared; run in parts, so that a failure is shrunk early. */
const graphs = 1000;
const parts = 4;

test.each(Array.from({ length: parts }, (_, part) => part))(
	'the structure of a network depends neither on the order of its nodes nor on names, dead nodes and Identity (part %i)',
	async (part) => {
		await fc.assert(
			fc.asyncProperty(randomSpikingGraph, async (spec) => {
				const model = spikingModel(spec);
				const found = structureOf(await networkOf(model));
				expect(structureOf(await networkOf(rewritten(model, spec.seed)))).toEqual(found);
				expect(found.timesteps).toBe(spec.timesteps);
			}),
			{ numRuns: graphs / parts, seed: part + 1 },
		);
	},
	600_000,
);

async function countsOf(network: Network, { timesteps, frames, seed }: RandomSpikingGraph, batch: number) {
	const random = randomNumbers(seed);
	const samples = 3;
	const values = Float32Array.from({ length: (frames ? timesteps : 1) * samples * 4 }, () => (random() < 0.5 ? 1 : 0));
	const { layers, totals, spread } = await simulate(network, arraySource(values, [4], frames ? { timesteps } : {}), { batch });
	return JSON.stringify([totals, spread, layers.map(({ name: _, ...layer }) => ({ ...layer, source: null, inputReason: null }))]);
}

test('nor do its counts, which the batch does not change either: equal bytes', async () => {
	await fc.assert(
		fc.asyncProperty(randomSpikingGraph, async (spec) => {
			const model = spikingModel(spec);
			const counted = await countsOf(await networkOf(model), spec, 3);
			expect(await countsOf(await networkOf(rewritten(model, spec.seed)), spec, 1)).toBe(counted);
		}),
		{ numRuns: 16, seed: 1 },
	);
}, 600_000);

import { readFileSync } from 'node:fs';
import type { ChipParameters } from '../../../src/hardware/chip/parameters.ts';

type Pair = [number, number];

/** Chip parameters straight from the fixture's constants, independent of the shipped profile. */
export function fixtureLoihi(): ChipParameters {
	const c = JSON.parse(readFileSync(new URL('../../fixtures/sana-fe/constants_loihi.json', import.meta.url), 'utf8'));
	const cost = ([energyJoules, latencySeconds]: Pair) => ({ energyJoules, latencySeconds });
	return {
		name: 'loihi (fixture)',
		mesh: { width: c.mesh.width_x, height: c.mesh.height_y, coresPerTile: c.mesh.cores_per_tile },
		limits: { neurons: c.max_neurons_per_core, synapticBytes: null, fanIn: null, axonsIn: null, axonsOut: null },
		weightBits: 8,
		neuronBits: 0,
		linkBufferMessages: c.mesh.link_buffer_size,
		neuronAccess: cost(c.soma_lif.access),
		neuronUpdate: cost(c.soma_lif.update),
		neuronSpike: cost(c.soma_lif.spike_out),
		axonOut: cost(c.axon_out),
		axonIn: cost(c.axon_in),
		synapses: ['dense', 'sparse', 'conv'].map((name) => ({
			names: [name, `loihi_${name}_synapse`],
			...cost(c.synapse[name]),
		})),
		hop: { east: cost(c.hop.east), west: cost(c.hop.west), north: cost(c.hop.north), south: cost(c.hop.south) },
		barrier: Object.entries(c.sync_by_mapped_tiles).map(([tiles, seconds]) => ({
			tiles: Number(tiles),
			latencySeconds: seconds as number,
		})),
		tickSeconds: 0,
		staticWattsPerCore: 0,
		staticWatts: 0,
	};
}

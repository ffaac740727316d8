import fc from 'fast-check';
import type { SynapticLayerActivity } from '../../../src/activity/activity.ts';
import { chipParameters } from '../../../src/hardware/chip/chip-profile.ts';
import { addLoads, emptyLoads } from '../../../src/hardware/chip/core-loads.ts';
import { fitNetwork, placeActivity } from '../../../src/hardware/chip/fit.ts';
import { hopsBetween } from '../../../src/hardware/chip/mesh.ts';
import { packPopulations } from '../../../src/hardware/chip/pack.ts';
import type { ChipParameters } from '../../../src/hardware/chip/parameters.ts';
import { type Connection, type Population, populationsOf } from '../../../src/hardware/chip/populations.ts';
import { connectionCount, neuronsIn, type Reach, tensorIndex } from '../../../src/hardware/chip/reach.ts';
import { spikeMaps } from '../../../src/hardware/chip/spike-maps.ts';
import { loadProfile } from '../../../src/hardware/profile/load.ts';
import { snntorchActivity } from '../../support/activity-fixtures.ts';

const loihi = chipParameters(loadProfile('loihi-sanafe'));
const truenorth = chipParameters(loadProfile('truenorth'));

/** Two layers, a random convolution or dense layer between them, on a small chip. */
const placements = fc
	.record({
		channels: fc.constantFrom(2, 4),
		height: fc.integer({ min: 1, max: 5 }),
		width: fc.integer({ min: 1, max: 5 }),
		outputs: fc.constantFrom(2, 6),
		kernel: fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })),
		stride: fc.tuple(fc.integer({ min: 1, max: 2 }), fc.integer({ min: 1, max: 2 })),
		pads: fc.tuple(fc.integer({ min: 0, max: 1 }), fc.integer({ min: 0, max: 1 })),
		groups: fc.constantFrom(1, 2),
		dense: fc.boolean(),
		perCore: fc.integer({ min: 1, max: 40 }),
	})
	.map(({ channels, height, width, outputs, kernel, stride, pads, groups, dense, perCore }) => {
		const size = (input: number, axis: 0 | 1) =>
			Math.max(1, Math.floor((input + 2 * pads[axis] - kernel[axis]) / stride[axis]) + 1);
		const source = { channels, height, width };
		const target = dense
			? { channels: outputs, height: 1, width: 1 }
			: { channels: outputs, height: size(height, 0), width: size(width, 1) };
		const reach: Reach = { source, target, convolution: dense ? null : { kernel, stride, pads, groups } };
		const input: Reach = {
			source,
			target: source,
			convolution: { kernel: [1, 1], stride: [1, 1], pads: [0, 0], groups: channels },
		};
		const layer = {} as SynapticLayerActivity;
		const first: Population = { name: 'a', shape: source, neurons: null, inputs: [connection(layer, null, input)] };
		const second: Population = { name: 'b', shape: target, neurons: null, inputs: [connection(layer, 'a', reach)] };
		const chip: ChipParameters = {
			...loihi,
			limits: { neurons: perCore, synapticBytes: null, fanIn: null, axonsIn: null, axonsOut: null },
		};
		return { reach, populations: [first, second], chip, perCore };
	});

function connection(layer: SynapticLayerActivity, source: string | null, reach: Reach): Connection {
	return { layer, source, reach, window: 1, exact: true };
}

/** Target neurons (in tensor order) each source (in tensor order) drives, straight from what a convolution computes. */
function targetsByDefinition({ source, target, convolution }: Reach): number[][] {
	const reached = Array.from({ length: neuronsIn(source) }, () => [] as number[]);
	for (let out = 0; out < neuronsIn(target); out++) {
		if (convolution === null) {
			for (const list of reached) list.push(out);
			continue;
		}
		const { kernel, stride, pads, groups } = convolution;
		const plane = target.height * target.width;
		const [c, y, x] = [Math.floor(out / plane), Math.floor((out % plane) / target.width), out % target.width];
		const group = Math.floor(c / (target.channels / groups));
		const inGroup = source.channels / groups;
		for (let ci = group * inGroup; ci < (group + 1) * inGroup; ci++) {
			for (let ky = 0; ky < kernel[0]; ky++) {
				for (let kx = 0; kx < kernel[1]; kx++) {
					const [iy, ix] = [y * stride[0] + ky - pads[0], x * stride[1] + kx - pads[1]];
					if (iy < 0 || ix < 0 || iy >= source.height || ix >= source.width) continue;
					reached[(ci * source.height + iy) * source.width + ix]?.push(out);
				}
			}
		}
	}
	return reached;
}

test('packets, hops and events of every element are what the convolution and the placement say', () => {
	fc.assert(
		fc.property(placements, ({ reach, populations, chip, perCore }) => {
			const packing = packPopulations(populations, chip);
			const maps = spikeMaps(packing, chip)[1];
			const cores = Math.ceil(neuronsIn(reach.source) / perCore);
			const coreOfSource = new Map(
				Array.from({ length: neuronsIn(reach.source) }, (_, n) => [tensorIndex(reach.source, n), Math.floor(n / perCore)]),
			);
			const coreOfTarget = new Map(
				Array.from({ length: neuronsIn(reach.target) }, (_, n) => [
					tensorIndex(reach.target, n),
					cores + Math.floor(n / perCore),
				]),
			);
			const expected = targetsByDefinition(reach).map((targets, element) => {
				const destinations = new Set(targets.map((target) => coreOfTarget.get(target) ?? -1));
				const hops = [...destinations].map((core) => hopsBetween(chip, coreOfSource.get(element) ?? -1, core));
				return [targets.length, destinations.size, hops.reduce((sum, count) => sum + count, 0)];
			});
			const ours = expected.map((_, e) => [
				maps?.synapticEvents[e],
				maps?.packets[e],
				[maps?.hopsEast, maps?.hopsWest, maps?.hopsNorth, maps?.hopsSouth].reduce((sum, map) => sum + (map?.[e] ?? 0), 0),
			]);
			expect(ours).toEqual(expected);
			expect(connectionCount(reach)).toBe(expected.reduce((sum, [events = 0]) => sum + events, 0));
			expect(packing.walls).toEqual([]);
		}),
		{ seed: 4, numRuns: 300 },
	);
});

test('core loads add up to the events and packets of the active elements', () => {
	fc.assert(
		fc.property(placements, fc.array(fc.boolean(), { minLength: 100, maxLength: 100 }), ({ populations, chip }, active) => {
			const packing = packPopulations(populations, chip);
			const maps = spikeMaps(packing, chip)[1];
			if (maps === undefined) throw new Error('no second layer');
			const mask = Array.from(maps.packets, (_, e) => (active[e] ? 1 : 0));
			const loads = emptyLoads(packing.cores);
			addLoads(loads, maps, mask);
			const sum = (values: ArrayLike<number>) => Array.from(values).reduce((all, value) => all + value, 0);
			const weighted = (map: Uint32Array) => sum(Array.from(map, (value, e) => value * (mask[e] ?? 0)));
			expect(sum(loads.synapticEvents)).toBe(weighted(maps.synapticEvents));
			expect(sum(loads.packetsIn)).toBe(weighted(maps.packets));
			expect(sum(loads.packetsOut)).toBe(weighted(maps.packets));
		}),
		{ seed: 4, numRuns: 100 },
	);
});

test('no core is given more than its limits when no wall stands in the way', () => {
	const limits = fc.record({
		neurons: fc.integer({ min: 1, max: 50 }),
		synapticBytes: fc.integer({ min: 60, max: 400 }),
		axonsIn: fc.integer({ min: 40, max: 100 }),
		axonsOut: fc.integer({ min: 20, max: 100 }),
	});
	fc.assert(
		fc.property(placements, limits, ({ populations, chip }, tight) => {
			const packing = packPopulations(populations, { ...chip, limits: { ...tight, fanIn: null } });
			fc.pre(packing.walls.length === 0);
			for (const run of packing.runs) {
				expect(run.neuronsPerCore).toBeLessThanOrEqual(tight.neurons);
				expect(run.synapticBits).toBeLessThanOrEqual(tight.synapticBytes * 8);
				expect(run.axonsIn).toBeLessThanOrEqual(tight.axonsIn);
				expect(run.axonsOut).toBeLessThanOrEqual(tight.axonsOut);
			}
		}),
		{ seed: 4, numRuns: 200 },
	);
});

describe('the snnTorch net', () => {
	const activity = snntorchActivity();

	test('has populations whose padding follows from the counted connections', () => {
		const [lif1, lif2, lif3] = populationsOf(activity);
		expect(lif1?.inputs[0]?.reach.convolution?.pads).toEqual([2, 2]);
		expect(lif2?.inputs[0]).toMatchObject({ source: 'lif1', window: 2, exact: true });
		expect(lif2?.inputs[0]?.reach.convolution?.pads).toEqual([2, 2]);
		expect(lif3?.inputs[0]).toMatchObject({ source: 'lif2', window: 2, exact: true });
		expect(lif3?.inputs[0]?.reach.source).toEqual({ channels: 32, height: 7, width: 7 });
	});

	test('fits a Loihi and needs T + L − 1 barrier steps', () => {
		const fit = fitNetwork(placeActivity(activity, loihi), { force: false });
		expect(fit.fits).toBe(true);
		expect(fit.cost?.barrierSteps).toBe(6 + 3 - 1);
		expect(fit.cost?.steps).toHaveLength(8);
		expect(fit.populations.map(({ fanIn }) => fanIn)).toEqual([25, 300, 1568]);
		expect(fit.cost?.synapticEvents).toBe(activity.totals.synapticEvents / activity.run.samples);
	});

	test('costs the fitted price of every counted event', () => {
		const terms = fitNetwork(placeActivity(activity, loihi), { force: false }).cost?.energyTermsJoules;
		const { samples } = activity.run;
		const neurons = 9408 + 6272 + 10;
		expect(terms?.neuronsIdle).toBeCloseTo(neurons * 6 * 51.2e-12, 12);
		expect(terms?.neuronsSpiking).toBeCloseTo((activity.totals.spikes / samples) * 69.3e-12, 12);
		// The chip reads the weights of convolutions by a unit of their own.
		const joules = activity.layers.map((layer) =>
			layer.kind === 'synaptic' ? (layer.totals.synapticEvents / samples) * (layer.geometry.kernel ? 24.0e-12 : 35.5e-12) : 0,
		);
		expect(terms?.synapses).toBeCloseTo(
			joules.reduce((sum, value) => sum + value, 0),
			12,
		);
	});

	test('pipelined takes less time per inference than alone', () => {
		const cost = fitNetwork(placeActivity(activity, loihi), { force: false }).cost;
		expect(cost?.pipelinedSeconds).toBeLessThan(cost?.latencySeconds ?? 0);
	});

	test('meets the fan-in wall of TrueNorth, which more cores do not lift', () => {
		const fit = fitNetwork(placeActivity(activity, truenorth), { force: false });
		expect(fit.fits).toBe(false);
		expect(fit.cost).toBeNull();
		expect(fit.walls.filter(({ resource }) => resource === 'fan-in')).toEqual([
			{ population: 'lif2', resource: 'fan-in', needed: 300, limit: 256 },
			{ population: 'lif3', resource: 'fan-in', needed: 1568, limit: 256 },
		]);
	});

	test('is priced on TrueNorth only by force, in real time', () => {
		const fit = fitNetwork(placeActivity(activity, truenorth), { force: true });
		expect(fit.forced).toBe(true);
		expect(fit.cost?.latencySeconds).toBeCloseTo(8e-3, 12);
		expect(fit.cost?.steps[0]?.bottleneck.resource).toBe('barrier');
	});

	test('needs several chips where cores are small, and says so', () => {
		const small: ChipParameters = { ...loihi, limits: { ...loihi.limits, neurons: 16 } };
		const fit = fitNetwork(placeActivity(activity, small), { force: false });
		expect(fit.chipsNeeded).toBe(Math.ceil((588 + 392 + 1) / 128));
		expect(fit.fits).toBe(false);
		expect(fit.cost).not.toBeNull();
		expect(fit.assumptions.join(' ')).toContain('needs 8 chips');
	});
});

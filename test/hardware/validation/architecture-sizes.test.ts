import { layerSizes, totalMacs } from '../../../src/hardware/validation/architecture-sizes.ts';
import { activityOfRates } from '../../../src/hardware/validation/synthetic-activity.ts';
import { parseArchitecture } from '../../../src/network/architectures.ts';

const cifar = { input: [3, 32, 32], classes: 10 } as const;

test('VGG16 has the published operations layer by layer', () => {
	const millions = layerSizes(parseArchitecture('vgg16'), cifar).map(({ denseMacs }) => Math.round(denseMacs / 1e3) / 1e3);
	expect(millions).toEqual([
		1.769, 37.749, 18.874, 37.749, 18.874, 37.749, 37.749, 18.874, 37.749, 37.749, 9.437, 9.437, 9.437, 8.389, 16.777, 0.041,
	]);
});

test('a residual block halves its map once, in its first convolution and beside it in its shortcut', () => {
	const sizes = layerSizes(parseArchitecture('r8 r16s2'), { input: [8, 8, 8], classes: 2 });
	expect(sizes.map(({ outputs }) => outputs)).toEqual([512, 512, 256, 256, 256, 2]);
	expect(sizes.map(({ neurons }) => neurons > 0)).toEqual([true, true, true, true, false, false]);
	expect(sizes[4]?.weights).toBe(8 * 16);
});

test('on images seven times as large every convolution of VGG6 does 49 times the operations', () => {
	const options = { classes: 10, firstDenseInputs: 8192 };
	const small = layerSizes(parseArchitecture('vgg6'), { ...options, input: [3, 32, 32] });
	const large = layerSizes(parseArchitecture('vgg6'), { ...options, input: [3, 224, 224] });
	expect(large.slice(0, 3).map(({ denseMacs }, i) => denseMacs / (small[i]?.denseMacs ?? 0))).toEqual([49, 49, 49]);
	expect(totalMacs(large)).toBe(2_911_608_832);
});

test('published rates become whole spikes of one hundred inferences', () => {
	const sizes = layerSizes(parseArchitecture('vgg6'), cifar);
	const activity = activityOfRates('vgg6', sizes, [0.68, 0.58, 0.11, 0.12, 0.25], 15);
	const spikes = activity.layers.flatMap((layer) => (layer.kind === 'neuron' ? [layer.totals.spikes] : []));
	expect(spikes).toEqual([0.68 * 65536, 0.58 * 32768, 0.11 * 32768, 0.12 * 4096, 0.25 * 4096].map((n) => Math.round(n * 100)));
	expect(activity.totals.spikes).toBe(spikes.reduce((sum, n) => sum + n, 0));
	expect(activity.layers[0]).toMatchObject({ kind: 'synaptic', inputKind: 'analog' });
});

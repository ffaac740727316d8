import { estimate, loadProfile } from '../../src/hardware/index.ts';
import { activity } from './support/activities.ts';

/** Lemaire et al. 2022, equations as corrected by their own laboratory, written out again for one layer. */
interface Case {
	readonly kernel: number;
	readonly inputChannels: number;
	readonly outputChannels: number;
	readonly side: number;
	readonly timesteps: number;
	readonly spikesIn: number;
	readonly spikesOut: number;
	readonly leak: boolean;
}

const add = 0.1;
const multiply = 3.1;
/** pJ of one access: a line through zero, the points of Horowitz, clamped above 1 MiB. */
function access(bytes: number): number {
	const points = [
		[0, 0],
		[8192, 10],
		[32768, 20],
		[1048576, 100],
	] as const;
	for (let index = 1; index < points.length; index++) {
		const [x0, y0] = points[index - 1] ?? [0, 0];
		const [x1, y1] = points[index] ?? [1, 0];
		if (bytes <= x1) return y0 + ((y1 - y0) * (bytes - x0)) / (x1 - x0);
	}
	return 100;
}

function spikingConvolution({ kernel, inputChannels, outputChannels, side, timesteps, spikesIn, spikesOut, leak }: Case): number {
	const outputs = outputChannels * side * side;
	const weights = kernel * kernel * inputChannels * outputChannels;
	const perSpike = kernel * kernel * outputChannels;
	const macs = leak ? timesteps * outputs : 0;
	const accumulates = spikesIn * perSpike + timesteps * outputs + spikesOut;
	const operations = macs * (multiply + add) + accumulates * add;
	const addressing = 2 * spikesIn * (multiply + add) + spikesIn * perSpike * add;
	const parameters = access((weights + outputChannels) * 4);
	const potentials = 2 * (spikesIn * perSpike + timesteps * outputs) * access(outputs * 4);
	const queue = access(1000 * 4);
	return (
		operations +
		addressing +
		spikesIn * perSpike * parameters +
		timesteps * outputs * parameters +
		potentials +
		(spikesIn + spikesOut) * queue
	);
}

const cases: readonly Case[] = [1, 3, 5].flatMap((kernel) =>
	[
		[1, 1, 8],
		[3, 16, 16],
		[64, 128, 32],
	].flatMap(([inputChannels = 1, outputChannels = 1, side = 1]) =>
		[1, 4].flatMap((timesteps) =>
			[0, 10, 1000].flatMap((spikesIn) =>
				[false, true].map((leak) => ({
					kernel,
					inputChannels,
					outputChannels,
					side,
					timesteps,
					spikesIn,
					spikesOut: Math.floor(spikesIn / 3),
					leak,
				})),
			),
		),
	),
);

test.each(cases)('a spiking convolution costs what the equations say: %p', (given) => {
	const { kernel, inputChannels, outputChannels, side, timesteps, spikesIn, spikesOut, leak } = given;
	const first = <T>(value: T, rest: T): T[] => [value, ...Array<T>(timesteps - 1).fill(rest)];
	const run = activity([
		{
			name: 'conv',
			inputElements: inputChannels * side * side,
			outputElements: outputChannels * side * side,
			fanOut: kernel * kernel * outputChannels,
			weightElements: kernel * kernel * inputChannels * outputChannels,
			biasElements: outputChannels,
			kernel: [kernel, kernel],
			stride: [1, 1],
			inputShape: [inputChannels, side, side],
			outputShape: [outputChannels, side, side],
			active: first(spikesIn, 0),
		},
		{ name: 'lif', neurons: outputChannels * side * side, leak: leak ? 0.9 : 1, spikes: first(spikesOut, 0) },
	]);
	const result = estimate(run, loadProfile('lemaire2022')).energyPerInferenceJoules.nominal;
	const expected = spikingConvolution(given) * 1e-12;
	expect(Math.abs(result - expected)).toBeLessThanOrEqual(1e-12 * expected);
	// Stride 1 without borders: the printed fan-out is the exact one.
	const printed = estimate(run, loadProfile('lemaire2022'), { accounting: 'lemaire2022' }).energyPerInferenceJoules.nominal;
	expect(Math.abs(printed - expected)).toBeLessThanOrEqual(1e-12 * expected);
});

test('a spiking fully connected layer does not count its inputs twice, and charges its resets', () => {
	const [inputs, outputs, timesteps, spikesIn, spikesOut] = [100, 10, 2, 7, 3];
	const run = activity([
		{ name: 'fc', inputElements: inputs, outputElements: outputs, biasElements: outputs, active: [spikesIn, 0] },
		{ name: 'if', neurons: outputs, spikes: [spikesOut, 0] },
	]);
	const { terms } = estimate(run, loadProfile('lemaire2022'));
	expect(terms.operations?.nominal).toBeCloseTo((spikesIn * outputs + timesteps * outputs + spikesOut) * add * 1e-12, 22);
	expect(terms.addressing?.nominal).toBeCloseTo(spikesIn * outputs * add * 1e-12, 22);
});

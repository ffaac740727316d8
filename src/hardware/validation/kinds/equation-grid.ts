import { estimate } from '../../price.ts';
import { loadProfile } from '../../profile/load.ts';
import type { EquationGridCase } from '../case.ts';
import { type LemaireLayer, lemaireEnergyJoules } from '../lemaire.ts';
import type { Comparison } from '../result.ts';
import { neuronLayer, synapticLayer, syntheticActivity } from '../synthetic-activity.ts';

/** Every layer of the grid by the paper's equations and by the profile; the worst of each kind of layer is shown. */
export function compareEquationGrid(content: EquationGridCase): readonly Comparison[] {
	const profile = loadProfile(content.profile);
	const kinds = [
		['fully connected', denseGrid()],
		['convolution', convolutionGrid()],
	] as const;
	return kinds.map(([kind, layers]): Comparison => {
		const pairs = layers.map((layer) => ({
			ours: estimate(activityOf(layer), profile, { accounting: 'lemaire2022' }).energyPerInferenceJoules.nominal,
			theirs: lemaireEnergyJoules(layer),
		}));
		const error = ({ ours, theirs }: { ours: number; theirs: number }): number => Math.abs(ours - theirs) / theirs;
		const worst = pairs.reduce((most, pair) => (error(pair) > error(most) ? pair : most));
		return {
			subject: '',
			quantity: `${kind}, worst of ${layers.length} layers`,
			unit: 'J',
			...worst,
			tolerance: content.tolerance,
			note: null,
		};
	});
}

const shares = [0.01, 0.05, 0.2, 1];

function denseGrid(): readonly LemaireLayer[] {
	const shapes = [
		[16, 8],
		[64, 32],
		[128, 128],
		[784, 100],
		[1024, 512],
		[4096, 1000],
	] as const;
	return shapes.flatMap(([inputs, outputs]) =>
		shares.flatMap((share) =>
			[false, true].map(
				(leaky): LemaireLayer => ({ inputs, outputs, ...spiking(inputs, outputs, share), leaky, convolution: null }),
			),
		),
	);
}

function convolutionGrid(): readonly LemaireLayer[] {
	const shapes = [
		[1, 8, 16],
		[3, 16, 32],
		[16, 32, 16],
		[32, 64, 8],
		[64, 64, 28],
	] as const;
	return shapes.flatMap(([inputChannels, outputChannels, side]) =>
		[1, 3, 5].flatMap((kernel) =>
			[1, 2].flatMap((stride) =>
				shares.flatMap((share) =>
					[false, true].map((leaky): LemaireLayer => {
						const outputSide = Math.floor((side + 2 * Math.floor(kernel / 2) - kernel) / stride) + 1;
						const inputs = inputChannels * side * side;
						const outputs = outputChannels * outputSide * outputSide;
						const convolution = { inputChannels, outputChannels, kernel, stride };
						return { inputs, outputs, ...spiking(inputs, outputs, share), leaky, convolution };
					}),
				),
			),
		),
	);
}

function spiking(inputs: number, outputs: number, share: number) {
	return { inputSpikes: Math.ceil(inputs * share), outputSpikes: Math.ceil((outputs * share) / 2) };
}

function activityOf({ inputs, outputs, inputSpikes, outputSpikes, leaky, convolution }: LemaireLayer) {
	const { inputChannels: cin = 0, outputChannels: cout = outputs, kernel = 1, stride = 1 } = convolution ?? {};
	const weights = convolution === null ? inputs * outputs : cin * cout * kernel * kernel;
	const synaptic = synapticLayer(
		'weights',
		1,
		{ denseMacs: (weights * outputs) / cout, inputElements: inputs, activeInputs: inputSpikes },
		{
			geometry: {
				denseMacs: (weights * outputs) / cout,
				inputElements: inputs,
				outputElements: outputs,
				weightElements: weights,
				biasElements: cout,
				inputShape: convolution === null ? [inputs] : [cin, Math.sqrt(inputs / cin), Math.sqrt(inputs / cin)],
				outputShape: convolution === null ? [outputs] : [cout, Math.sqrt(outputs / cout), Math.sqrt(outputs / cout)],
				kernel: convolution === null ? null : [kernel, kernel],
				stride: convolution === null ? null : [stride, stride],
			},
		},
	);
	const neurons = neuronLayer('neurons', outputs, 1, {
		neuronUpdates: outputs,
		drivenUpdates: outputs,
		spikes: outputSpikes,
		spikeSum: outputSpikes,
		leakMultiplies: leaky ? outputs : 0,
		resets: outputSpikes,
	});
	return syntheticActivity('grid', { samples: 1, timesteps: 1 }, [synaptic, neurons]);
}

/** Small networks that together hold every layer, for the gradient tests. */
import type { Architecture, LayerSpecification } from '../../src/network/architectures.ts';
import type { Layout, NetworkMode } from '../../src/training/parameters.ts';
import { initialParameters, layoutOf } from '../../src/training/parameters.ts';
import type { Shard } from '../../src/training/pieces.ts';
import type { Plan } from '../../src/training/plan.ts';
import { buildPlan, product } from '../../src/training/plan.ts';

export interface GradientCase {
	readonly title: string;
	readonly plan: Plan;
	readonly layout: Layout;
	readonly parameters: Float32Array;
	readonly shard: Shard;
}

const pool: LayerSpecification = { pool: 2 };
const nets: readonly {
	title: string;
	layers: readonly LayerSpecification[];
	input: number[];
	pooling?: 'max' | 'current';
	timesteps: readonly number[];
}[] = [
	{
		title: 'convolutions, average pooling, dense',
		layers: [{ conv: 3 }, pool, { conv: 3 }, { dense: 4 }],
		input: [2, 4, 6],
		timesteps: [1, 2, 3, 4, 5],
	},
	{
		title: 'max pooling',
		layers: [{ conv: 3 }, pool, { conv: 3 }, { dense: 4 }],
		input: [2, 4, 4],
		pooling: 'max',
		timesteps: [1, 2, 4],
	},
	{
		title: 'pooling of the current',
		layers: [{ conv: 3 }, pool, { residual: 3 }, pool, { dense: 4 }],
		input: [2, 4, 8],
		pooling: 'current',
		timesteps: [1, 3],
	},
	{ title: 'pooling over 3×3', layers: [{ conv: 3 }, { pool: 3 }, { conv: 3 }], input: [2, 6, 6], timesteps: [3] },
	{
		title: 'residual blocks, with and without a convolution in the shortcut',
		layers: [{ conv: 2 }, { residual: 2 }, { residual: 3, stride: 2 }],
		input: [2, 5, 5],
		timesteps: [1, 2, 5],
	},
	{ title: 'a residual block on the image', layers: [{ residual: 3 }], input: [2, 3, 3], timesteps: [1, 4] },
	{
		title: 'kernels of 5, 1 and 4, strides of 2 and 3, a map that is not square',
		layers: [
			{ conv: 3, kernel: 5, stride: 2 },
			{ conv: 3, kernel: 1 },
			{ conv: 3, kernel: 4 },
			{ conv: 2, stride: 3 },
		],
		input: [1, 9, 7],
		timesteps: [1, 2, 3, 5],
	},
	{ title: 'a map of 144 positions', layers: [{ conv: 2 }, pool, { conv: 2 }], input: [1, 12, 12], timesteps: [2] },
	{ title: 'sixteen channels', layers: [{ conv: 16 }, { conv: 2 }], input: [1, 6, 6], timesteps: [2] },
	{ title: 'dense layers alone', layers: [{ dense: 6 }, { dense: 5 }], input: [7], timesteps: [1, 2, 3, 4, 5] },
];

const modes: readonly NetworkMode[] = [
	{ neuron: 'relu', normalised: true },
	{ neuron: 'relu', normalised: false },
	{ neuron: 'lif', normalised: false },
	{ neuron: 'lif', normalised: true },
];

const classes = 3;
const count = 2;

function gradientCase(net: (typeof nets)[number], mode: NetworkMode, timesteps: number, number: number): GradientCase {
	const { layers, input, title, pooling = 'average' } = net;
	const architecture: Architecture = { name: title, layers, pooling };
	const plan = buildPlan(architecture, input, classes);
	const layout = layoutOf(plan, mode);
	const parameters = initialParameters(plan, layout, 11 + number);
	for (const { role, offset, size: length } of layout.entries) {
		if (role === 'threshold') parameters[offset] = 0.45;
		if (role === 'leak') parameters[offset] = 0.8;
		if (role === 'bias' || role === 'shift')
			for (let i = offset; i < offset + length; i++) parameters[i] = 0.1 + 0.2 * Math.sin(1 + 2.3 * i);
		if (role === 'scale') for (let i = offset; i < offset + length; i++) parameters[i] = 1 + 0.3 * Math.sin(1.7 * i);
	}
	const images = new Float32Array(count * product(input)).map((_, index) => Math.sin(index * 1.37 + number) * 1.5);
	const shard: Shard = {
		images,
		labels: Uint8Array.from([0, 2]),
		timesteps,
		dropout: number % 2 === 0 ? 0.25 : 0,
		labelSmoothing: number % 3 === 0 ? 0.1 : 0,
		stream: [number],
		...(mode.neuron === 'lif' && number % 4 < 2 && { spikePrices: [0.02, 0.05, 0.03, 0.01, 0.04, 0.02] }),
		// Probabilities in place of labels, as distillation gives them.
		...(number % 5 === 0 && { targets: Float32Array.from([0.2, 0.5, 0.3, 0.1, 0.1, 0.8]) }),
	};
	const priced = shard.spikePrices ? ', priced spikes' : '';
	const drop = shard.dropout > 0 ? ', dropout' : '';
	const smoothing = shard.targets ? ', soft targets' : shard.labelSmoothing > 0 ? ', label smoothing' : '';
	const what =
		mode.neuron === 'lif'
			? `LIF, T=${timesteps}${mode.normalised ? ', batch norm' : ''}`
			: mode.normalised
				? 'ReLU, batch norm'
				: 'ReLU';
	return { title: `${title} (${what}${drop}${smoothing}${priced})`, plan, layout, parameters, shard };
}

export const gradientCases: readonly GradientCase[] = nets
	.flatMap((net) => modes.flatMap((mode) => (mode.neuron === 'lif' ? net.timesteps : [1]).map((t) => [net, mode, t] as const)))
	.map(([net, mode, t], number) => gradientCase(net, mode, t, number));

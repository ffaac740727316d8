import { encodeModel } from '../../src/formats/onnx/index.ts';
import { modelBuilder, weights } from './model-builder.ts';

/**
 * Thirteen convolutions and three dense layers of VGG16's widths on 32 × 32 pixels, one timestep: 60 MB of weights in
 * sixteenths, so that its sums are exact in any order. Returns the bytes of an ONNX file.
 */
export function exactVgg16(): Uint8Array {
	const b = modelBuilder();
	let x = b.input('image', ['N', 3, 32, 32]);
	let channels = 3;
	const fire = (current: string): string => b.add('Cast', [b.add('GreaterOrEqual', [current, b.scalar(8)])], { to: 1 });
	for (const [at, width] of [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0].entries()) {
		if (width === 0) {
			x = b.add('MaxPool', [x], { kernel_shape: [2, 2], strides: [2, 2] });
			continue;
		}
		const weight = b.constant(`conv${at}.weight`, weights([width, channels, 3, 3], at + 1));
		x = fire(b.add('Conv', [x, weight], { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, { name: `conv${at}` }));
		channels = width;
	}
	x = b.add('Flatten', [x]);
	for (const [name, inputs, outputs] of [
		['fc1', 512, 512],
		['fc2', 512, 512],
	] as const)
		x = fire(b.add('MatMul', [x, b.constant(`${name}.weight`, weights([inputs, outputs], outputs + inputs))], {}, { name }));
	b.output(b.add('MatMul', [x, b.constant('fc3.weight', weights([512, 10], 3))], {}, { name: 'fc3', output: 'scores' }), [
		'N',
		10,
	]);
	return encodeModel(b.build());
}

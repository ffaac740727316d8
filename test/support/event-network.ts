import { encodeModel } from '../../src/formats/onnx/index.ts';
import type { Dimension } from '../../src/model/graph.ts';
import { modelBuilder, weights } from './model-builder.ts';

/** A step model of leaky neurons on frames [N, …frame]; its state "v" comes back as "v_out". Returns the bytes of an ONNX file. */
export function eventNetwork(frame: readonly Dimension[], neurons = 12, elements?: number): Uint8Array {
	const size = elements ?? frame.reduce<number>((product, dim) => product * Number(dim), 1);
	const b = modelBuilder();
	const image = b.input('image', ['N', ...frame]);
	const v = b.input('v', ['N', neurons]);
	const flat = b.add('Flatten', [image]);
	const current = b.add('MatMul', [flat, b.constant('w', weights([size, neurons], 5))], {}, { name: 'fc' });
	const potential = b.add('Add', [b.add('Mul', [v, b.scalar(0.5)]), current]);
	const spikes = b.add('Cast', [b.add('GreaterOrEqual', [potential, b.scalar(1)])], { to: 1 });
	b.output(b.add('MatMul', [spikes, b.constant('w2', weights([neurons, 3], 9))], {}, { name: 'read', output: 'scores' }), [
		'N',
		3,
	]);
	b.output(b.add('Sub', [potential, spikes], {}, { output: 'v_out' }), ['N', neurons]);
	return encodeModel(b.build());
}

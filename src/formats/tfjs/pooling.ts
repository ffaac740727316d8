import { int, ints } from '../../model/attributes.ts';
import { add } from '../graph-draft.ts';
import { type Builder, channelsFirst, channelsFirstValue, type Value } from './builder.ts';
import type { Windows } from './windows.ts';

/** Maximum or mean over windows; as in TensorFlow, the mean leaves out the padding. */
export function poolWindows(
	builder: Builder,
	layer: string,
	input: Value,
	kind: 'maximum' | 'mean',
	kernel: readonly number[],
	strides: readonly number[],
	windows: readonly Windows[],
): Value {
	const tensor = add(builder, layer, kind === 'maximum' ? 'MaxPool' : 'AveragePool', [channelsFirst(builder, input)], {
		kernel_shape: ints(kernel),
		strides: ints(strides),
		pads: ints([...windows.map(({ before }) => before), ...windows.map(({ after }) => after)]),
		...(kind === 'mean' ? { count_include_pad: int(0) } : {}),
	});
	const channels = input.shape.at(-1) ?? 1;
	return channelsFirstValue(builder, layer, tensor, ['batch', ...windows.map(({ outputs }) => outputs), channels]);
}

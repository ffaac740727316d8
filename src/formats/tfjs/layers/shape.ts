import { UserError } from '../../../errors.ts';
import { ints, text } from '../../../model/attributes.ts';
import { add, integers } from '../../graph-draft.ts';
import { channelsFirst, channelsFirstValue, plain, plainValue, reshape, type Shape } from '../builder.ts';
import { arrayAt, type Json, malformed, sizesAt } from '../json.ts';
import { messages } from '../messages.ts';
import { known, type LayerContext, type LayerEmitter, only, onlyInput } from './context.ts';
import { anyDataFormat } from './data-format.ts';

const elements = (shape: Shape, context: LayerContext): number =>
	shape.slice(1).reduce<number>((product, _, index) => product * known(shape, index + 1, context), 1);

const flatten: LayerEmitter = (inputs, context) => {
	const input = onlyInput(inputs, context);
	const shape: Shape = ['batch', elements(input.shape, context)];
	return plainValue(
		context.builder,
		context.name,
		add(context.builder, context.name, 'Flatten', [plain(context.builder, input)]),
		shape,
	);
};

const reshapeLayer: LayerEmitter = (inputs, context) => {
	const input = onlyInput(inputs, context);
	const target = arrayAt(context.config, context.config.target_shape === undefined ? 'targetShape' : 'target_shape', context);
	const total = elements(input.shape, context);
	const sizes = target.map((size) => (typeof size === 'number' && Number.isSafeInteger(size) ? size : -1));
	const rest = sizes.filter((size) => size > 0).reduce((product, size) => product * size, 1);
	const free = sizes.filter((size) => size === -1).length;
	const shape = sizes.map((size) => (size === -1 ? total / rest : size));
	if (
		free > 1 ||
		shape.reduce((product, size) => product * size, 1) !== total ||
		!shape.every((size) => Number.isInteger(size) && size > 0)
	) {
		throw new UserError(
			messages.wrongInput(context.file, context.name, `an input that becomes [${target.join(', ')}]`, input.shape),
		);
	}
	return reshape(context.builder, context.name, input, ['batch', ...shape]);
};

const permute: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	const order = arrayAt(context.config, 'dims', context).map(Number);
	if (
		[...order].sort((one, other) => one - other).join() !==
		input.shape
			.slice(1)
			.map((_, axis) => axis + 1)
			.join()
	) {
		throw malformed(context, 'dims', context.config.dims, 'an order of all axes');
	}
	const perm = [0, ...order];
	const tensor = add(builder, name, 'Transpose', [plain(builder, input)], { perm: ints(perm) });
	return plainValue(
		builder,
		name,
		tensor,
		perm.map((axis) => input.shape[axis] ?? 1),
	);
};

/** [[top, bottom], [left, right]] from what Keras allows: one number, one for each axis, or pairs. */
function margins(config: Json | undefined, field: string, context: LayerContext): [number, number][] {
	const whole = (value: Json | undefined): number => {
		if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
			throw malformed(context, field, config, 'whole numbers');
		}
		return value;
	};
	const both = Array.isArray(config) ? config : [config ?? 1, config ?? 1];
	if (both.length !== 2) {
		throw malformed(context, field, config, 'two axes');
	}
	return both.map((one: Json) => (Array.isArray(one) ? [whole(one[0]), whole(one[1])] : [whole(one), whole(one)]));
}

const zeroPadding: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context, 4, '[batch, height, width, channels]');
	const [rows = [0, 0], columns = [0, 0]] = margins(context.config.padding, 'padding', context);
	const pads = integers(builder, `${name}/pads`, [0, 0, rows[0], columns[0], 0, 0, rows[1], columns[1]]);
	const tensor = add(builder, name, 'Pad', [channelsFirst(builder, input), pads]);
	const [height, width] = [
		known(input.shape, 1, context) + rows[0] + rows[1],
		known(input.shape, 2, context) + columns[0] + columns[1],
	];
	return channelsFirstValue(builder, name, tensor, ['batch', height, width, known(input.shape, 3, context)]);
};

/** Zeros before and after sequences [batch, length, channels]. */
const zeroPaddingAlong: LayerEmitter = (inputs, context) => {
	const { builder, name, config } = context;
	const input = onlyInput(inputs, context, 3, '[batch, length, channels]');
	const given = config.padding ?? 1;
	const [before, after] = margins([Array.isArray(given) ? given : [given, given], 0], 'padding', context)[0] ?? [0, 0];
	const pads = integers(builder, `${name}/pads`, [0, 0, before, 0, 0, after]);
	const tensor = add(builder, name, 'Pad', [channelsFirst(builder, input), pads]);
	return channelsFirstValue(builder, name, tensor, [
		'batch',
		known(input.shape, 1, context) + before + after,
		known(input.shape, 2, context),
	]);
};

const cropping: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context, 4, '[batch, height, width, channels]');
	const [rows = [0, 0], columns = [0, 0]] = margins(context.config.cropping, 'cropping', context);
	const [height, width] = [known(input.shape, 1, context), known(input.shape, 2, context)];
	const starts = integers(builder, `${name}/starts`, [rows[0], columns[0]]);
	const ends = integers(builder, `${name}/ends`, [height - rows[1], width - columns[1]]);
	const axes = integers(builder, `${name}/axes`, [2, 3]);
	const tensor = add(builder, name, 'Slice', [channelsFirst(builder, input), starts, ends, axes]);
	const shape: Shape = ['batch', height - rows[0] - rows[1], width - columns[0] - columns[1], known(input.shape, 3, context)];
	return channelsFirstValue(builder, name, tensor, shape);
};

const upSampling: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context, 4, '[batch, height, width, channels]');
	only(context, 'interpolation', 'nearest', ['nearest']);
	const [high = 1, wide = 1] = sizesAt(context.config, 'size', context, 2, 2);
	const scales = `${name}/scales`;
	builder.constants.set(scales, { type: 'float32', dims: [4], bytes: new Uint8Array(Float32Array.of(1, 1, high, wide).buffer) });
	const tensor = add(builder, name, 'Resize', [channelsFirst(builder, input), '', scales], {
		mode: text('nearest'),
		coordinate_transformation_mode: text('asymmetric'),
		nearest_mode: text('floor'),
	});
	const shape: Shape = [
		'batch',
		known(input.shape, 1, context) * high,
		known(input.shape, 2, context) * wide,
		known(input.shape, 3, context),
	];
	return channelsFirstValue(builder, name, tensor, shape);
};

/** Dropout, noise, augmentation of images and the like: nothing when the network runs. */
const trainingOnly: LayerEmitter = (inputs, context) => {
	context.builder.trainingOnly.push(context.name);
	return onlyInput(inputs, context);
};

export const shapeLayers: Readonly<Record<string, LayerEmitter>> = {
	Flatten: anyDataFormat(flatten),
	Reshape: reshapeLayer,
	Permute: permute,
	ZeroPadding1D: zeroPaddingAlong,
	ZeroPadding2D: anyDataFormat(zeroPadding),
	Cropping2D: anyDataFormat(cropping),
	UpSampling2D: anyDataFormat(upSampling),
	Dropout: trainingOnly,
	SpatialDropout1D: trainingOnly,
	SpatialDropout2D: trainingOnly,
	AlphaDropout: trainingOnly,
	GaussianDropout: trainingOnly,
	GaussianNoise: trainingOnly,
	RandomFlip: trainingOnly,
	RandomRotation: trainingOnly,
	RandomZoom: trainingOnly,
	RandomTranslation: trainingOnly,
	RandomContrast: trainingOnly,
	RandomBrightness: trainingOnly,
	ActivityRegularization: trainingOnly,
};

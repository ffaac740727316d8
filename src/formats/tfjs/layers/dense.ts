import { int } from '../../../model/attributes.ts';
import { add } from '../../graph-draft.ts';
import { plain, plainValue } from '../builder.ts';
import { applyActivation } from './activation.ts';
import { known, type LayerEmitter, onlyInput, weightConstant, weightOf } from './context.ts';
import { biasOf } from './convolution.ts';

/** x·W + b on the last axis: Gemm for vectors, MatMul and Add where more axes come first. */
const dense: LayerEmitter = (inputs, context) => {
	const { builder, name } = context;
	const input = onlyInput(inputs, context);
	const features = known(input.shape, -1, context);
	const units = weightOf(context, 'kernel', [features, 'units']).shape[1] ?? 0;
	const weight = weightConstant(context, 'kernel', [features, 'units']);
	const bias = biasOf(context, units);
	const x = plain(builder, input);
	const shape = [...input.shape.slice(0, -1), units];
	if (shape.length === 2) {
		const tensor = add(builder, name, 'Gemm', bias === undefined ? [x, weight] : [x, weight, bias], { transB: int(0) });
		return applyActivation(plainValue(builder, name, tensor, shape), context.config.activation, context);
	}
	const product = add(builder, name, 'MatMul', [x, weight]);
	const tensor = bias === undefined ? product : add(builder, name, 'Add', [product, bias]);
	return applyActivation(plainValue(builder, name, tensor, shape), context.config.activation, context);
};

export const denseLayers: Readonly<Record<string, LayerEmitter>> = { Dense: dense };

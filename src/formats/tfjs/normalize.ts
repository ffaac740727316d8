import { float } from '../../model/attributes.ts';
import { add } from '../graph-draft.ts';
import { type Builder, channelsFirst, channelsFirstValue, floats, plain, plainValue, type Value } from './builder.ts';

export interface Normalization {
	readonly gamma: Float32Array;
	readonly beta: Float32Array;
	readonly mean: Float32Array;
	readonly variance: Float32Array;
	readonly epsilon: number;
}

/** Batch normalisation with stored statistics: γ·(x − mean)/√(variance + ε) + β on the channels. */
export function normalize(builder: Builder, layer: string, input: Value, parameters: Normalization): Value {
	const { gamma, beta, mean, variance, epsilon } = parameters;
	const channels = gamma.length;
	const rank = input.shape.length;
	if (rank === 2 || rank === 4 || input.order === 'channels-first') {
		const constants = Object.entries({ gamma, beta, mean, variance }).map(([name, values]) =>
			floats(builder, `${layer}/${name}`, values, [channels]),
		);
		const x = rank === 2 ? plain(builder, input) : channelsFirst(builder, input);
		const tensor = add(builder, layer, 'BatchNormalization', [x, ...constants], { epsilon: float(epsilon) });
		return rank === 2 ? plainValue(builder, layer, tensor, input.shape) : channelsFirstValue(builder, layer, tensor, input.shape);
	}
	const factor = Float64Array.from(gamma, (value, index) => value / Math.sqrt((variance[index] ?? 0) + epsilon));
	const offset = Float64Array.from(beta, (value, index) => value - (mean[index] ?? 0) * (factor[index] ?? 0));
	const scaled = add(builder, layer, 'Mul', [plain(builder, input), floats(builder, `${layer}/factor`, factor, [channels])]);
	const tensor = add(builder, layer, 'Add', [scaled, floats(builder, `${layer}/offset`, offset, [channels])]);
	return plainValue(builder, layer, tensor, input.shape);
}

import { UserError } from '../../../errors.ts';
import { add, floats, int, type Shape, type Value } from '../builder.ts';
import { numberAt } from '../json.ts';
import { messages } from '../messages.ts';
import { known, type LayerContext, type LayerEmitter, only, onlyInput } from './context.ts';

/**
 * Our spiking layer: u = leak · u_before + x; a spike where u > threshold; then u − threshold (soft reset) or 0 (hard reset).
 *
 * Leak and threshold are the weights "leak" and "threshold", one number or one for each channel, or numbers of the configuration.
 * The membrane potential starts at zero and is handed from one call (one timestep) to the next.
 */
const lif: LayerEmitter = (inputs, context) => {
	const { builder, name, file } = context;
	const input = onlyInput(inputs, context);
	if (builder.spiking.includes(name)) {
		throw new UserError(messages.shared(file, name));
	}
	builder.spiking.push(name);
	const reset = only(context, 'reset', 'soft', ['soft', 'hard']);
	const leak = parameter('leak', input, context);
	const threshold = parameter('threshold', input, context);
	const before = `${name}.membrane`;
	const after = `${name}.membrane.next`;
	const dims = tensorShape(input);
	builder.inputs.push({ name: before, type: 'float32', dims });
	builder.outputs.push({ name: after, type: 'float32', dims });
	builder.states.push({ input: before, output: after, initial: 0 });
	const leaked = add(builder, name, 'Mul', [before, leak]);
	const membrane = add(builder, name, 'Add', [leaked, input.tensor]);
	const fires = add(builder, name, 'Greater', [membrane, threshold]);
	const spikes = add(builder, name, 'Cast', [fires], { to: int(1) }, `${name}.spikes`);
	const fall = add(builder, name, 'Mul', [spikes, reset === 'soft' ? threshold : membrane]);
	add(builder, name, 'Sub', [membrane, fall], {}, after);
	return { ...input, tensor: spikes };
};

/** The dimensions of the tensor itself, which may hold the channels first. */
function tensorShape({ shape, order }: Value): Shape {
	return order === 'plain' ? shape : [shape[0] ?? 'batch', shape.at(-1) ?? 1, ...shape.slice(1, -1)];
}

function parameter(field: string, input: Value, context: LayerContext): string {
	const { builder, name, config, weights, file } = context;
	const weight = weights.get(`${name}/${field}`);
	if (weight === undefined) {
		return floats(builder, `${name}/${field}`, [numberAt(config, field, context)], []);
	}
	if (weight.values.length === 1) {
		return floats(builder, weight.name, weight.values, []);
	}
	const channels = known(input.shape, -1, context);
	if (weight.shape.length !== 1 || weight.values.length !== channels) {
		throw new UserError(messages.weightShape(file, weight.name, weight.shape, [channels]));
	}
	const positions = input.order === 'plain' ? 0 : input.shape.length - 2;
	return floats(builder, weight.name, weight.values, [channels, ...Array.from({ length: positions }, () => 1)]);
}

export const spikingLayers: Readonly<Record<string, LayerEmitter>> = { LIF: lif };

import { UserError } from '../errors.ts';
import { int, ints } from '../model/attributes.ts';
import type { GraphNode } from '../model/graph.ts';
import { type Attribute, node } from '../model/graph.ts';
import { float32Scalar, float32Tensor } from '../model/tensors.ts';
import type { Activation } from './ann.ts';
import * as messages from './messages.ts';
import { remember, valueAt, type Work } from './work.ts';

const floatCode = 1;

/** A layer of neurons: u = λ·before + current; a spike where u reaches the threshold; after = u − θ·spike. */
export function fire({ name, input, output }: Activation, work: Work): void {
	const { leak, ownLeaks, halfStart, thresholds } = work.options;
	const current = withHeight(input, 1, work);
	work.currents.set(output, current);
	const threshold = thresholds.get(output) ?? 1;
	const constant = (part: string, value: number): string => {
		const fresh = work.names.take(`${name}.${part}`);
		work.constants.set(fresh, float32Scalar(value));
		return fresh;
	};
	const take = (part: string): string => work.names.take(`${name}.${part}`);
	const [before, after] = [take('membrane'), take('membrane.next')];
	const emit = (op: string, inputs: readonly string[], to: string, attributes?: Readonly<Record<string, Attribute>>): string => {
		work.nodes.push(node(op, inputs, [to], { name: work.names.take(`${name}/${op}`), ...(attributes ? { attributes } : {}) }));
		return to;
	};
	const factor = leak === 1 && !ownLeaks ? null : constant('leak', leak);
	const kept = factor === null ? before : emit('Mul', [before, factor], take('membrane.leaked'));
	const membrane = emit('Add', [kept, current], take('membrane.charged'));
	const height = constant('threshold', threshold);
	// A potential that starts at 0 and fires at θ/2 does what one that starts at θ/2 and fires at θ does.
	const level = halfStart ? constant('threshold.half', threshold / 2) : height;
	const fires = emit(halfStart ? 'GreaterOrEqual' : 'Greater', [membrane, level], take('fires'));
	emit('Cast', [fires], output, { to: int(floatCode) });
	emit('Sub', [membrane, emit('Mul', [output, height], take('reset'))], after);
	remember(before, after, output, work);
	work.neurons.set(output, { threshold: height, leak: factor });
	work.values.set(output, { height: threshold, spikes: true, still: false });
}

/**
 * Max pooling of spikes. With c the spike counts of a window until now, a spike is passed on when max c grows; since each
 * count grows by at most 1 a timestep, so does the maximum, and the mean over time is the maximum of the rates.
 */
export function pool(one: GraphNode, work: Work): void {
	const [input = ''] = one.inputs;
	const [output = ''] = one.outputs;
	const value = valueAt(input, work);
	if (!value?.spikes) throw new UserError(messages.unsupportedOperator(work.options.file, one.name, one.op));
	if (work.options.maxPool === 'spikes') {
		work.nodes.push(one);
		work.values.set(output, value);
		return;
	}
	work.pools += 1;
	if (work.options.maxPool === 'average') {
		const attributes = new Map([...one.attributes].filter(([key]) => !['storage_order', 'dilations'].includes(key)));
		const averaged = { ...one, op: one.op === 'MaxPool' ? 'AveragePool' : 'GlobalAveragePool', outputs: [output], attributes };
		work.nodes.push(averaged);
		work.values.set(output, { ...value, spikes: false });
		return;
	}
	const take = (part: string): string => work.names.take(`${output}.${part}`);
	const [before, after, highestBefore, highest, grows] = [
		take('counts'),
		take('counts.next'),
		take('highest.before'),
		take('highest'),
		take('grows'),
	];
	work.nodes.push(
		node('Add', [before, input], [after], { name: work.names.take(`${one.name}/Add`) }),
		{ ...one, name: work.names.take(`${one.name}/before`), inputs: [before], outputs: [highestBefore] },
		{ ...one, inputs: [after], outputs: [highest] },
		node('Greater', [highest, highestBefore], [grows], { name: work.names.take(`${one.name}/Greater`) }),
		node('Cast', [grows], [output], { name: work.names.take(`${one.name}/Cast`), attributes: { to: int(floatCode) } }),
	);
	remember(before, after, input, work);
	work.values.set(output, value);
}

/**
 * A tensor with spikes of another height. In images that is one weight a channel, so that each spike counts as a synaptic
 * event; elsewhere a multiplication.
 */
export function withHeight(tensor: string, wanted: number, work: Work): string {
	const value = valueAt(tensor, work);
	if (!value || value.height === wanted) return tensor;
	const factor = value.height / wanted;
	const shape = work.network.measured.shapeOf(tensor) ?? [];
	const output = work.names.take(`${tensor}.scaled`);
	const channels = shape[1]?.[0] ?? 0;
	if (shape.length === 4 && channels > 0) {
		const weight = work.names.take(`${tensor}.shortcut.weight`);
		work.constants.set(weight, float32Tensor(new Float32Array(channels).fill(factor), [channels, 1, 1, 1]));
		work.nodes.push(
			node('Conv', [tensor, weight], [output], {
				name: work.names.take(`${tensor}.shortcut/Conv`),
				attributes: { kernel_shape: ints([1, 1]), group: int(channels) },
			}),
		);
		work.shortcuts += 1;
	} else {
		const constant = work.names.take(`${tensor}.height`);
		work.constants.set(constant, float32Scalar(factor));
		work.nodes.push(node('Mul', [tensor, constant], [output], { name: work.names.take(`${tensor}.scaled/Mul`) }));
	}
	work.values.set(output, { height: wanted, spikes: false, still: false });
	return output;
}

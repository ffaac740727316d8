import type { GradedRule, SpikeTest } from '../../src/activity/activity.ts';
import type { ConstantTensor, GraphNode } from '../../src/model/graph.ts';
import { tensorValues } from '../../src/model/tensors.ts';

/**
 * A slow second count that shares nothing with the product but the graph's types: every connection of a layer is
 * written down one by one, by looking from each output element back at its taps, as the ONNX operators are defined.
 */

/** One synapse of a sample: input element, output element, weight. */
export interface Connection {
	readonly from: number;
	readonly to: number;
	readonly weight: number;
}

export interface PlainLayer {
	readonly connections: readonly Connection[];
	readonly outputShape: readonly number[];
	/** kh·kw·(Cin/g)·Cout·Hout·Wout, Nin·Nout: taps in the padding included. */
	readonly denseMacs: number;
}

const product = (sizes: readonly number[]): number => sizes.reduce((result, size) => result * size, 1);

function* positions(sizes: readonly number[]): Generator<number[]> {
	const [first, ...rest] = sizes;
	if (first === undefined) {
		yield [];
		return;
	}
	for (let at = 0; at < first; at += 1) for (const tail of positions(rest)) yield [at, ...tail];
}

const flat = (index: readonly number[], sizes: readonly number[]): number =>
	index.reduce((offset, at, axis) => offset * (sizes[axis] as number) + at, 0);

const ints = (node: GraphNode, name: string): readonly number[] | undefined => {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'ints' ? attribute.value : undefined;
};
const int = (node: GraphNode, name: string, fallback: number): number => {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'int' ? attribute.value : fallback;
};
const text = (node: GraphNode, name: string): string => {
	const attribute = node.attributes.get(name);
	return attribute?.kind === 'string' ? attribute.value : 'NOTSET';
};

/** @param inputShape of one sample, [C, spatial…] or […, N] */
export function plainLayer(
	node: GraphNode,
	weight: ConstantTensor,
	weightPosition: 0 | 1,
	inputShape: readonly number[],
): PlainLayer {
	if (node.op === 'Conv') return plainConvolution(node, weight, inputShape);
	if (node.op === 'ConvTranspose') return plainTransposedConvolution(node, weight, inputShape);
	return plainMatrix(node, weight, weightPosition, inputShape);
}

function plainConvolution(node: GraphNode, weight: ConstantTensor, inputShape: readonly number[]): PlainLayer {
	const [channels = 1, ...sizes] = inputShape;
	const [outChannels = 1, inPerGroup = 1, ...kernel] = weight.dims;
	const groups = int(node, 'group', 1);
	const stride = ints(node, 'strides') ?? kernel.map(() => 1);
	const dilation = ints(node, 'dilations') ?? kernel.map(() => 1);
	const pads = ints(node, 'pads') ?? [...kernel, ...kernel].map(() => 0);
	const mode = text(node, 'auto_pad');
	const reach = kernel.map((size, axis) => (size - 1) * (dilation[axis] as number) + 1);
	const outSizes: number[] = [];
	const before: number[] = [];
	for (const [axis, size] of sizes.entries()) {
		const step = stride[axis] as number;
		const span = reach[axis] as number;
		if (mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
			const out = Math.ceil(size / step);
			const total = Math.max(0, (out - 1) * step + span - size);
			outSizes.push(out);
			before.push(mode === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2));
			continue;
		}
		const [begin, end] = mode === 'VALID' ? [0, 0] : [pads[axis] as number, pads[axis + kernel.length] as number];
		outSizes.push(Math.floor((size + begin + end - span) / step) + 1);
		before.push(begin);
	}
	const values = tensorValues(weight);
	const connections: Connection[] = [];
	const outPerGroup = outChannels / groups;
	for (let out = 0; out < outChannels; out += 1)
		for (const place of positions(outSizes))
			for (let within = 0; within < inPerGroup; within += 1)
				for (const tap of positions(kernel)) {
					const source = place.map(
						(at, axis) =>
							at * (stride[axis] as number) - (before[axis] as number) + (tap[axis] as number) * (dilation[axis] as number),
					);
					if (source.some((at, axis) => at < 0 || at >= (sizes[axis] as number))) continue;
					const channel = Math.floor(out / outPerGroup) * inPerGroup + within;
					connections.push({
						from: flat([channel, ...source], [channels, ...sizes]),
						to: flat([out, ...place], [outChannels, ...outSizes]),
						weight: values[flat([out, within, ...tap], weight.dims)] as number,
					});
				}
	return {
		connections,
		outputShape: [outChannels, ...outSizes],
		denseMacs: product(kernel) * inPerGroup * outChannels * product(outSizes),
	};
}

function plainTransposedConvolution(node: GraphNode, weight: ConstantTensor, inputShape: readonly number[]): PlainLayer {
	const [channels = 1, ...sizes] = inputShape;
	const [, outPerGroup = 1, ...kernel] = weight.dims;
	const groups = int(node, 'group', 1);
	const stride = ints(node, 'strides') ?? kernel.map(() => 1);
	const dilation = ints(node, 'dilations') ?? kernel.map(() => 1);
	const extra = ints(node, 'output_padding') ?? kernel.map(() => 0);
	const pads = ints(node, 'pads') ?? [...kernel, ...kernel].map(() => 0);
	const asked = ints(node, 'output_shape');
	const mode = text(node, 'auto_pad');
	const outSizes: number[] = [];
	const before: number[] = [];
	for (const [axis, size] of sizes.entries()) {
		const step = stride[axis] as number;
		const span = ((kernel[axis] as number) - 1) * (dilation[axis] as number) + 1;
		const whole = step * (size - 1) + (extra[axis] as number) + span;
		if (asked || mode === 'SAME_UPPER' || mode === 'SAME_LOWER') {
			const out = asked ? (asked[axis] as number) : size * step;
			const total = Math.max(0, whole - out);
			outSizes.push(out);
			before.push(mode === 'SAME_UPPER' ? Math.floor(total / 2) : total - Math.floor(total / 2));
			continue;
		}
		const [begin, end] = mode === 'VALID' ? [0, 0] : [pads[axis] as number, pads[axis + kernel.length] as number];
		outSizes.push(whole - begin - end);
		before.push(begin);
	}
	const values = tensorValues(weight);
	const outChannels = outPerGroup * groups;
	const inPerGroup = channels / groups;
	const connections: Connection[] = [];
	for (let out = 0; out < outChannels; out += 1)
		for (const place of positions(outSizes))
			for (let within = 0; within < inPerGroup; within += 1)
				for (const tap of positions(kernel)) {
					const scaled = place.map(
						(at, axis) => at + (before[axis] as number) - (tap[axis] as number) * (dilation[axis] as number),
					);
					if (scaled.some((at, axis) => at % (stride[axis] as number) !== 0)) continue;
					const source = scaled.map((at, axis) => at / (stride[axis] as number));
					if (source.some((at, axis) => at < 0 || at >= (sizes[axis] as number))) continue;
					const channel = Math.floor(out / outPerGroup) * inPerGroup + within;
					connections.push({
						from: flat([channel, ...source], [channels, ...sizes]),
						to: flat([out, ...place], [outChannels, ...outSizes]),
						weight: values[flat([channel, out % outPerGroup, ...tap], weight.dims)] as number,
					});
				}
	return {
		connections,
		outputShape: [outChannels, ...outSizes],
		denseMacs: product(kernel) * outPerGroup * channels * product(sizes),
	};
}

/** y[…, m, n] = Σ_k a[…, m, k]·b[…, k, n], leading axes broadcast; one operand is the weight. */
function plainMatrix(node: GraphNode, weight: ConstantTensor, weightPosition: 0 | 1, inputShape: readonly number[]): PlainLayer {
	const flip = node.op === 'Gemm' && int(node, weightPosition === 1 ? 'transB' : 'transA', 0) === 1;
	const values = tensorValues(weight);
	const vector = weight.dims.length === 1;
	const dims = vector ? (weightPosition === 1 ? [...weight.dims, 1] : [1, ...weight.dims]) : weight.dims;
	const [rows = 1, columns = 1] = dims.slice(-2);
	const [weightRows, weightColumns] = flip ? [columns, rows] : [rows, columns];
	// A Gemm's or MatMul's [batch, K] is one row a sample.
	const sample = weightPosition === 1 && inputShape.length === 1 ? [1, ...inputShape] : inputShape;
	const [dataRows = 1, dataColumns = 1] = sample.slice(-2);
	const dataLead = sample.slice(0, -2);
	const weightLead = dims.slice(0, -2);
	const rank = Math.max(dataLead.length, weightLead.length);
	const widen = (lead: readonly number[]): number[] => [...Array.from({ length: rank - lead.length }, () => 1), ...lead];
	const [wideData, wideWeight] = [widen(dataLead), widen(weightLead)];
	const lead = wideData.map((size, axis) => Math.max(size, wideWeight[axis] as number));
	const outRows = weightPosition === 1 ? dataRows : weightRows;
	const outColumns = weightPosition === 1 ? weightColumns : dataColumns;
	const depth = weightPosition === 1 ? dataColumns : dataRows;
	const connections: Connection[] = [];
	for (const block of positions(lead)) {
		const own = (wide: readonly number[]): number[] => block.map((at, axis) => (wide[axis] === 1 ? 0 : at));
		for (let row = 0; row < outRows; row += 1)
			for (let column = 0; column < outColumns; column += 1)
				for (let k = 0; k < depth; k += 1) {
					const [dataAt, weightAt] =
						weightPosition === 1
							? [
									[row, k],
									[k, column],
								]
							: [
									[k, column],
									[row, k],
								];
					const stored = flip ? [weightAt[1] as number, weightAt[0] as number] : weightAt;
					connections.push({
						from: flat([...own(wideData), ...dataAt], [...wideData, dataRows, dataColumns]),
						to: flat([...block, row, column], [...lead, outRows, outColumns]),
						weight: values[flat([...own(wideWeight), ...stored], [...wideWeight, rows, columns])] as number,
					});
				}
	}
	const shape = [...lead, outRows, outColumns];
	const outputShape = vector
		? shape.filter((_, axis) => axis !== (weightPosition === 1 ? shape.length - 1 : shape.length - 2))
		: weightPosition === 1 && inputShape.length === 1
			? shape.filter((_, axis) => axis !== shape.length - 2)
			: shape;
	return { connections, outputShape, denseMacs: connections.length };
}

/** What one input tensor of one sample causes. */
export interface PlainEvents {
	readonly active: number;
	readonly events: number;
	readonly effective: number;
	/** Events by magnitude of the element that causes them. */
	readonly byMagnitude: ReadonlyMap<number, number>;
	/** Whether each output element received an event. */
	readonly received: readonly boolean[];
	/** Σ weight·value, the layer's result without bias. */
	readonly result: Float64Array;
}

export function plainEvents(layer: PlainLayer, input: ArrayLike<number>): PlainEvents {
	const outputs = product(layer.outputShape);
	const received = Array.from({ length: outputs }, () => false);
	const result = new Float64Array(outputs);
	const byMagnitude = new Map<number, number>();
	let events = 0;
	let effective = 0;
	for (const { from, to, weight } of layer.connections) {
		const value = input[from] as number;
		if (value === 0) continue;
		events += 1;
		if (weight !== 0) effective += 1;
		received[to] = true;
		result[to] = (result[to] as number) + weight * value;
		byMagnitude.set(Math.abs(value), (byMagnitude.get(Math.abs(value)) ?? 0) + 1);
	}
	let active = 0;
	for (let at = 0; at < input.length; at += 1) if (input[at] !== 0) active += 1;
	return { active, events, effective, byMagnitude, received, result };
}

export interface PlainOperations {
	readonly acs: number;
	readonly macs: number;
	readonly dense: boolean;
}

/**
 * The rule of "spike or number?" said once more, from the definition: θ is the smallest magnitude in the whole run if
 * all are multiples of it and, where there are several, come out of thresholds.
 *
 * @param steps for each timestep, all samples' events
 */
export function plainOperations(
	steps: readonly (readonly PlainEvents[])[],
	inputs: readonly (readonly ArrayLike<number>[])[],
	options: { fromThreshold: boolean; spikeTest: SpikeTest; graded: GradedRule },
): PlainOperations[] {
	const magnitudesAt = inputs.map((samples) => {
		const magnitudes = new Set<number>();
		for (const values of samples) for (let at = 0; at < values.length; at += 1) magnitudes.add(Math.abs(values[at] as number));
		magnitudes.delete(0);
		return magnitudes;
	});
	const all = [...new Set(magnitudesAt.flatMap((magnitudes) => [...magnitudes]))].sort((a, b) => a - b);
	const theta = all[0] ?? 1;
	const lattice =
		all.length <= 1 ||
		(options.fromThreshold && all.every((value) => Math.abs(value / theta - Math.round(value / theta)) < 1e-5));
	return steps.map((samples, step) => {
		const events = samples.reduce((sum, one) => sum + one.events, 0);
		if (options.spikeTest !== 'element') {
			const binary =
				options.spikeTest === 'layer'
					? magnitudesAt.every(({ size }) => size <= 1)
					: (magnitudesAt[step] as Set<number>).size <= 1;
			return binary ? { acs: events, macs: 0, dense: false } : { acs: 0, macs: events, dense: true };
		}
		if ((magnitudesAt[step] as Set<number>).size === 0) return { acs: 0, macs: 0, dense: false };
		// The zeros between spikes are nothing to compute, of whatever heights they are.
		if (!lattice) return { acs: 0, macs: events, dense: !options.fromThreshold };
		let acs = 0;
		let macs = 0;
		for (const { byMagnitude } of samples)
			for (const [magnitude, count] of byMagnitude) {
				const multiple = Math.round(magnitude / theta);
				if (multiple === 1) acs += count;
				else if (options.graded === 'ac') acs += multiple * count;
				else macs += count;
			}
		return { acs, macs, dense: false };
	});
}

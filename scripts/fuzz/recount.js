// A second count of an ONNX file that shares nothing with the product but the runtime: onnxruntime computes every tensor of the
// file as it stands, and each product of a weight with a nonzero input is counted from the operators' definitions.
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import { ModelProtoSchema, ValueInfoProtoSchema } from '../../dist/formats/onnx/onnx_pb.js';

const weighted = new Set(['Conv', 'ConvTranspose', 'Gemm', 'MatMul']);
/** Operators whose output can be spikes: what decides. */
const decisions = new Set(['Greater', 'GreaterOrEqual', 'Less', 'LessOrEqual']);
/** What this counter has no definition for: such a file is not recounted. */
const beyond = new Set(['If', 'Loop', 'Scan', 'Einsum', 'LSTM', 'GRU', 'RNN', 'QLinearConv', 'QLinearMatMul', 'MatMulInteger']);
const random = new Set(['RandomNormal', 'RandomNormalLike', 'RandomUniform', 'RandomUniformLike', 'Bernoulli', 'Multinomial']);

const attribute = (node, name) => node.attribute.find((one) => one.name === name);
const int = (node, name, fallback) => Number(attribute(node, name)?.i ?? fallback);
const ints = (node, name) => attribute(node, name)?.ints.map(Number);
const product = (sizes) => sizes.reduce((all, size) => all * size, 1);

/** Nodes that an output of the graph depends on. */
function liveNodes(graph) {
	const producer = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node])));
	const live = new Set();
	const open = graph.output.map(({ name }) => name);
	while (open.length > 0) {
		const node = producer.get(open.pop());
		if (!node || live.has(node)) continue;
		live.add(node);
		open.push(...node.input);
	}
	return graph.node.filter((node) => live.has(node));
}

/** Names of what does not depend on the data. */
function constantsOf(graph) {
	const names = new Set(['', ...graph.initializer.map(({ name }) => name)]);
	let size;
	do {
		size = names.size;
		for (const node of graph.node)
			if (!random.has(node.opType) && node.input.every((name) => names.has(name)))
				for (const name of node.output) names.add(name);
	} while (names.size > size);
	return names;
}

/** Operators behind which spikes are still spikes. */
const carriers = new Set(
	'Cast Identity Reshape Flatten Transpose Concat Unsqueeze Squeeze Gather Slice Split Expand MaxPool AveragePool GlobalAveragePool'.split(
		' ',
	),
);

/** Tensors that reach a weight or an output of the graph through carriers alone. */
function passedOnIn(graph, live, constant) {
	const names = new Set(graph.output.map(({ name }) => name));
	let size;
	do {
		size = names.size;
		for (const { opType, input, output } of live)
			if (weighted.has(opType) || (carriers.has(opType) && output.some((name) => names.has(name))))
				for (const name of input) if (!constant.has(name)) names.add(name);
	} while (names.size > size);
	return names;
}

/** A number for each tensor; equal for what is computed the same way from the same tensors. */
function valueNumbers(graph) {
	const numbers = new Map();
	const keys = new Map();
	const numberOf = (name) => {
		if (!numbers.has(name)) numbers.set(name, `"${name}"`);
		return numbers.get(name);
	};
	let open = [...graph.node];
	const made = new Set(graph.node.flatMap(({ output }) => output));
	while (open.length > 0) {
		const ready = open.filter((node) => node.input.every((name) => !made.has(name) || numbers.has(name)));
		if (ready.length === 0) return numbers;
		for (const node of ready) {
			const attributes = JSON.stringify(node.attribute, (_, value) =>
				typeof value === 'bigint' ? String(value) : ArrayBuffer.isView(value) ? [...value].join() : value,
			);
			const key = random.has(node.opType) ? node.output[0] : [node.opType, attributes, ...node.input.map(numberOf)].join('|');
			if (!keys.has(key)) keys.set(key, keys.size);
			for (const [at, name] of node.output.entries()) numbers.set(name, `${keys.get(key)}:${at}`);
		}
		const done = new Set(ready);
		open = open.filter((node) => !done.has(node));
	}
	return numbers;
}

/** How many outputs each place of one axis reaches: pairs of tap and output that read it. */
function reach(inputs, outputs, kernel, stride, dilation, before, transposed) {
	const found = new Array(inputs).fill(0);
	for (let out = 0; out < (transposed ? inputs : outputs); out += 1)
		for (let tap = 0; tap < kernel; tap += 1) {
			const at = out * stride - before + tap * dilation;
			if (transposed) {
				if (at >= 0 && at < outputs) found[out] += 1;
			} else if (at >= 0 && at < inputs) found[at] += 1;
		}
	return found;
}

/** Products of weights with each element of the input. @returns a function of the flat place in the input */
function fanOutOf(node, input, weight, output, position) {
	if (node.opType === 'Gemm') {
		const flip = int(node, position === 1 ? 'transB' : 'transA', 0) === 1;
		const outputs = weight.dims.at((position === 1) !== flip ? -1 : -2);
		return () => outputs;
	}
	if (node.opType === 'MatMul') {
		const outputs =
			position === 1 ? (weight.dims.length > 1 ? weight.dims.at(-1) : 1) : weight.dims.length > 1 ? weight.dims.at(-2) : 1;
		const rank = Math.max(input.dims.length, weight.dims.length) - 2;
		const lead = (dims) => product(dims.slice(0, Math.max(dims.length - 2, 0)));
		const repeats = rank > 0 ? product(output.dims.slice(0, rank)) / lead(input.dims) : 1;
		return () => outputs * repeats;
	}
	const transposed = node.opType === 'ConvTranspose';
	const kernel = weight.dims.slice(2);
	const axes = kernel.length;
	const stride = ints(node, 'strides') ?? kernel.map(() => 1);
	const dilation = ints(node, 'dilations') ?? kernel.map(() => 1);
	const pads = ints(node, 'pads') ?? new Array(2 * axes).fill(0);
	const mode = Buffer.from(attribute(node, 'auto_pad')?.s ?? []).toString();
	const sizes = input.dims.slice(2);
	const outs = output.dims.slice(2);
	const tables = kernel.map((size, axis) => {
		const span = (size - 1) * dilation[axis] + 1;
		const missing = transposed
			? (sizes[axis] - 1) * stride[axis] + span + (ints(node, 'output_padding')?.[axis] ?? 0) - outs[axis]
			: Math.max(0, (outs[axis] - 1) * stride[axis] + span - sizes[axis]);
		const given = mode !== 'SAME_UPPER' && mode !== 'SAME_LOWER' && !(transposed && attribute(node, 'output_shape'));
		const upper = mode !== 'SAME_LOWER';
		const before =
			mode === 'VALID' ? 0 : given ? pads[axis] : upper ? Math.floor(missing / 2) : missing - Math.floor(missing / 2);
		return reach(sizes[axis], outs[axis], size, stride[axis], dilation[axis], before, transposed);
	});
	const group = int(node, 'group', 1);
	const channels = transposed ? weight.dims[1] : weight.dims[0] / group;
	return (flat) => {
		let [rest, fanOut] = [flat, channels];
		for (let axis = axes - 1; axis >= 0; axis -= 1) {
			fanOut *= tables[axis][rest % sizes[axis]];
			rest = Math.floor(rest / sizes[axis]);
		}
		return fanOut;
	};
}

function half(bits) {
	const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
	if (exponent === 0) return sign * fraction * 2 ** -24;
	if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
	return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function numbersOf(tensor) {
	if (tensor.type === 'float16') {
		return Float32Array.from(tensor.data, (value) => (tensor.data instanceof Uint16Array ? half(value) : value));
	}
	return tensor.type === 'int64' ? Float64Array.from(tensor.data, Number) : tensor.data;
}

/** Computes the named tensors of a model, besides its outputs; null where onnxruntime refuses the model, such as for a type that it declares. */
async function runWith(model, names, feeds) {
	const { graph } = model;
	const known = new Set([...graph.input, ...graph.output, ...graph.initializer].map(({ name }) => name));
	const extra = [...names]
		.filter((name) => name !== '' && !known.has(name))
		.map((name) => create(ValueInfoProtoSchema, { name }));
	const whole = toBinary(ModelProtoSchema, { ...model, graph: { ...graph, output: [...graph.output, ...extra] } });
	const options = { graphOptimizationLevel: 'disabled', logSeverityLevel: 4, intraOpNumThreads: 1 };
	const session = await ort.InferenceSession.create(whole, options).catch(() => null);
	if (!session) return null;
	const results = await session.run(feeds);
	await session.release();
	return results;
}

const countable = ({ graph, functions }) => functions.length === 0 && !graph.node.some(({ opType }) => beyond.has(opType));

/** "type of sizes" of every tensor of a file; null for a file that is not recounted. */
export async function tensorKinds(bytes, feeds) {
	const model = fromBinary(ModelProtoSchema, bytes);
	if (!countable(model)) return null;
	const results = await runWith(model, new Set(model.graph.node.flatMap(({ output }) => output)), feeds);
	if (!results) return null;
	const kindOf = ({ type, dims }) => `${type} of ${dims.join()}`;
	return new Map(Object.entries({ ...feeds, ...results }).map(([name, tensor]) => [name, kindOf(tensor)]));
}

/**
 * @typedef {object} Recount
 * @property {number} everyUse  products of weights and nonzero inputs, every node counted
 * @property {number} once  the same, what is computed twice from the same tensors counted once
 * @property {number} acs  products whose weight meets inputs of one magnitude only
 * @property {boolean} clear  whether every weight meets one magnitude, or so many that they cannot be spikes
 * @property {number} spikes  nonzero outputs of decisions that reach a weight or an output as spikes
 * @property {number} decided  nonzero outputs of all decisions, those that only reset among them
 * @property {boolean} finite
 */

/** @returns {Promise<Recount | null>} null for a file that this counter has no definitions for */
export async function recount(bytes, feeds) {
	const model = fromBinary(ModelProtoSchema, bytes);
	const { graph } = model;
	if (!countable(model)) return null;
	const live = liveNodes(graph);
	const constant = constantsOf(graph);
	const numbers = valueNumbers(graph);
	const passedOn = passedOnIn(graph, live, constant);
	const asked = live.filter(({ opType }) => weighted.has(opType) || decisions.has(opType));
	const wanted = new Set(asked.flatMap((node) => [...node.input, ...node.output]));
	const results = await runWith(model, wanted, feeds);
	if (!results) return null;
	const stored = new Map(
		graph.initializer.map((tensor) => [tensor.name, { dims: tensor.dims.map(Number), data: [], type: 'stored' }]),
	);
	const tensorOf = (name) => results[name] ?? feeds[name] ?? stored.get(name);

	const found = { everyUse: 0, once: 0, acs: 0, clear: true, spikes: 0, decided: 0, finite: true };
	const seen = new Set();
	const byWeight = new Map();
	for (const node of live) {
		if (decisions.has(node.opType) && !constant.has(node.output[0])) {
			const key = numbers.get(node.output[0]);
			const spikes = tensorOf(node.output[0]).data.reduce((count, value) => count + (value ? 1 : 0), 0);
			// A reset decides again, on the same membrane.
			const pattern = node.input.map((name) => Array.from(tensorOf(name).data).join()).join(' ');
			if (!seen.has(key)) found.decided += spikes;
			if (!seen.has(pattern) && passedOn.has(node.output[0])) found.spikes += spikes;
			seen.add(key);
			if (passedOn.has(node.output[0])) seen.add(pattern);
		}
		if (!weighted.has(node.opType)) continue;
		const [left, right] = node.input;
		const position = constant.has(right) ? 1 : 0;
		const [inputName, weightName] = position === 1 ? [left, right] : [right, left];
		if (!constant.has(weightName) || (constant.has(inputName) && constant.has(weightName))) continue;
		const [input, weight, output] = [tensorOf(inputName), tensorOf(weightName), tensorOf(node.output[0])];
		const fanOut = fanOutOf(node, input, weight, output, position);
		const values = numbersOf(input);
		const use = byWeight.get(weightName) ?? { magnitudes: new Set(), events: 0 };
		let events = 0;
		for (let at = 0; at < values.length; at += 1) {
			if (values[at] === 0) continue;
			if (!Number.isFinite(values[at])) found.finite = false;
			events += fanOut(at);
			if (use.magnitudes.size < 50) use.magnitudes.add(Math.abs(values[at]));
		}
		byWeight.set(weightName, use);
		found.everyUse += events;
		const key = numbers.get(node.output[0]);
		if (seen.has(key)) continue;
		seen.add(key);
		found.once += events;
		use.events += events;
	}
	for (const { magnitudes, events } of byWeight.values()) {
		if (magnitudes.size <= 1) found.acs += events;
		else if (magnitudes.size < 50) found.clear = false;
	}
	return found;
}

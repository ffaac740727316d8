/**
 * Loss and gradient of a network as its equations say, in float64 and without any engine: the yardstick of the gradient tests.
 *
 * The gradient is found by central differences. A spike has no derivative, so each is replaced by its value at the base point
 * plus the difference of a smooth function whose derivative is the surrogate; the reset's indicator and the ties of a max
 * pooling are held at the base point, as the method holds them. The ordinary derivative of that is the surrogate gradient.
 */

import { dropoutMask } from '../../src/training/gradients.ts';
import type { Layout } from '../../src/training/parameters.ts';
import type { Shard } from '../../src/training/pieces.ts';
import type { Convolution, Neuron, Operation, Plan, Pool } from '../../src/training/plan.ts';

export interface ReferenceResult {
	readonly loss: number;
	readonly logits: Float64Array;
	/** Nonzero outputs of each neuron layer, summed over images and timesteps. */
	readonly spikes: readonly number[];
}

/** The antiderivative of the surrogate 0.3·max(0, 1 − |z|). */
export function smoothSpike(z: number): number {
	if (z <= -1) return 0;
	if (z >= 1) return 0.3;
	return 0.3 * (z <= 0 ? (z + 1) ** 2 / 2 : 1 - (1 - z) ** 2 / 2);
}

/** Jest's globals are slow to reach from an inner loop. */
const { floor } = Math;

const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

interface Pass {
	readonly plan: Plan;
	readonly layout: Layout;
	readonly parameters: Float64Array;
	readonly shard: Shard;
	/** What is held at the base point, by `${layer}@${timestep}`. */
	readonly held: Map<string, Float64Array>;
	/** Whether this pass fills `held`. */
	readonly recording: boolean;
	readonly membranes: Map<string, Float64Array>;
	readonly masks: ReadonlyMap<string, Float32Array>;
	/** What the spikes cost, over all images; added up by the pass. */
	readonly spent: { cost: number };
	/** What every operation gave at the base point, and what spikes had cost after it. */
	readonly before: { readonly results: (readonly Float64Array[])[]; readonly costs: number[] };
	/** The first operation that a moved parameter belongs to: those before it give what they gave. */
	readonly first: number;
}

function parameter({ layout, parameters }: Pass, name: string): Float64Array {
	const entry = layout.entries.find((candidate) => candidate.name === name);
	if (!entry) throw new Error(`no parameter ${name}`);
	return parameters.subarray(entry.offset, entry.offset + entry.size);
}

/** A value of the base point, found while recording. */
function held(pass: Pass, key: string, make: () => Float64Array): Float64Array {
	if (pass.recording) pass.held.set(key, make());
	return pass.held.get(key) as Float64Array;
}

function convolve(pass: Pass, operation: Convolution, x: Float64Array): Float64Array {
	const { name, kernel, stride, padding, inputShape, outputShape } = operation;
	const [cin = 0, h = 0, w = 0] = inputShape;
	const [cout = 0, oh = 0, ow = 0] = outputShape;
	const count = x.length / size(inputShape);
	const weight = parameter(pass, `${name}.weight`);
	const y = new Float64Array(count * size(outputShape));
	let to = 0;
	for (let n = 0; n < count; n++)
		for (let o = 0; o < cout; o++)
			for (let r = 0; r < oh; r++)
				for (let c = 0; c < ow; c++) {
					let sum = 0;
					for (let i = 0; i < cin; i++)
						for (let a = 0; a < kernel; a++) {
							const row = r * stride + a - padding;
							if (row < 0 || row >= h) continue;
							for (let b = 0; b < kernel; b++) {
								const column = c * stride + b - padding;
								if (column < 0 || column >= w) continue;
								const factor = weight[((o * cin + i) * kernel + a) * kernel + b] as number;
								sum += factor * (x[((n * cin + i) * h + row) * w + column] as number);
							}
						}
					y[to++] = sum;
				}
	if (pass.layout.mode.normalised) return y;
	const bias = parameter(pass, `${name}.bias`);
	for (let i = 0; i < y.length; i++) y[i] = (y[i] as number) + (bias[floor(i / (oh * ow)) % cout] as number);
	return y;
}

/** Batch normalisation over the shard at hand and all timesteps, ε = 1e-5, in place. */
function normalise(pass: Pass, { name, outputShape }: Convolution, outputs: readonly Float64Array[]): void {
	const [channels = 0, oh = 0, ow = 0] = outputShape;
	const [scale, shift] = [parameter(pass, `${name}.scale`), parameter(pass, `${name}.shift`)];
	const places = oh * ow;
	const elements = outputs.reduce((sum, { length }) => sum + length, 0) / channels;
	for (let c = 0; c < channels; c++) {
		let mean = 0;
		for (const y of outputs)
			for (let at = c * places; at < y.length; at += channels * places)
				for (let i = at; i < at + places; i++) mean += (y[i] as number) / elements;
		let variance = 0;
		for (const y of outputs)
			for (let at = c * places; at < y.length; at += channels * places)
				for (let i = at; i < at + places; i++) variance += ((y[i] as number) - mean) ** 2 / elements;
		const factor = (scale[c] as number) / Math.sqrt(variance + 1e-5);
		for (const y of outputs)
			for (let at = c * places; at < y.length; at += channels * places)
				for (let i = at; i < at + places; i++) y[i] = factor * ((y[i] as number) - mean) + (shift[c] as number);
	}
}

function pool(
	pass: Pass,
	{ name, pooling, size: edge, inputShape, outputShape }: Pool,
	x: Float64Array,
	t: number,
): Float64Array {
	const [, h = 0, w = 0] = inputShape;
	const [ph, pw] = [h / edge, w / edge];
	const pooled = (x.length / size(inputShape)) * size(outputShape);
	const window = (i: number): number => (floor(i / (h * w)) * ph + floor((i % (h * w)) / w / edge)) * pw + floor((i % w) / edge);
	const share = held(pass, `${name}@${t}`, () => {
		if (pooling === 'average') return new Float64Array(x.length).fill(1 / (edge * edge));
		const largest = new Float64Array(pooled).fill(Number.NEGATIVE_INFINITY);
		for (const [i, value] of x.entries()) largest[window(i)] = Math.max(largest[window(i)] as number, value);
		const ties = new Float64Array(pooled);
		for (const [i, value] of x.entries()) if (value === largest[window(i)]) ties[window(i)] = (ties[window(i)] as number) + 1;
		return x.map((value, i) => (value === largest[window(i)] ? 1 / (ties[window(i)] as number) : 0));
	});
	const y = new Float64Array(pooled);
	for (let i = 0; i < x.length; i++) y[window(i)] = (y[window(i)] as number) + (x[i] as number) * (share[i] as number);
	return y;
}

function fire(pass: Pass, { name }: Neuron, current: Float64Array, t: number): Float64Array {
	const [v = 1] = parameter(pass, `${name}.threshold`);
	const [leak = 1] = parameter(pass, `${name}.leak`);
	const membrane = pass.membranes.get(name) ?? new Float64Array(current.length);
	pass.membranes.set(name, membrane);
	const charged = new Float64Array(current.length);
	for (let i = 0; i < current.length; i++) charged[i] = leak * (membrane[i] as number) + (current[i] as number);
	const base = held(pass, `${name}@${t}`, () => charged.map((u) => u / v - 1));
	const spikes = new Float64Array(current.length);
	for (let i = 0; i < current.length; i++) {
		const u = charged[i] as number;
		const z = base[i] as number;
		const fired = z > 0 ? 1 : 0;
		membrane[i] = u - v * fired;
		spikes[i] = fired + (smoothSpike(u / v - 1) - smoothSpike(z));
	}
	return spikes;
}

function dense(pass: Pass, name: string, x: Float64Array, inputs: number, outputs: number): Float64Array {
	const weight = parameter(pass, `${name}.weight`);
	const y = new Float64Array((x.length / inputs) * outputs);
	for (let n = 0; n < x.length / inputs; n++)
		for (let o = 0; o < outputs; o++) {
			let sum = 0;
			for (let i = 0; i < inputs; i++) sum += (x[n * inputs + i] as number) * (weight[i * outputs + o] as number);
			y[n * outputs + o] = sum;
		}
	return y;
}

/** The output of every timestep; operation by operation, because batch normalisation looks at all timesteps. */
function outputs(pass: Pass, spikes: number[]): readonly Float64Array[] {
	const { plan, shard, layout } = pass;
	const timesteps = layout.mode.neuron === 'lif' ? shard.timesteps : 1;
	const times = Array.from({ length: timesteps }, (_, t) => t);
	const values = new Map<string, readonly Float64Array[]>([['image', times.map(() => Float64Array.from(shard.images))]]);
	let neurons = 0;
	const run = (operation: Operation, x: Float64Array, t: number): Float64Array => {
		switch (operation.kind) {
			case 'convolution':
				return convolve(pass, operation, x);
			case 'dense':
				return dense(pass, operation.name, x, size(operation.inputShape), size(operation.outputShape));
			case 'sum': {
				const other = values.get(operation.other)?.[t] as Float64Array;
				return x.map((value, index) => value + (other[index] as number));
			}
			case 'neuron': {
				const y = layout.mode.neuron === 'lif' ? fire(pass, operation, x, t) : x.map((value) => Math.max(0, value));
				if (pass.recording) spikes[neurons] = (spikes[neurons] ?? 0) + y.filter((value) => value !== 0).length;
				if (layout.mode.neuron === 'lif')
					pass.spent.cost += (shard.spikePrices?.[neurons] ?? 0) * y.reduce((sum, value) => sum + value, 0);
				const mask = operation.dropout ? pass.masks.get(operation.name) : undefined;
				return mask ? y.map((value, index) => value * (mask[index] as number)) : y;
			}
			case 'pool':
				return pool(pass, operation, x, t);
			case 'flatten':
				return x;
		}
	};
	for (const [at, operation] of plan.operations.entries()) {
		const inputs = values.get(operation.input) as readonly Float64Array[];
		const known = at < pass.first ? pass.before.results[at] : undefined;
		const results = known ?? times.map((t) => run(operation, inputs[t] as Float64Array, t));
		if (known) pass.spent.cost = pass.before.costs[at] as number;
		if (operation.kind === 'neuron') neurons++;
		if (!known && operation.kind === 'convolution' && layout.mode.normalised) normalise(pass, operation, results);
		values.set(operation.output, results);
		if (!pass.recording) continue;
		pass.before.results[at] = results;
		pass.before.costs[at] = pass.spent.cost;
	}
	return values.get(plan.output) as readonly Float64Array[];
}

function evaluate(fixed: Omit<Pass, 'membranes' | 'spent'>): ReferenceResult {
	const { plan, shard } = fixed;
	const count = shard.labels.length;
	const pass: Pass = { ...fixed, membranes: new Map(), spent: { cost: 0 } };
	const logits = new Float64Array(count * plan.classes);
	const spikes: number[] = [];
	for (const output of outputs(pass, spikes))
		for (const [index, value] of output.entries()) logits[index] = (logits[index] as number) + value;
	let loss = pass.spent.cost / count;
	for (let n = 0; n < count; n++) {
		const row = logits.subarray(n * plan.classes, (n + 1) * plan.classes);
		const normaliser = Math.log(row.reduce((sum, value) => sum + Math.exp(value), 0));
		for (const [k, value] of row.entries()) {
			const labelled = (k === shard.labels[n] ? 1 - shard.labelSmoothing : 0) + shard.labelSmoothing / plan.classes;
			const target = shard.targets?.[n * plan.classes + k] ?? labelled;
			loss -= (target * (value - normaliser)) / count;
		}
	}
	return { loss, logits, spikes };
}

/** Loss (mean over the images) and the gradient of every parameter, found by central differences. */
export function referenceGradient(
	plan: Plan,
	layout: Layout,
	parameters: Float32Array,
	shard: Shard,
): ReferenceResult & { readonly gradient: Float64Array } {
	const neurons = plan.operations.filter((operation): operation is Neuron => operation.kind === 'neuron');
	const masks = new Map<string, Float32Array>();
	for (const [index, { name, dropout, outputShape }] of neurons.entries()) {
		if (!dropout || shard.dropout === 0) continue;
		masks.set(name, dropoutMask(shard, index, size(outputShape)));
	}
	const base = Float64Array.from(parameters);
	const fixed = { plan, layout, shard, masks, held: new Map<string, Float64Array>(), before: { results: [], costs: [] } };
	const result = evaluate({ ...fixed, parameters: base, recording: true, first: 0 });
	/** The operation of each parameter, whose name begins with that of the operation. */
	const firstOf = new Int32Array(base.length);
	for (const { name, offset, size: length } of layout.entries) {
		const at = plan.operations.findIndex((operation) => name.startsWith(`${operation.name}.`));
		if (at < 0) throw new Error(`no operation has the parameter ${name}`);
		firstOf.fill(at, offset, offset + length);
	}
	const step = 1e-6;
	const moved = base.slice();
	const lossAt = (index: number, value: number): number => {
		moved[index] = value;
		const { loss } = evaluate({ ...fixed, parameters: moved, recording: false, first: firstOf[index] as number });
		moved[index] = base[index] as number;
		return loss;
	};
	const gradient = base.map((value, index) => (lossAt(index, value + step) - lossAt(index, value - step)) / (2 * step));
	return { ...result, gradient };
}

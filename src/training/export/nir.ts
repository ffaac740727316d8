/**
 * A trained spiking network as a NIR graph: the same layers under the same names.
 *
 * NIR has no timestep and knows no reset by subtraction, so whoever reads the file must be told both: the time constants are
 * written for {@link nirTimestep}, τ = dt/(1 − λ) and r = 1/(1 − λ), and the training's soft reset is the reading
 * `--reset subtract`.
 */
import type { NirArray, NirFile, NirNode } from '../../formats/nir/index.ts';
import * as messages from '../messages.ts';
import { slice } from '../parameters.ts';
import type { Operation } from '../plan.ts';
import { product } from '../plan.ts';
import type { TrainedModel } from './model.ts';

/** Seconds: the timestep that NIR readers take when nothing else is said. */
export const nirTimestep = 1e-4;

const number = (value: number): NirArray => ({ shape: [1], values: Float64Array.of(value) });

/** @throws UserError for a network NIR has no words for: one without neurons' state, or with max pooling */
export function nirGraph(model: TrainedModel): NirFile {
	const { plan, layout } = model;
	if (layout.mode.neuron !== 'lif') {
		throw messages.reluAsNir();
	}
	const nodes = new Map<string, NirNode>([['image', { type: 'Input', shape: plan.inputShape }]]);
	const edges: [string, string][] = [];
	// NIR adds what arrives at a node, so a residual sum is no node but two edges.
	const sources = new Map<string, readonly string[]>([['image', ['image']]]);
	for (const operation of plan.operations) {
		const from = sources.get(operation.input) ?? [];
		if (operation.kind === 'sum') {
			sources.set(operation.output, [...from, ...(sources.get(operation.other) ?? [])]);
			continue;
		}
		nodes.set(operation.name, nodeOf(operation, model));
		edges.push(...from.map((source): [string, string] => [source, operation.name]));
		sources.set(operation.output, [operation.name]);
	}
	// The logits are the sum over timesteps of what the last layer gives: an integrator without threshold.
	nodes.set('logits', { type: 'I', r: number(1) });
	nodes.set('output', { type: 'Output', shape: [plan.classes] });
	edges.push(...(sources.get(plan.output) ?? []).map((source): [string, string] => [source, 'logits']), ['logits', 'output']);
	return { version: '1.0', graph: { type: 'NIRGraph', nodes, edges } };
}

function nodeOf(operation: Exclude<Operation, { kind: 'sum' }>, model: TrainedModel): NirNode {
	const weight = (role: string): NirArray => {
		const entry = model.layout.entries.find(({ name }) => name === `${operation.name}.${role}`);
		if (entry === undefined) {
			throw new Error(`layer ${operation.name} has no ${role}`);
		}
		return { shape: entry.shape, values: slice(model.parameters, entry) };
	};
	switch (operation.kind) {
		case 'convolution': {
			const { stride, padding, inputShape } = operation;
			return {
				type: 'Conv2d',
				inputShape: inputShape.slice(1),
				weight: weight('weight'),
				stride: [stride, stride],
				padding: [padding, padding],
				dilation: [1, 1],
				groups: 1,
				bias: weight('bias'),
			};
		}
		case 'dense':
			return { type: 'Linear', weight: transposed(weight('weight')) };
		case 'flatten':
			return { type: 'Flatten', inputType: operation.inputShape, startDim: 0, endDim: -1 };
		case 'pool': {
			if (operation.pooling === 'max') {
				throw messages.maxPoolingAsNir(operation.name);
			}
			const size = [operation.size, operation.size];
			return { type: 'AvgPool2d', kernelSize: size, stride: size, padding: [0, 0] };
		}
		case 'neuron':
			return neuron(operation.outputShape, weight('leak').values[0] ?? 1, weight('threshold').values[0] ?? 1);
	}
}

/** λ·v + I as v + dt/τ·(r·I − v); without leak, as an integrator. Parameters in the layer's shape, as NIR wants them. */
function neuron(shape: readonly number[], leak: number, threshold: number): NirNode {
	const filled = (value: number): NirArray => ({ shape, values: new Float64Array(product(shape)).fill(value) });
	const common = { vThreshold: filled(threshold), vReset: filled(0) };
	if (leak === 1) {
		return { type: 'IF', r: filled(1), ...common };
	}
	const fraction = 1 - leak;
	return { type: 'LIF', tau: filled(nirTimestep / fraction), r: filled(1 / fraction), vLeak: filled(0), ...common };
}

function transposed({ shape, values }: NirArray): NirArray {
	const [rows = 0, columns = 0] = shape;
	const result = new Float32Array(values.length);
	for (let row = 0; row < rows; row++) {
		for (let column = 0; column < columns; column++) {
			result[column * rows + row] = values[row * columns + column] ?? 0;
		}
	}
	return { shape: [columns, rows], values: result };
}

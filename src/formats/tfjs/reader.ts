import { codeOf, UserError } from '../../errors.ts';
import { readText } from '../../input-text.ts';
import { parseJson } from '../../json.ts';
import { add } from '../graph-draft.ts';
import type { ModelSource } from '../source.ts';
import { type Builder, newBuilder, plain } from './builder.ts';
import { emitGraphModel } from './graph/graph-model.ts';
import { arrayAt, isObject, type Json, type JsonObject, objectAt } from './json.ts';
import { emitLayersModel } from './layers-model.ts';
import { assumptions, messages } from './messages.ts';
import { readWeights } from './weights.ts';

/** The operator set the graph is written in. */
const opset = 17;
const largestModelFile = 2 ** 28;

/**
 * Reads a tfjs LayersModel or GraphModel from its model.json and the weight files beside it.
 *
 * Graph inputs keep tfjs' order of axes, [batch, height, width, channels]; inside, convolutions run channels first with their
 * weights turned once here. Our own spiking layers
 * make it a step model: one run is one timestep.
 *
 * @throws UserError if a file is missing or damaged, or a layer or operator is not known
 * @see docs/formats.md#tfjs
 */
export async function readTfjs(path: string): Promise<ModelSource> {
	const model = await readModelJson(path);
	const at = { file: path, place: 'the model' };
	const { weights, files } = await readWeights(path, arrayAt(model, 'weightsManifest', at));
	const topology = objectAt(model, 'modelTopology', at);
	const builder = newBuilder(path);
	const isGraph = model.format === 'graph-model' || (model.format === undefined && Array.isArray(topology.node));
	const results = isGraph ? emitGraphModel(builder, model, topology, weights) : emitLayersModel(builder, topology, weights);
	const states = builder.outputs.splice(0);
	for (const { name, value } of results) {
		const taken = builder.inputs.some((input) => input.name === name) || builder.outputs.some((output) => output.name === name);
		const output = taken ? `${name}_output` : name;
		add(builder, name, 'Identity', [plain(builder, value)], {}, output);
		builder.outputs.push({ name: output, type: 'float32', dims: value.shape });
	}
	builder.outputs.push(...states);
	// The data before the states.
	const isState = (name: string) => builder.states.some(({ input }) => input === name);
	const inputs = [...builder.inputs.filter(({ name }) => !isState(name)), ...builder.inputs.filter(({ name }) => isState(name))];
	const { nodes, outputs } = builder;
	const read = new Set(nodes.flatMap((node) => node.inputs));
	const constants = new Map([...builder.constants].filter(([name]) => read.has(name)));
	return {
		model: {
			graph: { name: 'tfjs', nodes, constants, inputs, outputs },
			opsets: new Map([['', opset]]),
			producer: typeof model.generatedBy === 'string' ? model.generatedBy : 'tfjs',
			metadata: metadataOf(builder),
		},
		timing: builder.states.length > 0 ? 'step' : 'none',
		states: builder.states,
		assumptions: [
			...(builder.spiking.length > 0 ? [assumptions.step(builder.spiking)] : []),
			...(builder.trainingOnly.length > 0 ? [assumptions.dropout(builder.trainingOnly)] : []),
		],
		files,
		...(inputs.some(({ name, dims }) => dims?.length === 4 && !builder.channelsFirstInputs.has(name))
			? { inputLayout: 'NHWC' as const }
			: {}),
	};
}

/** What a step model says of its run, under the names that our ONNX models use too. */
function metadataOf({ states, timesteps }: Builder): ReadonlyMap<string, string> {
	const entries: [string, string][] = [];
	if (states.length > 0) {
		entries.push(['snn.states', states.map(({ input, output }) => `${input}=${output}`).join(';')]);
	}
	if (timesteps.count !== null) {
		entries.push(['snn.timesteps', String(timesteps.count)]);
	}
	if (timesteps.summed) {
		entries.push(['snn.readout', 'last']);
	}
	return new Map(entries);
}

async function readModelJson(path: string): Promise<JsonObject> {
	let text: string;
	try {
		text = readText(path, { largest: largestModelFile });
	} catch (error) {
		if (error instanceof UserError) {
			throw error;
		}
		const code = codeOf(error);
		throw new UserError(code === 'ENOENT' ? messages.missing(path) : messages.unreadable(path, String(code)), { cause: error });
	}
	let parsed: Json;
	try {
		parsed = parseJson(text) as Json;
	} catch (error) {
		throw new UserError(messages.notJson(path), { cause: error });
	}
	if (!isObject(parsed) || !isObject(parsed.modelTopology)) {
		throw new UserError(messages.notModel(path));
	}
	return parsed;
}

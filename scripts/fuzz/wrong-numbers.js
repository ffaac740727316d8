// Networks of the corpus, changed in structure, counted by the tool and by a recount of the same file. A difference that no
// warning stands beside is a wrong number without a word: a failure.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as ort from 'onnxruntime-node';
import { UserError } from '../../dist/errors.js';
import { readNpy } from '../../dist/formats/npy/index.js';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../../dist/formats/onnx/onnx_pb.js';
import { countEvents, loadNetwork } from '../../dist/pipeline.js';
import { mutateGraph } from './graph-mutations.js';
import { recount, tensorKinds } from './recount.js';

const corpus = fileURLToPath(new URL('../../test/fixtures/corpus/', import.meta.url));
/** Changes of small networks find as much, sooner. */
const largestSeed = 60_000;
const caseKey = 'snn-energy fuzz case';
const editsKey = 'snn-energy fuzz edits';

const referenceOf = (name) => JSON.parse(readFileSync(join(corpus, name, 'reference.json'), 'utf8'));

/** Every network that computes all its timesteps in one run, "network/file". */
function cases() {
	return readdirSync(corpus)
		.filter((name) => existsSync(join(corpus, name, 'reference.json')) && !referenceOf(name).step)
		.flatMap((name) => ['dynamo.onnx', 'traced.onnx'].map((file) => join(name, file)))
		.filter((path) => existsSync(join(corpus, path)))
		.sort();
}

const decode = (bytes) => fromBinary(ModelProtoSchema, bytes);
const encode = (model) => toBinary(ModelProtoSchema, model);
const noted = (model, wanted) => model.metadataProps.find(({ key }) => key === wanted)?.value;
const caseOf = (model) => noted(model, caseKey);

/** What onnxruntime is given: the stored input, under the name of the graph's one input. */
function feedsOf(model, path) {
	const { shape, data } = readNpy(readFileSync(join(corpus, path, '../inputs.npy')), path);
	const initial = new Set(model.graph.initializer.map(({ name }) => name));
	const [input] = model.graph.input.filter(({ name }) => !initial.has(name));
	return { [input.name]: new ort.Tensor('float32', Float32Array.from(data), shape) };
}

const kinds = new Map();

/** Small examples, each with its name in its metadata. */
export const seeds = () =>
	cases().flatMap((path) => {
		const bytes = readFileSync(join(corpus, path));
		if (bytes.length > largestSeed) return [];
		const model = decode(bytes);
		model.metadataProps.push(create(StringStringEntryProtoSchema, { key: caseKey, value: path }));
		return [encode(model)];
	});

export const content = {
	decode,
	encode,
	/** Finds the shapes of an example's tensors, once; of one that the recount cannot count there are none, and no tensor is exchanged. */
	async prepare(bytes) {
		const model = decode(bytes);
		const path = caseOf(model);
		if (!kinds.has(path)) kinds.set(path, (await tensorKinds(bytes, feedsOf(model, path))) ?? new Map());
	},
	mutate(below, model) {
		const own = new Map(kinds.get(caseOf(model)));
		const edits = [];
		for (let left = 1 + below(3); left > 0; left -= 1) mutateGraph(below, model, own, (what) => edits.push(what));
		model.metadataProps.push(create(StringStringEntryProtoSchema, { key: editsKey, value: edits.join('; ') }));
		return model;
	},
};

const sum = (layers, name) => layers.reduce((total, { totals }) => total + totals[name], 0);
const grave = new Set(['not-understood', 'no-numbers', 'varies', 'doubtful']);

/** Both counts of a file. @throws UserError when the tool refuses it */
async function both(file, bytes, path) {
	const { options } = referenceOf(path.split('/')[0]);
	const network = await loadNetwork(file, options);
	const activity = await countEvents(network, { data: join(corpus, path, '../inputs.npy') });
	const layers = activity.layers.filter(({ kind, geometry }) => kind === 'synaptic' && geometry.weightElements > 0);
	const neurons = activity.layers.filter(({ kind, spiking }) => kind === 'neuron' && spiking);
	const tool = {
		mode: network.mode,
		timesteps: activity.run.timesteps,
		events: sum(layers, 'synapticEvents'),
		acs: sum(layers, 'acs'),
		macs: sum(layers, 'macs'),
		spikes: sum(neurons, 'spikes'),
		/** Whether every layer of neurons fires where a comparison is true, which is what the recount looks for. */
		compared:
			neurons.every(({ op }) => /^(Greater|Less)/.test(op)) &&
			!network.assumptions.some((sentence) => sentence.includes('of a neuron at rest')),
		loud: (activity.balance?.findings ?? []).some(({ kind }) => grave.has(kind)),
		warnings: activity.warnings,
		close: activity.decisions.close ?? 0,
	};
	// The recount feeds all samples at once.
	const oneByOne = activity.run.assumptions.some((sentence) => sentence.includes('hold only for a batch of'));
	return { tool, plain: network.mode === 'step' || oneByOne ? null : await recount(bytes, feedsOf(decode(bytes), path)) };
}

/** Decisions that only reset are not spikes; those that pass a mask on the way to a weight are. */
const within = (tool, plain) => tool.spikes >= plain.spikes && tool.spikes <= plain.decided;

/** Decisions within rounding, which the report tells, may fall otherwise in a graph that computes in another order: a few events. */
const explained = (tool, plain) => tool.close > 0 && Math.abs(tool.events - plain.once) <= plain.once / 1000;

/** Which of the counts may be compared on a network's mutants: those that agree on the network itself. */
const agreements = new Map();
async function agreementOf(path) {
	if (!agreements.has(path)) {
		const file = join(corpus, path);
		const { tool, plain } = await both(file, readFileSync(file), path).catch((error) => {
			if (error instanceof UserError) return { plain: null };
			throw error;
		});
		agreements.set(path, {
			events: plain !== null && tool.events === plain.once,
			acs: plain?.clear === true && tool.acs === plain.acs,
			spikes: plain !== null && within(tool, plain),
			warnings: new Set(tool?.warnings),
		});
	}
	return agreements.get(path);
}

export async function read(file) {
	const bytes = readFileSync(file);
	const model = decode(bytes);
	const path = caseOf(model);
	const agreed = await agreementOf(path);
	const { tool, plain } = await both(file, bytes, path);
	if (plain === null) return 'not recounted';
	if (!plain.finite)
		return tool.loud ? 'said' : different(model, tool, plain, 'NaN or infinity in front of weights, without a word');
	if (tool.events !== tool.acs + tool.macs) return different(model, tool, plain, 'ACs and MACs are not the events');
	const wrong = [
		agreed.events && tool.events !== plain.once && tool.events !== plain.everyUse ? 'events' : '',
		agreed.acs && plain.clear && tool.acs !== plain.acs && tool.events === plain.once ? 'ACs' : '',
		agreed.spikes && tool.compared && !within(tool, plain) ? 'spikes' : '',
	].filter(Boolean);
	if (wrong.length === 0) return undefined;
	return tool.loud || explained(tool, plain) || tool.warnings.some((warning) => !agreed.warnings.has(warning))
		? 'said'
		: different(model, tool, plain, wrong.join(', '));
}

function different(model, tool, plain, what) {
	throw new Error(`${what} (${caseOf(model)})\n${noted(model, editsKey)}\n${JSON.stringify(tool)}\n${JSON.stringify(plain)}`);
}

import { files } from '#platform/files';
import { dirname, isAbsolute, join, normalize } from '#platform/paths';
import { codeOf, UserError } from '../../errors.ts';
import type { Graph, GraphNode, Model } from '../../model/graph.ts';
import { tensorValues } from '../../model/tensors.ts';
import type { InputFile } from '../../platform/ports.ts';
import { fileProblem } from '../../system-errors.ts';
import * as messages from '../messages.ts';
import { decodeModel } from './codec.ts';
import { checkSizes } from './sizes.ts';
import type { ReadExternal } from './tensor-codec.ts';

/** Operator sets whose operators snn-energy knows. Newer ones that onnxruntime runs are read too, with a word. */
const oldestOpset = 9;
const newestOpset = 25;

/**
 * Reads an ONNX file with its external data and checks that it is whole: every tensor read is
 * written once, nodes are in topological order, no weight is NaN or infinite.
 *
 * @throws UserError naming the file, the place and what to do
 */
export function readOnnx(path: string): Model {
	return parseOnnx(readBytes(path), path);
}

/** As readOnnx, from bytes already in memory; external data are looked for beside `path`. */
export function parseOnnx(bytes: Uint8Array, path: string): Model {
	const model = decodeModel(bytes, path, externalReader(path));
	const opset = model.opsets.get('') ?? null;
	if (opset === null || opset < oldestOpset || opset > newestOpset)
		throw new UserError(messages.opsetUnsupported(path, opset, [oldestOpset, newestOpset]));
	const graph = sortTopologically(model.graph, path, new Set());
	checkSizes(graph, path);
	checkFinite(graph, path);
	return { ...model, graph };
}

export function readBytes(path: string): Uint8Array {
	try {
		return files.read(path);
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		const code = codeOf(cause);
		if (code === 'ENOENT' || code === 'ENOTDIR') throw new UserError(messages.fileMissing(path), { cause });
		throw new UserError(messages.fileUnreadable(path, code === 'EISDIR' ? 'it is a folder' : (code ?? 'unknown reason')), {
			cause,
		});
	}
}

function externalReader(modelPath: string): ReadExternal {
	return (tensor, location, offset, length) => {
		const relative = normalize(location);
		if (location === '' || isAbsolute(location) || relative === '..' || /^\.\.[\\/]/.test(relative)) {
			throw new UserError(messages.externalDataOutside(modelPath, tensor, location));
		}
		const expected = length ?? 0;
		if (!Number.isSafeInteger(offset) || offset < 0 || !Number.isSafeInteger(expected) || expected < 0) {
			throw new UserError(messages.externalDataRange(modelPath, tensor, location));
		}
		const path = join(dirname(modelPath), relative);
		if (files.leadsOutside(modelPath, path)) throw new UserError(messages.externalDataLink(modelPath, tensor, location));
		let opened: InputFile;
		try {
			opened = files.open(path);
		} catch (cause) {
			if (cause instanceof UserError) throw cause;
			const code = codeOf(cause);
			if (code === 'ENOENT') throw new UserError(messages.externalDataMissing(modelPath, tensor, location), { cause });
			const reason = code === 'EISDIR' ? 'it is a folder' : fileProblem(cause);
			throw new UserError(messages.externalDataUnreadable(modelPath, tensor, location, reason), { cause });
		}
		try {
			const available = Math.max(0, opened.size - offset);
			const wanted = length ?? available;
			// Checked before the buffer is made: a damaged file may claim terabytes.
			if (wanted > available) throw new UserError(messages.externalDataShort(modelPath, tensor, location, available, wanted));
			const bytes = opened.read(offset, wanted);
			if (bytes.length < wanted)
				throw new UserError(messages.externalDataShort(modelPath, tensor, location, bytes.length, wanted));
			return bytes;
		} finally {
			opened.close();
		}
	};
}

/** Names a node's subgraphs read from the scope around them. */
function subgraphReads(node: GraphNode): string[] {
	const names: string[] = [];
	for (const attribute of node.attributes.values()) {
		if (attribute.kind !== 'graph') continue;
		const inner = attribute.value;
		const local = new Set([
			...inner.constants.keys(),
			...inner.inputs.map(({ name }) => name),
			...inner.nodes.flatMap(({ outputs }) => outputs),
		]);
		for (const innerNode of inner.nodes) {
			for (const name of [...innerNode.inputs, ...subgraphReads(innerNode)])
				if (name !== '' && !local.has(name)) names.push(name);
		}
		for (const { name } of inner.outputs) if (!local.has(name)) names.push(name);
	}
	return names;
}

/** ONNX wants nodes sorted, but not every writer sorts them; undefined names and cycles are refused here. */
function sortTopologically(graph: Graph, file: string, outer: ReadonlySet<string>): Graph {
	const producer = new Map<string, GraphNode>();
	for (const node of graph.nodes) {
		for (const output of node.outputs) {
			if (output === '') continue;
			if (producer.has(output) || graph.constants.has(output))
				throw new UserError(messages.duplicateTensor(file, node.name, output));
			producer.set(output, node);
		}
	}
	const given = new Set([...outer, ...graph.constants.keys(), ...graph.inputs.map(({ name }) => name)]);
	const sorted: GraphNode[] = [];
	const state = new Map<GraphNode, 'open' | 'done'>();
	const dependencies = (node: GraphNode): string[] => [...node.inputs.filter((name) => name !== ''), ...subgraphReads(node)];
	for (const root of graph.nodes) {
		const stack: { node: GraphNode; reads: string[]; next: number }[] = [];
		const open = (node: GraphNode): void => {
			if (state.get(node) === 'done') return;
			if (state.get(node) === 'open') throw new UserError(messages.cyclicGraph(file, node.name));
			state.set(node, 'open');
			stack.push({ node, reads: dependencies(node), next: 0 });
		};
		open(root);
		for (let top = stack.at(-1); top; top = stack.at(-1)) {
			const name = top.reads[top.next];
			if (name === undefined) {
				state.set(top.node, 'done');
				sorted.push(top.node);
				stack.pop();
				continue;
			}
			top.next += 1;
			const from = producer.get(name);
			if (from) open(from);
			else if (!given.has(name)) throw new UserError(messages.undefinedTensor(file, top.node.name, name));
		}
	}
	for (const { name } of graph.outputs) {
		if (!producer.has(name) && !given.has(name)) throw new UserError(messages.undefinedTensor(file, 'graph output', name));
	}
	return { ...graph, nodes: sorted };
}

function checkFinite(graph: Graph, file: string): void {
	for (const [name, tensor] of graph.constants) {
		if (!['float32', 'float64', 'float16', 'bfloat16'].includes(tensor.type)) continue;
		const values = tensorValues(tensor);
		// NaN and infinity both make this sum non-finite; a finite sum of finite float32 values cannot overflow a double.
		let sum = 0;
		for (let index = 0; index < values.length; index += 1) sum += values[index] as number;
		if (Number.isFinite(sum)) continue;
		const what = values.some((value) => Number.isNaN(value)) ? 'NaN' : 'infinite values';
		// Exporters store ±infinity as the fill of masks (one value); only weights are refused for it.
		if (what === 'infinite values' && values.length === 1) continue;
		throw new UserError(messages.nonFiniteTensor(file, name, what));
	}
}

import { UserError } from '../../../errors.ts';
import { arrayAt, isObject, type Json, type JsonObject, malformed, type Place, textAt } from '../json.ts';
import { messages } from '../messages.ts';

/** One operator of a TensorFlow graph. */
export interface GraphDefNode extends Place {
	readonly name: string;
	readonly op: string;
	/** Name of a node and number of its output. */
	readonly inputs: readonly { readonly node: string; readonly output: number }[];
	readonly attributes: JsonObject;
}

/** @throws UserError if the list of nodes is malformed or names a node twice */
export function parseNodes(topology: JsonObject, file: string): Map<string, GraphDefNode> {
	const at: Place = { file, place: 'modelTopology' };
	const nodes = new Map<string, GraphDefNode>();
	for (const entry of arrayAt(topology, 'node', at)) {
		if (!isObject(entry)) {
			throw malformed(at, 'node', entry, 'a list of objects');
		}
		const name = textAt(entry, 'name', at);
		const place: Place = { file, place: `node "${name}"` };
		if (nodes.has(name)) {
			throw malformed(place, 'name', name, 'a name that no other node has');
		}
		const inputs = entry.input === undefined ? [] : arrayAt(entry, 'input', place);
		nodes.set(name, {
			...place,
			name,
			op: textAt(entry, 'op', place),
			inputs: inputs.flatMap((input) => {
				if (typeof input !== 'string') {
					throw malformed(place, 'input', input, 'names of nodes');
				}
				// A caret marks an order of execution, not data.
				return input.startsWith('^') ? [] : [parseReference(input)];
			}),
			attributes: isObject(entry.attr) ? entry.attr : {},
		});
	}
	return nodes;
}

export function parseReference(text: string): { node: string; output: number } {
	const [node = '', output] = text.split(':');
	return { node, output: Number.parseInt(output ?? '0', 10) || 0 };
}

function attribute(node: GraphDefNode, name: string, kind: string): Json | undefined {
	const value = node.attributes[name];
	return isObject(value) ? value[kind] : undefined;
}

/** Text attributes are base64. */
function textAttribute(node: GraphDefNode, name: string, standard: string): string {
	const value = attribute(node, name, 's');
	return typeof value === 'string' ? atob(value) : standard;
}

export function textsAttribute(node: GraphDefNode, name: string): string[] {
	const list = attribute(node, name, 'list');
	const texts = isObject(list) && Array.isArray(list.s) ? list.s : [];
	return texts.map((text: Json) => atob(String(text)));
}

export function numberAttribute(node: GraphDefNode, name: string, standard: number): number {
	// Integers of 64 bits are written as text; zeros may be left out.
	const value = attribute(node, name, 'f') ?? attribute(node, name, 'i');
	const found = node.attributes[name] === undefined ? standard : Number(value ?? 0);
	if (!Number.isFinite(found)) {
		throw malformed(node, name, value, 'a number');
	}
	return found;
}

export function flagAttribute(node: GraphDefNode, name: string): boolean {
	return attribute(node, name, 'b') === true;
}

export function integersAttribute(node: GraphDefNode, name: string, standard: readonly number[]): readonly number[] {
	const list = attribute(node, name, 'list');
	if (!isObject(list) || !Array.isArray(list.i)) {
		return standard;
	}
	const numbers = list.i.map(Number);
	if (!numbers.every((value: number) => Number.isSafeInteger(value))) {
		throw malformed(node, name, list.i, 'whole numbers');
	}
	return numbers;
}

/** The shape a placeholder carries; null where a size is free. */
export function shapeAttribute(node: GraphDefNode): (number | null)[] | null {
	const shape = attribute(node, 'shape', 'shape');
	if (!isObject(shape) || !Array.isArray(shape.dim)) {
		return null;
	}
	return shape.dim.map((dim: Json) => {
		const size = isObject(dim) ? Number(dim.size) : Number.NaN;
		return Number.isSafeInteger(size) && size > 0 ? size : null;
	});
}

/** Refuses the attribute's other values. */
export function onlyText(node: GraphDefNode, name: string, standard: string, allowed: readonly string[]): string {
	const found = textAttribute(node, name, standard);
	if (!allowed.includes(found)) {
		throw new UserError(
			messages.unsupportedOption(node.file, node.name, name, `"${found}"`, allowed.map((one) => `"${one}"`).join(' or ')),
		);
	}
	return found;
}

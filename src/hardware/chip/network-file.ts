import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { UserError } from '../../errors.ts';
import { readInput } from '../../inputs.ts';
import { parseLifting, type Triples } from './json-triples.ts';
import * as messages from './messages.ts';
import type { ExplicitNetwork, LifGroup, MappingEntry, NeuronGroup, Projection, ResetMode, ReverseResetMode } from './network.ts';
import { networkSchema } from './network-schema.ts';

interface GroupRecord {
	readonly name: string;
	readonly size: number;
	readonly kind: 'input' | 'lif';
	readonly spike_times?: number[][];
	readonly threshold?: number;
	readonly reverse_threshold?: number;
	readonly leak_decay?: number;
	readonly input_decay?: number;
	readonly reset_mode?: ResetMode;
	readonly reset?: number;
	readonly reverse_reset_mode?: ReverseResetMode;
	readonly reverse_reset?: number;
	readonly refractory_delay?: number;
	readonly force_update?: boolean;
	readonly synapse_unit?: string;
	readonly bias?: number | number[];
}

interface NetworkRecord {
	readonly name?: string;
	readonly timesteps: number;
	readonly groups: readonly GroupRecord[];
	readonly edges: readonly { readonly pre: string; readonly post: string; readonly list: unknown }[];
	readonly mappings: Readonly<Record<string, readonly (readonly [string, number, number, string])[]>>;
}

/**
 * Reads an explicit network from a JSON file.
 *
 * @throws UserError if the file cannot be read or is not such a network (see readNetwork)
 */
export function readNetworkFile(path: string): ExplicitNetwork {
	let bytes: Uint8Array;
	try {
		bytes = readInput(path);
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(messages.unreadable(path, cause instanceof Error ? cause.message : String(cause)), { cause });
	}
	return readNetwork(bytes, path);
}

/**
 * Reads an explicit network: neuron groups, synapses, input spikes and mappings, as in docs/chips.md.
 *
 * @param bytes  UTF-8 JSON
 * @param file  the name used in messages
 * @throws UserError naming the place of the first thing wrong
 */
export function readNetwork(bytes: Uint8Array, file: string): ExplicitNetwork {
	const { document, rowsOf } = parseLifting(bytes, 'list', 3, file);
	const record = checked(document, file);
	const groups = new Map<string, NeuronGroup>();
	for (const group of record.groups) {
		if (groups.has(group.name)) throw new UserError(messages.duplicateGroup(file, group.name));
		groups.set(group.name, groupOf(group, file));
	}
	return {
		name: record.name ?? file,
		timesteps: record.timesteps,
		groups: [...groups.values()],
		projections: record.edges.map((edge, number) => projectionOf(edge, number, rowsOf(edge.list), groups, file)),
		mappings: new Map(
			Object.entries(record.mappings).map(([name, entries]) => [
				name,
				entries.map((entry, number) => mappingEntryOf(entry, number, name, groups, file)),
			]),
		),
	};
}

let validator: ValidateFunction<NetworkRecord> | null = null;

function checked(document: unknown, file: string): NetworkRecord {
	validator ??= new Ajv({ strict: false }).compile<NetworkRecord>(networkSchema);
	const validate = validator;
	if (validate(document)) return document;
	const [place, problem] = described(validate.errors ?? [], document);
	throw new UserError(messages.invalidNetwork(file, place, problem));
}

/** The most telling of ajv's errors as a place ("groups/2/threshold") and a phrase. */
function described(errors: readonly ErrorObject[], document: unknown): [place: string, problem: string] {
	const telling = errors.filter(({ keyword }) => keyword !== 'if' && keyword !== 'anyOf');
	const error = telling[0] ?? errors[0];
	if (error === undefined) return ['', 'is not valid'];
	const place = error.instancePath.slice(1);
	if (error.keyword === 'additionalProperties') return [place, `has the unknown entry "${error.params.additionalProperty}"`];
	if (error.keyword === 'enum') return [place, `must be one of ${error.params.allowedValues.join(', ')}`];
	if (error.keyword === 'pattern') return [place, 'must be a core written "tile.core", such as "3.1"'];
	return [place, `${error.message ?? 'is not valid'}${found(place, document)}`];
}

function found(place: string, document: unknown): string {
	let value: unknown = document;
	for (const step of place === '' ? [] : place.split('/')) value = (value as Record<string, unknown> | undefined)?.[step];
	return typeof value === 'object' || value === undefined ? '' : `, found ${JSON.stringify(value)}`;
}

function groupOf(record: GroupRecord, file: string): NeuronGroup {
	const { name, size } = record;
	if (record.kind === 'input') {
		const spikeTimes = record.spike_times ?? [];
		if (spikeTimes.length !== size) {
			throw new UserError(messages.wrongLength(file, name, 'spike_times', spikeTimes.length, size));
		}
		return { kind: 'input', name, size, spikeTimes };
	}
	const group: LifGroup = {
		kind: 'lif',
		name,
		size,
		threshold: record.threshold ?? 0,
		reverseThreshold: record.reverse_threshold ?? 0,
		leakDecay: record.leak_decay ?? 1,
		inputDecay: record.input_decay ?? 0,
		resetMode: record.reset_mode ?? 'hard',
		reset: record.reset ?? 0,
		reverseResetMode: record.reverse_reset_mode ?? 'none',
		reverseReset: record.reverse_reset ?? 0,
		refractoryDelay: record.refractory_delay ?? 0,
		forceUpdate: record.force_update ?? false,
		synapseUnit: record.synapse_unit ?? null,
		bias: biasOf(record, file),
	};
	return group;
}

function biasOf(record: GroupRecord, file: string): Float64Array {
	const { bias } = record;
	if (!Array.isArray(bias)) return new Float64Array(record.size).fill(bias ?? 0);
	if (bias.length !== record.size) {
		throw new UserError(messages.wrongLength(file, record.name, 'bias', bias.length, record.size));
	}
	return Float64Array.from(bias);
}

function projectionOf(
	record: NetworkRecord['edges'][number],
	number: number,
	rows: Triples | undefined,
	groups: ReadonlyMap<string, NeuronGroup>,
	file: string,
): Projection {
	const place = `edge ${number}`;
	const pre = known(groups, record.pre, place, file);
	const post = known(groups, record.post, place, file);
	if (post.kind === 'input') throw new UserError(messages.synapseOntoInput(file, number, post.name));
	if (rows === undefined) throw new UserError(messages.listIsNotRows(file, number));
	checkIndices(rows.preIndex, pre, place, file);
	checkIndices(rows.postIndex, post, place, file);
	return { pre: pre.name, post: post.name, ...rows };
}

function checkIndices(indices: Uint32Array, group: NeuronGroup, place: string, file: string): void {
	for (const index of indices) {
		if (index >= group.size) throw new UserError(messages.neuronOutOfRange(file, place, group.name, index, group.size));
	}
}

function mappingEntryOf(
	[groupName, first, last, core]: readonly [string, number, number, string],
	number: number,
	mapping: string,
	groups: ReadonlyMap<string, NeuronGroup>,
	file: string,
): MappingEntry {
	const place = `entry ${number} of mapping "${mapping}"`;
	const group = known(groups, groupName, place, file);
	if (first > last) throw new UserError(messages.reversedRange(file, mapping, number, first, last));
	if (last >= group.size) throw new UserError(messages.neuronOutOfRange(file, place, groupName, last, group.size));
	const [tile, coreInTile] = core.split('.').map(Number) as [number, number];
	return { group: groupName, first, last, tile, core: coreInTile };
}

function known(groups: ReadonlyMap<string, NeuronGroup>, name: string, place: string, file: string): NeuronGroup {
	const group = groups.get(name);
	if (group === undefined) throw new UserError(messages.unknownGroup(file, place, name, [...groups.keys()]));
	return group;
}

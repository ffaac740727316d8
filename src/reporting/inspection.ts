/** What `inspect` prints: the structure found in a model file, before anything is run. */

import { type Booking, bookings } from '../network/balance/index.ts';
import { holdsModelInput } from '../network/model-input.ts';
import type { Network, NeuronLayer, ProductLayer, SynapticLayer } from '../network/network.ts';
import { tool } from '../version.ts';
import { formatCount, noValue } from './numbers.ts';
import type { Printable } from './printable.ts';
import { listInWords } from './sentences.ts';
import type { Block, Cell, Column, Fact, Row, Section, Table } from './table.ts';

/** Shapes of one sample, without the batch axis, in the order of the network's layers. */
export interface InspectedShapes {
	readonly synapses: readonly {
		readonly inputShape: readonly number[];
		readonly outputShape: readonly number[];
		/** Of one timestep. */
		readonly denseMacs: number;
	}[];
	readonly neurons: readonly (readonly number[])[];
	/** null for products that cannot be counted. */
	readonly products?: readonly ({
		readonly inputShape: readonly number[];
		readonly outputShape: readonly number[];
		readonly denseMacs: number;
	} | null)[];
}

interface InspectedSynapse {
	readonly kind: 'synaptic';
	readonly name: string;
	readonly op: string;
	readonly weightShape: readonly number[];
	readonly inputShape: readonly number[] | null;
	readonly outputShape: readonly number[] | null;
	readonly denseMacs: number | null;
	readonly inputKind: 'spikes' | 'graded' | 'analog' | 'decided by the run';
	readonly inputReason: string;
	readonly sources: readonly string[];
	/** Uses of the weight in the graph; the timesteps of an unrolled graph. */
	readonly uses: number;
	readonly timeInvariant: boolean;
}

interface InspectedNeurons {
	readonly kind: 'neuron';
	readonly name: string;
	readonly op: string;
	readonly shape: readonly number[] | null;
	readonly neurons: number | null;
	readonly leak: number | null;
	readonly threshold: number | null;
	readonly reset: NeuronLayer['reset'];
	readonly delayedReset: boolean;
	readonly stateWords: number;
	/** False for a layer that integrates its input and never fires. */
	readonly spiking: boolean;
}

/** The structure as a record, "snn-energy/inspection@1". */
export interface Inspection {
	readonly schema: 'snn-energy/inspection@1';
	readonly tool: { readonly name: string; readonly version: string };
	readonly model: { readonly file: string; readonly sha256: string; readonly format: string; readonly parameters: number };
	readonly mode: Network['mode'];
	readonly timesteps: number | null;
	readonly input: { readonly name: string; readonly shape: readonly (number | string | null)[] | null };
	readonly readout: { readonly output: string; readonly rule: string };
	/** `initial` is null when every element starts at a value of its own. */
	readonly states: readonly { readonly input: string; readonly output: string; readonly initial: number | null }[];
	/** Dense MACs of one pass; null without shapes. */
	readonly denseMacs: number | null;
	readonly layers: readonly (InspectedSynapse | InspectedNeurons)[];
	readonly balance: Network['balance'];
	/** What every part of the graph was booked as; only where it was asked for. */
	readonly bookings?: readonly Booking[];
	readonly assumptions: readonly string[];
	readonly warnings: readonly string[];
}

/** @param shapes  null when they could not be found without running the model */
export function inspectNetwork(
	network: Network,
	shapes: InspectedShapes | null,
	options: { readonly bookings?: boolean | undefined } = {},
): Inspection {
	const { file, sha256, format, parameters } = network;
	return {
		schema: 'snn-energy/inspection@1',
		tool: { name: tool.name, version: tool.version },
		model: { file, sha256, format, parameters },
		mode: network.mode,
		timesteps: network.timesteps,
		input: { name: network.input.name, shape: network.input.dims },
		readout: { output: network.readout.output, rule: network.readout.rule },
		states: network.states.map(({ input, output, initial }) => ({
			input,
			output,
			initial: typeof initial === 'number' ? initial : null,
		})),
		denseMacs: shapes === null ? null : denseMacsOf(shapes),
		layers: layersInOrder(network, shapes),
		balance: network.balance,
		...(options.bookings ? { bookings: bookings(network) } : {}),
		assumptions: network.assumptions,
		warnings: network.warnings,
	};
}

function denseMacsOf({ synapses, products = [] }: InspectedShapes): number {
	return [...synapses, ...products].reduce((sum, shape) => sum + (shape?.denseMacs ?? 0), 0);
}

/** Layers in the order of their first use in the graph. */
function layersInOrder(network: Network, shapes: InspectedShapes | null): (InspectedSynapse | InspectedNeurons)[] {
	const byName = new Map<string, number>();
	const byOutput = new Map<string, number>();
	network.model.graph.nodes.forEach((node, index) => {
		byName.set(node.name, index);
		for (const output of node.outputs) byOutput.set(output, index);
	});
	const synapses = network.synapticLayers.map((layer, index) => ({
		at: byName.get(layer.calls[0]?.node ?? '') ?? 0,
		layer: inspectSynapse(network, layer, shapes?.synapses[index] ?? null),
	}));
	const neurons = network.neuronLayers.map((layer, index) => ({
		at: byOutput.get(layer.calls[0]?.decision ?? '') ?? 0,
		layer: inspectNeurons(layer, shapes?.neurons[index] ?? null),
	}));
	const products = network.products.map((product, index) => ({
		at: byName.get(product.calls[0]?.node ?? '') ?? 0,
		layer: inspectProduct(product, shapes?.products?.[index] ?? null),
	}));
	return [...synapses, ...products, ...neurons].sort((one, other) => one.at - other.at).map(({ layer }) => layer);
}

function inspectSynapse(
	network: Network,
	layer: SynapticLayer,
	shapes: InspectedShapes['synapses'][number] | null,
): InspectedSynapse {
	const { name, op, sources, timeInvariant, calls } = layer;
	return {
		kind: 'synaptic',
		name,
		op,
		weightShape: network.model.graph.constants.get(layer.weight)?.dims ?? [],
		inputShape: shapes?.inputShape ?? null,
		outputShape: shapes?.outputShape ?? null,
		denseMacs: shapes?.denseMacs ?? null,
		...inputOf(network, layer),
		sources,
		uses: calls.length,
		timeInvariant,
	};
}

function inspectProduct(product: ProductLayer, shapes: NonNullable<InspectedShapes['products']>[number]): InspectedSynapse {
	const { name, op, sources, timeInvariant, calls } = product;
	return {
		kind: 'synaptic',
		name,
		op,
		weightShape: [],
		inputShape: shapes?.inputShape ?? null,
		outputShape: shapes?.outputShape ?? null,
		denseMacs: shapes?.denseMacs ?? null,
		inputKind: 'decided by the run',
		inputReason:
			'is multiplied with other activations: an accumulate for each pair of nonzero elements that meet where one side is spikes, else a multiply-accumulate',
		sources,
		uses: calls.length,
		timeInvariant,
	};
}

/** What the graph alone proves of a layer's input. */
function inputOf(network: Network, layer: SynapticLayer): Pick<InspectedSynapse, 'inputKind' | 'inputReason'> {
	const from = layer.sources.length === 0 ? 'a threshold' : listInWords(layer.sources.map((source) => `"${source}"`));
	const set = network.valueSets.get(layer.calls[0]?.input ?? '');
	if (set?.kind === 'finite' && set.spiking) {
		const magnitudes = new Set(set.values.filter((value) => value !== 0).map(Math.abs));
		const values = set.values.slice(0, 6).map(shortNumber);
		const listed = `{${values.join(', ')}${set.values.length > 6 ? ', …' : ''}}`;
		return { inputKind: magnitudes.size <= 1 ? 'spikes' : 'graded', inputReason: `comes from ${from}; its values are ${listed}` };
	}
	if (set?.kind === 'discrete' && set.spiking)
		return { inputKind: 'graded', inputReason: `comes from ${from} through pooling or sums, with many possible values` };
	if (layer.sources.length > 0)
		return { inputKind: 'decided by the run', inputReason: `comes from ${from}, but what lies between may change the values` };
	if (holdsModelInput(layer.calls[0]?.input ?? '', network))
		return {
			inputKind: 'decided by the run',
			inputReason: 'is the input of the model: spikes if the data are binary or ternary, else analog',
		};
	return { inputKind: 'analog', inputReason: 'has no threshold in front of it' };
}

function inspectNeurons(layer: NeuronLayer, shape: readonly number[] | null): InspectedNeurons {
	const { name, op, leak, threshold, reset, delayedReset, stateWords, spiking } = layer;
	const neurons = shape === null ? null : shape.reduce((product, size) => product * size, 1);
	return { kind: 'neuron', name, op, shape, neurons, leak, threshold, reset, delayedReset, stateWords, spiking };
}

/** The record, the document and the table of layers. */
export function describeInspection(inspection: Inspection): Printable {
	const layers = layerTable(inspection);
	const booked = inspection.bookings && bookingTable(inspection.bookings);
	const sections: Section[] = [
		{ heading: 'Structure', blocks: [{ kind: 'facts', facts: structureFacts(inspection) }] },
		{ heading: 'Layers', blocks: [{ kind: 'table', table: layers }] },
	];
	if (booked) sections.push({ heading: 'Balance', blocks: [{ kind: 'table', table: booked }] });
	sections.push({
		heading: 'Why each input counts as spikes or numbers',
		blocks: [{ kind: 'list', items: inputReasons(inspection) }],
	});
	const list = (heading: string, items: readonly string[]) => {
		const blocks: Block[] = [{ kind: 'list', items }];
		if (items.length > 0) sections.push({ heading, blocks });
	};
	list('Inferred', inspection.assumptions);
	list('Warnings', inspection.warnings);
	const document = { title: inspection.model.file, cautions: inspection.balance.headlines, sections };
	return { document, record: inspection, table: booked ?? layers };
}

/** Every item of the graph and the account it belongs to: items of one layer and kind that went to accounts alike in one row. */
function bookingTable(items: readonly Booking[]): Table {
	const rows = new Map<string, { booking: Booking; account: string; count: number }>();
	for (const booking of items) {
		const account = booking.account?.replace(/, timestep \d+/, '') ?? `NOT BOOKED: ${booking.problem ?? ''}`;
		const key = JSON.stringify([booking.kind, booking.subject, account]);
		const row = rows.get(key);
		if (row) row.count += 1;
		else rows.set(key, { booking, account, count: 1 });
	}
	return {
		id: 'balance',
		caption: 'Every state, decision, use of weights and product of the graph, and what it was booked as.',
		columns: [
			{ key: 'kind', title: 'what', quantity: 'text' },
			{ key: 'subject', title: 'of', quantity: 'text' },
			{ key: 'count', title: 'places', quantity: 'count' },
			{ key: 'account', title: 'booked as', quantity: 'text' },
		],
		rows: [...rows.values()].map(
			({ booking, account, count }): Row => ({ cells: [booking.kind, booking.subject, count, account] }),
		),
	};
}

/** One sentence for each reason, with all the layers it holds for. */
function inputReasons(inspection: Inspection): string[] {
	const layers = new Map<string, string[]>();
	for (const layer of inspection.layers) {
		if (layer.kind !== 'synaptic') continue;
		const reason = `${layer.inputKind}: the input ${layer.inputReason}`;
		layers.set(reason, [...(layers.get(reason) ?? []), layer.name]);
	}
	return [...layers].map(([reason, names]) => `${listInWords(names)} ${reason}.`);
}

const modeWords: Readonly<Record<Network['mode'], string>> = {
	plain: 'DNN: one pass, no time',
	step: 'step model: one timestep per run, states fed back',
	unrolled: 'unrolled: all timesteps in one graph',
};

function structureFacts(inspection: Inspection): Fact[] {
	const { model, mode, timesteps, states, input, readout, denseMacs } = inspection;
	const rule = { sum: 'summed over timesteps', last: 'at the last timestep' }[readout.rule] ?? readout.rule;
	return [
		{ label: 'Format', text: model.format },
		{ label: 'Time', text: modeWords[mode] },
		{
			label: 'Timesteps',
			text: timesteps === null ? 'not in the file: pass --timesteps' : formatCount(timesteps),
		},
		{ label: 'Input', text: `${input.name} ${shapeWords(input.shape)}` },
		{ label: 'Classes read from', text: mode === 'plain' ? readout.output : `${readout.output}, ${rule}` },
		{ label: 'Parameters', text: formatCount(model.parameters) },
		{
			label: 'Dense MACs',
			text: denseMacs === null ? 'unknown: shapes depend on the input' : `${formatCount(denseMacs)} per pass`,
		},
		{
			label: 'States',
			text:
				states.length === 0
					? 'none'
					: states
							.map(
								(state) =>
									`${state.input} ← ${state.output} (starts at ${state.initial === null ? 'stored values' : shortNumber(state.initial)})`,
							)
							.join('; '),
		},
	];
}

function layerTable(inspection: Inspection): Table {
	const columns: Column[] = [
		{ key: 'layer', title: 'layer', quantity: 'text' },
		{ key: 'op', title: 'kind', quantity: 'text' },
		{ key: 'weightShape', title: 'weight', quantity: 'text', dropOrder: 3 },
		{ key: 'shape', title: 'output', quantity: 'text', dropOrder: 2 },
		{ key: 'denseMacs', title: 'dense MACs', quantity: 'count', dropOrder: 1 },
		{ key: 'leak', title: 'leak', quantity: 'worded' },
		{ key: 'threshold', title: 'threshold', quantity: 'worded' },
		{ key: 'reset', title: 'reset', quantity: 'text' },
		{ key: 'stateWords', title: 'states', quantity: 'count', dropOrder: 4 },
	];
	const cells = inspection.layers.map(layerCells);
	const known = columns.map((_, index) => cells.some((row) => (row[index] ?? '') !== ''));
	return {
		id: 'structure',
		caption: 'Layers in the order of the data flow; shapes and dense MACs of one sample and one timestep.',
		columns: columns.filter((_, index) => known[index]),
		rows: cells.map((row): Row => ({ cells: row.filter((_, index) => known[index]) })),
	};
}

function layerCells(layer: InspectedSynapse | InspectedNeurons): Cell[] {
	if (layer.kind === 'synaptic') {
		const kind = `${layer.op}, ${layer.inputKind === 'decided by the run' ? 'by the run' : layer.inputKind}`;
		return [layer.name, kind, shapeWords(layer.weightShape), shapeWords(layer.outputShape), layer.denseMacs, '', '', '', null];
	}
	const parameter = (value: number | null) => (value === null ? 'varies' : shortNumber(value));
	const reset =
		layer.reset === 'none' || layer.reset === 'unknown' || !layer.delayedReset ? layer.reset : `${layer.reset}, delayed`;
	const leak = layer.stateWords === 0 ? noValue : parameter(layer.leak);
	const threshold = layer.spiking ? parameter(layer.threshold) : 'never fires';
	return [layer.name, layer.op, '', shapeWords(layer.shape), null, leak, threshold, reset, layer.stateWords];
}

/** A parameter as one would write it by hand: 0.9, 1, 0.3333. */
function shortNumber(value: number): string {
	return Number.isFinite(value) ? String(Number(value.toPrecision(4)) + 0) : noValue;
}

function shapeWords(shape: readonly (number | string | null)[] | null): string {
	return shape === null ? '' : shape.map((size) => size ?? '?').join('×');
}

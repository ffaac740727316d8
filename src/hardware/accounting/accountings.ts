import type { Activity, SynapticLayerActivity } from '../../activity/activity.ts';
import type { Assumption } from '../estimate.ts';
import { eventIndex, eventsOf, type LayerEvents, type NetworkEvents, structureIndex, withJointReads } from '../events.ts';

/** Names of the ways of counting that prices can be formed on: this tool's own ("exact") and those of publications. */
export const accountingNames = [
	'exact',
	'layer-rate',
	'network-rate',
	'lemaire2022',
	'neurobench',
	'syops',
	'no-sparsity',
] as const;
/** A way of counting, by name. */
export type Accounting = (typeof accountingNames)[number];

/** A way of counting events that has been published, computed from the exact counts of a run. */
export interface AccountingMethod {
	readonly name: Accounting;
	readonly title: string;
	readonly citation: string;
	/** How it differs from the exact events. */
	readonly meaning: string;
	readonly count: (activity: Activity, exact: NetworkEvents) => NetworkEvents;
}

const rathi2020 =
	'N. Rathi, K. Roy, "DIET-SNN: Direct input encoding with leakage and threshold optimization in deep spiking neural networks", arXiv:2008.03658';

const methods: readonly AccountingMethod[] = [
	{
		name: 'exact',
		title: 'exact events',
		citation: 'this tool',
		meaning: 'Every nonzero input element counts the connections it really has.',
		count: (_, exact) => exact,
	},
	{
		name: 'layer-rate',
		title: 'firing rate × dense operations, layer by layer',
		citation: rathi2020,
		meaning:
			'A layer does as many accumulates as the firing rate of the neurons that feed it, summed over timesteps, times its dense operations; an analog first layer is dense.',
		count: layerRate,
	},
	{
		name: 'network-rate',
		title: 'one firing rate for the network × dense operations',
		citation: rathi2020,
		meaning:
			'All layers but the first do R times their dense operations, R being all spikes divided by all neurons; the first layer is dense and counted once. The result tables of the group count so.',
		count: networkRate,
	},
	{
		name: 'lemaire2022',
		title: 'fan-out as printed by Lemaire et al. 2022',
		citation:
			'E. Lemaire et al., "An analytical estimation of spiking neural networks energy efficiency", ICONIP 2022, arXiv:2210.13107',
		meaning:
			'A spike into a convolution causes ⌈kh/stride⌉·⌈kw/stride⌉ accumulates and kh·kw weight reads per output channel, borders ignored.',
		count: lemaire,
	},
	{
		name: 'neurobench',
		title: 'effective operations, decided per tensor',
		citation:
			'J. Yik et al., "The NeuroBench framework for benchmarking neuromorphic computing algorithms and systems", Nature Communications 16, 2025, 1545, doi:10.1038/s41467-025-56739-4',
		meaning:
			'Connections of zero weight do not count; one input element other than -1, 0, 1 turns the whole tensor of that timestep into multiply-accumulates.',
		count: neurobench,
	},
	{
		name: 'syops',
		title: 'input rate × dense operations with bias, one operation per neuron',
		citation:
			'G. Chen et al., "Training full spike neural networks via auxiliary accumulation pathway", arXiv:2301.11929 (syops-counter)',
		meaning:
			'A layer does its dense operations and bias additions times the share of nonzero inputs; each neuron update is one accumulate.',
		count: syops,
	},
	{
		name: 'no-sparsity',
		title: 'every connection at every timestep',
		citation: 'this tool, for comparison',
		meaning: 'Hardware that gains nothing from silent neurons.',
		count: noSparsity,
	},
];

/** A published way of counting by its name. */
export function accountingMethod(name: Accounting): AccountingMethod {
	return methods.find((method) => method.name === name) ?? (methods[0] as AccountingMethod);
}

/** The events of a run as an accounting counts them, with the sentence that says so. */
export function accountingEvents(
	activity: Activity,
	name: Accounting,
): { readonly events: NetworkEvents; readonly assumptions: readonly Assumption[] } {
	const method = accountingMethod(name);
	const sentence = `Events are counted by "${name}" (${method.citation}): ${method.meaning}`;
	return {
		events: method.count(activity, eventsOf(activity)),
		assumptions: name === 'exact' ? [] : [{ sentence, change: '--accounting' }],
	};
}

const position = {
	denseMacs: eventIndex('denseMacs'),
	synapticEvents: eventIndex('synapticEvents'),
	effectiveEvents: eventIndex('effectiveEvents'),
	acs: eventIndex('acs'),
	macs: eventIndex('macs'),
	macsDense: eventIndex('macsDense'),
	activeInputs: eventIndex('activeInputs'),
	weightReads: eventIndex('weightReads'),
	biasAdds: eventIndex('biasAdds'),
	neuronUpdates: eventIndex('neuronUpdates'),
	spikes: eventIndex('spikes'),
};
type Counted = Partial<Record<keyof typeof position, number>>;

const count = (counts: Float64Array, name: keyof typeof position): number => counts[position[name]] ?? 0;
const structure = (layer: LayerEvents, name: string): number => layer.structure[structureIndex(name)] ?? 0;

/** Replaces counts of synaptic layers; what is not named stays exact. */
function recount(
	activity: Activity,
	exact: NetworkEvents,
	replace: (layer: LayerEvents, counts: Float64Array, step: number, record: SynapticLayerActivity) => Counted,
): NetworkEvents {
	return {
		...exact,
		layers: exact.layers.map((layer, index) => {
			const record = activity.layers[index];
			if (record?.kind !== 'synaptic') return layer;
			return withJointReads({
				...layer,
				counts: layer.counts.map((counts, step) => {
					const replaced = counts.slice();
					for (const [name, value] of Object.entries(replace(layer, counts, step, record)))
						replaced[position[name as keyof typeof position]] = value;
					return replaced;
				}),
			});
		}),
	};
}

/** Accumulates in a layer that spikes feed. */
const accumulates = (value: number): Counted => ({
	synapticEvents: value,
	effectiveEvents: value,
	acs: value,
	macs: 0,
	macsDense: 0,
	weightReads: value,
});
/** Multiply-accumulates in a layer computed densely. */
const dense = (value: number): Counted => ({
	synapticEvents: value,
	effectiveEvents: value,
	acs: 0,
	macs: value,
	macsDense: value,
	weightReads: value,
});

function layerRate(activity: Activity, exact: NetworkEvents): NetworkEvents {
	const sources = new Map(exact.layers.map((layer) => [layer.name, layer]));
	return recount(activity, exact, (layer, counts, step, record) => {
		const operations = count(counts, 'denseMacs');
		if (record.inputKind === 'analog') return dense(operations);
		const source = record.source === null ? undefined : sources.get(record.source);
		const spikes = source?.counts[step];
		// Sums of several paths and pooled inputs without a single source: the rate of the input itself.
		const rate =
			source && spikes
				? count(spikes, 'spikes') / structure(source, 'neurons')
				: count(counts, 'activeInputs') / structure(layer, 'inputElements');
		return accumulates(rate * operations);
	});
}

function networkRate(activity: Activity, exact: NetworkEvents): NetworkEvents {
	const spiking = exact.layers.filter((layer) => layer.kind === 'neuron' && structure(layer, 'spiking') === 1);
	const neurons = spiking.reduce((sum, layer) => sum + structure(layer, 'neurons'), 0);
	const rates = Array.from({ length: exact.timesteps }, (_, step) => {
		const spikes = spiking.reduce((sum, layer) => sum + count(layer.counts[step] ?? new Float64Array(), 'spikes'), 0);
		return neurons === 0 ? 0 : spikes / neurons;
	});
	const first = exact.layers.find(({ kind }) => kind === 'synaptic');
	return recount(activity, exact, (layer, _counts, step, record) => {
		const { denseMacs } = record.geometry;
		if (layer === first) return { ...dense(step === 0 ? denseMacs : 0), denseMacs: step === 0 ? denseMacs : 0 };
		return accumulates((rates[step] ?? 0) * denseMacs);
	});
}

function lemaire(activity: Activity, exact: NetworkEvents): NetworkEvents {
	return recount(activity, exact, (layer, counts, _step, record) => {
		if (record.inputKind === 'analog') return dense(count(counts, 'denseMacs'));
		const spikes = count(counts, 'activeInputs');
		if (structure(layer, 'convolution') === 0) return accumulates(spikes * structure(layer, 'outputElements'));
		const channels = structure(layer, 'outputChannels') / structure(layer, 'groups');
		const taps = (kernel: string, stride: string): number => Math.ceil(structure(layer, kernel) / structure(layer, stride));
		const reads = spikes * channels * structure(layer, 'kernelHeight') * structure(layer, 'kernelWidth');
		return {
			...accumulates(spikes * channels * taps('kernelHeight', 'strideHeight') * taps('kernelWidth', 'strideWidth')),
			weightReads: reads,
		};
	});
}

function neurobench(activity: Activity, exact: NetworkEvents): NetworkEvents {
	return recount(activity, exact, (_layer, counts, _step, record) => {
		const effective = count(counts, 'effectiveEvents');
		const events = { synapticEvents: effective, weightReads: effective };
		const binary = record.inputKind === 'spikes' && (record.spikeMagnitude === 1 || record.spikeMagnitude === null);
		const silent = count(counts, 'activeInputs') === 0;
		if (binary || silent) return { ...events, acs: effective, macs: 0, macsDense: 0 };
		return { ...events, acs: 0, macs: effective, macsDense: count(counts, 'denseMacs') };
	});
}

function syops(activity: Activity, exact: NetworkEvents): NetworkEvents {
	const synaptic = recount(activity, exact, (layer, counts, _step, record) => {
		const rate = count(counts, 'activeInputs') / structure(layer, 'inputElements');
		const operations = count(counts, 'denseMacs') + count(counts, 'biasAdds');
		return record.inputKind === 'spikes' ? accumulates(rate * operations) : dense(operations);
	});
	return {
		...synaptic,
		layers: synaptic.layers.map((layer) => {
			if (layer.kind !== 'neuron') return layer;
			const counts = layer.counts.map((step) => {
				const replaced = step.slice();
				replaced[position.acs] = count(step, 'neuronUpdates');
				return replaced;
			});
			return { ...layer, counts };
		}),
	};
}

function noSparsity(activity: Activity, exact: NetworkEvents): NetworkEvents {
	return recount(activity, exact, (layer, counts, _step, record) => {
		const operations = count(counts, 'denseMacs');
		const active = operations > 0 ? structure(layer, 'inputElements') : 0;
		return { ...(record.inputKind === 'analog' ? dense(operations) : accumulates(operations)), activeInputs: active };
	});
}

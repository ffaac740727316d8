import type {
	Activity,
	ActivityTotals,
	LayerActivity,
	LayerDecisions,
	NeuronLayerActivity,
	Spread,
	SynapticLayerActivity,
} from '../activity/activity.ts';
import { neuronCounts, noNeuronCounts, noSynapticCounts, sumCounts, synapticCounts } from '../activity/counts.ts';
import { elementCount } from '../model/tensors.ts';
import { tool } from '../version.ts';
import { type Classification, classify } from './classify.ts';
import * as messages from './messages.ts';
import { type FinishedProduct, finishProduct, type ProductTallies } from './products.ts';
import { explainInput } from './reasons.ts';
import type { NeuronFacts, SynapticFacts } from './run-facts.ts';
import type { RunRecord } from './run-record.ts';
import { type CloseCounts, chargedTimesteps } from './run-state.ts';
import { balanceOnData } from './second-entry.ts';
import type { Tally } from './tally.ts';

/**
 * Turns the record of a run into an Activity: decides spike or number for the whole run, and sums.
 *
 * @param asked  samples the whole run has; with fewer in the record the result is marked partial
 * @param incomplete  what the result then says
 */
export function finishActivity(
	record: RunRecord,
	asked: number,
	incomplete: string = messages.interrupted(record.samples, asked),
): Activity {
	const { facts, counts, samples } = record;
	const classes = facts.synapses.map((layer, at) => classifyLayer(record, layer, at));
	const synaptic = facts.synapses.map((layer, at) => synapticLayer(record, layer, at, classes[at] as Classification));
	const products = finishProducts(record);
	const neurons = facts.neurons.map((layer, at) => neuronLayer(record, layer, at));
	const decisions = allDecisions(record, neurons);
	const balance = balanceOnData(record, classes);
	const told = new Set(facts.warnings);
	const found = balance.findings.map(({ sentence }) => sentence).filter((sentence) => !told.has(sentence));
	const warnings = [...found, ...facts.warnings];
	for (const [at, { name }] of facts.neurons.entries()) {
		if (counts.driven[at]?.includes(null)) warnings.push(messages.drivenUnknown(name));
	}
	if (samples < asked) warnings.push(incomplete);
	const { timesteps, encoder, spikeTest, graded, runtimes = [] } = facts;
	if (runtimes.length > 1) warnings.push(messages.severalRuntimes(runtimes));
	return {
		schema: 'snn-energy/activity@1',
		tool,
		model: facts.model,
		data: facts.data,
		run: {
			samples,
			timesteps,
			encoder,
			spikeTest,
			graded,
			assumptions: [...facts.assumptions],
			...(runtimes.length > 0 ? { runtimes } : {}),
			partial: samples < asked,
		},
		accuracy: record.correct === null ? null : { correct: record.correct, total: samples },
		totals: totalsOf([...synaptic, ...multiplied(products)], neurons),
		...(decisions ? { decisions } : {}),
		spread: spreads(record, classes, products),
		layers: inDataFlow(record, synaptic, products, neurons),
		balance,
		warnings,
	};
}

const smallestMagnitude = (tallies: readonly Tally[]): number =>
	Math.min(...tallies.flatMap(({ magnitudes }) => [...(magnitudes?.keys() ?? [])]));

function classifyLayer({ facts, counts }: RunRecord, layer: SynapticFacts, at: number): Classification {
	return classify({ ...layer, tallies: counts.synapses[at] ?? [] }, facts.spikeTest, facts.graded);
}

function synapticLayer(
	{ facts, counts, samples }: RunRecord,
	layer: SynapticFacts,
	at: number,
	decided: Classification,
): SynapticLayerActivity {
	const { geometry } = layer;
	const tallies = counts.synapses[at] as readonly Tally[];
	const charged = chargedTimesteps(layer.timeInvariant, facts.encoder, facts.timesteps);
	const perTimestep = tallies.map((_, timestep) => {
		// A time-invariant layer was counted at its first timestep; the others repeat it or are not charged.
		const from = layer.timeInvariant ? 0 : timestep;
		const repeats = layer.timeInvariant ? (timestep < charged ? 1 : 0) : (layer.uses[timestep] as number);
		if (repeats === 0) return noSynapticCounts;
		const one = tallies[from] as Tally;
		const { acs, macs, dense } = decided.perTimestep[from] as Classification['perTimestep'][number];
		return synapticCounts({
			denseMacs: geometry.denseMacs * samples * repeats,
			synapses: geometry.synapses * samples * repeats,
			inputElements: geometry.inputElements * samples * repeats,
			active: one.active,
			events: one.events,
			effectiveEvents: one.effectiveEvents,
			acs,
			macs,
			dense,
			hasWeights: true,
		});
	});
	return {
		kind: 'synaptic',
		name: layer.name,
		op: layer.op,
		inputKind: decided.inputKind,
		spikeMagnitude: decided.theta,
		inputReason: explainInput(layer, decided),
		source: layer.sources.length === 1 ? (layer.sources[0] as string) : null,
		geometry,
		perTimestep,
		totals: sumCounts(perTimestep, noSynapticCounts),
	};
}

function finishProducts({ facts, counts, samples }: RunRecord): (FinishedProduct | null)[] {
	return facts.products.map((product, at) =>
		product.shape
			? finishProduct(product, product.shape, counts.products[at] as ProductTallies, {
					samples,
					timesteps: facts.timesteps,
					charged: chargedTimesteps(product.timeInvariant, facts.encoder, facts.timesteps),
					spikeTest: facts.spikeTest,
				})
			: null,
	);
}

const multiplied = (products: readonly (FinishedProduct | null)[]): SynapticLayerActivity[] =>
	products.flatMap((product) => (product ? [product.layer] : []));

function neuronLayer({ facts, counts, samples }: RunRecord, layer: NeuronFacts, at: number): NeuronLayerActivity {
	const { shape } = layer;
	const neurons = elementCount(shape);
	const tallies = counts.spikes[at] as readonly Tally[];
	const theta = smallestMagnitude(tallies);
	const words = facts.timesteps === 1 ? 0 : layer.stateWords;
	const spikes = tallies.map(({ active }) => active);
	const perTimestep = tallies.map((one, timestep) => {
		const updates = neurons * samples;
		return neuronCounts({
			neurons: updates,
			driven: counts.driven[at]?.[timestep] ?? updates,
			spikes: one.active,
			spikeSum: layer.oneHeight
				? one.active
				: [...(one.magnitudes ?? [])].reduce(
						(total, [magnitude, { elements }]) => total + Math.round(magnitude / theta) * elements,
						0,
					),
			resets: layer.reset === 'none' ? 0 : layer.delayedReset ? (spikes[timestep - 1] ?? 0) : one.active,
			// A leak that is not one number (a factor for each channel) is multiplied with all the same.
			leaks: layer.stateWords > 0 && layer.leak !== 1 && layer.leak !== 0,
			words,
			firstTimestep: timestep === 0,
			lastTimestep: timestep === facts.timesteps - 1,
		});
	});
	return {
		kind: 'neuron',
		name: layer.name,
		op: layer.op,
		neurons,
		shape,
		leak: layer.leak,
		threshold: layer.threshold,
		reset: layer.reset,
		stateWords: layer.stateWords,
		spiking: layer.spiking,
		perTimestep,
		totals: sumCounts(perTimestep, noNeuronCounts),
		...(layer.spiking && counts.close ? { decisions: decisionsOf(counts.close, at) } : {}),
	};
}

function decisionsOf({ layers }: CloseCounts, at: number): LayerDecisions {
	const { decisions, close } = layers[at] as CloseCounts['layers'][number];
	const all = decisions.reduce((total, count) => total + count, 0);
	if (all === 0 || close.includes(null)) return { compared: 0, close: null, unknown: all, closePerTimestep: null };
	const known = close as number[];
	return { compared: all, close: known.reduce((total, count) => total + count, 0), unknown: 0, closePerTimestep: known };
}

function allDecisions({ counts }: RunRecord, neurons: readonly NeuronLayerActivity[]): Activity['decisions'] {
	const layers = neurons.flatMap(({ decisions }) => decisions ?? []);
	if (!counts.close || layers.length === 0) return undefined;
	const known = layers.filter(({ close }) => close !== null);
	const total = (key: 'compared' | 'unknown'): number => layers.reduce((sum, one) => sum + one[key], 0);
	return {
		samples: counts.close.samples,
		compared: total('compared'),
		close: known.length === 0 ? null : known.reduce((sum, { close }) => sum + (close ?? 0), 0),
		unknown: total('unknown'),
	};
}

function totalsOf(synaptic: readonly SynapticLayerActivity[], neurons: readonly NeuronLayerActivity[]): ActivityTotals {
	return {
		...sumCounts(
			synaptic.map(({ totals }) => totals),
			noSynapticCounts,
		),
		...sumCounts(
			neurons.map(({ totals }) => totals),
			noNeuronCounts,
		),
	};
}

/** Layers in the order in which the graph computes them. */
function inDataFlow(
	{ facts }: RunRecord,
	synaptic: readonly SynapticLayerActivity[],
	products: readonly (FinishedProduct | null)[],
	neurons: readonly NeuronLayerActivity[],
): LayerActivity[] {
	const placed = [
		...synaptic.map((activity, at) => ({ activity, at: facts.synapses[at]?.position ?? 0 })),
		...products.flatMap((product, at) => (product ? [{ activity: product.layer, at: facts.products[at]?.position ?? 0 }] : [])),
		...neurons.map((activity, at) => ({ activity, at: facts.neurons[at]?.position ?? 0 })),
	];
	return placed.sort((a, b) => a.at - b.at).map(({ activity }) => activity);
}

/** Per-sample totals. Layers whose values the graph proves are all ACs; analog layers all MACs; the others by their records. */
function spreads(
	{ facts, counts, samples }: RunRecord,
	classes: readonly Classification[],
	products: readonly (FinishedProduct | null)[],
): Activity['spread'] {
	const { provenAcs, spikes } = counts.perSample;
	const events = counts.perSample.events.slice(0, samples);
	const acs = provenAcs.slice(0, samples);
	const macs = events.map((value, at) => value - (acs[at] as number));
	for (const [product, tallies] of counts.products.entries()) {
		const operations = products[product]?.accumulates ? acs : macs;
		for (let sample = 0; sample < samples; sample += 1) {
			const pairs = tallies.perSample[sample] as number;
			operations[sample] = (operations[sample] as number) + pairs;
			events[sample] = (events[sample] as number) + pairs;
		}
	}
	for (const [layer, tallies] of counts.synapses.entries()) {
		const { timeInvariant } = facts.synapses[layer] as SynapticFacts;
		const times = timeInvariant ? chargedTimesteps(true, facts.encoder, facts.timesteps) : 1;
		for (const one of tallies) {
			if (one.magnitudes === null) continue;
			for (const record of one.records ?? []) {
				const operations = (classes[layer] as Classification).operationsOfRecord(record, one);
				acs[record.sample] = (acs[record.sample] as number) + times * operations.acs;
				macs[record.sample] = (macs[record.sample] as number) + times * (operations.macs - record.all);
			}
		}
	}
	return { acs: spread(acs), macs: spread(macs), synapticEvents: spread(events), spikes: spread(spikes.slice(0, samples)) };
}

/** Population mean and standard deviation. */
function spread(values: Float64Array): Spread {
	if (values.length === 0) return { mean: 0, standardDeviation: 0, minimum: 0, maximum: 0 };
	const mean = values.reduce((total, value) => total + value, 0) / values.length;
	const variance = values.reduce((total, value) => total + (value - mean) ** 2, 0) / values.length;
	return {
		mean,
		standardDeviation: Math.sqrt(variance),
		minimum: values.reduce((a, b) => Math.min(a, b)),
		maximum: values.reduce((a, b) => Math.max(a, b)),
	};
}

/**
 * The table of events: what a run counts, layer by layer and timestep by timestep, and what pricing forms of it. A row makes the
 * field of a result and of its JSON Schema, the column of the CSV, the name that formulas of profiles use, and what an estimate
 * reports as not priced. To count something new, add its field and its row here.
 *
 * @see docs/method.md
 */

/** What is known of a layer before a sample is run, per sample and timestep; a layer of neurons has only output elements. */
export interface LayerSizes {
	/** kh·kw·(Cin/g)·Cout·Hout·Wout or Nin·Nout: the textbook number, padding taps included. */
	readonly denseMacs: number;
	/** Connections that exist: padding taps left out, zero weights counted. */
	readonly synapses: number;
	/** Connections whose weight is not exactly zero. */
	readonly effectiveSynapses: number;
	readonly inputElements: number;
	readonly outputElements: number;
	/** Stored weight elements (without bias). */
	readonly weightElements: number;
	readonly biasElements: number;
}

/** Counts of a synaptic layer at one timestep, or summed over timesteps: integers, summed over all samples. */
export interface SynapticCounts {
	readonly denseMacs: number;
	readonly synapses: number;
	readonly inputElements: number;
	readonly activeInputs: number;
	readonly synapticEvents: number;
	readonly effectiveEvents: number;
	readonly acs: number;
	readonly macs: number;
	/** denseMacs where the input is analog (dense hardware cannot skip zeros), else macs. */
	readonly macsDense: number;
	readonly weightReads: number;
}

/**
 * How much of a layer's work repeats, at one timestep or summed over timesteps: integers, summed over all samples. The
 * layer is seen as a matrix: a row is what one output position reads, padding included.
 */
export interface ReuseCounts {
	/** Entries of all rows. */
	readonly rowEntries: number;
	/** Those that are not zero; ÷ rowEntries is the bit density. */
	readonly rowSpikes: number;
	/** Those left when each row takes over the largest other row of its tile that it contains; ÷ rowEntries is the product density. */
	readonly rowSpikesLeft: number;
	/** Accumulations left then: rowSpikesLeft times the outputs of a row. */
	readonly productEvents: number;
	/** Outputs that at least one event reaches: partial sums that have to be touched. */
	readonly partialSums: number;
	/** Different weights that at least one event uses. */
	readonly uniqueWeights: number;
}

/** Counts of a neuron layer at one timestep, or summed over timesteps: integers, summed over all samples. */
export interface NeuronCounts {
	readonly neurons: number;
	readonly neuronUpdates: number;
	readonly drivenUpdates: number;
	readonly spikes: number;
	/** Spikes with multiplicity: a spike of value 3θ counts 3. */
	readonly spikeSum: number;
	readonly leakMultiplies: number;
	readonly resets: number;
	readonly stateReads: number;
	readonly stateWrites: number;
}

/** What a run hands over of a synaptic layer at one timestep, all samples together. */
export interface SynapticTally extends Pick<LayerSizes, 'denseMacs' | 'synapses' | 'inputElements'> {
	/** Nonzero input elements, and the connections they have: all, and those with a nonzero weight. */
	readonly active: number;
	readonly events: number;
	readonly effectiveEvents: number;
	/** The events by what they cost: an accumulate, or a multiply-accumulate. */
	readonly acs: number;
	readonly macs: number;
	/** Whether hardware that cannot skip zeros computes the whole layer. */
	readonly dense: boolean;
	/** False where activations meet activations. */
	readonly hasWeights: boolean;
}

/** What a run hands over of a neuron layer at one timestep, all samples together. */
export interface NeuronTally {
	readonly neurons: number;
	/** Neurons that received something or held a state. */
	readonly driven: number;
	readonly spikes: number;
	readonly spikeSum: number;
	readonly resets: number;
	/** Whether a state is multiplied by a factor. */
	readonly leaks: boolean;
	/** State words a neuron keeps from one timestep to the next. */
	readonly words: number;
	readonly firstTimestep: boolean;
	readonly lastTimestep: boolean;
}

/** A row of the table. */
export interface EventRow {
	/** What one of them is, as `docs/profiles.md` has it. */
	readonly meaning: string;
	/** As a sentence says it, where the words of its name do not. */
	readonly words?: string;
	/** False where formulas do not count it: its name there is the layer's own size, or unknown. */
	readonly inFormulas?: false;
	/** Results of earlier versions lack it. They stay readable; a profile that prices it asks for a new run. */
	readonly added?: true;
	/** Names whose price contains the price of this event; an event without them is never reported as not priced. */
	readonly pricedBy?: readonly string[];
	/** Another count of the same layer that this one never exceeds. */
	readonly atMost?: string;
	/** There are none of them without the spikes a layer receives, or fires. */
	readonly fromSpikes?: true;
	/**
	 * How many there are in the DNN baseline: one pass, in which a share of the inputs is not zero (1 where zeros are computed).
	 * None where this is left out.
	 */
	readonly dense?: (layer: LayerSizes, share: number) => number;
}

interface SynapticRow extends EventRow {
	readonly atMost?: keyof SynapticCounts;
	readonly count: (tally: SynapticTally) => number;
}

interface NeuronRow extends EventRow {
	readonly atMost?: keyof NeuronCounts;
	readonly count: (tally: NeuronTally) => number;
}

/** Kept by every run for every synaptic layer. */
export const synapticEvents: Readonly<Record<keyof SynapticCounts, SynapticRow>> = {
	denseMacs: {
		meaning: 'multiply-accumulates of the layer run densely, padding taps included',
		count: ({ denseMacs }) => denseMacs,
		dense: ({ denseMacs }) => denseMacs,
	},
	synapses: { meaning: 'connections of the layer', inFormulas: false, count: ({ synapses }) => synapses },
	inputElements: { meaning: 'size of the input', inFormulas: false, count: ({ inputElements }) => inputElements },
	activeInputs: {
		meaning: 'nonzero input elements',
		atMost: 'inputElements',
		fromSpikes: true,
		count: ({ active }) => active,
		dense: ({ inputElements }, share) => inputElements * share,
	},
	synapticEvents: {
		meaning: 'connections of nonzero input elements, zero weights included',
		atMost: 'synapses',
		fromSpikes: true,
		count: ({ events }) => events,
		dense: ({ synapses }, share) => synapses * share,
	},
	effectiveEvents: {
		meaning: 'the same without connections whose weight is zero',
		atMost: 'synapticEvents',
		fromSpikes: true,
		count: ({ effectiveEvents }) => effectiveEvents,
		dense: ({ effectiveSynapses }, share) => effectiveSynapses * share,
	},
	acs: {
		meaning: 'synaptic events caused by spikes',
		words: 'accumulates',
		pricedBy: ['acs', 'denseMacs', 'synapticEvents', 'effectiveEvents', 'weightReads', 'jointReads'],
		fromSpikes: true,
		count: ({ acs }) => acs,
	},
	macs: {
		meaning: 'synaptic events caused by analog elements (hardware that skips zeros)',
		words: 'multiply-accumulates',
		atMost: 'macsDense',
		pricedBy: ['macs', 'macsDense', 'denseMacs', 'synapticEvents', 'effectiveEvents', 'weightReads'],
		fromSpikes: true,
		count: ({ macs }) => macs,
		dense: ({ synapses }, share) => synapses * share,
	},
	macsDense: {
		meaning: 'denseMacs where the input is analog (hardware that cannot skip zeros), else macs: the graded spikes',
		words: 'multiply-accumulates with zeros',
		fromSpikes: true,
		count: ({ dense, denseMacs, macs }) => (dense ? denseMacs : macs),
		dense: ({ denseMacs }, share) => denseMacs * share,
	},
	weightReads: {
		meaning: 'weights fetched, one per synaptic event',
		pricedBy: ['weightReads', 'jointReads'],
		fromSpikes: true,
		count: ({ hasWeights, events }) => (hasWeights ? events : 0),
		dense: ({ synapses }, share) => synapses * share,
	},
};

/** Kept on demand of every layer of weights (--densities). */
export const reuseEvents: Readonly<Record<keyof ReuseCounts, EventRow>> = {
	rowEntries: { meaning: 'entries of all rows', inFormulas: false },
	rowSpikes: { meaning: 'entries that are not zero', inFormulas: false, atMost: 'rowEntries' },
	rowSpikesLeft: { meaning: 'those left when rows take over the rows they contain', inFormulas: false, atMost: 'rowSpikes' },
	productEvents: {
		meaning:
			'synaptic events left when rows of spikes that contain other rows take over their sums (Prosperity, tiles of 256 x 16); counted with --densities',
		fromSpikes: true,
		// No row is taken over, and every output and weight is touched.
		dense: ({ synapses }, share) => synapses * share,
	},
	partialSums: {
		meaning: 'outputs that at least one event reaches; counted with --densities',
		dense: ({ outputElements }) => outputElements,
	},
	uniqueWeights: {
		meaning: 'different weights that at least one event uses; counted with --densities',
		dense: ({ weightElements }) => weightElements,
	},
};

/** Kept by every run for every neuron layer. */
export const neuronEvents: Readonly<Record<keyof NeuronCounts, NeuronRow>> = {
	neurons: { meaning: 'neurons of the layer', inFormulas: false, count: ({ neurons }) => neurons },
	neuronUpdates: {
		meaning: 'neurons updated (clock-driven)',
		atMost: 'neurons',
		pricedBy: ['neuronUpdates', 'drivenUpdates', 'idleUpdates', 'neurons'],
		count: ({ neurons }) => neurons,
		dense: ({ outputElements }) => outputElements,
	},
	drivenUpdates: {
		meaning: 'updates of neurons with input or a nonzero state (event-driven)',
		atMost: 'neurons',
		count: ({ driven }) => driven,
		dense: ({ outputElements }) => outputElements,
	},
	spikes: {
		meaning: 'neurons that fired',
		words: 'spike transmission',
		atMost: 'neurons',
		pricedBy: ['spikes', 'spikeSum', 'activeInputs'],
		fromSpikes: true,
		count: ({ spikes }) => spikes,
		dense: ({ outputElements }, share) => outputElements * share,
	},
	spikeSum: {
		meaning: 'spikes with multiplicity',
		fromSpikes: true,
		count: ({ spikeSum }) => spikeSum,
		dense: ({ outputElements }, share) => outputElements * share,
	},
	leakMultiplies: {
		meaning: 'updates with a leak other than 1',
		words: 'leak multiplications',
		atMost: 'neurons',
		pricedBy: ['leakMultiplies'],
		count: ({ leaks, neurons }) => (leaks ? neurons : 0),
	},
	resets: {
		meaning: 'resets done',
		atMost: 'neurons',
		pricedBy: ['resets'],
		fromSpikes: true,
		count: ({ resets }) => resets,
	},
	stateReads: {
		meaning: 'membrane words read: none at the first timestep',
		words: 'membrane reads',
		pricedBy: ['stateReads'],
		count: ({ firstTimestep, neurons, words }) => (firstTimestep ? 0 : neurons * words),
	},
	stateWrites: {
		meaning: 'membrane words written: none at the last timestep',
		words: 'membrane writes',
		pricedBy: ['stateWrites'],
		count: ({ lastTimestep, neurons, words }) => (lastTimestep ? 0 : neurons * words),
	},
};

/** What the events formed at pricing depend on besides the counts. */
export type OutputSizes = Pick<LayerSizes, 'outputElements' | 'biasElements'>;

export interface FormedRow<Counts> extends EventRow {
	/** From the counts of a timestep and the layer's sizes, for all samples together; what spans timesteps has none. */
	readonly form?: (counts: Counts, layer: OutputSizes, samples: number) => number;
}

/** Not kept: formed of the counts of a synaptic layer when a run is priced. */
export const formedSynapticEvents: Readonly<Record<'jointReads' | 'biasAdds', FormedRow<SynapticCounts>>> = {
	// withJointReads of src/hardware/events.ts fills it in.
	jointReads: {
		meaning:
			'weights fetched where one fetch serves all timesteps, at the first of them: connections whose input is nonzero at any timestep, reckoned as if timesteps were independent',
		dense: ({ synapses }, share) => synapses * share,
	},
	biasAdds: {
		meaning: 'bias additions: one per output element if the layer has a bias and ran',
		words: 'bias additions',
		pricedBy: ['biasAdds'],
		form: ({ denseMacs }, { biasElements, outputElements }, samples) =>
			denseMacs > 0 && biasElements > 0 ? outputElements * samples : 0,
		dense: ({ biasElements, outputElements }) => (biasElements > 0 ? outputElements : 0),
	},
};

/** The same of a neuron layer. */
export const formedNeuronEvents: Readonly<Record<'idleUpdates', FormedRow<NeuronCounts>>> = {
	idleUpdates: {
		meaning: 'neuronUpdates - drivenUpdates',
		form: ({ neuronUpdates, drivenUpdates }) => neuronUpdates - drivenUpdates,
	},
};

/** All rows by kind of layer, in the order of the vocabulary of formulas. */
export const eventTable: Readonly<Record<'synaptic' | 'neuron', Readonly<Record<string, EventRow>>>> = {
	synaptic: { ...synapticEvents, ...reuseEvents, ...formedSynapticEvents },
	neuron: { ...neuronEvents, ...formedNeuronEvents },
};

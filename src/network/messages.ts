/** Every sentence a user can meet when the structure of a network is looked for. */

const list = (names: readonly string[]): string => names.map((name) => `"${name}"`).join(', ');

export const noSynapticLayer = (file: string, operators: readonly string[]): string =>
	`${file}: no synaptic layer was found: no Conv, ConvTranspose, Gemm or MatMul with constant weights among its operators (${operators.join(', ')}). ` +
	'Export the whole network with its weights.';
export const noInput = (file: string): string =>
	`${file}: the graph has no input to feed data to. Export the model with its input left open.`;
export const severalInputs = (file: string, names: readonly string[]): string =>
	`${file}: inputs ${list(names)} are left after pairing states; one of them is the data. ` +
	'Say which inputs are states with --state IN=OUT (once for each).';
export const stateAmbiguous = (file: string, input: string, outputs: readonly string[]): string =>
	`${file}: the state "${input}" could continue as ${list(outputs)}. Say which with --state ${input}=${outputs[0] ?? 'OUT'}.`;
export const stateUnknown = (file: string, option: string, inputs: readonly string[], outputs: readonly string[]): string =>
	`--state ${option}: ${file} has inputs ${list(inputs)} and outputs ${list(outputs)}. Write --state INPUT=OUTPUT with names from these.`;
export const timestepsUnknown = (file: string, states: readonly string[]): string =>
	`${file}: the model computes one timestep (states ${list(states)}) and does not say how many it runs. Pass --timesteps T.`;
export const timestepsTooMany = (asked: number, most: number): string =>
	`--timesteps ${asked}: at most ${most} timesteps can be run.`;
export const timestepsInMetadata = (file: string, found: string, most: number): string =>
	`${file}: the model's metadata say snn.timesteps = "${found}"; expected a whole number from 1 to ${most}. Pass --timesteps T.`;
export const timestepsFixed = (file: string, found: number, asked: number): string =>
	`--timesteps ${asked}: ${file} is unrolled over ${found} timesteps; that number is fixed in the graph. Leave --timesteps out, or export it again.`;
export const timestepsOfPlain = (file: string, asked: number): string =>
	`--timesteps ${asked}: ${file} has no state and no spikes, so it runs once. Leave --timesteps out.`;
export const timeNotRead = (file: string): string =>
	`${file}: the network has spikes, yet no timesteps were found in its graph: what mixes or joins them (such as a window over time in front of a threshold) is not understood, so nothing can be counted by timestep. Export it as a step model, or with its loop over timesteps written out.`;
export const outputUnknown = (file: string, asked: string, names: readonly string[]): string =>
	`--output ${asked}: ${file} has the outputs ${list(names)}. Name one of them.`;
export const noAnswer = (file: string): string =>
	`${file}: every output of the graph is a state; none holds the class scores. Pass --output NAME.`;

export const pairedStates = (pairs: readonly { input: string; output: string }[]): string =>
	`States paired: ${pairs.map(({ input, output }) => `${input} → ${output}`).join(', ')}; they start at 0 (--state IN=OUT changes the pairing).`;
export const timestepsInferred = (timesteps: number): string =>
	`The graph is unrolled over T = ${timesteps} timesteps: its weights are used up to ${timesteps} times.`;
export const timestepsFromMetadata = (timesteps: number): string =>
	`T = ${timesteps} timesteps, as the model's metadata says (--timesteps changes it).`;
export const readoutInferred = (output: string, rule: string): string =>
	`Class scores are read from output "${output}", ${rule} (--output and --readout change this).`;
export const mergedCalls = (layer: string, timesteps: number): string =>
	`The exporter computes "${layer}" once for all ${timesteps} timesteps, since its input does not change; --encoder says how it is charged.`;
export const unevenCalls = (layer: string, found: number, timesteps: number): string =>
	`Layer "${layer}" is used ${found === 1 ? 'once' : `${found} times`} in ${timesteps} timesteps; its uses were given to timesteps by what they depend on.`;
export const endsEarly = (layer: string, found: number, timesteps: number): string =>
	`Layer "${layer}" is computed at ${found} of ${timesteps} timesteps: the graph leaves out what nothing reads (a current that is used a timestep later).`;
export const startsLate = (layer: string, found: number, timesteps: number): string =>
	`Layer "${layer}" is computed at ${found} of ${timesteps} timesteps: before that its input is a constant, which is taken to be no spikes at all; nothing is counted there.`;
/** @param decisions  what compares, at least one */
export const countedWhereFalse = ([first = '', ...others]: readonly string[]): string =>
	others.length === 0
		? `Decision "${first}" is true of a neuron at rest: its spikes are counted where it is false.`
		: `Decision "${first}" and ${others.length} more are true of a neuron at rest: their spikes are counted where they are false.`;
export const constantSpikes = (node: string): string =>
	`its weights are also applied to constant spikes (node "${node}": spikes that do not start at 0), which are not counted`;
export const lastSpikesMissing = (layer: string, found: number, timesteps: number): string =>
	`The spikes of "${layer}" are in the file at ${found} of ${timesteps} timesteps: nothing reads the last ones, so the exporter left them out, and they are not counted.`;
export const uncountedOperator = (node: string, op: string): string =>
	`${op} "${node}" has weights or products inside that snn-energy does not take apart; its operations are not counted. Export it with Conv, Gemm or MatMul (quantised networks: as QuantizeLinear and DequantizeLinear around them)`;
export const randomOperator = (node: string, op: string): string =>
	op === 'Dropout'
		? `Dropout "${node}" is in training mode and drops elements at random, so counts differ from run to run. Export the model in evaluation mode (model.eval()).`
		: `${op} "${node}" draws random numbers, so counts differ from run to run; feed spike trains as data for counts that can be repeated.`;
export const batchOperator = (node: string, op: string): string =>
	op === 'BatchNormalization'
		? `BatchNormalization "${node}" is in training mode: it normalises by the samples that are run together, so counts change with --batch. Export the model in evaluation mode (model.eval()).`
		: `${op} "${node}" computes with figures of the whole batch (mean, variance or the largest element), so counts depend on which samples are run together; export the model in evaluation mode, or run it with --batch 1.`;
export const unreadNeuron = (layer: string, node: string, operators: readonly string[]): string =>
	`The membrane of "${layer}" goes through ${operators.join(', ')} ("${node}"), which leak and threshold are not read through; its spikes are counted as they are fired.`;
export const brokenConstant = (layer: string, constant: string, found: string): string =>
	`"${constant}" in front of the decision of "${layer}" is ${found}: its membrane or threshold is not a number, and its spikes mean nothing. Repair the constant, or export the model again.`;
export const brokenWeight = (layer: string, constant: string, count: number): string =>
	`"${constant}" of layer "${layer}" holds NaN or infinity at ${count} ${count === 1 ? 'place' : 'places'}; what it reaches is not a number and never spikes, so counts from there on mean nothing. Export the model from a training run that did not diverge.`;
export const undecidedState = (layer: string, state: string, node: string, op: string): string =>
	`Layer "${layer}" reads numbers made from the state "${state}" by ${op} ("${node}"): no decision between spike and no spike was found there, so its events are MACs. A smooth stand-in for a spike belongs to training; export the model with a hard threshold (Greater and Cast).`;
export const scaledSpikes = (from: string, to: string, node: string): string =>
	`Spikes of "${from}" enter "${to}" without weights that are counted, times factors that differ from neuron to neuron ("${node}"): no synaptic events are counted for them. Where they stand for synapses, write them as a layer with weights.`;
export const productsAddedUp = (layer: string, node: string): string =>
	`it adds up spikes of "${layer}" that are each multiplied by a number of their own ("${node}"): such weights are not counted. Write them as Linear, Conv or a matrix product`;
export const normalisationKept = (names: readonly string[]): string =>
	`BatchNormalization behind weights (${names
		.slice(0, 4)
		.map((name) => `"${name}"`)
		.join(
			', ',
		)}${names.length > 4 ? ', …' : ''}) is kept as it is in the graph; its multiplications are not synaptic events (hardware folds them into the weights).`;

export const loopTooLong = (file: string, name: string, op: string): string =>
	`${file}: ${op} "${name}" would have to be written out into more than 400000 operators to be counted. Export the model as one timestep with its states as inputs and outputs.`;
export const chainTooLong = (file: string): string =>
	`${file}: its operators, loops written out, are a chain too long to be followed from end to end. Export the model as one timestep with its states as inputs and outputs.`;
export const controlFlowOpen = (file: string, name: string, op: string): string =>
	`${file}: ${op} "${name}" depends on values that are known only while the model runs, so its timesteps cannot be told apart. ` +
	'Pass --timesteps T where T is its number of trips; otherwise export the model unrolled (torch.onnx.export traces loops) or as one timestep with its states as inputs and outputs.';
export const loopUnrolled = (name: string, op: string, trips: number): string =>
	`${op} "${name}" was unrolled ${trips} times to count its timesteps one by one.`;
export const recurrenceExpanded = (timesteps: number): string =>
	`LSTM, GRU and RNN were written out over ${timesteps} timesteps; their weights on the input and on the hidden state are counted as layers of their own.`;
export const timeUnfolded = (timesteps: number): string =>
	`All T = ${timesteps} timesteps are folded into one axis of the graph; it was unfolded to count them one by one (--timesteps chooses T where several would fit).`;
export const batchBakedIn = (batch: number): string =>
	`The model declares an open batch, but shapes or zero states in it hold only for a batch of ${batch}; it is run with that.`;
export const rowsOfTimesteps = (order: 'time-major' | 'sample-major', timesteps: number): string =>
	order === 'time-major'
		? `The model takes rows [T·samples, …]; data are fed as [${timesteps}, samples, …].`
		: `The model takes rows [samples·T, …]; data are fed as [samples, ${timesteps}, …].`;

/** Every sentence a user can meet when reading or writing NIR files. */

const shapeText = (shape: readonly number[]) => `[${shape.join(', ')}]`;
const rewrite = 'Write the file again with nir.write';

export const messages = {
	missing: (file: string) => `${file} does not exist; check the path.`,
	unreadable: (file: string, reason: string) => `${file} cannot be read (${reason}).`,
	notHdf5: (file: string) =>
		`${file} is not a NIR file: it does not start with the signature of HDF5. Pass a file written by nir.write; if it was copied, copy it again.`,
	damaged: (file: string, what: string) => `${file} is a damaged or unusual HDF5 file: ${what}. Write or copy it again.`,
	noGraph: (file: string) => `${file} is an HDF5 file but not a NIR file: it has no group "node" that is a NIRGraph. ${rewrite}.`,
	missingField: (file: string, place: string, field: string) => `${file}: ${place} has no "${field}". ${rewrite}.`,
	badField: (file: string, place: string, field: string, found: string, expected: string) =>
		`${file}: "${field}" of ${place} is ${found}; ${expected} are expected. ${rewrite}.`,
	unknownPrimitive: (file: string, place: string, found: string, known: readonly string[]) =>
		`${file}: ${place} is of type "${found.slice(0, 60)}", which is not known. Express it in the primitives that are: ${known.join(', ')}.`,
	unknownEdgeEnd: (file: string, name: string, known: readonly string[]) =>
		`${file}: an edge names the node "${name}", which does not exist; there are ${known.slice(0, 12).join(', ')}${known.length > 12 ? ', …' : ''}. ${rewrite}.`,
	subgraphPorts: (file: string, name: string, inputs: number, outputs: number) =>
		`${file}: the subgraph "${name}" has ${inputs} inputs and ${outputs} outputs, so its edges are ambiguous; one of each is needed. Split it.`,
	deepSubgraphs: (file: string, depth: number) => `${file}: subgraphs are nested more than ${depth} deep. Flatten the graph.`,
	noPort: (file: string, type: 'Input' | 'Output') => `${file}: the graph has no ${type} node. Add one before nir.write.`,
	emptyShape: (file: string, place: string, shape: readonly number[]) =>
		`${file}: ${place} has the impossible shape ${shapeText(shape)}. ${rewrite}.`,
	unconnected: (file: string, name: string) => `${file}: nothing leads into node "${name}". Remove it or connect it.`,
	unknownShape: (file: string, name: string) =>
		`${file}: the shape of what goes into node "${name}" cannot be told from the file. Give the neurons' parameters their full shape.`,
	shapesDiffer: (file: string, name: string, one: readonly number[], other: readonly number[]) =>
		`${file}: node "${name}" receives ${shapeText(one)} and ${shapeText(other)}, which cannot be added. ${rewrite}.`,
	wrongInput: (file: string, name: string, type: string, expected: string, found: readonly number[]) =>
		`${file}: node "${name}" (${type}) takes ${expected} but receives ${shapeText(found)}. ${rewrite}.`,
	parameterShape: (file: string, name: string, parameter: string, found: readonly number[], neurons: readonly number[]) =>
		`${file}: "${parameter}" of node "${name}" has shape ${shapeText(found)}, but the neurons have ${shapeText(neurons)}. ${rewrite}.`,
	notPositive: (file: string, name: string, parameter: string, found: number) =>
		`${file}: "${parameter}" of node "${name}" is ${found}; it must be positive. ${rewrite}.`,
	stepTooLarge: (file: string, name: string, parameter: string, tau: number, dt: number) =>
		`${file}: the timestep of ${dt} s is more than twice "${parameter}" = ${tau} s of node "${name}", so forward Euler diverges. Pass a smaller --dt.`,
	badTimestep: (found: number) => `The timestep --dt is ${found}; a positive number of seconds is expected.`,
	longDelay: (file: string, name: string, steps: number, most: number) =>
		`${file}: node "${name}" delays by ${steps} timesteps, more than the ${most} that are simulated. Pass a larger --dt.`,
	tooLarge: (file: string, name: string, elements: number) =>
		`${file}: node "${name}" would have ${elements} elements, which no model has. ${rewrite}.`,
	notWritable: (what: string, why: string) => `${what} cannot be written as NIR: ${why}.`,
};

/** What a NIR file does not say and the reader decides. */
export const assumptions = {
	timestep: (dt: number, given: boolean) =>
		given
			? `One timestep is ${dt} s, as --dt says, integrated by forward Euler.`
			: `NIR does not say how long a timestep is: ${dt} s is taken, integrated by forward Euler (--dt SECONDS says otherwise).`,
	otherTimestep: (suggested: number) =>
		`tau/r is ${suggested} s for all neurons, which is what exporters that fold the timestep into r write: --dt ${suggested} may be meant.`,
	integrators: (names: readonly string[]) =>
		`Nodes ${quoted(names)} (IF, I) add r times their input once per timestep, as the frameworks that write them do; --dt does not change them.`,
	resetZero: (missing: boolean) =>
		missing
			? 'A spike sets the membrane potential to v_reset, and to 0 where the file has no v_reset (--reset subtract says otherwise).'
			: 'A spike sets the membrane potential to v_reset (--reset subtract says otherwise).',
	resetSubtract:
		'A spike subtracts v_threshold from the membrane potential, as --reset subtract says; NIR itself only knows v_reset.',
	recurrent: (from: string, to: string) => `The recurrent connection from "${from}" to "${to}" takes one timestep.`,
	currentFirst:
		'In CubaLIF and CubaLI nodes the synaptic current is updated before the membrane potential, which uses the new current.',
	missingWeight: (name: string) => `Node "${name}" has no w_in: 1 is taken.`,
	renamedEdge: (found: string, taken: string) =>
		`Edges name a node "${found}" that does not exist; "${taken}", which no edge names, is taken.`,
	duplicateEdge: (from: string, to: string) =>
		`The edge from "${from}" to "${to}" stands in the file more than once and counts once.`,
	flattenWithBatch: (name: string) =>
		`Flatten "${name}" counts its axes with the batch axis, because only so does it fit the next layer.`,
	flattened: (name: string, shape: readonly number[]) =>
		`Input ${shapeText(shape)} of "${name}" is flattened, because only so does it fit its weights.`,
	perChannel: (name: string, parameter: string) => `"${parameter}" of node "${name}" is taken per channel.`,
	delayRounded: (name: string) => `The delays of node "${name}" are rounded to whole timesteps.`,
	paddedAverage: (name: string) => `AvgPool2d "${name}" counts the zeros of its padding in the mean.`,
	outputShape: (name: string, said: readonly number[], found: readonly number[]) =>
		`Output "${name}" says shape ${shapeText(said)} but receives ${shapeText(found)}, which is taken.`,
	ignored: (names: readonly string[]) => `Nodes ${quoted(names)} lead to no output and are left out.`,
};

const quoted = (names: readonly string[]) => {
	const shown = names.slice(0, 8).map((name) => `"${name}"`);
	return names.length > 8 ? `${shown.join(', ')} and ${names.length - 8} more` : shown.join(', ');
};

/** Every sentence the many-core chip model can say to a user. */

export function notJson(file: string, reason: string): string {
	return `${file}: not JSON (${reason}). An explicit network is a JSON object with timesteps, groups, edges and mappings; see docs/chips.md.`;
}

export function unreadable(file: string, reason: string): string {
	return `${file}: cannot be read (${reason}). Name a JSON file with an explicit network.`;
}

export function unreadableRun(file: string, reason: string): string {
	return `${file}: cannot be read (${reason}). Name the JSON that "snn-energy analyze … --format json" saved.`;
}

export function badSynapseRow(file: string, line: number, row: number, expected: string): string {
	return `${file}:${line}: synapse ${row} of a "list" is not what was expected: ${expected}. Write each synapse as [pre, post, weight].`;
}

export function invalidNetwork(file: string, place: string, problem: string): string {
	return `${file}: ${place === '' ? 'the network' : place} ${problem}. See docs/chips.md for the format.`;
}

export function listIsNotRows(file: string, edge: number): string {
	return `${file}: "list" of edge ${edge} is not an array of rows; write the synapses as [[pre, post, weight], …].`;
}

export function duplicateGroup(file: string, group: string): string {
	return `${file}: two groups are named "${group}"; give each group a name of its own.`;
}

export function wrongLength(file: string, group: string, field: string, found: number, expected: number): string {
	return `${file}: group "${group}" has ${expected} neurons, but its ${field} holds ${found} entries; give one entry per neuron.`;
}

export function unknownGroup(file: string, place: string, group: string, known: readonly string[]): string {
	return `${file}: ${place} names the group "${group}", which the file does not define; it defines ${listed(known)}.`;
}

export function neuronOutOfRange(file: string, place: string, group: string, neuron: number, size: number): string {
	return `${file}: ${place} names neuron ${neuron} of group "${group}", which has the neurons 0 to ${size - 1}.`;
}

export function synapseOntoInput(file: string, edge: number, group: string): string {
	return `${file}: edge ${edge} leads to the input group "${group}"; an input's spikes are given, so it takes no synapses. Remove the edge or make the group "lif".`;
}

export function unknownMapping(file: string, mapping: string, known: readonly string[]): string {
	return `${file}: there is no mapping "${mapping}"; the file has ${listed(known)}. Choose one with --mapping.`;
}

export function mappingNeeded(file: string, known: readonly string[]): string {
	return `${file}: the file has several mappings (${listed(known)}); choose one with --mapping.`;
}

export function reversedRange(file: string, mapping: string, entry: number, first: number, last: number): string {
	return `${file}: entry ${entry} of mapping "${mapping}" runs from neuron ${first} to ${last}; put the smaller number first.`;
}

export function mappedTwice(file: string, mapping: string, group: string, neuron: number): string {
	return `${file}: mapping "${mapping}" puts neuron ${neuron} of group "${group}" on two cores; a neuron lies on one.`;
}

export function notMapped(file: string, mapping: string, group: string, neuron: number): string {
	return `${file}: mapping "${mapping}" puts neuron ${neuron} of group "${group}" on no core; map every neuron.`;
}

export function noSuchCore(file: string, mapping: string, core: string, coresPerTile: number, chip: string): string {
	return `${file}: mapping "${mapping}" names core ${core}, but a tile of ${chip} has the cores 0 to ${coresPerTile - 1}. Cores are written "tile.core".`;
}

export function unknownSynapseUnit(file: string, group: string, unit: string, chip: string, known: readonly string[]): string {
	return `${file}: group "${group}" reads its weights through the synapse unit "${unit}", which ${chip} does not price; it prices ${listed(known)}.`;
}

export function noChipSection(profile: string): string {
	return `Profile "${profile}" describes no many-core chip (it has no "chip" section). "snn-energy profiles" lists the profiles; loihi-sanafe and truenorth are such chips.`;
}

export function badChipSection(file: string, place: string, problem: string): string {
	return `${file}: ${place} ${problem}. docs/chips.md describes the chip section.`;
}

export function missingConstant(file: string, role: string, name: string, known: readonly string[]): string {
	return `${file}: chip.${role} names the constant "${name}", which the profile does not define; it defines ${listed(known)}.`;
}

export function tableInRole(file: string, role: string, name: string): string {
	return `${file}: chip.${role} names the constant "${name}", which is a table; it needs a single value.`;
}

export function wrongRoleUnit(file: string, role: string, name: string, unit: string, expected: string): string {
	return `${file}: chip.${role} names the constant "${name}" with unit "${unit}"; it must be ${expected}.`;
}

export function overCoreLimit(core: string, used: number, limit: number, what: string, chip: string): string {
	return `does not fit: core ${core} needs ${used} ${what}, a core of ${chip} has room for ${limit}`;
}

export function overFanIn(used: number, limit: number, chip: string): string {
	return `does not fit: a neuron has ${used} synapses, ${chip} allows ${limit} and no number of cores lifts that`;
}

export function beyondMesh(tile: number, tiles: number, chip: string): string {
	return `does not fit: the mapping uses tile ${tile}, ${chip} has the tiles 0 to ${tiles - 1}; further tiles are taken to lie eastwards`;
}

export function refusedOverCapacity(file: string, finding: string): string {
	return `${file}: ${finding}. Change the mapping, or leave out --strict to run it as if the chip were larger.`;
}

export function nothingToPlace(file: string): string {
	return `${file}: the run counted no layer of weights, so there is nothing to place on a chip.`;
}

export function wall(population: string, resource: string, needed: number, limit: number, chip: string): string {
	return `does not fit: a neuron of "${population}" needs ${needed} (${resource}), ${chip} allows ${limit}; no number of cores lifts that`;
}

export function refusedAtWall(file: string, finding: string): string {
	return `${file}: ${finding}. The estimate is refused; --force prices the network as if the limit were lifted.`;
}

export function assumeStoredPerTarget(bits: number): string {
	return `Every synapse is stored on the core of its target in ${bits} bits; convolution weights are not shared between neurons.`;
}

export function assumeEvenSpread(): string {
	return 'Packets, hops and core loads take the active inputs of a layer as spread evenly (a model file instead of a saved run gives them exactly).';
}

export function assumeEvenNeurons(): string {
	return 'Packets, hops and the work of receiving follow from where the spikes were; neuron updates are spread evenly over a population.';
}

export function assumeInputOutside(): string {
	return 'Input spikes arrive from outside the chip: received and processed, but neither sent nor carried over hops.';
}

export function assumeAnalogAsSpikes(layers: readonly string[]): string {
	return `The input of ${listed(layers)} is not spikes; each nonzero element is charged as one spike, its encoding is not.`;
}

export function assumePoolingOnTheWay(layers: readonly string[]): string {
	return `The pooling before ${listed(layers)} costs nothing: an element of its result is sent from the core of the first neuron of its window.`;
}

export function assumeNearestReach(layers: readonly string[]): string {
	return `The connections of ${listed(layers)} do not follow from the counted sizes (dilation, or pooling before the neurons); the nearest plain convolution is placed.`;
}

export function assumeWiderMesh(chips: number): string {
	return `The network needs ${chips} chips; their meshes are taken to join eastwards at the price of on-chip hops.`;
}

export function assumePartialRun(): string {
	return 'The run was interrupted: only the samples done are counted.';
}

function listed(names: readonly string[]): string {
	const shown = names.slice(0, 8).map((name) => `"${name}"`);
	if (names.length > 8) shown.push(`and ${names.length - 8} more`);
	return shown.length === 0 ? 'none' : shown.join(', ');
}

export { overCapacity } from './capacity.ts';
export { chipParameters } from './chip-profile.ts';
export { type SimulatedChip, simulateChip } from './explicit.ts';
export type { ExplicitNetwork, MappingEntry, NeuronGroup, Projection } from './network.ts';
export { readNetwork, readNetworkFile } from './network-file.ts';
export type { ChipParameters, CoreLimits, EventCost } from './parameters.ts';
export { type PlacedNetwork, placeNetwork } from './placed-network.ts';
export { type ChipCounts, type ChipRun, type ChipTimestep, runChip, type Timing, timings } from './run.ts';

export { chipParameters } from './chip-profile.ts';
export { simulateChip } from './explicit.ts';
export { type Fit, fitNetwork, placeActivity, trafficOf, type UnplacedCost } from './fit.ts';
export { readNetworkFile } from './network-file.ts';
export type { ChipParameters } from './parameters.ts';

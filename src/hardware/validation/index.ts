export { layerSizes } from './architecture-sizes.ts';
export { readCases, selectCases, shippedCases } from './case-file.ts';
export { type Scorecard, scorecard, type Tally, type Worth } from './scorecard.ts';
export { activityOfRates } from './synthetic-activity.ts';

/**
 * snn-energy as a library: the same few verbs as the command line. Nothing here prints or exits; what a user did wrong
 * is thrown as a UserError. docs/library.md shows each verb at work.
 *
 * @example
 * import { countEvents, loadNetwork, priceActivity } from 'snn-energy';
 *
 * const network = await loadNetwork('model.onnx', { timesteps: 4 });
 * const activity = await countEvents(network, { data: 'images.npy', labels: 'labels.npy' });
 * const analysis = priceActivity(activity, { profiles: ['45nm', 'loihi'] });
 * const { nominal } = analysis.estimates[0].energyPerInferenceJoules;
 *
 * @packageDocumentation
 */

export { UserError } from './errors.ts';
export {
	type Accounting,
	accountingNames,
	type BreakEven,
	breakEven,
	checkProfile,
	compareAccountings,
	compareWithDense,
	type DenseComparison,
	type Estimate,
	type Evidence,
	estimate,
	type Interval,
	listProfiles,
	loadProfile,
	memoryStudy,
	type Profile,
	sensitivity,
	sweep,
} from './hardware/index.ts';
export type { StatePairing } from './model/model-file.ts';
export type { Network, NeuronLayer, Readout, SynapticLayer } from './network/network.ts';
export {
	analyzeFile,
	type CountOptions,
	countEvents,
	type LoadOptions,
	loadNetwork,
	type PriceOptions,
	priceActivity,
} from './pipeline.ts';
export {
	type Analysis,
	activityOf,
	buildAnalysis,
	type CompareOptions,
	compareAnalyses as compare,
	type ModelComparison,
	parseAnalysis,
	type ReportFormat,
	renderAnalysis,
} from './reporting/index.ts';
export { mergeActivities, type Shard } from './scale/index.ts';
export type {
	Activity,
	ActivityTotals,
	Encoder,
	GradedRule,
	LayerActivity,
	LayerGeometry,
	NeuronCounts,
	NeuronLayerActivity,
	SpikeTest,
	Spread,
	SynapticCounts,
	SynapticLayerActivity,
} from './simulation/activity.ts';
export type { SampleSource } from './simulation/samples.ts';
export { simulate } from './simulation/simulate.ts';
export { tool } from './version.ts';

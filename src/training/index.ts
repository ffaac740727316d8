/** The IIR-SNN training pipeline. */
export { type ImageSeconds, measureImageSeconds } from './calibration.ts';
export { describeStage, fileOfStage } from './card.ts';
export { firingRates } from './comparison.ts';
export type { TrainingConfiguration } from './configuration.ts';
export type { EngineChoice } from './engines.ts';
export { type Expectation, expectation, type StageExpectation } from './expectation.ts';
export { readTrained, writeNir, writeOnnx } from './export/convert.ts';
export { readTrainedOnnx } from './export/read-onnx.ts';
export { writeLayersModel } from './export/tfjs.ts';
export { Interrupted } from './interrupted.ts';
export { lockFolder } from './lock.ts';
export { entryOf, type Layout, layoutOf, slice } from './parameters.ts';
export { firstStart, type PipelineEvents, planFor, runPipeline } from './pipeline.ts';
export { type ChainPlan, chainPlan, type NotAChain } from './plain-graph.ts';
export { firstLayerShare, neuronCount, neuronsOf, type Plan } from './plan.ts';
export { type TrainingRecord, trainingRecord } from './record.ts';
export { retrain, stagesDownTo } from './retrain.ts';
export {
	checkedConfiguration,
	checkedSettings,
	mergeSettings,
	type PartialConfiguration,
	presets,
	readSettings,
} from './settings.ts';
export { type Shipment, writeCard, writeModels } from './shipping.ts';
export type { GradientSource } from './source.ts';
export { openEngine } from './sources.ts';
export type { EpochRecord, Progress } from './stage.ts';

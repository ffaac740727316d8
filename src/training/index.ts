/** The IIR-SNN training pipeline. */
export type { RunOptions, TrainingConfiguration } from './configuration.ts';
export { type EngineChoice, engineNames } from './engines.ts';
export { type Expectation, expectation } from './expectation.ts';
export { readTrained, writeNir, writeOnnx } from './export/convert.ts';
export type { TrainedModel } from './export/model.ts';
export { onnxModel } from './export/onnx.ts';
export { readTrainedOnnx } from './export/read-onnx.ts';
export { loadLayersModel, readLayersModel, writeLayersModel } from './export/tfjs.ts';
export { rateSchedules } from './optimiser.ts';
export { planFor, runPipeline, type TrainedNetwork } from './pipeline.ts';
export { type TrainingRecord, trainingRecord } from './record.ts';
export { checkedSettings, mergeSettings, type PartialConfiguration, presets, readSettings } from './settings.ts';
export { encodeSamples, type Shipment, writeCard, writeModels } from './shipping.ts';
export { openEngine } from './sources.ts';
export { type EpochRecord, Interrupted, type Progress } from './stage.ts';

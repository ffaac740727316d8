/**
 * The library without Node: bytes, records and one runtime. What it reads are files of the machine in Node, and files that
 * `placeFile` put into memory anywhere. Nothing reached from here imports a module of Node (test/imports.test.ts).
 */

export {
	architectureOfActivity,
	type Claim,
	type ClaimArchitecture,
	type ClaimCheck,
	type ClaimCheckOptions,
	type ClaimedFigure,
	type ClaimFinding,
	type ClaimFormulaResult,
	type ClaimInput,
	type ClaimLayer,
	type ClaimLayerRow,
	type ClaimRates,
	checkClaim,
	claimArchitecture,
	type LeftOut,
	type LeftOutKey,
	type ListedArchitecture,
	type OperationPrice,
	operationPrices,
	type RatedSops,
	type Remainder,
	type RemainderCandidate,
	readClaim,
	readLayerList,
	readRates,
	type SopReading,
} from './claims/index.ts';
export { UserError } from './errors.ts';
export type { EventOptions } from './formats/events/options.ts';
export {
	type Accounting,
	type AccountingComparison,
	type AccountingRow,
	type Assumption,
	accountingNames,
	type BreakEven,
	type BreakEvenOptions,
	breakEven,
	type Constant,
	type Crossing,
	checkProfile,
	compareAccountings,
	compareWithDense,
	type DenseComparison,
	type DenseModel,
	type Estimate,
	type EstimateOptions,
	type Evidence,
	estimate,
	evidenceGrades,
	type Interval,
	type LayerBound,
	type LayerEstimate,
	type LoadOptions as ProfileOptions,
	listProfiles,
	loadProfile,
	type MembranePoint,
	type MemoryLevel,
	type MemoryModel,
	type MemoryReport,
	type MemoryStore,
	type MemoryStudy,
	memoryStudy,
	type Origin,
	type Profile,
	type ProfileSummary,
	type Quantity,
	type Rival,
	type RivalName,
	type Scope,
	type Sensitivity,
	type SensitivityBar,
	type Source,
	type StoreTraffic,
	type Sweep,
	type SweepPoint,
	sensitivity,
	sweep,
	type Term,
	type Verdict,
} from './hardware/index.ts';
export type { ConstantTensor, Dimension, ElementType, Model, TensorInfo } from './model/graph.ts';
export type { StatePairing } from './model/model-file.ts';
export type { Balance, Finding, FindingKind } from './network/findings.ts';
export type { GraphIndex } from './network/graph-index.ts';
export type {
	Network,
	NeuronCall,
	NeuronLayer,
	ProductLayer,
	Readout,
	ReadoutRule,
	ResetKind,
	SynapticCall,
	SynapticLayer,
	TimeMode,
} from './network/network.ts';
export type { ValueSet } from './network/value-sets.ts';
export {
	analyzeFile,
	type CountOptions,
	countEvents,
	type LoadOptions,
	loadNetwork,
	type PriceOptions,
	priceActivity,
} from './pipeline.ts';
export { type FileContent, placeFile, removeFile } from './platform/memory-files.ts';
export { renderFragment } from './reporting/html/fragment.ts';
export {
	type Analysis,
	type AnalysisComparison,
	activityOf,
	buildAnalysis,
	type ComparedModel,
	type ComparedRow,
	type CompareOptions,
	compareAnalyses as compare,
	type FairVariant,
	type ModelComparison,
	type NetworkActivity,
	parseAnalysis,
	type RenderOptions,
	type ReportFormat,
	renderAnalysis,
	reportFormats,
	type TerminalOptions,
} from './reporting/index.ts';
export { mergeActivities, type Shard } from './scale/index.ts';
export type {
	Activity,
	ActivityTotals,
	Encoder,
	GradedRule,
	InputKind,
	LayerActivity,
	LayerGeometry,
	NeuronCounts,
	NeuronLayerActivity,
	SpikeTest,
	Spread,
	SynapticCounts,
	SynapticLayerActivity,
} from './simulation/activity.ts';
export type { Preparation, SampleSource } from './simulation/samples.ts';
export { type SimulationOptions, simulate } from './simulation/simulate.ts';
export { tool } from './version.ts';

export { claimArchitecture, claimArchitectureExamples, claimArchitectureForms } from './architectures/index.ts';
export {
	type ClaimCheck,
	type ClaimCheckOptions,
	type ClaimFormulaResult,
	checkClaim,
	type SopReading,
} from './check.ts';
export { type Claim, type ClaimedFigure, readClaim } from './claim.ts';
export type { ClaimFinding } from './contradictions.ts';
export type { ClaimLayerRow, ClaimRates, RatedSops } from './counts.ts';
export { type ClaimFormula, claimFormulas, type LeftOutKey } from './formulas.ts';
export { architectureOfActivity } from './from-activity.ts';
export { type ListedArchitecture, readLayerList, readRates } from './layer-list.ts';
export type { ClaimArchitecture, ClaimInput, ClaimLayer } from './layers.ts';
export type { LeftOut } from './left-out.ts';
export { type OperationPrice, operationPrices } from './prices.ts';
export { isRateText } from './rate-text.ts';
export type { Remainder, RemainderCandidate } from './remainder.ts';
export { type ClaimRequest, checkRequest, claimOf, type NamedText } from './request.ts';

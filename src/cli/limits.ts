import { type Limits, parseAccuracyLimit, parseEnergyLimit, parseLatencyLimit } from '../reporting/gate.ts';
import type { LimitArguments } from './limit-options.ts';

/** @throws UserError naming the option that is no energy, time or fraction */
export function limitsOf({ maxEnergy, maxLatency, minAccuracy }: LimitArguments): Limits {
	return {
		...(maxEnergy === undefined ? {} : { maxEnergyJoules: parseEnergyLimit(maxEnergy) }),
		...(maxLatency === undefined ? {} : { maxLatencySeconds: parseLatencyLimit(maxLatency) }),
		...(minAccuracy === undefined ? {} : { minAccuracy: parseAccuracyLimit(minAccuracy) }),
	};
}

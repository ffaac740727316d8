import type { Options } from 'yargs';

/** Limits a build can fail on. */
export const limitOptions = {
	'max-energy': { type: 'string', describe: 'Exit with 3 if an inference costs more, such as 50uJ', group: 'Gate:' },
	'max-latency': { type: 'string', describe: 'Exit with 3 if an inference takes longer, such as 1ms', group: 'Gate:' },
	'min-accuracy': { type: 'string', describe: 'Exit with 3 if accuracy is lower, such as 0.9', group: 'Gate:' },
} as const satisfies Record<string, Options>;

export interface LimitArguments {
	readonly maxEnergy?: string;
	readonly maxLatency?: string;
	readonly minAccuracy?: string;
}

import { checkOptions } from '../check-options.ts';
import type { RunArguments } from './options.ts';

/** Whole numbers from 1 up. @throws UserError naming the flag */
export function checkWholeNumbers(values: RunArguments): void {
	const { timesteps, samples, batch, jobs, threads, dt, bins } = values;
	checkOptions({ timesteps, samples, batch, jobs, threads, dt, bins }, (name) => `--${name}`);
}

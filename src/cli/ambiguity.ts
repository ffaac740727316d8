import type { CountOptions, LoadOptions } from '../pipeline.ts';

/** Another way of reading the same file. */
export interface Alternative {
	readonly flags: string;
	readonly load: LoadOptions;
	readonly count: CountOptions;
}

/**
 * The readings a file leaves open, each one choice away from the user's own: the reset and the length of a timestep
 * where the format does not say them (NIR), whether an unchanging first layer is charged once, and how graded spikes are charged.
 *
 * @param facts what the first run showed, so that choices that cannot matter are left out
 */
export function alternatives(
	load: LoadOptions,
	count: CountOptions,
	facts: {
		readonly format: string;
		readonly timesteps: number;
		readonly graded: boolean;
		/** Lengths of a timestep in seconds that the file may mean too. */
		readonly otherTimesteps: readonly number[];
	},
): Alternative[] {
	const found: Alternative[] = [];
	if (facts.format === 'nir') {
		const reset = load.reset === 'subtract' ? 'zero' : 'subtract';
		found.push({ flags: `--reset ${reset}`, load: { ...load, reset }, count });
	}
	for (const dt of facts.otherTimesteps) found.push({ flags: `--dt ${dt}`, load: { ...load, dt }, count });
	if (facts.timesteps > 1) {
		const encoder = count.encoder === 'every-step' ? 'once' : 'every-step';
		found.push({ flags: `--encoder ${encoder}`, load, count: { ...count, encoder } });
	}
	if (facts.graded) {
		const graded = count.graded === 'ac' ? 'mac' : 'ac';
		found.push({ flags: `--graded ${graded}`, load, count: { ...count, graded } });
		const spikeTest = count.spikeTest === 'timestep' ? 'element' : 'timestep';
		found.push({ flags: `--spike-test ${spikeTest}`, load, count: { ...count, spikeTest } });
	}
	return found;
}

import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { savedRunFixed } from './messages.ts';
import { givenRunOptions, type RunArguments } from './options.ts';
import { checkWholeNumbers } from './whole-numbers.ts';

/**
 * The run an argument names: read from the JSON of an earlier "analyze", or made by running a model.
 *
 * @throws UserError if the file is neither, the model cannot be run, or a saved run is given with options that say how to run it
 */
export async function runOf(file: string, values: RunArguments): Promise<Activity> {
	checkWholeNumbers(values);
	const { readSavedRun } = await import('./saved-run.ts');
	const saved = readSavedRun(file);
	if (saved) {
		refuseRunOptions(file, values);
		return saved;
	}
	const { countForCommand } = await import('./count-model.ts');
	return countForCommand(file, values);
}

/** @throws UserError where options say how to run what has been run */
export function refuseRunOptions(file: string, values: RunArguments): void {
	const given = givenRunOptions({ ...values });
	if (given.length > 0) throw new UserError(savedRunFixed(file, given), { exitCode: 2 });
}

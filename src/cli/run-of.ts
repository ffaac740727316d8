import type { Activity } from '../simulation/activity.ts';
import { checkWholeNumbers, type RunArguments } from './options.ts';

/**
 * The run an argument names: read from the JSON of an earlier "analyze", or made by running a model.
 *
 * @throws UserError if the file is neither, or the model cannot be run
 */
export async function runOf(file: string, values: RunArguments): Promise<Activity> {
	checkWholeNumbers(values);
	const { readSavedRun } = await import('./saved-run.ts');
	const saved = readSavedRun(file);
	if (saved) return saved;
	const { countForCommand } = await import('./count-model.ts');
	return countForCommand(file, values);
}

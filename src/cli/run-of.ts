import type { Activity } from '../simulation/activity.ts';
import { checkWholeNumbers, countOptionsOf, loadOptionsOf, type SharedArguments } from './options.ts';

/**
 * The run an argument names: read from the JSON of an earlier "analyze", or made by running a model.
 *
 * @throws UserError if the file is neither, or the model cannot be run
 */
export async function runOf(file: string, values: SharedArguments): Promise<Activity> {
	checkWholeNumbers(values);
	const { readSavedRun } = await import('./saved-run.ts');
	const saved = readSavedRun(file);
	if (saved) return saved;
	const { countEvents, loadNetwork } = await import('../pipeline.ts');
	const { onInterrupt } = await import('./interrupt.ts');
	const { startProgress } = await import('./progress.ts');
	const network = await loadNetwork(file, loadOptionsOf(values));
	const progress = await startProgress(values.quiet ?? false, 'counting');
	const interrupt = onInterrupt();
	try {
		return await countEvents(network, { ...countOptionsOf(values), signal: interrupt.signal, onProgress: progress.update });
	} finally {
		progress.stop();
		interrupt.release();
	}
}

import { UserError } from '../errors.ts';
import * as messages from '../jobs/messages.ts';
import type { SweepModel } from '../jobs/sweep.ts';
import { loadNetwork, openNetworkData } from '../pipeline.ts';
import { runNames } from './activity-files.ts';
import { countOptionsOf, loadOptionsOf, type SharedArguments } from './options.ts';

/**
 * The runs of a sweep: each model at each number of timesteps, or once where the file fixes it. Every model and its data
 * are opened, so that no job fails for what could have been known.
 *
 * @param timesteps  numbers asked for; none: the models' own
 * @throws UserError naming the model that cannot be run so
 */
export async function sweepModels(
	files: readonly string[],
	timesteps: readonly number[],
	shards: number,
	values: Omit<SharedArguments, 'timesteps' | 'out'>,
): Promise<SweepModel[]> {
	const names = runNames(files);
	const runs: SweepModel[] = [];
	for (const [at, model] of files.entries()) {
		const [first] = timesteps;
		const network = await loadNetwork(model, { ...loadOptionsOf(values), ...(first === undefined ? {} : { timesteps: first }) });
		const data = await openNetworkData(network, countOptionsOf(values));
		data.source.close();
		if (shards > data.source.count)
			throw new UserError(messages.moreJobsThanSamples(model, shards, data.source.count), { exitCode: 2 });
		const name = names[at] as string;
		if (network.mode !== 'step' || timesteps.length === 0) runs.push({ model, name, timesteps: null });
		else for (const one of timesteps) runs.push({ model, name: `${name}.T${one}`, timesteps: one });
	}
	return runs;
}

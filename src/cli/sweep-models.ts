import { UserError } from '../errors.ts';
import * as messages from '../jobs/messages.ts';
import type { SweepModel } from '../jobs/sweep.ts';
import { timestepsUnknown } from '../network/messages.ts';
import type { Network } from '../network/network.ts';
import { loadNetwork, openNetworkData } from '../pipeline.ts';
import { runNames } from './activity-files.ts';
import { countOptionsOf, loadOptionsOf, type RunArguments } from './options.ts';

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
	values: Omit<RunArguments, 'timesteps'>,
): Promise<SweepModel[]> {
	const names = runNames(files);
	const runs: SweepModel[] = [];
	for (const [at, model] of files.entries()) {
		const name = names[at] as string;
		const load = (steps: number | undefined): Promise<Network> =>
			loadNetwork(model, { ...loadOptionsOf(values), timesteps: steps });
		const asked = await loadable(load, timesteps);
		const network = asked[0]?.network ?? (await load(undefined));
		if (network.mode === 'step' && network.timesteps === null)
			throw new UserError(
				timestepsUnknown(
					model,
					network.states.map(({ input }) => input),
				),
			);
		const data = await openNetworkData(network, countOptionsOf(values));
		data.source.close();
		if (shards > data.source.count)
			throw new UserError(messages.moreJobsThanSamples(model, shards, data.source.count), { exitCode: 2 });
		if (asked.length === 0) runs.push({ model, name, timesteps: null });
		for (const { steps } of asked) runs.push({ model, name: `${name}.T${steps}`, timesteps: steps });
	}
	return runs;
}

/** The numbers of timesteps a model can be run with; none for a plain network, or one whose file fixes another. */
async function loadable(
	load: (steps: number) => Promise<Network>,
	timesteps: readonly number[],
): Promise<{ readonly steps: number; readonly network: Network }[]> {
	const found: { readonly steps: number; readonly network: Network }[] = [];
	for (const steps of timesteps) {
		try {
			const network = await load(steps);
			if (network.mode === 'plain') return [];
			found.push({ steps, network });
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
		}
	}
	return found;
}

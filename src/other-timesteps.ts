import type { Activity } from './activity/activity.ts';
import { otherTimestepsKey } from './formats/nir/index.ts';
import { balanceFrom } from './network/findings.ts';
import type { Network } from './network/network.ts';
import { type CountOptions, countEvents, type LoadOptions, loadNetwork } from './pipeline.ts';

/** Lengths of a timestep in seconds that a NIR file may mean besides the one it was read with; none for other formats. */
export const otherTimesteps = ({ model }: Pick<Network, 'model'>): number[] =>
	(model.metadata.get(otherTimestepsKey) ?? '')
		.split(' ')
		.map(Number)
		.filter((dt) => dt > 0);

/** Samples a timestep is tried on. */
const mostTried = 8;

const isDead = ({ balance }: Activity): boolean => balance?.findings.some(({ kind }) => kind === 'dead') ?? false;

/**
 * A dead network of a NIR file may have been read with the wrong length of a timestep: the format does not tell whether its time
 * constants are seconds. Tries the other lengths the file may mean on the first samples, and adds to the result which of them
 * makes every layer fire.
 *
 * @returns the same result where it is not dead, or no other length helps
 * @throws UserError as loading and running do
 */
export async function withRevivingTimestep(
	activity: Activity,
	path: string,
	load: LoadOptions,
	count: CountOptions,
): Promise<Activity> {
	const { balance, model, run } = activity;
	if (model.format !== 'nir' || !balance || !isDead(activity)) return activity;
	const samples = Math.min(run.samples, mostTried);
	for (const dt of otherTimesteps(await loadNetwork(path, load))) {
		const tried = await countEvents(await loadNetwork(path, { ...load, dt }), { ...count, shard: undefined, samples });
		if (isDead(tried)) continue;
		const sentence = `With --dt ${dt} every layer fires (tried on ${samples === 1 ? 'the first sample' : `the first ${samples} samples`}): the time constants of the file may be meant in timesteps of that length.`;
		const findings = [...balance.findings, { kind: 'doubtful', subject: '--dt', sentence } as const];
		return { ...activity, balance: balanceFrom(balance.layers, findings), warnings: [sentence, ...activity.warnings] };
	}
	return activity;
}

import type { Activity } from '../../../src/activity/activity.ts';
import { readSavedRun } from '../../../src/cli/saved-run.ts';
import { chipParameters, fitNetwork, placeActivity } from '../../../src/hardware/chip/index.ts';
import { estimate, loadProfile } from '../../../src/hardware/index.ts';

/** One model a chip: the same price for every event with and without a placement, and the same order of chips. */

function run(file: string): Activity {
	const activity = readSavedRun(`models/${file}`);
	if (activity === null) throw new Error(`${file} holds no run`);
	return activity;
}

const activities = ['mnist-cnn/model.analysis.json', 'fashion-cnn/model.analysis.json', 'cifar10-vgg/model.analysis.json'].map(
	(file) => [file, run(file)] as const,
);

function both(activity: Activity, name: string, set: readonly string[] = []) {
	const profile = loadProfile(name, { set });
	const placed = fitNetwork(placeActivity(activity, chipParameters(profile)), { force: true }).cost;
	if (placed === null) throw new Error('not placed');
	return { placed, unplaced: estimate(activity, profile) };
}

const chips = ['loihi', 'loihi-sanafe', 'loihi2', 'truenorth', 'odin', 'loihi-system'];

test.each(chips.flatMap((chip) => activities.map(([file, activity]) => [chip, file, activity] as const)))(
	'%s gives a synaptic event of %s one price, placed or not',
	(chip, _file, activity) => {
		const { placed, unplaced } = both(activity, chip);
		expect(placed.energyTermsJoules.synapses / (unplaced.terms.synapses?.nominal ?? 0)).toBeCloseTo(1, 9);
	},
);

test.each(activities)('%s: placed or not, the energies of Loihi agree within 10 %% and Loihi 2 is faster', (_file, activity) => {
	const [first, second] = ['loihi', 'loihi2'].map((chip) => both(activity, chip));
	for (const { placed, unplaced } of [first, second].filter((each) => each !== undefined))
		expect(Math.abs(placed.energyJoules / unplaced.energyPerInferenceJoules.nominal - 1)).toBeLessThan(0.1);
	expect(second?.placed.latencySeconds).toBeLessThan(first?.placed.latencySeconds ?? 0);
	expect(second?.unplaced.latencyPerInferenceSeconds?.nominal).toBeLessThan(
		first?.unplaced.latencyPerInferenceSeconds?.nominal ?? 0,
	);
});

test('TrueNorth: back to back an inference pays static power for T ticks, alone for T + L - 1', () => {
	const [, activity] = activities[0] ?? [];
	if (!activity) throw new Error('no run');
	const alone = both(activity, 'truenorth');
	const following = both(activity, 'truenorth', ['pipelined=1']).unplaced;
	const { synapses, static: leakage } = alone.placed.energyTermsJoules;
	const steps = alone.placed.barrierSteps;
	expect(alone.unplaced.terms.static?.nominal).toBeCloseTo(leakage, 9);
	expect(following.terms.static?.nominal).toBeCloseTo(leakage / steps, 9);
	expect(alone.placed.pipelinedJoules).toBeCloseTo(synapses + leakage / steps, 9);
	// Either way the answer comes after T + L - 1 ticks, and the interval of the default reaches both.
	expect(following.latencyPerInferenceSeconds?.nominal).toBe(alone.unplaced.latencyPerInferenceSeconds?.nominal);
	expect(alone.unplaced.terms.static?.low).toBeCloseTo(leakage / steps, 9);
});

test('neurons that share the memory of synapses leave less room for them', () => {
	const [, activity] = activities[0] ?? [];
	if (!activity) throw new Error('no run');
	const chip = chipParameters(loadProfile('loihi2'));
	const cores = (neuronBits: number): number => placeActivity(activity, { ...chip, neuronBits }).packing.cores;
	expect(chip.neuronBits).toBe(192);
	expect(cores(192)).toBeGreaterThanOrEqual(cores(0));
	expect(cores(20_000)).toBeGreaterThan(cores(192));
	const { walls } = placeActivity(activity, { ...chip, neuronBits: 2e6 }).packing;
	expect(walls.map(({ resource }) => resource)).toContain('synaptic memory');
});

import fc from 'fast-check';
import type { Activity } from '../../src/activity/activity.ts';
import { estimate, listProfiles, loadProfile, type Profile } from '../../src/hardware/index.ts';
import { activity, type NeuronSpec, type SynapticSpec } from './support/activities.ts';

const settings = { seed: 20260, numRuns: 40 } as const;
const profiles: readonly Profile[] = listProfiles().map(({ name }) => loadProfile(name));
/** By its name, so that a counterexample can be read. */
const anyProfile = fc.constantFrom(...profiles.map(({ name }) => name));
const profileNamed = (name: string): Profile => profiles.find((profile) => profile.name === name) as Profile;
const energyOf = (run: Activity, profile: Profile): number => estimate(run, profile).energyPerInferenceJoules.nominal;

interface Plan {
	readonly timesteps: number;
	readonly sizes: readonly number[];
	readonly rate: number;
	readonly biased: boolean;
}

const plans = fc.record({
	timesteps: fc.integer({ min: 1, max: 5 }),
	sizes: fc.array(fc.integer({ min: 1, max: 3000 }), { minLength: 2, maxLength: 4 }),
	rate: fc.double({ min: 0, max: 1, noNaN: true }),
	biased: fc.boolean(),
});

/** A chain of dense layers whose neurons fire at a given rate. */
function chain({ timesteps, sizes, rate, biased }: Plan): Activity {
	const each = (value: number): number[] => Array<number>(timesteps).fill(Math.floor(value));
	const layers = sizes.slice(1).flatMap((outputs, index): (SynapticSpec | NeuronSpec)[] => {
		const inputs = sizes[index] ?? 1;
		return [
			{
				name: `fc${index}`,
				analog: index === 0,
				source: index === 0 ? null : `lif${index - 1}`,
				inputElements: inputs,
				outputElements: outputs,
				biasElements: biased ? outputs : 0,
				active: each(inputs * rate),
			},
			{
				name: `lif${index}`,
				neurons: outputs,
				leak: 0.9,
				spikes: each(outputs * rate),
				driven: each(outputs * Math.min(1, rate * 2)),
			},
		];
	});
	return activity(layers);
}

test('terms, layers and timesteps add up to the total under every profile', () => {
	fc.assert(
		fc.property(plans, anyProfile, (plan, name) => {
			const profile = profileNamed(name);
			const result = estimate(chain(plan), profile);
			const total = result.energyPerInferenceJoules.nominal;
			const inferenceTerms = profile.inferenceEnergy.map(({ name }) => name);
			const terms = Object.values(result.terms).reduce((sum, { nominal }) => sum + nominal, 0);
			const layers = result.layers.reduce((sum, { energyJoules }) => sum + energyJoules.nominal, 0);
			const steps = result.layers.reduce(
				(sum, { perTimestepJoules }) => sum + perTimestepJoules.reduce((inner, joules) => inner + joules, 0),
				0,
			);
			const apart = inferenceTerms.reduce((sum, name) => sum + (result.terms[name]?.nominal ?? 0), 0);
			expect(Math.abs(terms - total)).toBeLessThanOrEqual(1e-12 * total);
			expect(Math.abs(layers + apart - total)).toBeLessThanOrEqual(1e-12 * total);
			expect(Math.abs(steps + apart - total)).toBeLessThanOrEqual(1e-12 * total);
		}),
		settings,
	);
});

test('more spikes never cost less, under any profile', () => {
	fc.assert(
		fc.property(plans, fc.double({ min: 0, max: 1, noNaN: true }), anyProfile, (plan, other, name) => {
			const profile = profileNamed(name);
			const [low, high] = [Math.min(plan.rate, other), Math.max(plan.rate, other)];
			expect(energyOf(chain({ ...plan, rate: high }), profile)).toBeGreaterThanOrEqual(
				energyOf(chain({ ...plan, rate: low }), profile) * (1 - 1e-12),
			);
		}),
		settings,
	);
});

test('more timesteps never cost less, under any profile', () => {
	fc.assert(
		fc.property(plans, anyProfile, (plan, name) => {
			const profile = profileNamed(name);
			expect(energyOf(chain({ ...plan, timesteps: plan.timesteps + 1 }), profile)).toBeGreaterThanOrEqual(
				energyOf(chain(plan), profile),
			);
		}),
		settings,
	);
});

test('multiplying every energy and power of a profile by a factor multiplies the energy by it', () => {
	fc.assert(
		fc.property(plans, fc.double({ min: 0.01, max: 100, noNaN: true }), anyProfile, (plan, factor, name) => {
			const profile = profileNamed(name);
			const kilograms = 0;
			const amperes = 3;
			const scaled: Profile = {
				...profile,
				constants: new Map(
					[...profile.constants].map(([name, constant]) => {
						const { low, nominal, high } = constant.value;
						const by = constant.dimension[kilograms] === 1 && constant.dimension[amperes] === 0 && !constant.formula ? factor : 1;
						return [name, { ...constant, value: { low: low * by, nominal: nominal * by, high: high * by } }];
					}),
				),
			};
			const expected = energyOf(chain(plan), profile) * factor;
			expect(Math.abs(energyOf(chain(plan), scaled) - expected)).toBeLessThanOrEqual(1e-12 * expected);
		}),
		settings,
	);
});

test('the interval contains the nominal value and every other choice of constants inside it', () => {
	fc.assert(
		fc.property(
			plans,
			anyProfile,
			fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 60, maxLength: 60 }),
			(plan, name, shares) => {
				const profile = profileNamed(name);
				const run = chain(plan);
				const { low, nominal, high } = estimate(run, profile).energyPerInferenceJoules;
				expect(low).toBeLessThanOrEqual(nominal);
				expect(nominal).toBeLessThanOrEqual(high);
				const chosen: Profile = {
					...profile,
					constants: new Map(
						[...profile.constants].map(([name, constant], index) => {
							const value = constant.value.low + (constant.value.high - constant.value.low) * (shares[index % 60] ?? 0);
							return [name, constant.formula ? constant : { ...constant, value: { low: value, nominal: value, high: value } }];
						}),
					),
				};
				const inside = energyOf(run, chosen);
				expect(inside).toBeGreaterThanOrEqual(low * (1 - 1e-9));
				expect(inside).toBeLessThanOrEqual(high * (1 + 1e-9));
			},
		),
		settings,
	);
});

test('two samples that do the same cost as much per inference as one', () => {
	const layers = (samples: number): Activity =>
		activity(
			[
				{ name: 'fc', analog: true, inputElements: 10, outputElements: 5, active: [4 * samples, 4 * samples] },
				{ name: 'lif', neurons: 5, spikes: [2 * samples, samples], driven: [4 * samples, 3 * samples] },
			],
			samples,
		);
	for (const profile of profiles) expect(energyOf(layers(2), profile)).toBeCloseTo(energyOf(layers(1), profile), 25);
});

import type { Activity, SynapticLayerActivity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { denseEvents } from './dense.ts';
import { evaluate } from './evaluate.ts';
import { eventsOf, type NetworkEvents } from './events.ts';
import * as messages from './messages.ts';
import type { Profile } from './profile/types.ts';
import { type Program, programOf } from './program.ts';
import { asItIs, bitsFor, int8Dense, matched, narrowDense, type Pricing, skippingEvents } from './rivals.ts';
import { type Verdict, verdicts } from './verdicts.ts';
import { firingRate, scaleSpikes, spikesPerSynapse, withTimesteps } from './what-if.ts';

/** A DNN baseline the spiking network is held against. */
export type RivalName = 'dense' | 'zero-skipping' | 'quantized' | 'int8' | 'matched';

/** Where a quantity crosses: at a value, or the spiking network wins or loses throughout. */
export type Crossing = { readonly kind: 'at'; readonly value: number } | { readonly kind: 'always' } | { readonly kind: 'never' };

/** A way to run the plain network that the spiking one has to beat. */
export interface Rival {
	readonly name: RivalName;
	readonly title: string;
	/** null if the profile cannot price it; `reason` says why. */
	readonly energyJoules: number | null;
	readonly reason: string | null;
	/** DNN ÷ SNN at the measured activity. */
	readonly ratio: number | null;
	/** Firing rate (share of neurons per timestep) up to which the spiking network needs less energy. */
	readonly firingRate: Crossing | null;
	/** Most timesteps for which it needs less energy. */
	readonly timesteps: Crossing | null;
	readonly assumption: string;
}

/** Where a spiking network stops beating the DNN baseline, rival by rival. */
export interface BreakEven {
	readonly profile: string;
	readonly snnEnergyJoules: number;
	readonly timesteps: number;
	/** Measured: spikes / (neurons · timesteps). */
	readonly firingRate: number;
	/** Measured: spike-caused synaptic events per connection and inference. */
	readonly spikesPerSynapse: number;
	readonly rivals: readonly Rival[];
	/** Published thresholds, all of them. */
	readonly verdicts: readonly Verdict[];
}

/** What break-even has to know of the plain network besides its counts. */
export interface BreakEvenOptions {
	/** Share of the DNN's activations that are nonzero, for the DNN that skips zeros; 0.5 unless measured. */
	readonly density?: number;
	/** A measured run of the DNN itself, which then takes the place of the assumed density. */
	readonly twin?: Activity;
}

const mostTimesteps = 1024;

/**
 * When this network stops beating the DNN baseline: by firing rate and by number of
 * timesteps, against a dense DNN, one that skips zero activations, and one quantised to as many
 * bits as T timesteps can tell apart, ⌈log2(T+1)⌉ (Yan et al. 2024). Nominal constants.
 */
export function breakEven(activity: Activity, profile: Profile, options: BreakEvenOptions = {}): BreakEven {
	const program = programOf(profile);
	const events = eventsOf(activity);
	const snnEnergyJoules = energyOf(program, events);
	if (options.twin) checkTwin(activity, options.twin);
	const rivals = rivalsOf(program, events, options).map(({ name, title, assumption, energy, reason, follows }): Rival => {
		const energyJoules = energy?.(events.timesteps) ?? null;
		if (!energy || energyJoules === null)
			return { name, title, assumption, reason, energyJoules: null, ratio: null, firingRate: null, timesteps: null };
		return {
			name,
			title,
			assumption,
			reason: null,
			energyJoules,
			ratio: snnEnergyJoules > 0 ? energyJoules / snnEnergyJoules : null,
			firingRate: follows ? null : crossingRate(program, events, energyJoules),
			timesteps: crossingTimesteps(program, events, energy),
		};
	});
	const rate = firingRate(events);
	const perSynapse = spikesPerSynapse(events);
	return {
		profile: profile.name,
		snnEnergyJoules,
		timesteps: events.timesteps,
		firingRate: rate,
		spikesPerSynapse: perSynapse,
		rivals,
		verdicts: verdicts({ firingRate: rate, spikesPerSynapse: perSynapse, timesteps: events.timesteps }),
	};
}

function nominalOf({ intervals }: Program): Float64Array {
	return Float64Array.from(intervals, ({ nominal }) => nominal);
}

function energyOf(program: Program, events: NetworkEvents): number {
	return evaluate(program, events, nominalOf(program)).energyJoules;
}

interface PricedRival {
	readonly name: RivalName;
	readonly title: string;
	readonly assumption: string;
	/** Joules, given the timesteps of the spiking network it replaces. */
	readonly energy: ((timesteps: number) => number | null) | null;
	readonly reason: string | null;
	/** Whether its own activity follows the spiking network's, so that no firing rate sets them apart. */
	readonly follows?: boolean;
}

function rivalsOf(program: Program, events: NetworkEvents, { density = 0.5, twin }: BreakEvenOptions): readonly PricedRival[] {
	const { unsupported } = program.profile.dense;
	const nominal = nominalOf(program);
	const priced = (pricing: () => Pricing | null): (() => number | null) | null => {
		if (unsupported !== null) return null;
		let value: number | null | undefined;
		return () => {
			if (value === undefined) value = pricing()?.(nominal) ?? null;
			return value;
		};
	};
	const ofTimesteps = (pricing: (timesteps: number) => Pricing | null): ((timesteps: number) => number | null) | null =>
		unsupported === null ? (timesteps) => pricing(timesteps)?.(nominal) ?? null : null;
	const missing = (entry: string): string => unsupported ?? `The profile has no price for it (dense.${entry}).`;
	return [
		{
			name: 'dense',
			title: 'dense DNN',
			assumption: 'Every connection is computed once.',
			energy: priced(() => asItIs(program, denseEvents(events))),
			reason: unsupported,
		},
		{
			name: 'zero-skipping',
			title: 'DNN that skips zero activations',
			assumption: twin
				? 'The activations of the measured DNN that are zero cost nothing.'
				: `${Math.round(density * 100)} % of the activations behind the first layer are nonzero (assumed; a measured DNN can be given instead).`,
			energy: priced(() => asItIs(program, twin ? skippingEvents(eventsOf(twin)) : denseEvents(events, density))),
			reason: unsupported,
		},
		{
			name: 'quantized',
			title: 'DNN quantised to ⌈log2(T+1)⌉ bits',
			assumption:
				'Activations behind the first layer have as many bits as T timesteps can tell apart; the first layer stays as it is. Every connection is computed.',
			energy: ofTimesteps((timesteps) => narrowDense(program, events, bitsFor(timesteps))),
			reason: missing('quantizedMac'),
		},
		{
			name: 'int8',
			title: 'DNN of 8-bit integers',
			assumption: `Weights and activations have 8 bits, every connection is computed. The spiking network keeps the precision of ${program.profile.name}.`,
			energy: priced(() => int8Dense(program, events)),
			reason: missing('int8Mac'),
		},
		{
			name: 'matched',
			title: 'DNN of ⌈log2(T+1)⌉ bits that skips zeros',
			assumption:
				events.timesteps === 1
					? 'Activations have one bit and are zero where the spiking network is silent: with one timestep this is the spiking network itself.'
					: 'Activations have as many bits as T timesteps can tell apart and are zero where no spike came; timesteps are taken as independent.',
			energy: ofTimesteps((timesteps) =>
				matched(program, timesteps === events.timesteps ? events : withTimesteps(events, timesteps)),
			),
			reason: missing('quantizedMac'),
			follows: true,
		},
	];
}

/** Bisection on a factor for all spike counts; energy grows with it. */
function crossingRate(program: Program, events: NetworkEvents, rivalJoules: number): Crossing {
	if (firingRate(events) === 0) return { kind: 'never' };
	const wins = (factor: number): boolean => energyOf(program, scaleSpikes(events, factor)) <= rivalJoules;
	if (!wins(0)) return { kind: 'never' };
	let low = 0;
	let high = 1;
	while (wins(high)) {
		if (firingRate(scaleSpikes(events, high)) >= 1 - 1e-9 || high > 1e9) return { kind: 'always' };
		low = high;
		high *= 2;
	}
	for (let iteration = 0; iteration < 60 && high - low > 1e-9 * high; iteration++) {
		const middle = (low + high) / 2;
		if (wins(middle)) low = middle;
		else high = middle;
	}
	return { kind: 'at', value: firingRate(scaleSpikes(events, low)) };
}

/** The most timesteps for which the spiking network needs no more energy than the rival of that many. */
function crossingTimesteps(program: Program, events: NetworkEvents, rival: (timesteps: number) => number | null): Crossing {
	// A rival that is the same network to the last rounding neither wins nor loses.
	const wins = (timesteps: number): boolean => {
		const other = rival(timesteps);
		return other !== null && energyOf(program, withTimesteps(events, timesteps)) <= other * (1 + 1e-12);
	};
	let low = 0;
	let high = 1;
	// A rival whose bits grow with T can lose at 1 and win at 2: the smallest counts are tried one by one.
	for (let timesteps = 1; timesteps <= 8; timesteps++) if (wins(timesteps)) low = timesteps;
	if (low === 0) return { kind: 'never' };
	high = low + 1;
	while (wins(high)) {
		low = high;
		if (low >= mostTimesteps) return { kind: 'always' };
		high = Math.min(mostTimesteps, high * 2);
	}
	while (high - low > 1) {
		const middle = Math.floor((low + high) / 2);
		if (wins(middle)) low = middle;
		else high = middle;
	}
	return { kind: 'at', value: low };
}

/** @throws UserError unless both runs have the same layers of weights */
function checkTwin(activity: Activity, twin: Activity): void {
	const own = weightLayers(activity);
	const other = weightLayers(twin);
	const differing = own.findIndex((layer, index) => {
		const counterpart = other[index]?.geometry;
		return layer.geometry.denseMacs !== counterpart?.denseMacs || layer.geometry.weightElements !== counterpart.weightElements;
	});
	if (own.length === other.length && differing < 0) return;
	throw new UserError(
		messages.otherStructure(
			activity.model.file,
			twin.model.file,
			own.length === other.length
				? `layer ${own[differing]?.name} has ${own[differing]?.geometry.denseMacs} dense MACs, ${other[differing]?.name} of the DNN has ${other[differing]?.geometry.denseMacs}`
				: `it has ${own.length} layers of weights, the DNN has ${other.length}`,
		),
	);
}

const weightLayers = ({ layers }: Activity): readonly SynapticLayerActivity[] =>
	layers.filter((layer): layer is SynapticLayerActivity => layer.kind === 'synaptic');

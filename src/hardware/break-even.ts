import type { Activity } from '../simulation/activity.ts';
import { denseEvents } from './dense.ts';
import { evaluate } from './evaluate.ts';
import { eventIndex, eventsOf, type NetworkEvents, structureIndex } from './events.ts';
import type { Profile } from './profile/types.ts';
import { type Program, programOf } from './program.ts';
import { type Verdict, verdicts } from './verdicts.ts';
import { firingRate, scaleSpikes, spikesPerSynapse, withTimesteps } from './what-if.ts';

/** A plain DNN the spiking network is held against. */
export type RivalName = 'dense' | 'zero-skipping' | 'quantized';

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

/** Where a spiking network stops beating the plain DNN it could be, rival by rival. */
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
 * When this network stops beating the plain DNN it could be: by firing rate and by number of
 * timesteps, against a dense DNN, one that skips zero activations, and one quantised to as many
 * bits as T timesteps can tell apart, ⌈log2(T+1)⌉ (Yan et al. 2024). Nominal constants.
 */
export function breakEven(activity: Activity, profile: Profile, options: BreakEvenOptions = {}): BreakEven {
	const program = programOf(profile);
	const events = eventsOf(activity);
	const snnEnergyJoules = energyOf(program, events);
	const rivals = rivalsOf(program, events, options).map(({ name, title, assumption, energy, reason }): Rival => {
		if (!energy) return { name, title, assumption, reason, energyJoules: null, ratio: null, firingRate: null, timesteps: null };
		const energyJoules = energy(events.timesteps);
		return {
			name,
			title,
			assumption,
			reason: null,
			energyJoules,
			ratio: snnEnergyJoules > 0 ? energyJoules / snnEnergyJoules : null,
			firingRate: crossingRate(program, events, energyJoules),
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

function energyOf(program: Program, events: NetworkEvents, change?: (corner: Float64Array) => void): number {
	const corner = Float64Array.from(program.intervals, ({ nominal }) => nominal);
	change?.(corner);
	return evaluate(program, events, corner).energyJoules;
}

interface PricedRival {
	readonly name: RivalName;
	readonly title: string;
	readonly assumption: string;
	/** Joules, given the timesteps of the spiking network it replaces. */
	readonly energy: ((timesteps: number) => number) | null;
	readonly reason: string | null;
}

function rivalsOf(program: Program, events: NetworkEvents, { density = 0.5, twin }: BreakEvenOptions): readonly PricedRival[] {
	const { unsupported } = program.profile.dense;
	const priced = (energy: () => number): (() => number) | null => (unsupported === null ? energy : null);
	const once = (compute: () => number): (() => number) => {
		let value: number | undefined;
		return () => (value ??= compute());
	};
	return [
		{
			name: 'dense',
			title: 'dense DNN',
			assumption: 'Every connection is computed once.',
			energy: priced(once(() => energyOf(program, denseEvents(events)))),
			reason: unsupported,
		},
		{
			name: 'zero-skipping',
			title: 'DNN that skips zero activations',
			assumption: twin
				? 'The activations of the measured DNN that are zero cost nothing.'
				: `${Math.round(density * 100)} % of the activations behind the first layer are nonzero (assumed; a measured DNN can be given instead).`,
			energy: priced(once(() => energyOf(program, twin ? skippingEvents(eventsOf(twin)) : denseEvents(events, density)))),
			reason: unsupported,
		},
		{
			name: 'quantized',
			title: 'DNN quantised to ⌈log2(T+1)⌉ bits',
			assumption:
				'Activations behind the first layer have as many bits as T timesteps can tell apart; the first layer stays as it is.',
			energy:
				unsupported === null && program.quantizedMac ? (timesteps) => quantizedEnergy(program, events, bitsFor(timesteps)) : null,
			reason: unsupported ?? 'The profile has no price for a multiply-accumulate of few bits (dense.quantizedMac).',
		},
	];
}

/** Bits that tell 0 to T spikes apart. */
export function bitsFor(timesteps: number): number {
	return Math.ceil(Math.log2(timesteps + 1));
}

/** A DNN run whose hardware computes only nonzero activations. */
function skippingEvents(events: NetworkEvents): NetworkEvents {
	return {
		...events,
		layers: events.layers.map((layer) => ({
			...layer,
			counts: layer.counts.map((counts) => {
				const skipped = counts.slice();
				skipped[eventIndex('macsDense')] = counts[eventIndex('macs')] ?? 0;
				return skipped;
			}),
		})),
	};
}

function quantizedEnergy(program: Program, events: NetworkEvents, bits: number): number {
	const dense = denseEvents(events);
	const first = dense.layers.find(({ kind }) => kind === 'synaptic');
	let operations = 0;
	const rest: NetworkEvents = {
		...dense,
		layers: dense.layers.map((layer) => {
			if (layer.kind !== 'synaptic' || layer === first) return layer;
			const counts = layer.counts.map((step) => {
				operations += step[eventIndex('macsDense')] ?? 0;
				const without = step.slice();
				without[eventIndex('macs')] = 0;
				without[eventIndex('macsDense')] = 0;
				return without;
			});
			return { ...layer, counts };
		}),
	};
	const slots = new Float64Array(program.slotCount);
	program.setConstants(
		slots,
		Float64Array.from(program.intervals, ({ nominal }) => nominal),
	);
	slots[program.extraSlot('bits')] = bits;
	const perOperation = program.quantizedMac?.evaluate(slots) ?? 0;
	const width = program.given.indexOf(program.profile.dense.quantizedWidth ?? '');
	const memoryAndRest = energyOf(program, rest, (corner) => {
		if (width >= 0) corner[width] = bits;
	});
	return memoryAndRest + operations * perOperation;
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
function crossingTimesteps(program: Program, events: NetworkEvents, rival: (timesteps: number) => number): Crossing {
	const wins = (timesteps: number): boolean => energyOf(program, withTimesteps(events, timesteps)) <= rival(timesteps);
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

/** Whether a network has any spiking neuron to speak of. */
export function isSpiking(events: NetworkEvents): boolean {
	return events.layers.some((layer) => layer.kind === 'neuron' && layer.structure[structureIndex('spiking')] === 1);
}

import type { Activity } from '../activity/activity.ts';
import type { Estimate, MemoryReport } from './estimate.ts';
import { eventsOf } from './events.ts';
import { estimateEvents } from './price.ts';
import type { Profile } from './profile/types.ts';
import { withTimesteps } from './what-if.ts';

/** Membrane traffic of one network at one number of timesteps. */
export interface MembranePoint {
	readonly timesteps: number;
	/** Read and written, all levels. */
	readonly bytes: number;
	readonly energyJoules: number;
	readonly energyShare: number;
}

/** What a run keeps in memory under one profile, and what its membranes cost at other numbers of timesteps. */
export interface MemoryStudy {
	readonly profile: string;
	readonly timesteps: number;
	readonly memory: MemoryReport;
	readonly membraneByTimesteps: readonly MembranePoint[];
	readonly assumptions: Estimate['assumptions'];
}

/**
 * What memory moves for a run, and how the traffic of the membrane potentials grows with the number
 * of timesteps: nothing at one, because a state starts known and ends unused.
 *
 * @returns null if the profile has no memory model
 */
export function memoryStudy(activity: Activity, profile: Profile): MemoryStudy | null {
	const events = eventsOf(activity);
	const priced = estimateEvents(events, profile, 'exact');
	if (!priced.memory) return null;
	const counts = [...new Set([1, 2, 4, 8, 16, events.timesteps])].sort((left, right) => left - right);
	return {
		profile: profile.name,
		timesteps: events.timesteps,
		memory: priced.memory,
		membraneByTimesteps: counts.map((timesteps) => {
			const then = estimateEvents(withTimesteps(events, timesteps), profile, 'exact').memory?.totals.membrane;
			return {
				timesteps,
				bytes: (then?.readBytes ?? 0) + (then?.writtenBytes ?? 0),
				energyJoules: then?.energyJoules ?? 0,
				energyShare: then?.energyShare ?? 0,
			};
		}),
		assumptions: priced.assumptions,
	};
}

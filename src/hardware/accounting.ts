import type { Activity } from '../simulation/activity.ts';
import type { Assumption } from './estimate.ts';
import { eventsOf, type NetworkEvents } from './events.ts';

export const accountingNames = ['exact'] as const;
export type Accounting = (typeof accountingNames)[number];

/** The events of a run as an accounting counts them. */
export function accountingEvents(
	activity: Activity,
	_accounting: Accounting,
): { readonly events: NetworkEvents; readonly assumptions: readonly Assumption[] } {
	return { events: eventsOf(activity), assumptions: [] };
}

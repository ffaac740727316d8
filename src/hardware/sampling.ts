import type { Activity, Spread } from '../activity/activity.ts';
import { oncePer } from '../once-per.ts';
import type { NetworkEvents } from './events.ts';
import { scaleSpikes } from './what-if.ts';

/**
 * The events of a run at the two ends of the 95 % interval of its mean activity, as samples scatter.
 *
 * Spike-caused events move together by the largest relative error any of spikes, accumulates and (where all events are
 * graded) multiply-accumulates has; energy is a sum of them, so its own interval is at most as wide. Analog layers, which
 * compute the same for every sample, stay as they are.
 *
 * @returns null for a single sample, or where nothing scatters
 */
export const samplingEnds = (activity: Activity, events: NetworkEvents): SamplingEnds | null => endsOf(activity)(events);

export interface SamplingEnds {
	readonly low: NetworkEvents;
	readonly high: NetworkEvents;
}

const endsOf = oncePer((activity: Activity) => oncePer((events: NetworkEvents) => scaledEnds(activity, events)));

function scaledEnds(activity: Activity, events: NetworkEvents): SamplingEnds | null {
	const { samples } = activity.run;
	if (samples < 2) return null;
	const { acs, spikes, synapticEvents } = activity.spread;
	const graded = acs.mean === 0 ? [synapticEvents] : [];
	const widest = Math.max(...[acs, spikes, ...graded].map((spread) => relativeError(spread, samples)));
	if (!(widest > 0)) return null;
	return { low: scaleSpikes(events, Math.max(0, 1 - widest)), high: scaleSpikes(events, 1 + widest) };
}

/** Half the 95 % interval of a mean over the mean, from the deviation of the samples. */
function relativeError({ mean, standardDeviation }: Spread, samples: number): number {
	if (mean <= 0) return 0;
	const ofSample = standardDeviation * Math.sqrt(samples / (samples - 1));
	return (studentQuantile(samples - 1) * ofSample) / Math.sqrt(samples) / mean;
}

/** 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, else Hill's expansion (CACM 13, 1970). */
export function studentQuantile(freedom: number): number {
	if (freedom === 1) return 12.706204736174698;
	if (freedom === 2) return 4.302652729749464;
	const z = 1.959963984540054;
	const first = (z ** 3 + z) / 4;
	const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
	const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
	const fourth = (79 * z ** 9 + 776 * z ** 7 + 1482 * z ** 5 - 1920 * z ** 3 - 945 * z) / 92160;
	return z + first / freedom + second / freedom ** 2 + third / freedom ** 3 + fourth / freedom ** 4;
}

/** The answer in five figures: what stands largest on every page. */

import type { Estimate, Interval } from '../hardware/estimate.ts';
import type { Analysis } from './analysis.ts';
import { bandFor, bandRatioWords, isArithmetic, samplingWords } from './band.ts';
import {
	formatAccuracy,
	formatAccuracyPercent,
	formatCount,
	formatInterval,
	formatQuantity,
	formatRatio,
	formatRatioInterval,
} from './numbers.ts';
import { comparisonFor, networkActivity } from './quantities.ts';
import { activitySentence, estimateName } from './sentences.ts';

/** One figure of the answer, with what it is and how sure it is. */
export interface Card {
	readonly label: string;
	readonly value: string;
	readonly detail: string;
}

/** Energy, ratio, latency, accuracy and spikes, as far as they are known. */
export function answerCards(analysis: Analysis): Card[] {
	const [estimate] = analysis.estimates;
	const entries: Card[] = [];
	if (estimate !== undefined) {
		const comparison = comparisonFor(analysis, estimate);
		entries.push({
			label: `Energy per inference on ${estimateName(estimate)}`,
			value: formatQuantity(estimate.energyPerInferenceJoules.nominal, 'J'),
			detail: energyDetail(analysis, estimate),
		});
		if (comparison !== null && networkActivity(analysis).spiking) {
			entries.push({
				label: 'DNN baseline ÷ spiking network',
				value: formatRatio(comparison.ratio.nominal),
				detail:
					bandDetail(analysis, estimate) ??
					boundsWords(formatRatioInterval(comparison.ratio), 'one constant set for both, no interval'),
			});
		}
		const latency = estimate.latencyPerInferenceSeconds;
		entries.push({
			label: 'Latency',
			value: latency === null ? 'not priced' : formatQuantity(latency.nominal, 's'),
			detail: latency === null ? `${estimate.profile} has no timing` : latencyDetail(estimate, latency),
		});
	}
	const { accuracy } = analysis;
	const activity = networkActivity(analysis);
	entries.push({
		label: 'Accuracy',
		value:
			accuracy === null ? 'not measured' : formatAccuracyPercent(accuracy.total === 0 ? 0 : accuracy.correct / accuracy.total),
		detail: accuracy === null ? 'no labels were given' : boundsWords(formatAccuracy(accuracy)),
	});
	entries.push({
		label: 'Spikes per inference',
		value: activity.spiking ? formatCount(activity.spikesPerInference) : 'none',
		detail: activity.spiking ? activitySentence(analysis).replace(/^[^,]*(?:,\d{3})* per inference, /, '') : 'no spiking neurons',
	});
	return entries;
}

/** What the figure rests on: arithmetic alone or not, the interval of its constants, that of its samples. */
function energyDetail(analysis: Analysis, estimate: Estimate): string {
	const band = bandFor(analysis, estimate);
	return [
		band && isArithmetic(band) ? 'arithmetic alone' : '',
		boundsWords(formatInterval(estimate.energyPerInferenceJoules, 'J'), 'no interval of the constants is known'),
		samplingWords(estimate, analysis.run.samples),
	]
		.filter((words) => words !== '')
		.join('; ');
}

const latencyDetail = ({ latencyEvidence }: Estimate, latency: Interval): string =>
	[boundsWords(formatInterval(latency, 's')), ...(latencyEvidence ? [`evidence: ${latencyEvidence}`] : [])].join('; ');

/** What memory makes of the ratio, by dataflow; null where there is no band. */
function bandDetail(analysis: Analysis, estimate: Estimate): string | null {
	const band = bandFor(analysis, estimate);
	const ratio = band && bandRatioWords(band);
	return ratio && (isArithmetic(band) ? `arithmetic alone; ${ratio} with memory, by dataflow` : `${ratio} by dataflow`);
}

/** The parenthesis of a worded interval, or that none is known. */
function boundsWords(words: string, otherwise = 'no interval is known'): string {
	return /\((.*)\)/.exec(words)?.[1] ?? otherwise;
}

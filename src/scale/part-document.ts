import type { Activity } from '../activity/activity.ts';
import { codeOf, UserError } from '../errors.ts';
import { readText } from '../input-text.ts';
import { parseJson } from '../json.ts';
import type { Finding } from '../network/findings.ts';
import type { ProductTallies } from '../simulation/products.ts';
import type { RunFacts } from '../simulation/run-facts.ts';
import type { RunCounts } from '../simulation/run-record.ts';
import type { ScoreRange } from '../simulation/score-range.ts';
import type { SampleRecord, Tally } from '../simulation/tally.ts';
import { hashOf, type RunSettings } from './identity.ts';
import * as messages from './messages.ts';
import { activityOfPart, isWhole, type Part } from './part.ts';
import type { SampleRange } from './sample-range.ts';
import { overlapOf, sampleCount } from './shard.ts';

/** A part as it is saved: plain JSON inside an Activity. Long rows of numbers are text, separated by spaces. */
export interface PartDocument {
	readonly ranges: readonly SampleRange[];
	readonly settings: RunSettings;
	readonly facts: RunFacts;
	readonly correct: number | null;
	readonly observed: readonly Finding[];
	readonly scores: ScoreRange | null;
	readonly counts: {
		readonly synapses: readonly (readonly TallyDocument[])[];
		readonly products: readonly {
			readonly left: readonly TallyDocument[];
			readonly right: readonly TallyDocument[];
			readonly pairs: string;
			readonly perSample: string;
		}[];
		readonly spikes: readonly (readonly TallyDocument[])[];
		readonly driven: readonly (readonly (number | null)[])[];
		/** Absent in what earlier versions saved. */
		readonly close?: RunCounts['close'];
		readonly perSample: { readonly events: string; readonly provenAcs: string; readonly spikes: string };
	};
	/** Of all the rest, so that a damaged or edited file is noticed. */
	readonly sha256: string;
}

interface TallyDocument {
	readonly active: number;
	readonly events: number;
	readonly effectiveEvents: number;
	readonly limit: number;
	/** magnitude, elements, events, effective events, of one magnitude after the other; null: more than the limit. */
	readonly magnitudes: string | null;
	/** sample, theta, events, weighted, all, of one sample after the other; null where none are kept. */
	readonly records: string | null;
}

/** An Activity of some samples, with what is needed to join it with others. */
export interface PartialActivity extends Activity {
	readonly part: PartDocument;
}

/** What is saved of a part: with all samples the plain Activity, else one that can be joined. */
export function savedActivity(part: Part): Activity | PartialActivity {
	const activity = activityOfPart(part);
	return isWhole(part) ? activity : { ...activity, part: partDocument(part) };
}

function partDocument({ ranges, settings, record }: Part): PartDocument {
	const { facts, correct, observed, scores, counts, samples } = record;
	const row = (values: Float64Array): string => values.subarray(0, samples).join(' ');
	const content: Omit<PartDocument, 'sha256'> = {
		ranges,
		settings,
		facts,
		correct,
		observed,
		scores,
		counts: {
			synapses: counts.synapses.map((steps) => steps.map(tallyDocument)),
			products: counts.products.map(({ left, right, pairs, perSample }) => ({
				left: left.map(tallyDocument),
				right: right.map(tallyDocument),
				pairs: pairs.join(' '),
				perSample: row(perSample),
			})),
			spikes: counts.spikes.map((steps) => steps.map(tallyDocument)),
			driven: counts.driven,
			...(counts.close ? { close: counts.close } : {}),
			perSample: {
				events: row(counts.perSample.events),
				provenAcs: row(counts.perSample.provenAcs),
				spikes: row(counts.perSample.spikes),
			},
		},
	};
	return { ...content, sha256: hashOf(content) };
}

function tallyDocument({ active, events, effectiveEvents, magnitudes, limit, records }: Tally): TallyDocument {
	const sorted = magnitudes && [...magnitudes].sort(([a], [b]) => a - b);
	return {
		active,
		events,
		effectiveEvents,
		limit,
		magnitudes: sorted?.map(([value, one]) => [value, one.elements, one.events, one.effectiveEvents].join(' ')).join(' ') ?? null,
		records:
			records &&
			(magnitudes ? records.map((one) => [one.sample, one.theta, one.events, one.weighted, one.all].join(' ')).join(' ') : ''),
	};
}

/**
 * Reads a part back.
 *
 * @param own  it was kept of this very run, which writes it again
 * @returns null when the file holds a whole run
 * @throws UserError when the file is no saved Activity, or damaged
 */
export function readPart(file: string, { own = false } = {}): Part | null {
	let text: string;
	try {
		text = readText(file, { own });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		const code = codeOf(cause);
		throw new UserError(messages.unreadable(file, code === 'ENOENT' ? 'there is no such file' : (code ?? String(cause))), {
			cause,
		});
	}
	let value: { readonly schema?: unknown; readonly part?: PartDocument } | null;
	try {
		value = parseJson(text) as typeof value;
	} catch {
		throw new UserError(messages.notAPart(file, 'is not JSON, or was cut short'));
	}
	if (value === null || typeof value !== 'object' || value.schema !== 'snn-energy/activity@1')
		throw new UserError(messages.notAPart(file, `holds ${kindOf(value)}`));
	if (value.part === undefined) return null;
	try {
		return decodePart(value.part);
	} catch (cause) {
		throw new UserError(messages.damagedPart(file), { cause });
	}
}

function kindOf(value: { readonly schema?: unknown } | null): string {
	const schema = value?.schema;
	return typeof schema === 'string' ? `"${schema.slice(0, 60)}", a priced result or another document` : 'JSON of another kind';
}

/** @throws Error when the document does not hold together */
function decodePart(document: PartDocument): Part {
	const { sha256, ...content } = document;
	if (hashOf(content) !== sha256) throw new Error('the checksum differs');
	const { ranges, settings, facts, correct, observed, scores, counts } = content;
	const samples = sampleCount(ranges);
	if (overlapOf(ranges) || ranges.some(([start, end]) => start < 0 || end > settings.samples))
		throw new Error('the ranges are impossible');
	const row = (text: string): Float64Array => {
		const values = numbers(text);
		if (values.length !== samples) throw new Error('a row has another length');
		return values;
	};
	return {
		ranges,
		settings,
		record: {
			facts,
			samples,
			correct,
			observed,
			scores,
			counts: {
				synapses: counts.synapses.map((steps) => steps.map(tallyOf)),
				products: counts.products.map(
					({ left, right, pairs, perSample }): ProductTallies => ({
						left: left.map(tallyOf),
						right: right.map(tallyOf),
						pairs: numbers(pairs),
						perSample: row(perSample),
					}),
				),
				spikes: counts.spikes.map((steps) => steps.map(tallyOf)),
				driven: counts.driven,
				...(counts.close ? { close: counts.close } : {}),
				perSample: {
					events: row(counts.perSample.events),
					provenAcs: row(counts.perSample.provenAcs),
					spikes: row(counts.perSample.spikes),
				},
			},
		},
	};
}

function numbers(text: string): Float64Array {
	const values = text === '' ? [] : text.split(' ').map(Number);
	if (!values.every(Number.isFinite)) throw new Error('a row holds something that is not a number');
	return Float64Array.from(values);
}

function rowsOf(text: string, width: number): number[][] {
	const values = Array.from(numbers(text));
	return Array.from({ length: values.length / width }, (_, at) => values.slice(at * width, (at + 1) * width));
}

function tallyOf({ active, events, effectiveEvents, limit, magnitudes, records }: TallyDocument): Tally {
	return {
		active,
		events,
		effectiveEvents,
		limit,
		magnitudes:
			magnitudes === null
				? null
				: new Map(
						rowsOf(magnitudes, 4).map(([value = 0, elements = 0, own = 0, effective = 0]) => [
							value,
							{ elements, events: own, effectiveEvents: effective },
						]),
					),
		records:
			records === null
				? null
				: rowsOf(records, 5).map(
						([sample = 0, theta = 0, own = 0, weighted = 0, all = 0]): SampleRecord => ({
							sample,
							theta,
							events: own,
							weighted,
							all,
						}),
					),
	};
}

import type { Activity } from '../activity/activity.ts';
import { reuseEvents } from '../activity/events.ts';
import { UserError } from '../errors.ts';
import { type Accounting, accountingEvents } from './accounting/accountings.ts';
import { beyondChip } from './chip-limits.ts';
import {
	type Assumption,
	type Estimate,
	type Evidence,
	evidenceGrades,
	type Interval,
	type LayerBound,
	type LayerEstimate,
} from './estimate.ts';
import { type Evaluation, total } from './evaluate.ts';
import { collapseTimesteps, type NetworkEvents } from './events.ts';
import { type Corner, cornersOfEnds, intervalOf } from './interval.ts';
import { memoryReport, memorySentences } from './memory-report.ts';
import * as messages from './messages.ts';
import type { Profile, Source, Term } from './profile/types.ts';
import { type CompiledTerm, type Program, programOf } from './program.ts';
import { samplingEnds } from './sampling.ts';
import { evaluateOnce, nominalCorner, sweepOf } from './sweep.ts';
import { dependencies, uncountedEvent, unpricedOf } from './unpriced.ts';

/** How an estimate is formed from counts. */
export interface EstimateOptions {
	/** How the events are counted; "exact" unless said otherwise. */
	readonly accounting?: Accounting;
}

/**
 * What a run costs under one hardware profile: mean energy and latency per inference.
 *
 * Formulas are evaluated per layer and timestep on mean counts per inference, so energies add up
 * over layers and timesteps; terms of the whole inference (leakage × latency, barriers) stand apart.
 * An interval has each constant at one value everywhere: the cheap end and the dear end of what the
 * total can be.
 *
 * @throws UserError if a formula of the profile gives no number ≥ 0 on these counts
 */
export function estimate(activity: Activity, profile: Profile, { accounting = 'exact' }: EstimateOptions = {}): Estimate {
	const { events, assumptions } = countedFor(activity, profile, accounting);
	const ends = samplingEnds(activity, events);
	const nominal = (there: NetworkEvents): number => nominalJoules(there, profile);
	return {
		...estimateEvents(events, profile, accounting, assumptions),
		samplingJoules: ends && { low: nominal(ends.low), high: nominal(ends.high) },
		denseUnsupported: profile.dense.unsupported,
	};
}

/** What a profile prices of a run. @throws UserError if the run has not counted what the profile's formulas need */
function countedFor(activity: Activity, profile: Profile, accounting: Accounting) {
	const missing = uncountedEvent(profile, activity);
	if (missing)
		throw new UserError(messages.eventNotCounted(profile.name, missing.event, missing.layer, missing.event in reuseEvents));
	return accountingEvents(activity, accounting);
}

/** Only the nominal energy of {@link estimate}, in a fraction of its time. @throws UserError as it does */
export const nominalEnergyJoules = (
	activity: Activity,
	profile: Profile,
	{ accounting = 'exact' }: EstimateOptions = {},
): number => nominalJoules(countedFor(activity, profile, accounting).events, profile);

/** The same of any table of events, e.g. a what-if run. */
export function nominalJoules(events: NetworkEvents, profile: Profile): number {
	const program = programOf(profile);
	return evaluateOnce(program, events, nominalCorner(program)).energyJoules;
}

/** The same for any table of events, e.g. a what-if run. */
export function estimateEvents(
	events: NetworkEvents,
	profile: Profile,
	accounting: string,
	countingAssumptions: readonly Assumption[] = [],
): Estimate {
	const program = programOf(profile);
	const range = evaluateRange(program, events);
	const { low, nominal, high } = range.energy;
	const hasLatency = pricesLatency(program);
	const layers = events.layers.map((layer, index): LayerEstimate => {
		const at = (evaluation: Evaluation): Float64Array => evaluation.layers[index]?.termJoules ?? new Float64Array();
		const interval = (term: number): Interval => intervalOf(at(low)[term] ?? 0, at(nominal)[term] ?? 0, at(high)[term] ?? 0);
		return {
			name: layer.name,
			kind: layer.kind,
			energyJoules: intervalOf(total(at(low)), total(at(nominal)), total(at(high))),
			terms: Object.fromEntries(program.energy.map(({ term }, position) => [term.name, interval(position)])),
			perTimestepJoules: [...(nominal.layers[index]?.perTimestepJoules ?? [])],
		};
	});
	const terms = Object.fromEntries([
		...program.energy.map(({ term }, index) => {
			const sum = ({ layers }: Evaluation): number =>
				layers.reduce((joules, layer) => joules + (layer.termJoules[index] ?? 0), 0);
			return [term.name, intervalOf(sum(low), sum(nominal), sum(high))] as const;
		}),
		...intervalsByTerm(program.inferenceEnergy, range.energy, ({ inferenceJoules }) => inferenceJoules),
	]);
	const latencyTerms = Object.fromEntries([
		...intervalsByTerm(program.latency, range.latency, ({ latencyTermSeconds }) => latencyTermSeconds),
		...intervalsByTerm(program.roofline, range.latency, boundTotals).map(
			([name, interval]) => [`${name}-bound`, interval] as const,
		),
		...intervalsByTerm(program.inferenceLatency, range.latency, ({ inferenceSeconds }) => inferenceSeconds),
	]);
	const energyTerms = used([...profile.energy, ...profile.inferenceEnergy], terms);
	const timeTerms = [...used([...profile.latency, ...profile.inferenceLatency], latencyTerms), ...profile.roofline];
	const energyConstants = constantsOf(profile, energyTerms);
	const timeConstants = constantsOf(profile, timeTerms);
	const beyond = beyondChip(profile, events);
	const memory = memoryReport(program, events, nominal.energyJoules);
	return {
		profile: profile.name,
		title: profile.title,
		accounting,
		energyPerInferenceJoules: intervalOf(low.energyJoules, nominal.energyJoules, high.energyJoules),
		latencyPerInferenceSeconds: hasLatency
			? intervalOf(range.latency.low.latencySeconds, range.latency.nominal.latencySeconds, range.latency.high.latencySeconds)
			: null,
		terms,
		latencyTerms,
		layers,
		unpriced: unpricedOf(profile, events),
		evidence: beyond.length > 0 ? 'assumed' : weakest(profile, energyConstants),
		constants: [...profile.constants.values()]
			.filter(({ name }) => energyConstants.has(name) || timeConstants.has(name))
			.map((constant) => {
				const inUnit = (value: number): number => (constant.table ? value : roundOff(value / constant.unitSize));
				const { low, nominal, high } = constant.value;
				return {
					name: constant.name,
					unit: constant.table ? `× table of ${constant.unit}` : constant.unit,
					value: { low: inUnit(low), nominal: inUnit(nominal), high: inUnit(high) },
					evidence: constant.evidence,
					source: sourceWords(profile.sources.get(constant.source), constant.source),
					note: constant.note,
				};
			}),
		assumptions: [
			...beyond,
			...profile.assumptions,
			...profile.overrides.map((text): Assumption => ({ sentence: `A constant was set by the user: ${text}.`, change: '--set' })),
			...countingAssumptions,
			...memorySentences(program, events, nominal.placements),
		],
		bounds: boundsOf(program, events, nominal),
		latencyEvidence: hasLatency ? (beyond.length > 0 ? 'assumed' : weakest(profile, timeConstants)) : null,
		memory,
	};
}

/** A quotient like 4.6e-12 / 1e-12 has noise in its last digit that no one wrote. */
function roundOff(value: number): number {
	return Number(value.toPrecision(14));
}

interface Range {
	readonly low: Evaluation;
	readonly nominal: Evaluation;
	readonly high: Evaluation;
}

/** The network at the nominal constants and at the corners where energy, and where latency, is least and most. */
function evaluateRange(program: Program, events: NetworkEvents): { energy: Range; latency: Range } {
	const ends = sweepOf(program, collapseTimesteps(events));
	const range = (quantity: 'energyJoules' | 'latencySeconds'): Range => {
		const { low, nominal, high } = cornersOfEnds(program.intervals, (index) => {
			const [atLow, atHigh] = ends[index] as (typeof ends)[number];
			return [atLow[quantity], atHigh[quantity]];
		});
		const at = (corner: Corner): Evaluation => evaluateOnce(program, events, corner);
		return { low: at(low), nominal: at(nominal), high: at(high) };
	};
	return { energy: range('energyJoules'), latency: range('latencySeconds') };
}

export const pricesLatency = ({ latency, roofline, inferenceLatency }: Program): boolean =>
	latency.length + roofline.length + inferenceLatency.length > 0;

function boundTotals({ boundSeconds }: Evaluation): Float64Array {
	const sums = new Float64Array(boundSeconds[0]?.length ?? 0);
	for (const bounds of boundSeconds) for (const [index, seconds] of bounds.entries()) sums[index] = (sums[index] ?? 0) + seconds;
	return sums;
}

/** What limits each layer: the resource that most of its time waits for. */
function boundsOf(program: Program, events: NetworkEvents, { boundSeconds }: Evaluation): readonly LayerBound[] {
	return boundSeconds.flatMap((bounds, index): LayerBound[] => {
		const seconds = total(bounds);
		const limiting = bounds.indexOf(Math.max(...bounds));
		const bound = program.roofline[limiting]?.term.name;
		return bound === undefined || seconds === 0 ? [] : [{ layer: events.layers[index]?.name ?? '', bound, seconds }];
	});
}

function intervalsByTerm(
	terms: readonly CompiledTerm[],
	{ low, nominal, high }: Range,
	values: (evaluation: Evaluation) => Float64Array,
): [string, Interval][] {
	return terms.map(({ term }, index) => [
		term.name,
		intervalOf(values(low)[index] ?? 0, values(nominal)[index] ?? 0, values(high)[index] ?? 0),
	]);
}

/** Terms that contributed something; if none did, all. */
function used(terms: readonly Term[], values: Readonly<Record<string, Interval>>): readonly Term[] {
	const contributing = terms.filter(({ name }) => (values[name]?.high ?? 0) > 0);
	return contributing.length > 0 ? contributing : terms;
}

function constantsOf(profile: Profile, terms: readonly Term[]): ReadonlySet<string> {
	return new Set([...dependencies(profile, terms)].filter((name) => profile.constants.has(name)));
}

function weakest(profile: Profile, names: ReadonlySet<string>): Evidence {
	const grades = [...names].map((name) => evidenceGrades.indexOf(profile.constants.get(name)?.evidence ?? 'assumed'));
	return evidenceGrades[Math.max(0, ...grades)] ?? 'assumed';
}

/** A citation with what finds it: its DOI, or else its address, where the text does not hold it already. */
export function sourceWords(source: Source | undefined, key: string): string {
	if (source === undefined) return key;
	const { citation, doi, url } = source;
	if (doi !== null) return citation.includes(doi) ? citation : `${citation}, doi:${doi}`;
	const known = url === null || citation.includes(url) || /arXiv:/.test(citation);
	return known ? citation : `${citation}, ${url}`;
}

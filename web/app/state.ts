/** What the page knows, as signals; what a user does, as functions. Drawing is elsewhere. */

import { computed, effect, signal } from '@preact/signals';
import type { Activity } from '../../src/activity/activity.ts';
import { UserError } from '../../src/errors.ts';
import { placeFile } from '../../src/platform/memory-files.ts';
import { type Analysis, activityOf } from '../../src/reporting/analysis.ts';
import { parseAnalysis } from '../../src/reporting/parse-analysis.ts';
import { Cancelled, CountError, type Counter } from '../worker/client.ts';
import type { CountRequest, NamedFiles, Progress, RunOptions } from '../worker/protocol.ts';
import { openList } from './claim.ts';
import { type Dropped, type Kind, kindsOf } from './kinds.ts';
import { forgetProfiles, type Pricing, priceMoving, priceWhole, profileNamed } from './pricing.ts';
import { fieldsIn, flagsOf, inPageWords, quoted, type RunField } from './run-options.ts';

/** One counted network. */
export interface Run {
	readonly id: number;
	readonly activity: Activity;
	/** How it can be counted again; null for counts whose model is not here. */
	readonly request: CountRequest | null;
	/** Seconds it took to count here; null for saved counts. */
	readonly seconds: number | null;
	/** Name of the example it is, for links. */
	readonly example: string | null;
	/** The same run as it was read before. */
	readonly before?: Activity;
}

export interface Work {
	readonly name: string;
	readonly progress: Progress | null;
	readonly begun: number;
}

export interface Notice {
	readonly kind: 'error' | 'note';
	readonly text: string;
	/** Command line that does what the page could not. */
	readonly command?: string;
}

export const runs = signal<readonly Run[]>([]);
export const currentId = signal<number | null>(null);
export const pricing = signal<Pricing>({ profile: '45nm', set: {}, accounting: 'exact' });
export const work = signal<Work | null>(null);
export const notice = signal<Notice | null>(null);
/** Names of profiles that were dropped. */
export const ownProfiles = signal<readonly string[]>([]);
/** A model that waits for its data. */
export const waiting = signal<CountRequest | null>(null);
export const current = computed(() => runs.value.find(({ id }) => id === currentId.value) ?? runs.value.at(-1) ?? null);

/** Prices of every run: whole ones at rest, without new bands while a slider moves. */
export const analyses = signal<ReadonlyMap<number, Analysis>>(new Map());
export const settled = signal(true);
/** A run that has to be told more, and the options that its message names. */
export const asked = signal<{ readonly request: CountRequest; readonly fields: readonly RunField[] } | null>(null);
export const analysis = computed(() => (current.value ? (analyses.value.get(current.value.id) ?? null) : null));

/** The answer as it was when nothing moved: for what need not follow every step of a slider. */
export const restedAnalysis = signal<Analysis | null>(null);
effect(() => {
	if (settled.value) restedAnalysis.value = analysis.value;
});

const restMilliseconds = 120;
let resting: ReturnType<typeof setTimeout> | undefined;

/** Prices all runs. @throws UserError */
function priceAll(): void {
	analyses.value = new Map(runs.value.map(({ id, activity }) => [id, priceWhole(activity, pricing.value)]));
	settled.value = true;
}

/** Prices anew at once; the bands follow when nothing moves any more. */
export function change(next: Partial<Pricing>): void {
	const before = pricing.value;
	const wanted = { ...before, ...next };
	try {
		const sameProfile = wanted.profile === before.profile && wanted.accounting === before.accounting;
		clearTimeout(resting);
		pricing.value = wanted;
		if (!sameProfile) {
			profileNamed(wanted.profile);
			priceAll();
			return;
		}
		settled.value = false;
		analyses.value = new Map(
			runs.value.map(({ id, activity }) => {
				const old = analyses.value.get(id);
				// Only what is looked at follows the slider; the others follow when it rests.
				if (old && id !== current.value?.id) return [id, old];
				return [id, old ? priceMoving(activity, wanted, old) : priceWhole(activity, wanted)];
			}),
		);
		resting = setTimeout(priceAll, restMilliseconds);
	} catch (error) {
		pricing.value = before;
		settled.value = true;
		report(error);
	}
}

/** A constant's new value, or null for the profile's own. */
export function setConstant(name: string, value: string | null): void {
	const { [name]: _, ...others } = pricing.value.set;
	change({ set: value === null ? others : { ...others, [name]: value } });
}

/** Another profile: constants that it does not have, or has in another unit, lose their change. */
export const chooseProfile = (profile: string): void => change({ profile, set: {} });

let nextId = 1;

export function addRun(run: Omit<Run, 'id'>, replaces: number | null = null): void {
	const id = nextId++;
	const analysed = priceWhole(run.activity, pricing.value);
	const kept = runs.value.filter((other) => other.id !== replaces);
	const at = runs.value.findIndex((other) => other.id === replaces);
	const added = { ...run, id };
	runs.value = at < 0 ? [...kept, added] : kept.toSpliced(at, 0, added);
	analyses.value = new Map([...analyses.value, [id, analysed]]);
	currentId.value = id;
}

export function removeRun(id: number): void {
	runs.value = runs.value.filter((run) => run.id !== id);
	if (currentId.value === id) currentId.value = runs.value.at(-1)?.id ?? null;
}

/** Whatever went wrong, as a sentence; nothing that was there is lost. */
export function report(error: unknown, command?: string): void {
	if (error instanceof Cancelled) {
		notice.value = { kind: 'note', text: 'Counting was cancelled. What was there is still there.' };
		return;
	}
	const text = error instanceof Error ? error.message : String(error);
	const expected = error instanceof UserError || (error instanceof CountError && error.expected);
	const words = expected ? text : unexpected(text);
	notice.value = { kind: 'error', text: words, ...(command === undefined ? {} : { command }) };
}

function unexpected(text: string): string {
	if (/memory|allocation|Array buffer|bad_alloc|out of bounds|Aborted|unreachable/i.test(text))
		return `This network or its data are too large for a page, which has at most 4 GB (${text}). The command line has the whole machine.`;
	return `The page could not do this: ${text}`;
}

let counter: Counter | null = null;
export const useCounter = (given: Counter): void => {
	counter = given;
};
/** False in a page that only prices, like an interactive report. */
export const canCount = (): boolean => counter !== null;
export const prepareCounting = (): void => counter?.prepare();
export const cancel = (): void => counter?.cancel();

/** Files that were dropped and are no results. */
const shelf = new Map<string, Blob>();
/** The data that labels were counted with: they say nothing about other data. */
const ownerOf = new Map<string, string>();
const namedShelf = (): NamedFiles => [...shelf];

/** Largest model a page can hold: weights are in memory about three times. */
const largestModel = 1.2e9;

/** Counts a run; the newest request waits for none: one runs at a time. */
export async function count(
	request: CountRequest,
	extra: { replaces?: number; example?: string; before?: Activity } = {},
): Promise<void> {
	if (!counter) return;
	if (work.value) {
		notice.value = { kind: 'note', text: 'Another run is being counted. Wait for it, or cancel it.' };
		return;
	}
	const size = request.files.find(([path]) => path === request.model)?.[1].size ?? 0;
	const command = commandFor(request);
	if (size > largestModel) {
		const gigabytes = (size / 1e9).toFixed(1);
		notice.value = {
			kind: 'error',
			text: `${request.model} has ${gigabytes} GB: too large for a page. The command line counts it.`,
			command,
		};
		return;
	}
	notice.value = null;
	waiting.value = null;
	asked.value = null;
	work.value = { name: request.model, progress: null, begun: performance.now() };
	if (request.labels !== undefined && request.data !== undefined) ownerOf.set(request.labels, request.data);
	try {
		const { activity, seconds } = await counter.count(request, (progress) => {
			if (work.value) work.value = { ...work.value, progress };
		});
		const { before, example = null, replaces = null } = extra;
		addRun({ activity, request, seconds, example, ...(before ? { before } : {}) }, replaces);
	} catch (error) {
		const fields = error instanceof CountError && error.expected ? fieldsIn(error.message) : [];
		if (fields.length > 0) asked.value = { request, fields };
		if (error instanceof CountError && error.expected)
			error.message = inPageWords(fields.length === 1 ? withoutAdvice(error.message) : error.message);
		report(error, error instanceof CountError && !error.expected ? command : undefined);
	} finally {
		work.value = null;
	}
}

/** The form below the sentence takes what the command line would be passed. */
const withoutAdvice = (sentence: string): string => sentence.replace(/ Pass --[a-z-]+ [^.:;]*\.$/, '');

export function commandFor({ model, data, labels, options }: CountRequest): string {
	const files = [
		['data', data],
		['labels', labels],
	].flatMap(([name, value]) => (value === undefined ? [] : [`--${name} ${quoted(value)}`]));
	return ['npx snn-energy analyze', quoted(model), ...files, ...flagsOf(options), `--profile ${pricing.value.profile}`].join(' ');
}

/** Counts the current run's model again with other options, in its place. */
export function countAgain(options: RunOptions): void {
	const run = current.value;
	if (!run?.request) return;
	void count({ ...run.request, options }, { replaces: run.id, before: run.activity });
}

/** A model that waits is counted on random input. */
export function countOnRandom(): void {
	if (waiting.value) void count({ ...waiting.value, data: 'random:0' });
}

/** A run is counted with what it was asked for. */
export function countAnswered(options: RunOptions): void {
	if (asked.value) void count({ ...asked.value.request, options: { ...asked.value.request.options, ...options } });
}

/** Takes in any mix of files. */
export async function takeFiles(dropped: readonly Dropped[]): Promise<void> {
	notice.value = null;
	try {
		const kinds = await kindsOf(dropped);
		const of = (kind: Kind) => dropped.filter((entry) => kinds.get(entry) === kind);
		for (const { path, file } of of('profile')) await takeProfile(path, file);
		for (const { path, file } of of('result')) takeResult(await file.text(), path);
		for (const { path, file } of of('list')) openList(path, await file.text());
		const others = dropped.filter((entry) => !['profile', 'result', 'list'].includes(kinds.get(entry) ?? ''));
		for (const entry of others) {
			// Again at the end: what was dropped last is what comes first to mind.
			forget(entry.path);
			shelf.set(entry.path, entry.file);
			roles.set(entry.path, kinds.get(entry) ?? 'other');
		}
		await takeModels(of('model'), recordingsOf(of('events')) ?? of('data')[0]?.path, of('labels')[0]?.path);
	} catch (error) {
		report(error);
	}
}

/** What is dropped again under its name is another file, and the labels of the old one are none of its. */
function forget(path: string): void {
	shelf.delete(path);
	ownerOf.delete(path);
	for (const [labels, data] of ownerOf) {
		if (data !== path) continue;
		shelf.delete(labels);
		ownerOf.delete(labels);
	}
}

async function takeProfile(path: string, file: Blob): Promise<void> {
	placeFile(path, new Uint8Array(await file.arrayBuffer()));
	forgetProfiles();
	profileNamed(path);
	if (!ownProfiles.value.includes(path)) ownProfiles.value = [...ownProfiles.value, path];
	chooseProfile(path);
}

/** @throws UserError for JSON that is no result */
export function takeResult(text: string, file: string, example: string | null = null): void {
	addRun({ activity: activityOf(parseAnalysis(text, file)), request: null, seconds: null, example });
}

const besideModel = (model: string): string => model.replace(/[^/]*$/, 'samples.npz');

/** What asks for event recordings: the one file, or the folder they came in; recordings that came loose are put into one. */
function recordingsOf(events: readonly Dropped[]): string | undefined {
	const [first] = events;
	if (!first) return undefined;
	if (events.length === 1 && !first.path.includes('/')) return `events:${first.path}`;
	const folder = first.path.includes('/') ? (first.path.split('/')[0] ?? '') : 'recordings';
	for (const { path, file } of events) if (!path.includes('/')) shelf.set(`${folder}/${path}`, file);
	return `events:${folder}`;
}

async function takeModels(
	models: readonly Dropped[],
	dataPath: string | undefined,
	labelPath: string | undefined,
): Promise<void> {
	if (models.length === 0 && dataPath === undefined && labelPath === undefined) {
		if (waiting.value && shelf.size > 0) await count({ ...waiting.value, files: namedShelf() });
		return;
	}
	const files = namedShelf();
	if (models.length > 0) {
		for (const { path } of models) {
			const known = dataPath ?? (shelf.has(besideModel(path)) ? besideModel(path) : lastData());
			const request: CountRequest = { files, model: path, data: known, labels: labelPath ?? labelsFor(known), options: {} };
			if (known === undefined) waiting.value = request;
			else await count(request);
		}
		return;
	}
	const base = waiting.value ?? current.value?.request;
	if (!base) {
		notice.value = {
			kind: 'note',
			text: `${dataPath ?? labelPath} is here. Now drop the model it belongs to (.onnx, .nir, or a folder with model.json).`,
		};
		return;
	}
	const replaces = waiting.value ? {} : { replaces: current.value?.id ?? -1 };
	const nextData = dataPath ?? base.data;
	await count(
		{ ...base, files, data: nextData, labels: labelPath ?? (dataPath === undefined ? base.labels : undefined) },
		replaces,
	);
}

const roles = new Map<string, Kind>();
const arrays = (): string[] => [...shelf.keys()].filter((path) => /\.np[yz]$/i.test(path));
const isLabels = (path: string): boolean => roles.get(path) === 'labels';
const lastData = (): string | undefined => arrays().findLast((path) => !isLabels(path));
const labelsFor = (data: string | undefined): string | undefined =>
	data === undefined || data.endsWith('.npz')
		? undefined
		: arrays().findLast((path) => isLabels(path) && (ownerOf.get(path) ?? data) === data);

effect(() => {
	document.title = analysis.value ? `${analysis.value.model.file}: snn-energy` : 'snn-energy: what a spiking network costs';
});

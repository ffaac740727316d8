import { files } from '#platform/files';
import { type EventSetEntry, eventSetNamed } from './catalogue.ts';
import { type Extent, extentOf } from './frames.ts';
import { type EventSample, listEvents } from './listing.ts';
import * as messages from './messages.ts';
import { openEventFile } from './open.ts';

/** One recording, read whole. */
export interface CheckedRecording extends Extent {
	readonly path: string;
	readonly format: string;
}

/** @throws UserError where it is damaged, or an event lies outside of the set's sensor */
export function checkRecording({ path, index, span }: EventSample, entry?: EventSetEntry): CheckedRecording {
	const file = openEventFile(path);
	try {
		return { path, format: file.title, ...extentOf(file.recording(index), path, { span, sensor: entry?.sensor ?? null }) };
	} finally {
		file.close();
	}
}

/** One part of a set, with how many recordings it should have; null where nobody says. */
export interface CheckedPart {
	readonly part: 'train' | 'test' | 'all';
	readonly recordings: number;
	readonly expected: number | null;
	readonly events: number;
	readonly classes: number;
}

/**
 * Reads every recording of a set that lies in a folder.
 *
 * @throws UserError where the folder is missing, a recording is damaged, or some are missing
 */
export function checkEventSet(name: string, folder: string): readonly CheckedPart[] {
	const entry = eventSetNamed(name);
	if (!entry || !files.exists(folder)) throw messages.setIsMissing(name, folder, entry?.layout ?? '', entry?.place ?? '');
	const [train, test] = [listEvents(folder, 'train'), listEvents(folder, 'test')];
	const same = JSON.stringify(train.samples) === JSON.stringify(test.samples);
	const parts = same
		? ([['all', train]] as const)
		: ([
				['train', train],
				['test', test],
			] as const);
	return parts.map(([part, { samples, labels }]) => {
		const expected = entry.counts[part] ?? null;
		if (expected !== null && samples.length !== expected)
			throw messages.setIncomplete(name, folder, part, samples.length, expected);
		const events = samples.reduce((sum, sample) => sum + checkRecording(sample, entry).events, 0);
		return { part, recordings: samples.length, expected, events, classes: new Set(labels).size };
	});
}

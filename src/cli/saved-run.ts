import { closeSync, readSync } from 'node:fs';
import { files } from '#platform/files';
import type { Activity } from '../activity/activity.ts';
import { UserError } from '../errors.ts';
import { unreadableRun } from '../hardware/chip/messages.ts';
import { openInput, readInput, readInputText, standardInput } from '../inputs.ts';
import { parseJson } from '../json.ts';
import { activityOf, checkedAnalysis, parseAnalysis, unsealed } from '../reporting/index.ts';

/**
 * The Activity in a file that "analyze" wrote, as an analysis or as bare event counts; null when the file is
 * something else, such as a model.
 *
 * @throws UserError if the file cannot be read, or says it is a saved run but is not one
 */
export function readSavedRun(file: string): Activity | null {
	if (files.isFolder(file)) return null;
	let text: string;
	try {
		if (!startsAsObject(file)) return null;
		text = readInputText(file);
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(unreadableRun(file, cause instanceof Error ? cause.message : String(cause)), { cause });
	}
	const value = parsed(text);
	if (value?.schema === 'snn-energy/activity@1') {
		// Bare counts are an analysis without prices; one schema checks both. What shards are merged by is no part of it.
		const { run, part: _, ...counts } = unsealed(value, file) as SavedCounts;
		const analysis = {
			...counts,
			schema: 'snn-energy/analysis@1',
			run: { ...run, accounting: 'exact' },
			estimates: [],
			comparison: null,
		};
		return activityOf(checkedAnalysis(analysis, file));
	}
	return value?.schema === 'snn-energy/analysis@1' ? activityOf(parseAnalysis(text, file)) : null;
}

/** Whether a file is an explicit network for "chip", told by its beginning: JSON that is neither a saved run nor a tfjs model. */
export function looksExplicit(file: string): boolean {
	const start = startOf(file, 65_536);
	return start.startsWith('{') && !/"snn-energy\/|"modelTopology"/.test(start);
}

const startsAsObject = (file: string): boolean => startOf(file, 64).startsWith('{');

/** The first bytes of a file as text, without white space before it. */
function startOf(file: string, length: number): string {
	const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1').trimStart();
	if (file === standardInput) return text(readInput(file).subarray(0, length));
	const start = Buffer.alloc(length);
	const descriptor = openInput(file);
	try {
		return text(start.subarray(0, readSync(descriptor, start)));
	} finally {
		closeSync(descriptor);
	}
}

interface SavedCounts {
	readonly schema?: unknown;
	readonly run?: object;
	readonly part?: unknown;
}

function parsed(text: string): SavedCounts | null {
	try {
		return parseJson(text) as SavedCounts | null;
	} catch {
		return null;
	}
}

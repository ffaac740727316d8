import { eventsPath, isEvents } from '../../formats/events/index.ts';
import { readHere } from '../../formats/range-reader.ts';
import { checkWithoutEvents, openEvents } from '../../open-events.ts';
import type { LabelArray } from '../../simulation/array-samples.ts';
import type { OpenedData } from '../../simulation/fit-data.ts';
import type { DataRequest } from '../../simulation/fit-events.ts';

/**
 * Event recordings among the files that were placed in memory, read on this thread; null for all else. Data sets by name and folders
 * of pictures a page has none of.
 *
 * @throws UserError
 */
export async function openDataset(
	request: DataRequest,
	labelsOf: (path: string) => Promise<LabelArray>,
): Promise<OpenedData | null> {
	const { data, labels } = request;
	if (data === undefined || !isEvents(data)) {
		checkWithoutEvents(request);
		return null;
	}
	const place = { name: data, path: eventsPath(data) };
	return openEvents(request, place, labels === undefined ? null : await labelsOf(labels), readHere);
}

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import {
	dataFolder,
	datasetNames,
	folderOf,
	imageFolderHash,
	isImageFolder,
	loadDataset,
	normalisedImages,
	openImageFolder,
	pictureReader,
} from '../../formats/datasets/index.ts';
import { eventSetNamed, eventsPath, isEvents } from '../../formats/events/index.ts';
import { rangeReader, readerThreads } from '../../formats/reader-threads.ts';
import { checkWithoutEvents, openEvents } from '../../open-events.ts';
import type { LabelArray } from '../../simulation/array-samples.ts';
import * as messages from '../../simulation/event-messages.ts';
import { fitImages, inOrder, type OpenedData, takeSamples, turnNotes } from '../../simulation/fit-data.ts';
import type { DataRequest } from '../../simulation/fit-events.ts';
import type { SampleSource } from '../../simulation/samples.ts';
import { builtProgram } from './package.ts';

/**
 * Data that are more than one array: event recordings, a data set by name, a folder of pictures; null for all else.
 *
 * @throws UserError
 */
export async function openDataset(
	request: DataRequest,
	labelsOf: (path: string) => Promise<LabelArray>,
): Promise<OpenedData | null> {
	const { data, labels } = request;
	if (data !== undefined && (isEvents(data) || eventSetNamed(data)))
		return openRecordings(request, data, labels === undefined ? null : await labelsOf(labels));
	checkWithoutEvents(request);
	if (data === undefined) return null;
	if (isImageFolder(data)) return folderSource(request, data);
	return datasetNames.includes(data) ? datasetSource(request, data) : null;
}

/** Recordings by path or by the name of their set, read by threads of their own. */
async function openRecordings(request: DataRequest, name: string, labels: LabelArray | null): Promise<OpenedData> {
	const entry = eventSetNamed(name);
	const path = entry ? join(dataFolder(request.dataDir), name) : eventsPath(name);
	if (entry && !existsSync(path)) throw new UserError(messages.setNotHere(name, path, entry));
	const { width, height } = entry?.sensor ?? { width: 0, height: 0 };
	const sensor = entry && (height === 1 ? String(width) : `${width}x${height}`);
	return openEvents({ ...request, sensor: request.sensor ?? sensor }, { name, path }, labels, (reading) =>
		rangeReader(reading, request.readers ?? readerThreads(request.threads), builtProgram('formats/events/event-worker')),
	);
}

/** A data set known by name, held in memory as its bytes. */
async function datasetSource(request: DataRequest, name: string): Promise<OpenedData> {
	const set = loadDataset(name, { split: 'test', dataDir: request.dataDir });
	const layout = fitImages(request, name, set);
	const source: SampleSource = {
		name,
		sha256: set.sha256,
		random: false,
		count: takeSamples(request, layout.count, name),
		sampleShape: layout.sampleShape,
		timesteps: null,
		labels: set.labels,
		read: async (start, end) => {
			const samples = Uint32Array.from({ length: end - start }, (_, at) => start + at);
			return inOrder(normalisedImages(set, samples), layout);
		},
		close: () => {},
	};
	return { source, assumptions: turnNotes(layout.turn, name), warnings: [] };
}

/** A folder of pictures, decoded as they are asked for, by threads of their own. */
async function folderSource(request: DataRequest, name: string): Promise<OpenedData> {
	const folder = openImageFolder(folderOf(name), { split: 'test' });
	const layout = fitImages(request, name, folder);
	const count = takeSamples(request, layout.count, name);
	const sha256 = await imageFolderHash(folder);
	const reader = pictureReader(folder, request.readers ?? readerThreads(request.threads));
	const source: SampleSource = {
		name,
		sha256,
		random: false,
		count,
		sampleShape: layout.sampleShape,
		timesteps: null,
		labels: folder.labels,
		read: async (start, end) => inOrder(await reader.read(start, end), layout),
		close: reader.close,
	};
	return { source, assumptions: turnNotes(layout.turn, name), warnings: [] };
}

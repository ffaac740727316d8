import { UserError } from './errors.ts';
import {
	type EventOptions,
	type EventSet,
	eventOptionNames,
	eventSetHash,
	extentOf,
	type FrameRequest,
	frameReading,
	listEvents,
	openEventFile,
} from './formats/events/index.ts';
import type { RangeReader, Reading } from './formats/range-reader.ts';
import { type LabelArray, wholeLabels } from './simulation/array-samples.ts';
import * as messages from './simulation/event-messages.ts';
import { type OpenedData, takeSamples } from './simulation/fit-data.ts';
import { type EventRequest, type First, fitEvents } from './simulation/fit-events.ts';

interface OpenRequest extends EventRequest {
	readonly data?: string | undefined;
}

/** Where recordings lie, and what a report calls them. */
interface Place {
	readonly name: string;
	readonly path: string;
}

/**
 * Opens recordings of a file or folder as the frames a network takes.
 *
 * @param labels  of all recordings, where the user names them
 * @param readerOf  reads them, on threads or on this one
 * @throws UserError where there are none, one is damaged, or they do not fit
 */
export async function openEvents(
	request: OpenRequest,
	{ name, path }: Place,
	labels: LabelArray | null,
	readerOf: (reading: Reading<FrameRequest>) => RangeReader,
): Promise<OpenedData> {
	const set = listEvents(path);
	const count = takeSamples(request, set.samples.length, name);
	const { binning, source, assumptions, arrange } = fitEvents(request, name, describeFirst(set), count);
	const classes = labels ? wholeLabels(labels.array, labels.path, set.samples.length) : set.labels;
	const sha256 = await eventSetHash(set);
	const reader = readerOf(frameReading(set.samples, binning));
	return {
		source: {
			...source,
			name,
			sha256,
			random: false,
			count,
			labels: classes,
			read: async (start, end) => arrange(await reader.read(start, end), end - start),
			close: reader.close,
		},
		assumptions,
		warnings: [],
	};
}

function describeFirst({ samples, name }: EventSet): First {
	const [sample] = samples;
	if (!sample) throw new UserError(messages.noRecordings(name));
	const { path, index, span } = sample;
	const read = <Result>(work: (recording: ReturnType<ReturnType<typeof openEventFile>['recording']>) => Result): Result => {
		const file = openEventFile(path);
		try {
			return work(file.recording(index));
		} finally {
			file.close();
		}
	};
	return read(({ kind, sensor, notes }) => ({
		kind,
		sensor,
		notes,
		path,
		duration: () =>
			read((recording) => {
				const { first, last } = extentOf(recording, path, { span });
				return last - (recording.kind === 'units' ? 0 : first);
			}),
	}));
}

/** @throws UserError where options for event recordings are given with other data */
export function checkWithoutEvents(request: OpenRequest): void {
	for (const [name, option] of Object.entries(eventOptionNames))
		if (request[name as keyof EventOptions] !== undefined)
			throw new UserError(messages.eventOptionWithoutEvents(option, request.data), { exitCode: 2 });
}

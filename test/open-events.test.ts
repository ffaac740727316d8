import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { EventOptions } from '../src/formats/events/index.ts';
import { encodeNpy } from '../src/formats/npy/index.ts';
import type { Dimension } from '../src/model/graph.ts';
import { openData } from '../src/open-data.ts';
import { countEvents, loadNetwork } from '../src/pipeline.ts';
import { openDataset } from '../src/platform/browser/datasets.ts';
import { placeFile } from '../src/platform/memory-files.ts';
import type { DataRequest } from '../src/simulation/fit-events.ts';
import { eventWriters, type TestEvent } from './support/event-files.ts';
import { eventNetwork } from './support/event-network.ts';
import { temporaryFolder } from './support/temporary.ts';

const folder = temporaryFolder('snn-event-data-');
const path = (name: string): string => join(folder, name);
const nmnist = eventWriters[0] as (typeof eventWriters)[number];

function file(name: string, bytes: Uint8Array): string {
	const place = path(name);
	mkdirSync(join(place, '..'), { recursive: true });
	writeFileSync(place, bytes);
	return place;
}

/** Events of a 34 × 34 camera, in the order of time. */
const recording = fc
	.array(
		fc.record({
			t: fc.integer({ min: 0, max: 30_000 }),
			x: fc.integer({ min: 0, max: 33 }),
			y: fc.integer({ min: 0, max: 33 }),
			p: fc.constantFrom<0 | 1>(0, 1),
		}),
		{ minLength: 8, maxLength: 400 },
	)
	.map((events) => events.sort((a, b) => a.t - b.t));
const recordings = (count: number, seed: number): TestEvent[][] => fc.sample(recording, { seed, numRuns: count });

/** Counts of the events of each list, as [lists, 2, side, side], by counting each pixel's events. */
const histogram = (bins: readonly (readonly TestEvent[])[], side = 34): number[] =>
	bins.flatMap((events) =>
		[0, 1].flatMap((p) =>
			Array.from({ length: side * side }, (_, pixel) => {
				const [x, y] = [pixel % side, Math.floor(pixel / side)];
				return events.filter((one) => one.p === p && one.x === x && one.y === y).length;
			}),
		),
	);

/** As numpy does it with masks: t ≥ l and t < r for every bin, the last one open. */
const byTime = (events: readonly TestEvent[], bins: number): TestEvent[][] => {
	const first = events[0]?.t ?? 0;
	const width = Math.max(1, Math.floor(((events.at(-1)?.t ?? 0) - first) / bins));
	return Array.from({ length: bins }, (_, at) =>
		events.filter(({ t }) => t >= first + at * width && (at === bins - 1 || t < first + (at + 1) * width)),
	);
};
const byCount = (events: readonly TestEvent[], bins: number): TestEvent[][] => {
	const share = Math.floor(events.length / bins);
	return Array.from({ length: bins }, (_, at) => events.slice(at * share, at === bins - 1 ? events.length : (at + 1) * share));
};

const request = (dims: readonly Dimension[] | null, options: Partial<DataRequest> = {}): DataRequest => ({
	modelPath: path('net.onnx'),
	input: { name: 'image', type: 'float32', dims },
	batchAxis: 0,
	step: true,
	timesteps: null,
	...options,
});

/** Frames [T, N, …] of one recording. */
async function framesOf(
	events: readonly TestEvent[],
	dims: readonly Dimension[],
	options: Partial<DataRequest>,
): Promise<number[]> {
	const data = `events:${file('one.bin', nmnist.write(events))}`;
	const { source } = await openData(request(dims, { data, ...options }));
	const values = await source.read(0, 1);
	source.close();
	return [...values];
}

test('bins of equal length, of equal numbers of events and of a given length hold what masks and slices of the events give', async () => {
	await fc.assert(
		fc.asyncProperty(recording, fc.integer({ min: 1, max: 9 }), async (events, bins) => {
			const dims = ['N', 2, 34, 34];
			expect(await framesOf(events, dims, { bins })).toEqual(histogram(byTime(events, bins)));
			expect(await framesOf(events, dims, { bins, binBy: 'count' })).toEqual(histogram(byCount(events, bins)));
			const first = events[0]?.t ?? 0;
			const given = Array.from({ length: bins }, (_, at) =>
				events.filter(({ t }) => t >= first + at * 2500 && t < first + (at + 1) * 2500),
			);
			expect(await framesOf(events, dims, { bins, binTime: '2.5ms' })).toEqual(histogram(given));
		}),
		{ numRuns: 15 },
	);
});

test('crop, clip, binary, one polarity and smaller frames do what they say', async () => {
	const [single = []] = recordings(1, 3);
	const events = single.flatMap((one) => [one, one, one]);
	const first = events[0]?.t ?? 0;
	const early = events.filter(({ t }) => t - first < 12_000);
	const bins = Array.from({ length: 3 }, (_, at) => early.filter(({ t }) => Math.floor((t - first) / 4000) === at));
	const counts = histogram(bins);
	const cropped = { bins: 3, crop: '12ms' };
	const dims = ['N', 2, 34, 34];
	expect(Math.max(...counts)).toBeGreaterThan(1);
	expect(await framesOf(events, dims, cropped)).toEqual(counts);
	expect(await framesOf(events, dims, { crop: '12ms', binTime: '4ms' })).toEqual(counts);
	expect(await framesOf(events, dims, { ...cropped, binValues: 'binary' })).toEqual(counts.map((count) => Math.min(1, count)));
	expect(await framesOf(events, dims, { ...cropped, binValues: 'clip:2' })).toEqual(counts.map((count) => Math.min(2, count)));
	const plane = 34 * 34;
	const together = Array.from({ length: 3 * plane }, (_, at) => {
		const off = Math.floor(at / plane) * 2 * plane + (at % plane);
		return (counts[off] as number) + (counts[off + plane] as number);
	});
	// As many channels as the network takes, or as asked.
	expect(await framesOf(events, ['N', 1, 34, 34], cropped)).toEqual(together);
	expect(await framesOf(events, ['N', 'C', 34, 34], { ...cropped, polarities: 1 })).toEqual(together);
	const halves = histogram(
		bins.map((list) => list.map((one) => ({ ...one, x: one.x >> 1, y: one.y >> 1 }))),
		17,
	);
	expect(await framesOf(events, ['N', 2, 17, 17], { ...cropped, downscale: '2' })).toEqual(halves);
	expect(await framesOf(events, ['N', 2, 17, 17], { ...cropped, sensor: '34x34', downscale: '17x17' })).toEqual(halves);
	expect(await framesOf(events, ['N', 2 * plane], cropped)).toEqual(counts);
	const channelsLast = Array.from({ length: 6 * plane }, (_, at) => {
		const [bin, pixel, p] = [Math.floor(at / (2 * plane)), Math.floor(at / 2) % plane, at % 2];
		return counts[bin * 2 * plane + p * plane + pixel] as number;
	});
	expect(await framesOf(events, ['N', 34, 34, 2], cropped)).toEqual(channelsLast);
});

test('a graph that takes its timesteps inside, or first, gets them there; one without timesteps gets one frame', async () => {
	const [events = []] = recordings(1, 4);
	const frames = histogram(byTime(events, 4));
	const plain = { step: false };
	expect(await framesOf(events, ['N', 4, 2, 34, 34], plain)).toEqual(frames);
	expect(await framesOf(events, [4, 'N', 2, 34, 34], { ...plain, batchAxis: 1 })).toEqual(frames);
	expect(await framesOf(events, ['N', 2, 34, 34], { ...plain, timesteps: 4 })).toEqual(histogram([events]));
	await expect(framesOf(events, ['N', 2, 34, 34], { ...plain, bins: 4 })).rejects.toThrow(
		'--bins 4: the model\'s input "image" [N, 2, 34, 34] takes one frame, no timesteps.',
	);
	await expect(framesOf(events, ['N', 4, 2, 34, 34], { ...plain, bins: 5 })).rejects.toThrow(
		'--bins 5: the network runs 4 timesteps.',
	);
});

test('folders of classes are labelled by name, and of train and test the test part is read', async () => {
	const lists = recordings(5, 8);
	const places = ['set/Train/b/1.bin', 'set/Train/a/1.bin', 'set/Test/b/2.bin', 'set/Test/b/1.bin', 'set/Test/a/9.bin'];
	for (const [at, place] of places.entries()) file(place, nmnist.write(lists[at] as TestEvent[]));
	const open = (data: string, options: Partial<DataRequest> = {}) =>
		openData(request(['N', 2, 34, 34], { data: `events:${path(data)}`, bins: 2, ...options }));
	const { source, assumptions } = await open('set');
	expect([source.count, [...Array.from(source.labels ?? [])], source.timesteps, source.sampleShape]).toEqual([
		3,
		[0, 1, 1],
		2,
		[2, 34, 34],
	]);
	// [T, N, …]: of each bin the samples in the order of classes and names.
	const [one, two, three] = [4, 3, 2].map((at) => byTime(lists[at] as TestEvent[], 2)) as [
		TestEvent[][],
		TestEvent[][],
		TestEvent[][],
	];
	expect([...(await source.read(0, 3))]).toEqual(
		histogram([0, 1].flatMap((bin) => [one, two, three].map((list) => list[bin] ?? []))),
	);
	expect(source.preparation).toEqual({
		words: '2 bins of equal length, counts, off and on apart, 34 × 34 pixels',
		options: { bins: '2', polarities: '2', sensor: '34x34' },
	});
	expect(assumptions).toEqual([
		`Events of events:${path('set')} become 2 bins of equal length from the first event to the last; the last bin takes the remainder: frames of counts, shape [2, 34, 34], channel 0 off and channel 1 on. Options: --bins, --bin-time, --bin-by, --bin-values, --polarities, --sensor, --downscale, --crop.`,
		`${path('set/Test/a/9.bin')} does not say how large its sensor is: 34 × 34 pixels, as the model's input says (--sensor changes this).`,
	]);
	expect((await open('set/Train')).source).toMatchObject({ count: 2, labels: [0, 1] });
	expect((await open('set/Train/b')).source).toMatchObject({ count: 1, labels: null });
	file('set/Test/c/1.bin', nmnist.write([]));
	await expect(open('set')).rejects.toThrow(/Test\/c is a class that .*Train does not have/);
	mkdirSync(path('empty/a'), { recursive: true });
	await expect(open('empty')).rejects.toThrow(/empty holds no event recordings; give a file, a folder of recordings/);
	await expect(open('nowhere.bin')).rejects.toThrow(/nowhere\.bin does not exist/);
});

test('a folder of DVS128 Gesture is cut into gestures by the label file of each recording, and the lists say which are tested', async () => {
	const aedat3 = eventWriters.find(({ title }) => title === 'AEDAT 3.1') as (typeof eventWriters)[number];
	const record = (user: number): TestEvent[] =>
		(recordings(1, 40 + user)[0] as TestEvent[]).map((event, at) => ({ ...event, t: 1000 * at + user, y: event.y + 60 }));
	const trials = [1, 2, 3].map((user) => ({ name: `user0${user}_fluorescent.aedat`, events: record(user) }));
	for (const { name, events } of trials) file(`gesture/${name}`, aedat3.write(events));
	const csv = (rows: readonly string[]) =>
		Buffer.from(['class,startTime_usec,endTime_usec', ...rows].map((row) => `${row}\r\n`).join(''));
	const spans = [
		[11, 2000, 5000],
		[3, 5000, 8002],
	] as const;
	for (const { name } of trials)
		file(`gesture/${name.replace('.aedat', '_labels.csv')}`, csv(spans.map((span) => span.join(','))));
	file('gesture/trials_to_train.txt', Buffer.from(`${trials[0]?.name}\n`));
	file('gesture/trials_to_test.txt', Buffer.from(`${trials[2]?.name}\r\n${trials[1]?.name}\r\n`));
	const open = () => openData(request(['N', 2, 128, 128], { data: `events:${path('gesture')}`, bins: 3 }));
	const { source } = await open();
	expect([source.count, [...Array.from(source.labels ?? [])]]).toEqual([4, [10, 2, 10, 2]]);
	const gestures = [trials[2], trials[1]].flatMap((trial) =>
		spans.map(([, from, to]) => byTime(trial?.events.filter(({ t }) => t >= from && t < to) ?? [], 3)),
	);
	expect([...(await source.read(0, 4))]).toEqual(
		histogram(
			[0, 1, 2].flatMap((bin) => gestures.map((bins) => bins[bin] ?? [])),
			128,
		),
	);
	source.close();
	file('gesture/user02_fluorescent_labels.csv', csv(['3,5000,4000']));
	await expect(open()).rejects.toThrow(/user02_fluorescent_labels\.csv.*line 2.*3,5000,4000/);
	file('gesture/trials_to_test.txt', Buffer.from('user09_led.aedat\n'));
	await expect(open()).rejects.toThrow(/trials_to_test\.txt.*user09_led\.aedat/);
});

test('a page reads recordings that were dropped on it, a folder of classes too, as the command line reads files', async () => {
	const lists = recordings(3, 12);
	const places = ['dropped/b/1.bin', 'dropped/a/1.bin', 'dropped/a/2.bin'];
	for (const [at, place] of places.entries()) placeFile(place, nmnist.write(lists[at] as TestEvent[]));
	const asked = (data: string) => openDataset(request(['N', 2, 34, 34], { data, bins: 2 }), () => Promise.reject());
	const opened = await asked('events:dropped');
	expect([opened?.source.count, Array.from(opened?.source.labels ?? [])]).toEqual([3, [0, 0, 1]]);
	const frames = [1, 2, 0].map((at) => byTime(lists[at] as TestEvent[], 2));
	expect([...((await opened?.source.read(0, 3)) ?? [])]).toEqual(
		histogram([0, 1].flatMap((bin) => frames.map((list) => list[bin] ?? []))),
	);
	await expect(asked('events:missing.bin')).rejects.toThrow('missing.bin does not exist; check the path.');
	await expect(asked('dropped/x.npy')).rejects.toThrow(/^--bins: is for event recordings/);
});

test('what does not fit or is not known is said with the option that mends it', async () => {
	const events = [{ t: 0, x: 33, y: 2, p: 1 as const }];
	const asked = (dims: readonly Dimension[], options: Partial<DataRequest>) => framesOf(events, dims, options);
	const dims = ['N', 2, 34, 34];
	await expect(asked(dims, {})).rejects.toThrow('Pass --bins T, or --bin-time with --crop');
	await expect(asked(['N', 2, 28, 28], { bins: 1 })).rejects.toThrow(
		'event 1 lies at x 33, y 2, outside of a sensor of 28 × 28 pixels. Pass --sensor WxH',
	);
	await expect(asked(['N', 2, 28, 28], { bins: 1, sensor: '34x34' })).rejects.toThrow(
		'a frame has shape [2, 34, 34]; the model\'s input "image" wants [N, 2, 28, 28]. Change the frame\'s size with --downscale',
	);
	await expect(asked(['N', 'C', 'H', 'W'], { bins: 1 })).rejects.toThrow(
		'does not say how large its camera is, nor does the model.',
	);
	await expect(asked(['N', 3, 34, 34], { bins: 1 })).rejects.toThrow('a frame has shape [2, 34, 34]');
	await expect(asked(dims, { bins: 1, binTime: '10' })).rejects.toThrow('--bin-time 10: expected a length of time');
	await expect(asked(dims, { bins: 1, binTime: '0.1us' })).rejects.toThrow('--bin-time 0.1us: expected a length of time');
	await expect(asked(dims, { bins: 1, binValues: 'clip:0' })).rejects.toThrow(
		'--bin-values clip:0: expected count, binary, or clip:N',
	);
	await expect(asked(dims, { bins: 1, sensor: '34*34' })).rejects.toThrow('--sensor 34*34: expected width and height');
	await expect(asked(dims, { bins: 1, sensor: '34x34', downscale: '3' })).rejects.toThrow(
		'--downscale 3: 34 × 34 pixels cannot be divided by it evenly.',
	);
	await expect(asked(dims, { bins: 1, sensor: '34x34', downscale: '64x64' })).rejects.toThrow('is larger than the sensor');
	await expect(asked(dims, { bins: 1, binBy: 'count', binTime: '1ms' })).rejects.toThrow('Leave one of them out.');
	file('frames.npy', encodeNpy({ dtype: 'float32', shape: [1, 2, 34, 34], data: new Float32Array(2312) }));
	await expect(openData(request(dims, { data: path('frames.npy'), step: false, bins: 3 }))).rejects.toThrow(
		/^--bins: is for event recordings/,
	);
});

test('recordings give the counts of the same frames made elsewhere and saved as an array', async () => {
	const lists = recordings(6, 21);
	for (const [at, events] of lists.entries()) file(`counted/${at % 2 ? 'b' : 'a'}/${at}.bin`, nmnist.write(events));
	const model = path('net.onnx');
	writeFileSync(model, eventNetwork([2, 34, 34]));
	const order = [0, 2, 4, 1, 3, 5].map((at) => lists[at] as TestEvent[]);
	const load = { states: ['v=v_out'] };
	const layersOf = async (options: EventOptions & { readonly data: string }, more: object = {}) => {
		const activity = await countEvents(await loadNetwork(model, load), { batch: 4, ...options, ...more });
		return { layers: activity.layers, correct: activity.accuracy, timesteps: activity.run.timesteps };
	};
	const labels = file('labels.npy', encodeNpy({ dtype: 'int64', shape: [6], data: BigInt64Array.of(0n, 0n, 0n, 1n, 1n, 1n) }));
	for (const [name, cut] of [
		['time', byTime],
		['count', byCount],
	] as const) {
		const values = Float32Array.from(order.flatMap((events) => histogram(cut(events, 5))));
		const data = file(`${name}.npy`, encodeNpy({ dtype: 'float32', shape: [6, 5, 2, 34, 34], data: values }));
		const expected = await layersOf({ data }, { labels, layout: 'ntc' });
		const found = await layersOf({ data: `events:${path('counted')}`, bins: 5, binBy: name });
		expect(found).toEqual(expected);
		expect(found.layers.some((layer) => layer.kind === 'neuron' && layer.totals.spikes > 0)).toBe(true);
	}
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { UserError } from '../../../src/errors.ts';
import { extentOf, openEventFile } from '../../../src/formats/events/index.ts';
import { decodeLz4 } from '../../../src/formats/events/lz4.ts';
import { encodeNpy, encodeNpz, type NdArray } from '../../../src/formats/npy/index.ts';
import { damagedVariants } from '../../support/damage.ts';
import { eventWriters, recordingOf, type TestEvent } from '../../support/event-files.ts';
import { encodeLz4 } from '../../support/lz4-writer.ts';
import { type TestSpikes, writeSpikes } from '../../support/spikes-writer.ts';
import { temporaryFolder } from '../../support/temporary.ts';

const folder = temporaryFolder('snn-events-');
function file(name: string, bytes: Uint8Array): string {
	const path = join(folder, name);
	writeFileSync(path, bytes);
	return path;
}

function eventsOf(path: string): TestEvent[] {
	const opened = openEventFile(path);
	try {
		const events: TestEvent[] = [];
		opened.recording(0).visit((t, x, y, p) => {
			events.push({ t, x, y, p: p as 0 | 1 });
			return true;
		});
		return events;
	} finally {
		opened.close();
	}
}

test.each(eventWriters)('what is written as $title is read again, event by event', (writer) => {
	fc.assert(
		fc.property(recordingOf(writer), (events) => {
			expect(eventsOf(file(`written${writer.ending}`, writer.write(events)))).toEqual(events);
		}),
		{ numRuns: 40 },
	);
});

test('the files that the fuzzer starts from hold what the writers write, one of each format', () => {
	const events = Array.from({ length: 24 }, (_, at) => ({
		t: 700 * at,
		x: (11 * at) % 100,
		y: (7 * at) % 90,
		p: (at % 2) as 0 | 1,
	}));
	for (const { title, ending, write } of eventWriters) {
		const path = `test/fixtures/events/${title.toLowerCase().replace(/[^a-z0-9]+/g, '-')}${ending}`;
		if (process.env.WRITE_FIXTURES) writeFileSync(path, write(events));
		expect([path, eventsOf(path)]).toEqual([path, events]);
	}
	const shd = 'test/fixtures/events/shd.h5';
	if (process.env.WRITE_FIXTURES)
		writeFileSync(shd, writeSpikes([0, 1, 2].map((label) => ({ times: [0.25, 0.5, 1], units: [3, 699, 3 + label], label }))));
	expect(eventsOf(shd).map(({ t, x }) => [t, x])).toEqual([
		[250_000, 3],
		[500_000, 699],
		[1_000_000, 3],
	]);
});

test.each(eventWriters)('$title is read piece by piece, and only as far as the visitor wants', (writer) => {
	// More than a mebibyte where files are read in such pieces; AEDAT 4 has packets of its own.
	const count = /AEDAT 4|npz/.test(writer.title) ? 20_000 : 220_000;
	const many = Array.from({ length: count }, (_, at) => ({ t: 10 * at, x: at % 7, y: at % 5, p: (at % 2) as 0 | 1 }));
	const path = file(`long${writer.ending}`, writer.write(many));
	const opened = openEventFile(path);
	expect(extentOf(opened.recording(0), path)).toEqual({
		events: count,
		first: 0,
		last: 10 * (count - 1),
		x: 6,
		y: 4,
		on: count / 2,
	});
	let seen = 0;
	opened.recording(0).visit(() => {
		seen += 1;
		return seen < 5;
	});
	expect(seen).toBe(5);
	opened.close();
});

/** Reads every recording of a damaged file; it may be refused in a sentence, or give events that are possible. */
function readOrRefuse(path: string): boolean {
	try {
		const opened = openEventFile(path);
		try {
			for (let index = 0; index < opened.count; index += 1) {
				const extent = extentOf(opened.recording(index), path, { sensor: { width: 2000, height: 2000 } });
				for (const value of Object.values(extent)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
			}
			for (const label of Array.from(opened.labels ?? [])) expect(Number.isSafeInteger(label)).toBe(true);
		} finally {
			opened.close();
		}
		return true;
	} catch (error) {
		if (!(error instanceof UserError)) throw error;
		expect(error.message).toContain(path);
		expect(error.message).toMatch(/^[^\n]+\.$/);
		return false;
	}
}

test.each(eventWriters)('damaged files of $title end in a sentence, or in events that are possible', (writer) => {
	const [events = []] = fc.sample(recordingOf({ ...writer, latest: Math.min(writer.latest, 2 ** 31) }), { seed: 7, numRuns: 1 });
	const whole = writer.write([...events, { t: writer.latest - 1, x: 1, y: 2, p: 1 }]);
	const read = damagedVariants(whole, 200, 11).map((bytes, at) => readOrRefuse(file(`damaged-${at}${writer.ending}`, bytes)));
	expect(read.filter((one) => !one).length).toBeGreaterThan(20);
});

test.each(eventWriters.filter(({ title }) => /EVT 3|\.dat|AEDAT 2/.test(title)))(
	'the clock of $title starts again, and time goes on',
	(writer) => {
		const period = /EVT 3/.test(writer.title) ? 2 ** 24 : 2 ** 32;
		const events = Array.from({ length: 12 }, (_, at) => ({ t: (at * period) / 4 + 3, x: at, y: 1, p: 1 as const }));
		expect(eventsOf(file(`wraps${writer.ending}`, writer.write(events)))).toEqual(events);
	},
);

const spikes = fc
	.array(fc.array(fc.tuple(fc.integer({ min: 0, max: 1400 }), fc.integer({ min: 0, max: 699 })), { maxLength: 40 }), {
		minLength: 1,
		maxLength: 6,
	})
	.map((recordings) =>
		recordings.map(
			(rows, at): TestSpikes => ({
				times: rows.map(([time]) => time / 1024),
				units: rows.map(([, unit]) => unit),
				label: (7 * at) % 20,
			}),
		),
	);

test('spikes written as SHD has them are read again, each recording by itself, with their labels', () => {
	fc.assert(
		fc.property(spikes, (recordings) => {
			const opened = openEventFile(file('shd.h5', writeSpikes(recordings)));
			expect([opened.count, Array.from(opened.labels ?? [])]).toEqual([recordings.length, recordings.map(({ label }) => label)]);
			for (const [index, { times, units }] of recordings.entries()) {
				const found: number[][] = [];
				const recording = opened.recording(index);
				expect([recording.kind, recording.sensor]).toEqual(['units', null]);
				recording.visit((time, unit) => {
					found.push([time, unit]);
					return true;
				});
				expect(found).toEqual(times.map((time, at) => [Math.floor(time * 1e6), units[at]]));
			}
			opened.close();
		}),
		{ numRuns: 40 },
	);
});

test('damaged files of SHD end in a sentence, or in spikes that are possible', () => {
	const [recordings = []] = fc.sample(spikes, { seed: 3, numRuns: 1 });
	const read = damagedVariants(writeSpikes(recordings), 200, 5).map((bytes, at) => readOrRefuse(file(`damaged-${at}.h5`, bytes)));
	expect(read.filter((one) => !one).length).toBeGreaterThan(40);
});

test('LZ4 frames are decoded to what was encoded, and never to more than is allowed', () => {
	const bytes = fc.oneof(
		fc.uint8Array({ maxLength: 600 }),
		fc
			.array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 400 })), { maxLength: 6 })
			.map((runs) => Uint8Array.from(runs.flatMap(([run, times]) => Array.from({ length: times }, () => [...run]).flat()))),
	);
	fc.assert(
		fc.property(bytes, (content) => {
			const frame = encodeLz4(content);
			expect(decodeLz4(frame, 1e6)).toEqual(content);
			if (content.length > 0) expect(() => decodeLz4(frame, content.length - 1)).toThrow(RangeError);
		}),
	);
});

test('what holds no events is said to hold none, and what it needs', () => {
	const refused = (name: string, bytes: Uint8Array): string => {
		const path = file(name, bytes);
		try {
			eventsOf(path);
			return 'read';
		} catch (error) {
			return (error as Error).message.replaceAll(path, name);
		}
	};
	const [nmnist, dat] = eventWriters as [(typeof eventWriters)[number], (typeof eventWriters)[number]];
	const text = (content: string): Uint8Array => Buffer.from(content, 'latin1');
	expect(refused('notes.txt', text('hello'))).toMatch(
		/^notes\.txt is not an event recording that is understood; read are AEDAT 4\.0/,
	);
	expect(refused('cut.bin', nmnist.write([{ t: 1, x: 2, y: 3, p: 1 }]).slice(0, 4))).toBe(
		'cut.bin is damaged: its events take 4 bytes, and an event takes 5, so it ends inside one. Copy the file again.',
	);
	expect(refused('cut.dat', dat.write([]).slice(0, 30))).toBe(
		'cut.dat is damaged: its header of lines that start with "%" does not end. Copy the file again.',
	);
	expect(refused('old.raw', text('% evt 4.0\n% end\n'))).toMatch(
		/^old\.raw does not say in its header that it is encoded as EVT 2\.0/,
	);
	const array = (values: Float64Array): [string, NdArray] => ['t', { dtype: 'float64', shape: [values.length], data: values }];
	const x: [string, NdArray] = ['x', { dtype: 'int16', shape: [2], data: Int16Array.of(1, 2) }];
	expect(refused('seconds.npz', encodeNpz(new Map([array(Float64Array.of(0.5, 0.75)), x])))).toBe(
		'seconds.npz holds 0.5 as the time of event 1; whole microseconds are expected. Times in seconds are saved again as (1e6 * t).astype("int64").',
	);
	expect(refused('unequal.npz', encodeNpz(new Map([array(Float64Array.of(1)), x])))).toBe(
		'unequal.npz has arrays of unequal shape: "t" [1], "x" [2]. One number an event is expected in each.',
	);
	expect(refused('frames.npz', encodeNpz(new Map([['frames', x[1]]])))).toBe(
		'frames.npz holds no events: t and x (with y and p for a camera) are expected, and it has "frames". Frames are passed without "events:", as .npy.',
	);
	expect(refused('frames.npy', encodeNpy(x[1]))).toMatch(/^frames\.npy holds one plain array, no events/);
	const back = { t: 0, x: 1, y: 1, p: 0 } as const;
	expect(() =>
		extentOf(openEventFile(file('back.bin', nmnist.write([{ ...back, t: 50_000 }, back]))).recording(0), 'back.bin'),
	).toThrow('back.bin is damaged: event 2 is of 0 µs, and one before it of 50000 µs; events follow each other in time.');
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { UserError } from '../../../src/errors.ts';
import { extentOf, openEventFile } from '../../../src/formats/events/index.ts';
import { damagedVariants } from '../../support/damage.ts';
import { eventWriters, recordingOf, type TestEvent } from '../../support/event-files.ts';
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

test.each(eventWriters)('$title is read piece by piece, and only as far as the visitor wants', (writer) => {
	const many = Array.from({ length: 300_000 }, (_, at) => ({ t: 10 * at, x: at % 7, y: at % 5, p: (at % 2) as 0 | 1 }));
	const path = file(`long${writer.ending}`, writer.write(many));
	const opened = openEventFile(path);
	expect(extentOf(opened.recording(0), path)).toEqual({ events: 300_000, first: 0, last: 2_999_990, x: 6, y: 4, on: 150_000 });
	let seen = 0;
	opened.recording(0).visit(() => {
		seen += 1;
		return seen < 5;
	});
	expect(seen).toBe(5);
	opened.close();
});

test.each(eventWriters)('damaged files of $title end in a sentence, or in events that are possible', (writer) => {
	const [events = []] = fc.sample(recordingOf({ ...writer, latest: Math.min(writer.latest, 2 ** 31) }), { seed: 7, numRuns: 1 });
	const whole = writer.write([...events, { t: writer.latest - 1, x: 1, y: 2, p: 1 }]);
	let refused = 0;
	for (const [at, bytes] of damagedVariants(whole, 200, 11).entries()) {
		const path = file(`damaged-${at}${writer.ending}`, bytes);
		try {
			const opened = openEventFile(path);
			try {
				const extent = extentOf(opened.recording(0), path, { sensor: { width: 2000, height: 2000 } });
				for (const value of Object.values(extent)) expect(Number.isSafeInteger(value) && value >= 0).toBe(true);
				expect(extent.last).toBeGreaterThanOrEqual(extent.first);
			} finally {
				opened.close();
			}
		} catch (error) {
			if (!(error instanceof UserError)) throw error;
			refused += 1;
			expect(error.message).toContain(path);
			expect(error.message).toMatch(/^[^\n]+\.$/);
		}
	}
	expect(refused).toBeGreaterThan(20);
});

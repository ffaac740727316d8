// npm run bench:events: CPU time and memory of reading event recordings as frames, a file of 10 and of 100 MB in each of some formats.
// Each is read by a process of its own, after a start without a file that is taken off.
import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFrames } from '../dist/formats/events/read-frames.js';
import { peakMegabytes } from './peak-megabytes.js';

const [width, height] = [128, 128];
const microsecondsApart = 1;
const binning = {
	bins: 10,
	by: 'time',
	binMicroseconds: null,
	most: Number.POSITIVE_INFINITY,
	polarities: 2,
	cropMicroseconds: null,
	sensor: { width, height },
	frame: { width, height },
};

/** Pixels of a camera that sees noise, without the cost of random numbers. */
const column = (at) => (at * 7919) % width;
const row = (at) => (at * 104_729) % height;

const formats = {
	'.bin': {
		title: 'N-MNIST',
		bytes: 5,
		header: '',
		// Only the clock's 23 bits: a recording longer than 8 s is of another device.
		put: (view, place, at) => {
			const time = Math.floor(at / 4);
			view.setUint8(place, column(at));
			view.setUint8(place + 1, row(at));
			view.setUint8(place + 2, ((at & 1) << 7) | (time >> 16));
			view.setUint16(place + 3, time & 0xffff);
		},
	},
	'.dat': {
		title: 'Prophesee .dat',
		bytes: 8,
		header: '% Version 2\n% Width 128\n% Height 128\n\x0c\x08',
		put: (view, place, at) => {
			view.setUint32(place, at * microsecondsApart, true);
			view.setUint32(place + 4, (column(at) | (row(at) << 14) | ((at & 1) << 28)) >>> 0, true);
		},
	},
	'.raw': {
		title: 'EVT 2.0',
		bytes: 4,
		header: '% evt 2.0\n% geometry 128x128\n',
		// Every 64th word says the time.
		put: (view, place, at) =>
			view.setUint32(
				place,
				at % 64 === 0
					? (0x80000000 | (at / 64)) >>> 0
					: (((at & 1) << 28) | ((at & 63) << 22) | (column(at) << 11) | row(at)) >>> 0,
				true,
			),
	},
	'.npy': {
		title: 'structured .npy',
		bytes: 9,
		header: (count) => {
			const text = `{'descr': [('t', '<u4'), ('x', '<u2'), ('y', '<u2'), ('p', '|u1')], 'fortran_order': False, 'shape': (${count},), }`;
			return `\x93NUMPY\x01\x00\xf6\x00${text.padEnd(245)}\n`;
		},
		put: (view, place, at) => {
			view.setUint32(place, at * microsecondsApart, true);
			view.setUint16(place + 4, column(at), true);
			view.setUint16(place + 6, row(at), true);
			view.setUint8(place + 8, at & 1);
		},
	},
};

function write(path, { bytes, header, put }, count) {
	const file = openSync(path, 'w');
	writeSync(file, Buffer.from(typeof header === 'function' ? header(count) : header, 'latin1'));
	const most = 2 ** 16;
	const piece = Buffer.alloc(most * bytes);
	const view = new DataView(piece.buffer, piece.byteOffset, piece.length);
	for (let done = 0; done < count; done += most) {
		const here = Math.min(most, count - done);
		for (let at = 0; at < here; at++) put(view, at * bytes, done + at);
		writeSync(file, piece, 0, here * bytes);
	}
	closeSync(file);
}

const [path] = process.argv.slice(2);
if (path !== undefined) {
	const values = path === '-' ? [] : readFrames({ samples: [{ path, index: 0, span: null }], binning });
	const { user, system } = process.cpuUsage();
	console.log(
		JSON.stringify({
			seconds: (user + system) / 1e6,
			megabytes: peakMegabytes(),
			events: values.reduce((sum, one) => sum + one, 0),
		}),
	);
} else {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-events-'));
	process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
	const run = (file) => JSON.parse(execFileSync(process.execPath, [fileURLToPath(import.meta.url), file], { encoding: 'utf8' }));
	const empty = run('-');
	console.log('format            file     events     million events a CPU second   memory beyond an idle process');
	for (const [ending, format] of Object.entries(formats)) {
		for (const size of [10e6, 100e6]) {
			const file = join(folder, `recording${ending}`);
			write(file, format, Math.floor(size / format.bytes));
			const { seconds, megabytes, events } = run(file);
			const rate = (events / (seconds - empty.seconds) / 1e6).toFixed(1);
			const memory = (megabytes - empty.megabytes).toFixed(0);
			console.log(
				`${format.title.padEnd(16)} ${String(size / 1e6).padStart(4)} MB ${String(events).padStart(10)} ${rate.padStart(28)} ${`${memory} MiB`.padStart(30)}`,
			);
		}
	}
}

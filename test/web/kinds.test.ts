import { kindsOf } from '../../web/app/kinds.ts';
import { eventWriters } from '../support/event-files.ts';

/** What the files of a drop are for, by their paths; every file has `size` bytes. */
async function kinds(paths: readonly string[], size = 10): Promise<Record<string, string>> {
	const dropped = paths.map((path) => ({ path, file: new File([new Uint8Array(size)], path.split('/').at(-1) ?? '') }));
	return Object.fromEntries([...(await kindsOf(dropped))].map(([{ path }, kind]) => [path, kind]));
}

test('.bin files in folders are recordings, beside or below a model they are its weights', async () => {
	expect(await kinds(['step.onnx', 'test/0/1.bin', 'test/9/2.bin'])).toEqual({
		'step.onnx': 'model',
		'test/0/1.bin': 'events',
		'test/9/2.bin': 'events',
	});
	expect(await kinds(['net/model.json', 'net/shard.bin'])).toMatchObject({ 'net/shard.bin': 'other' });
	expect(await kinds(['net/a.onnx', 'net/weights/w.bin'])).toMatchObject({ 'net/weights/w.bin': 'other' });
	expect(await kinds(['a.onnx', 'w.bin'])).toMatchObject({ 'w.bin': 'other' });
	// An event has five bytes.
	expect(await kinds(['a.onnx', 'weights/w.bin'], 12)).toMatchObject({ 'weights/w.bin': 'other' });
});

test('loose .bin files are recordings where their bytes go on in time, and weights elsewhere', async () => {
	const kindOf = async (bytes: Uint8Array<ArrayBuffer>): Promise<string | undefined> => {
		const entry = { path: '00002.bin', file: new File([bytes], '00002.bin') };
		const model = { path: 'step.onnx', file: new File(['x'], 'step.onnx') };
		return (await kindsOf([model, entry])).get(entry);
	};
	const writer = eventWriters.find(({ ending }) => ending === '.bin');
	const events = Array.from({ length: 50 }, (_, at) => ({ t: 700 * at, x: at % 34, y: (at * 7) % 34, p: (at % 2) as 0 | 1 }));
	// Past 2^23 microseconds the clock is wound by events of row 240.
	const long = [...events, { t: 2 ** 23 + 20_000, x: 1, y: 2, p: 1 as const }];
	for (const recorded of [events, long]) expect(await kindOf(Uint8Array.from(writer?.write(recorded) ?? []))).toBe('events');
	const weights = Float32Array.from({ length: 50 }, (_, at) => Math.sin(at));
	expect(await kindOf(new Uint8Array(weights.buffer))).toBe('other');
	expect(await kindOf(new Uint8Array(100))).toBe('other');
});

import { kindsOf } from '../../web/app/kinds.ts';

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

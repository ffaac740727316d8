import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeNpy, encodeNpz, type NdArray } from '../src/formats/npy/index.ts';
import type { Dimension } from '../src/model/graph.ts';
import { openData } from '../src/open-data.ts';
import type { DataRequest } from '../src/simulation/fit-events.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const counting = (shape: readonly number[]): NdArray => ({
	dtype: 'float32',
	shape: [...shape],
	data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => at),
});
const labels = (values: readonly number[]): NdArray => ({
	dtype: 'int64',
	shape: [values.length],
	data: BigInt64Array.from(values, BigInt),
});
function file(name: string, content: Uint8Array): string {
	writeFileSync(join(folder, name), content);
	return join(folder, name);
}
const request = (dims: readonly Dimension[] | null, options: Partial<DataRequest> = {}): DataRequest => ({
	modelPath: join(folder, 'net.onnx'),
	input: { name: 'image', type: 'float32', dims },
	batchAxis: 0,
	step: false,
	timesteps: null,
	...options,
});
const numbers = (count: number, from = 0): number[] => Array.from({ length: count }, (_, at) => from + at);

test('without --data the samples shipped beside the model are taken, with their labels, and the report says so', async () => {
	await expect(openData(request(['batch', 2]))).rejects.toThrow(
		'net.onnx: no data to run on: there is no samples.npz beside the model.',
	);
	file(
		'samples.npz',
		encodeNpz(
			new Map([
				['images', counting([3, 2])],
				['labels', labels([2, 0, 1])],
			]),
		),
	);
	const { source, assumptions } = await openData(request(['batch', 2]));
	expect([source.name, source.count, [...(source.labels as Float64Array)]]).toEqual(['samples.npz', 3, [2, 0, 1]]);
	expect(assumptions).toEqual(['Samples are those shipped beside the model (samples.npz); --data changes this.']);
	expect([...(await source.read(1, 3))]).toEqual([2, 3, 4, 5]);
	source.close();
});

test.each([
	['a plain array', 'plain.npy', encodeNpy(counting([4, 3]))],
	['an archive with one array of any name', 'one.npz', encodeNpz(new Map([['whatever', counting([4, 3])]]))],
	[
		'an archive with "inputs" among others',
		'many.npz',
		encodeNpz(
			new Map([
				['other', counting([9])],
				['inputs', counting([4, 3])],
			]),
		),
	],
])('%s is read the same, in whole or in parts', async (_, name, bytes) => {
	const { source } = await openData(request(['batch', 3], { data: file(name, bytes) }));
	expect([source.count, source.sampleShape, source.timesteps]).toEqual([4, [3], null]);
	expect([...(await source.read(0, 4))]).toEqual(numbers(12));
	expect([...(await source.read(2, 3))]).toEqual([6, 7, 8]);
	source.close();
});

test('an archive whose arrays cannot be told apart is refused by their names', async () => {
	const data = file(
		'odd.npz',
		encodeNpz(
			new Map([
				['a', counting([4, 3])],
				['b', counting([4, 3])],
			]),
		),
	);
	await expect(openData(request(['batch', 3], { data }))).rejects.toThrow(
		/odd\.npz: expected one array or one named "images", "inputs", "spikes" or "x"; found "a", "b"\.$/,
	);
});

test.each([
	['.npy', 'spikes.npy', encodeNpy(counting([2, 3, 4]))],
	['.npz', 'spikes.npz', encodeNpz(new Map([['spikes', counting([2, 3, 4])]]))],
])('a step model takes data with a leading time axis (%s), and each part holds every timestep', async (_, name, bytes) => {
	const { source } = await openData(request(['batch', 4], { step: true, layout: 'tnc', data: file(name, bytes) }));
	expect([source.count, source.sampleShape, source.timesteps]).toEqual([3, [4], 2]);
	// Sample 1 of timestep 0, then of timestep 1.
	expect([...(await source.read(1, 2))]).toEqual([4, 5, 6, 7, 16, 17, 18, 19]);
	source.close();
});

test.each([
	['step model, samples first', { step: true, layout: 'ntc' as const }, ['batch', 4], [2, 3, 4], [2, 3]],
	['graph with time first', { batchAxis: 1, timesteps: 3 }, [3, 'batch', 4], [2, 3, 4], [2, 3]],
] as const)('%s: data are brought into the order the network takes', async (name, options, dims, shape, [count, timesteps]) => {
	const data = file(`${name}.npy`, encodeNpy(counting([...shape])));
	const { source, assumptions } = await openData(request(dims, { ...options, data }));
	expect([source.count, source.sampleShape, source.timesteps, source.layout]).toEqual([count, [4], timesteps, 'ntc']);
	// Timesteps 0, 1 and 2 of sample 1, and both samples timestep by timestep.
	expect([...(await source.read(1, 2))]).toEqual(numbers(12, 12));
	expect([...(await source.read(0, 2))]).toEqual([0, 12, 4, 16, 8, 20].flatMap((first) => numbers(4, first)));
	expect(assumptions.join()).toContain('is read as [samples, timesteps, …]');
	source.close();
});

test('a graph that takes samples first is given data with time first in its own order', async () => {
	const data = file('first.npy', encodeNpy(counting([3, 2, 4])));
	const { source } = await openData(request(['batch', 3, 4], { timesteps: 3, data }));
	expect([source.count, source.sampleShape, source.timesteps, source.layout]).toEqual([2, [3, 4], null, 'tnc']);
	expect([...(await source.read(1, 2))]).toEqual([4, 12, 20].flatMap((first) => numbers(4, first)));
	expect([...(await source.read(0, 2))]).toEqual([0, 8, 16, 4, 12, 20].flatMap((first) => numbers(4, first)));
	source.close();
});

test('labels, a single sample, the samples asked for and a fixed batch tell samples from timesteps; equal sizes do not', async () => {
	const data = file('open.npy', encodeNpy(counting([5, 3, 4])));
	const labelled = file('open-labels.npy', encodeNpy(labels([0, 1, 0])));
	const layoutOf = async (options: Partial<DataRequest>, dims: readonly Dimension[] = ['batch', 4]) => {
		const { source } = await openData(request(dims, { step: true, data, ...options }));
		source.close();
		return source.layout;
	};
	expect(await layoutOf({ labels: labelled })).toBe('tnc');
	expect(await layoutOf({ timesteps: 3 })).toBe('ntc');
	expect(await layoutOf({ samples: 4 })).toBe('ntc');
	expect(await layoutOf({}, [5, 4])).toBe('ntc');
	expect(await layoutOf({ data: file('one.npy', encodeNpy(counting([1, 9, 4]))) })).toBe('ntc');
	await expect(layoutOf({})).rejects.toThrow(/5 samples of 3 timesteps \(--layout ntc\) or 5 timesteps of 3 samples/);
	const square = file('square.npy', encodeNpy(counting([3, 3, 4])));
	await expect(layoutOf({ data: square, timesteps: 3 })).rejects.toThrow(/--layout ntc/);
});

test('a graph that leads with time takes [T, N, …] only when T is its own', async () => {
	const data = file('lead.npy', encodeNpy(counting([2, 3, 4])));
	const { source } = await openData(request([2, 'batch', 4], { batchAxis: 1, data }));
	expect([source.count, source.sampleShape, source.timesteps]).toEqual([3, [4], 2]);
	source.close();
	await expect(openData(request([5, 'batch', 4], { batchAxis: 1, data }))).rejects.toThrow(
		/holds arrays of shape \[2, 3, 4\]; the model's input "image" wants \[5, batch, 4\]/,
	);
});

test('--reshape gives flat samples their sizes, with and without a time axis', async () => {
	const flat = file('flat.npy', encodeNpy(counting([3, 12])));
	const { source } = await openData(request(['batch', 3, 2, 2], { data: flat, reshape: '3,2,2' }));
	expect(source.sampleShape).toEqual([3, 2, 2]);
	source.close();
	const trains = file('trains.npy', encodeNpy(counting([5, 3, 12])));
	const timed = await openData(request(['batch', 3, 2, 2], { step: true, layout: 'tnc', data: trains, reshape: '3,2,2' }));
	expect([timed.source.count, timed.source.timesteps, timed.source.sampleShape]).toEqual([3, 5, [3, 2, 2]]);
	timed.source.close();
	await expect(openData(request(['batch', 3, 2, 2], { data: flat, reshape: '3,2,3' }))).rejects.toThrow(
		'--reshape 3,2,3: that is 18 elements a sample, but a sample of the data has 12. Give sizes whose product is 12.',
	);
});

test('--samples takes the first, and labels may lie in a file of their own', async () => {
	const data = file('four.npy', encodeNpy(counting([4, 3])));
	const own = file('labels.npy', encodeNpy(labels([3, 1, 2, 0])));
	const { source } = await openData(request(['batch', 3], { data, labels: own, samples: 2 }));
	expect([source.count, [...(source.labels as Float64Array)]]).toEqual([2, [3, 1, 2, 0]]);
	source.close();
	const column = file('column.npy', encodeNpy({ ...labels([3, 1, 2, 0]), shape: [4, 1] }));
	expect((await openData(request(['batch', 3], { data, labels: column }))).source.labels).toHaveLength(4);
	const table = file('table.npy', encodeNpy(counting([4, 2])));
	await expect(openData(request(['batch', 3], { data, labels: table }))).rejects.toThrow(
		/has shape \[4, 2\]; expected one class number a sample, \[N\]\.$/,
	);
});

test('bytes and integers become the numbers they are', async () => {
	const bytes = file('bytes.npy', encodeNpy({ dtype: 'uint8', shape: [2, 3], data: Uint8Array.of(0, 1, 255, 7, 8, 9) }));
	const { source } = await openData(request(['batch', 3], { data: bytes }));
	expect([...(await source.read(0, 2))]).toEqual([0, 1, 255, 7, 8, 9]);
	source.close();
});

test('random input depends on the seed and the sample, not on how samples are batched', async () => {
	const { source, warnings } = await openData(request(['batch', 5], { data: 'random:3', samples: 6 }));
	const whole = await source.read(0, 6);
	const parts = [await source.read(0, 1), await source.read(1, 5), await source.read(5, 6)];
	expect(parts.flatMap((part) => [...part])).toEqual([...whole]);
	expect(whole.every((value) => value >= 0 && value < 1)).toBe(true);
	expect(new Set(whole).size).toBe(30);
	expect(warnings).toHaveLength(1);
	const mean = whole.reduce((sum, value) => sum + value, 0) / 30;
	expect(Math.abs(mean - 0.5)).toBeLessThan(0.2);
	await expect(openData(request(['batch', null], { data: 'random:3' }))).rejects.toThrow(
		/leaves the sample's size open. Pass --reshape/,
	);
});

test.each(['.npy', '.npz'])(
	'rows of timesteps and samples in one axis (%s) are taken apart in the order the network has them',
	async (ending) => {
		const rows = counting([6, 2]);
		const data = file(`rows${ending}`, ending === '.npy' ? encodeNpy(rows) : encodeNpz(new Map([['x', rows]])));
		const timeMajor = (await openData(request([3, 'samples', 2], { data, batchAxis: 1 }))).source;
		expect([timeMajor.count, timeMajor.timesteps, timeMajor.sampleShape]).toEqual([2, 3, [2]]);
		expect([...(await timeMajor.read(1, 2))]).toEqual([2, 3, 6, 7, 10, 11]);
		timeMajor.close();
		const sampleMajor = (await openData(request(['samples', 3, 2], { data }))).source;
		expect([sampleMajor.count, sampleMajor.timesteps, sampleMajor.sampleShape]).toEqual([2, null, [3, 2]]);
		expect([...(await sampleMajor.read(1, 2))]).toEqual(numbers(6, 6));
		sampleMajor.close();
	},
);

const pixels = (shape: readonly number[], at: (index: number) => number): NdArray => ({
	dtype: 'uint8',
	shape: [...shape],
	data: Uint8Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => at(index)),
});

test('bytes are scaled and normalised channel by channel, as torchvision does in float32', async () => {
	const images = pixels([2, 3, 2, 2], (at) => (at * 37) % 256);
	const data = file('pixels.npy', encodeNpy(images));
	const [means, deviations] = [
		[0.485, 0.456, 0.406],
		[0.229, 0.224, 0.225],
	] as const;
	const f = Math.fround;
	const expected = Array.from(images.data as Uint8Array, (value, at) => {
		const channel = Math.floor(at / 4) % 3;
		return f(f(f(value / 255) - f(means[channel] as number)) / f(deviations[channel] as number));
	});
	const asked = { data, scale: 255, normalize: [...means, ...deviations].join(',') };
	const { source, assumptions, findings } = await openData(request(['batch', 3, 2, 2], asked));
	expect([...(await source.read(0, 2))]).toEqual(expected);
	expect(source.preparation).toEqual({
		words: '÷ 255, minus mean 0.485, 0.456, 0.406, ÷ deviation 0.229, 0.224, 0.225',
		options: { scale: '255', normalize: '0.485,0.456,0.406,0.229,0.224,0.225' },
	});
	expect(assumptions.at(-1)).toMatch(/^Numbers of pixels\.npy are prepared as --scale and --normalize say: ÷ 255/);
	expect(findings).toEqual([]);
	// The same numbers with their channels last.
	const last = await openData(request(['batch', 2, 2, 3], asked));
	const values = await last.source.read(1, 2);
	expect(Array.from(values, (_, at) => values[(at % 4) * 3 + Math.floor(at / 4)])).toEqual(expected.slice(12));
	const scaled = await openData(request(['batch', 3, 2, 2], { data, scale: 2 }));
	expect([...(await scaled.source.read(0, 1))]).toEqual(Array.from(images.data.slice(0, 12) as Uint8Array, (value) => value / 2));
	const wrong = (normalize: string) => openData(request(['batch', 3, 2, 2], { data, normalize }));
	await expect(wrong('0.5')).rejects.toThrow('--normalize 0.5: expected the means of the channels');
	await expect(wrong('0.5,0')).rejects.toThrow('deviations above 0');
	await expect(wrong('0.5,0.5,0.5,0.5,1,1,1,1')).rejects.toThrow(
		'has 4 means, and a sample of shape [3, 2, 2] has no axis of 4 channels',
	);
	await expect(openData(request(['batch', 5], { data: 'random:3', scale: 255 }))).rejects.toThrow('is for arrays');
});

test('data on another scale than the samples beside the model, its metadata, or pictures as bytes are noticed', async () => {
	const small = file('unit.npz', encodeNpz(new Map([['images', counting([4, 4])]])));
	const place = join(folder, 'beside');
	mkdirSync(place, { recursive: true });
	const floats = Float32Array.from({ length: 16 }, (_, at) => at / 16);
	const bytes = file('bytes255.npy', encodeNpy(pixels([4, 4], (at) => 17 * at)));
	const alone = request(['batch', 4], { data: bytes, modelPath: join(place, 'net.onnx') });
	expect((await openData(alone)).findings).toEqual([
		{
			kind: 'doubtful',
			subject: 'bytes255.npy',
			sentence:
				'bytes255.npy holds whole numbers from 0 to 255, as bytes of pictures do; most networks are trained on 0 to 1. Pass --scale 255 (and --normalize), or --scale 1 if the network takes bytes.',
		},
	]);
	expect((await openData({ ...alone, scale: 1 })).findings).toEqual([]);
	expect((await openData({ ...alone, data: small })).findings).toEqual([]);
	const known = new Map([['snn.input_range', '0,1']]);
	expect((await openData({ ...alone, metadata: known })).findings?.[0]?.sentence).toMatch(
		/holds numbers from 0 to 255, and the model's metadata says 0 to 1: the network was trained on another scale/,
	);
	expect((await openData({ ...alone, metadata: new Map([['snn.input_range', '0,255']]) })).findings).toEqual([]);
	writeFileSync(join(place, 'samples.npz'), encodeNpz(new Map([['images', { dtype: 'float32', shape: [4, 4], data: floats }]])));
	expect((await openData(alone)).findings?.[0]?.sentence).toMatch(
		/holds numbers from 0 to 255, and the samples beside the model \(samples\.npz\) hold 0 to 0\.\d+: the network was trained/,
	);
	expect((await openData({ ...alone, scale: 255 })).findings).toEqual([]);
	expect((await openData({ ...alone, data: undefined })).findings).toEqual([]);
});

test('float64 becomes float32, and what does not fit into it is refused', async () => {
	const doubles = (values: readonly number[]): NdArray => ({
		dtype: 'float64',
		shape: [1, values.length],
		data: Float64Array.from(values),
	});
	const { source } = await openData(request(['batch', 2], { data: file('doubles.npy', encodeNpy(doubles([0.1, 2]))) }));
	expect([...(await source.read(0, 1))]).toEqual([Math.fround(0.1), 2]);
	await expect(openData(request(['batch', 1], { data: file('huge.npy', encodeNpy(doubles([1e300]))) }))).rejects.toThrow(
		/sample 0 holds Infinity/,
	);
});

test('the order of channels is told by sizes, also by open ones and within timesteps, and asked for where nothing tells', async () => {
	const image = file('nhwc.npy', encodeNpy(counting([2, 5, 4, 3])));
	const shapeOf = async (dims: readonly Dimension[], options: Partial<DataRequest> = {}): Promise<readonly number[]> =>
		(await openData(request(dims, { data: image, ...options }))).source.sampleShape;
	expect(await shapeOf(['batch', 3, 'h', 'w'])).toEqual([3, 5, 4]);
	expect(await shapeOf(['batch', 3, 5, 4])).toEqual([3, 5, 4]);
	await expect(shapeOf(['batch', 'c', 'h', 'w'])).rejects.toThrow(
		'a sample has shape [5, 4, 3]: it could be [channels, height, width] (--channels first) or [height, width, channels] (--channels last)',
	);
	expect(await shapeOf(['batch', 'c', 'h', 'w'], { channels: 'last' })).toEqual([3, 5, 4]);
	expect(await shapeOf(['batch', 'c', 'h', 'w'], { channels: 'first' })).toEqual([5, 4, 3]);
	const frames = file('frames-last.npy', encodeNpy(counting([2, 6, 5, 4, 2])));
	const { source } = await openData(request(['batch', 6, 2, 5, 4], { data: frames, timesteps: 6 }));
	expect(source.sampleShape).toEqual([6, 2, 5, 4]);
	const values = await source.read(0, 1);
	// Channel 1 of the first pixel lies behind the 20 pixels of channel 0, and the next timestep behind both.
	expect([values[0], values[20], values[1], values[40]]).toEqual([0, 1, 2, 40]);
});

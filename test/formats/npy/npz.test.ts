import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { zipSync } from 'fflate';
import { encodeNpy, encodeNpz, type NdArray, readArrays, readNpz } from '../../../src/formats/npy/index.ts';

const folder = new URL('../../fixtures/npy/', import.meta.url);
const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(name, folder)));
const zeros = (size: number): NdArray => ({ dtype: 'uint8', shape: [size], data: new Uint8Array(size) });

test.each(['stored.npz', 'deflated.npz'])('%s, written by numpy, gives both arrays', (name) => {
	const arrays = readNpz(bytesOf(name), name);
	expect([...arrays.keys()]).toEqual(['images', 'labels']);
	expect(arrays.get('images')?.shape).toEqual([2, 3, 4]);
	expect(arrays.get('labels')).toEqual({ dtype: 'int64', shape: [2], data: BigInt64Array.of(3n, 1n) });
});

test('a million zeros that compress a thousandfold are data, not a bomb', () => {
	expect(readNpz(bytesOf('zeros.npz'), 'zeros.npz').get('spikes')?.data.length).toBe(1_000_000);
});

test('an archive that would decompress beyond the limit is refused before it does', () => {
	const bytes = encodeNpz(new Map([['a', zeros(5_000_000)]]));
	expect(() => readNpz(bytes, 'bomb.npz', 4_000_000)).toThrow('more than the 4000000 that are loaded at once');
});

test('an entry that hides more bytes than it claims is cut off', () => {
	const bytes = encodeNpz(new Map([['a', zeros(5_000_000)]]));
	const small = encodeNpy(zeros(64)).length;
	const view = new DataView(bytes.buffer, bytes.byteOffset);
	const directory = new DataView(bytes.buffer).getUint32(bytes.length - 6, true);
	view.setUint32(directory + 24, small, true);
	expect(() => readNpz(bytes, 'bomb.npz')).toThrow(/bomb\.npz.*(claims|which takes)/);
});

test('an entry that is no array is refused before it is decompressed', () => {
	const text = zipSync({ 'readme.txt': new Uint8Array(10) });
	expect(() => readNpz(text, 'a.npz')).toThrow('entry "readme.txt" is not an array');
	const bomb = zipSync({ 'a.npy': new Uint8Array(50_000_000) });
	const before = process.memoryUsage().arrayBuffers;
	expect(() => readNpz(bomb, 'a.npz')).toThrow("does not start with numpy's signature");
	expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20_000_000);
});

test('an empty archive says so', () => {
	expect(() => readNpz(zipSync({}), 'a.npz')).toThrow('a.npz is a .npz archive without any array in it.');
});

test('the same arrays always give the same bytes, which read back equal', () => {
	const arrays = new Map<string, NdArray>([
		['images', { dtype: 'float32', shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) }],
		['labels', { dtype: 'int32', shape: [2], data: Int32Array.of(7, 8) }],
	]);
	expect(encodeNpz(arrays)).toEqual(encodeNpz(arrays));
	expect(readNpz(encodeNpz(arrays), 'a.npz')).toEqual(arrays);
});

test.each(['stored.npz', 'deflated.npz'])('%s cut at any length is refused with a sentence', (name) => {
	const bytes = bytesOf(name);
	for (let length = 0; length < bytes.length; length++) {
		expect(() => readNpz(bytes.subarray(0, length), 'cut.npz')).toThrow(/^cut\.npz.*\.$/s);
	}
});

test.each(['stored.npz', 'deflated.npz'])('damage to %s gives the true arrays or a sentence, never other numbers', (name) => {
	const bytes = bytesOf(name);
	const whole = readNpz(bytes, name);
	const damage = fc.array(fc.tuple(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 3 });
	fc.assert(
		fc.property(damage, (flips) => {
			const copy = Uint8Array.from(bytes);
			for (const [position, value] of flips) {
				copy[position] = (copy[position] ?? 0) ^ value;
			}
			try {
				const arrays = [...readNpz(copy, 'x.npz').values()];
				expect(arrays.every((array) => [...whole.values()].some((one) => one.data.length === array.data.length))).toBe(true);
				expect(arrays).toEqual([...whole.values()].slice(0, arrays.length));
			} catch (error) {
				expect((error as Error).name).toBe('UserError');
			}
		}),
		{ seed: 3, numRuns: 2000 },
	);
});

test('readArrays tells .npy from .npz by content, and names what is neither', async () => {
	const temporary = mkdtempSync(join(tmpdir(), 'npz-'));
	try {
		const misnamed = join(temporary, 'archive.npy');
		writeFileSync(misnamed, bytesOf('stored.npz'));
		expect([...(await readArrays(misnamed)).keys()]).toEqual(['images', 'labels']);
		expect([...(await readArrays(fileURLToPath(new URL('vector.npy', folder)))).keys()]).toEqual(['vector']);
		const text = join(temporary, 'text.npy');
		writeFileSync(text, '1,2,3');
		await expect(readArrays(text)).rejects.toThrow('is neither a .npy nor a .npz file');
		await expect(readArrays(join(temporary, 'none.npy'))).rejects.toThrow('none.npy does not exist; check the path.');
		await expect(readArrays(temporary)).rejects.toThrow('cannot be read: it is a folder.');
	} finally {
		rmSync(temporary, { recursive: true });
	}
});

import { mkdtempSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { encodeNpy, openRows, readNpy } from '../../../src/formats/npy/index.ts';

const path = (name: string) => fileURLToPath(new URL(`../../fixtures/npy/${name}`, import.meta.url));
const temporary = mkdtempSync(join(tmpdir(), 'rows-'));
afterAll(() => rmSync(temporary, { recursive: true }));

test.each(['version1.npy', 'version3.npy', 'fortran.npy', 'big-f4.npy', 'little-i8.npy', 'bool.npy'])(
	'any slab of %s along any axis equals the same slab of the whole array',
	async (name) => {
		const whole = readNpy(readFileSync(path(name)), name);
		const reader = await openRows(path(name));
		expect(reader.shape).toEqual([2, 3, 4]);
		for (const [axis, size] of [2, 3, 4].entries()) {
			for (let start = 0; start <= size; start++) {
				for (let end = start; end <= size; end++) {
					const slab = await reader.readRows(start, end, axis);
					const expected = [...whole.data].filter((_, position) => {
						const index = [Math.floor(position / 12), Math.floor(position / 4) % 3, position % 4][axis] ?? 0;
						return index >= start && index < end;
					});
					expect([...slab.data]).toEqual(expected);
					expect(slab.shape[axis]).toBe(end - start);
				}
			}
		}
		reader.close();
	},
);

test('rows outside the array are refused', async () => {
	const reader = await openRows(path('vector.npy'));
	await expect(reader.readRows(3, 6)).rejects.toThrow('rows 3 to 6 were asked for, but there are 5');
	await expect(reader.readRows(2, 1)).rejects.toThrow('rows 2 to 1');
	await expect(reader.readRows(0, 1, 1)).rejects.toThrow('there are 0');
	reader.close();
});

test('a single number has no rows to stream', async () => {
	await expect(openRows(path('scalar.npy'))).rejects.toThrow('holds a single number');
});

test('a truncated, missing or absurd file is refused when opened', async () => {
	const cut = join(temporary, 'cut.npy');
	const bytes = readFileSync(path('version1.npy'));
	for (const length of [0, 5, 9, 11, 60, 150, bytes.length - 1]) {
		writeFileSync(cut, bytes.subarray(0, length));
		await expect(openRows(cut)).rejects.toThrow(/cut\.npy .*\.$/);
	}
	await expect(openRows(join(temporary, 'none.npy'))).rejects.toThrow('does not exist');
	await expect(openRows(temporary)).rejects.toThrow('it is a folder');
});

test('a file of the same length that is written again between two pieces is reported', async () => {
	const file = join(temporary, 'rewritten.npy');
	const bytes = encodeNpy({ dtype: 'uint8', shape: [1000], data: new Uint8Array(1000) });
	writeFileSync(file, bytes);
	utimesSync(file, 1_000_000, 1_000_000);
	const reader = await openRows(file);
	await reader.readRows(0, 500);
	writeFileSync(file, bytes.fill(1, 500));
	await expect(reader.readRows(500, 1000)).rejects.toThrow(`${file}: changed while it was read. Run the command again`);
	reader.close();
});

test('a file that shrinks while it is read is reported', async () => {
	const file = join(temporary, 'shrinks.npy');
	writeFileSync(file, encodeNpy({ dtype: 'uint8', shape: [1000], data: new Uint8Array(1000) }));
	const reader = await openRows(file);
	truncateSync(file, 500);
	await expect(reader.readRows(0, 1000)).rejects.toThrow('it became shorter while it was read');
	reader.close();
});

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { type ArrayType, encodeNpy, type NdArray, readNpy, requireFinite, toFloat32 } from '../../../src/formats/npy/index.ts';

const folder = new URL('../../fixtures/npy/', import.meta.url);
const fixture = (name: string) => readNpy(readFileSync(new URL(name, folder)), name);
const numbers = (array: NdArray) => Array.from(array.data as ArrayLike<number | bigint>, Number);
const upTo24 = Array.from({ length: 24 }, (_, index) => index);

for (const code of ['f2', 'f4', 'f8', 'i1', 'i2', 'i4', 'i8', 'u1', 'u2', 'u4', 'u8']) {
	for (const order of code.endsWith('1') ? ['little'] : ['little', 'big']) {
		test(`numpy's ${order}-endian ${code} is read to the value`, () => {
			const array = fixture(`${order}-${code}.npy`);
			expect(array.shape).toEqual([2, 3, 4]);
			expect(numbers(array)).toEqual(upTo24.map((value) => (code.startsWith('u') ? value : value - 12)));
			expect([...toFloat32(array)]).toEqual(numbers(array));
		});
	}
}

test('a bool array holds 0 and 1', () => {
	const array = fixture('bool.npy');
	expect(array.dtype).toBe('bool');
	expect(numbers(array)).toEqual(upTo24.map((value) => (value % 3 === 0 ? 1 : 0)));
});

test('a column-major file gives the same array as a row-major one', () => {
	expect(fixture('fortran.npy')).toEqual(fixture('version1.npy'));
});

test.each([1, 2, 3])('version %i of the format is read', (version) => {
	expect(numbers(fixture(`version${version}.npy`))).toEqual(upTo24);
});

test('a single number, a vector and an empty array keep their shapes', () => {
	expect(fixture('scalar.npy')).toEqual({ dtype: 'float32', shape: [], data: Float32Array.of(2.5) });
	expect(fixture('vector.npy')).toEqual({ dtype: 'int32', shape: [5], data: Int32Array.of(0, 1, 2, 3, 4) });
	expect(fixture('empty.npy')).toEqual({ dtype: 'float32', shape: [0, 7], data: new Float32Array() });
});

test('half precision keeps subnormals, signed zero, infinities and NaN', () => {
	const values = numbers(fixture('halves.npy'));
	const expected = [0, -0, 1, -2.5, 65504, 2 ** -24, 1023 * 2 ** -24, Infinity, -Infinity, NaN];
	expect(values.map((value, index) => Object.is(value, expected[index]))).toEqual(expected.map(() => true));
});

test('writing what was read gives an array that reads back equal, for every type and shape', () => {
	const types: ArrayType[] = ['float16', 'float32', 'float64', 'int8', 'int16', 'int32', 'uint8', 'uint16', 'uint32', 'bool'];
	const shapes = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 });
	fc.assert(
		fc.property(fc.constantFrom(...types), shapes, fc.integer({ min: 0, max: 1 }), (dtype, shape, value) => {
			const empty = readNpy(encodeNpy(filled(dtype, shape, value)), 'a.npy');
			expect(empty).toEqual(filled(dtype, shape, value));
		}),
		{ seed: 1, numRuns: 200 },
	);
});

function filled(dtype: ArrayType, shape: number[], value: number): NdArray {
	const count = shape.reduce((product, size) => product * size, 1);
	const makers: Record<string, new (count: number) => Float32Array> = {
		float16: Float32Array,
		float32: Float32Array,
		float64: Float64Array as never,
		int8: Int8Array as never,
		int16: Int16Array as never,
		int32: Int32Array as never,
		uint8: Uint8Array as never,
		uint16: Uint16Array as never,
		uint32: Uint32Array as never,
		bool: Uint8Array as never,
	};
	const Maker = makers[dtype] ?? Float32Array;
	return { dtype, shape, data: new Maker(count).fill(value) };
}

test('every half-precision number survives writing and reading', () => {
	const halves = Uint16Array.from({ length: 65536 }, (_, index) => index).filter((half) => (half & 0x7fff) <= 0x7c00);
	const header = encodeNpy({ dtype: 'uint16', shape: [halves.length], data: halves });
	const asText = Buffer.from(header.subarray(0, 128)).toString('latin1').replace('<u2', '<f2');
	const file = Uint8Array.from([...asText].map((character) => character.charCodeAt(0)));
	header.set(file, 0);
	const wide = readNpy(header, 'a.npy');
	expect(encodeNpy(wide)).toEqual(header);
});

test.each([
	['pickle.npy', 'pickle.npy holds Python objects (a pickle), which are never loaded because that would run code.'],
	['complex.npy', 'complex.npy holds elements of type "<c8"'],
	['text.npy', 'text.npy holds elements of type "<U1"'],
	['structured.npy', 'structured.npy holds a structured array (several fields an element)'],
])('%s is refused by name of what it holds', (name, message) => {
	expect(() => fixture(name)).toThrow(message);
});

test.each([
	["{'descr': '<f4', 'fortran_order': False, 'shape': (2, 99999999999999999), }", 'impossible shape'],
	["{'descr': '<f4', 'fortran_order': False, 'shape': (3000000000, 3000000000), }", 'impossible shape'],
	["{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", 'not a description of an array'],
	["{'descr': '<f4', 'fortran_order': Maybe, 'shape': (1,), }", 'not a description of an array'],
	["{'descr': '<f4', 'shape': (1,), }", 'not a description of an array'],
	["{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", 'not a description of an array'],
	["__import__('os').system('true')", 'not a description of an array'],
])('the header %s is refused', (description, message) => {
	const bytes = new Uint8Array(128).fill(0x20);
	bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
	bytes.set(new TextEncoder().encode(description), 10);
	expect(() => readNpy(bytes, 'bad.npy')).toThrow(message);
});

test('a 4 GB header claim is refused without allocating it', () => {
	const bytes = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 2, 0, 0xff, 0xff, 0xff, 0xff);
	expect(() => readNpy(bytes, 'bad.npy')).toThrow('claims a .npy header of 4294967295 bytes');
});

test('a number that is not finite is reported at its index', () => {
	const array: NdArray = { dtype: 'float32', shape: [2, 2], data: Float32Array.of(0, 1, NaN, 3) };
	expect(() => requireFinite(array, 'digits.npy')).toThrow('digits.npy holds NaN at [1, 0]; every value must be finite.');
	expect(() => requireFinite({ ...array, data: Float32Array.of(0, 1, 2, 3) }, 'digits.npy')).not.toThrow();
});

test('a float64 beyond float32 counts as not finite, and integers never do', () => {
	expect(() => requireFinite({ dtype: 'float64', shape: [1], data: Float64Array.of(1e300) }, 'a.npy')).toThrow(
		'too large for float32',
	);
	expect(() => requireFinite({ dtype: 'int64', shape: [1], data: BigInt64Array.of(2n ** 62n) }, 'a.npy')).not.toThrow();
});

test('a file cut at any length is refused with a sentence', () => {
	const bytes = readFileSync(new URL('version2.npy', folder));
	for (let length = 0; length < bytes.length; length++) {
		expect(() => readNpy(bytes.subarray(0, length), 'cut.npy')).toThrow(/^cut\.npy .*\.$/s);
	}
});

test('bytes after the array are refused, because they would be lost', () => {
	const bytes = Buffer.concat([readFileSync(new URL('vector.npy', folder)), Buffer.from([0])]);
	expect(() => readNpy(bytes, 'two.npy')).toThrow('which takes 20 bytes, but 21 follow the header');
});

test('random damage gives an array or a sentence, nothing else', () => {
	const bytes = readFileSync(new URL('version1.npy', folder));
	const damage = fc.array(fc.tuple(fc.integer({ min: 0, max: 127 }), fc.integer({ min: 0, max: 255 })), {
		minLength: 1,
		maxLength: 4,
	});
	fc.assert(
		fc.property(damage, (flips) => {
			const copy = Uint8Array.from(bytes);
			for (const [position, value] of flips) {
				copy[position] = value;
			}
			try {
				expect(readNpy(copy, 'x.npy').data.length).toBeLessThanOrEqual(96);
			} catch (error) {
				expect((error as Error).name).toBe('UserError');
			}
		}),
		{ seed: 2, numRuns: 2000 },
	);
});

/** HDF5 as SHD has it: spikes/times and spikes/units as rows of unequal length in global heaps, and labels. */

export interface TestSpikes {
	/** Seconds; exact as float32. */
	readonly times: readonly number[];
	readonly units: readonly number[];
	readonly label: number;
}

const undefinedAddress = 0xffffffffffffffffn;

interface Writer {
	bytes: number[];
}
const put = (writer: Writer, value: number | bigint, size: number): void => {
	let rest = BigInt(value);
	for (let byte = 0; byte < size; byte += 1, rest >>= 8n) writer.bytes.push(Number(rest & 255n));
};
const fields = (...pairs: readonly (readonly [value: number | bigint, size: number])[]): number[] => {
	const writer: Writer = { bytes: [] };
	for (const [value, size] of pairs) put(writer, value, size);
	return writer.bytes;
};
const padded = (bytes: readonly number[]): number[] => [...bytes, ...new Array<number>((8 - (bytes.length % 8)) % 8).fill(0)];

/** Class and bits of a datatype, then its properties. */
const float32 = [
	...fields([0x11, 1], [0x001f20, 3], [4, 4]),
	...fields([0, 2], [32, 2], [23, 1], [8, 1], [0, 1], [23, 1], [127, 4]),
];
const uint16 = fields([0x10, 1], [0, 3], [2, 4], [0, 2], [16, 2]);
const rowsOf = (base: readonly number[]): number[] => [...fields([0x19, 1], [0, 3], [16, 4]), ...base];

export function writeSpikes(recordings: readonly TestSpikes[]): Uint8Array {
	const file: Writer = { bytes: new Array<number>(96).fill(0) };
	const place = (bytes: readonly number[]): number => {
		const at = file.bytes.length;
		file.bytes.push(...padded(bytes));
		return at;
	};
	/** An object header of version 1. */
	const header = (messages: readonly (readonly [type: number, body: readonly number[]])[]): number => {
		const body = messages.flatMap(([type, content]) => [
			...fields([type, 2], [padded(content).length, 2], [0, 4]),
			...padded(content),
		]);
		return place([...fields([1, 1], [0, 1], [messages.length, 2], [1, 4], [body.length, 4], [0, 4]), ...body]);
	};
	const dataset = (type: readonly number[], content: readonly number[]): number => {
		const data = place(content);
		return header([
			[0x0001, fields([1, 1], [1, 1], [0, 1], [0, 5], [recordings.length, 8])],
			[0x0003, type],
			[0x0008, fields([3, 1], [1, 1], [content.length === 0 ? undefinedAddress : data, 8], [content.length, 8])],
		]);
	};
	const group = (children: Readonly<Record<string, number>>): number =>
		header([
			[0x0002, fields([0, 2], [undefinedAddress, 8], [undefinedAddress, 8])],
			...Object.entries(children).map(
				([name, address]) =>
					[0x0006, [...fields([1, 1], [0, 1], [name.length, 1]), ...Buffer.from(name), ...fields([address, 8])]] as const,
			),
		]);
	/** A heap that holds every row, and the references to them. */
	const rows = (type: readonly number[], contents: readonly (readonly number[])[], size: number): number => {
		const objects = contents.flatMap((content, at) => [
			...fields([at + 1, 2], [1, 2], [0, 4], [content.length, 8]),
			...padded(content),
		]);
		// HDF5 reads no heaps of less than 4096 bytes; what is free is an object of number 0.
		const free = Math.max(16, 4096 - 16 - objects.length);
		const rest = [...fields([0, 8], [free, 8]), ...new Array<number>(free - 16).fill(0)];
		const heap = place([...Buffer.from('GCOL'), ...fields([1, 4], [16 + objects.length + free, 8]), ...objects, ...rest]);
		return dataset(
			rowsOf(type),
			contents.flatMap((content, at) => fields([content.length / size, 4], [heap, 8], [at + 1, 4])),
		);
	};
	const floats = (values: readonly number[]): number[] => [...new Uint8Array(Float32Array.from(values).buffer)];
	const times = rows(
		float32,
		recordings.map((one) => floats(one.times)),
		4,
	);
	const units = rows(
		uint16,
		recordings.map((one) => one.units.flatMap((unit) => fields([unit, 2]))),
		2,
	);
	const labels = dataset(
		uint16,
		recordings.flatMap(({ label }) => fields([label, 2])),
	);
	const root = group({ spikes: group({ times, units }), labels });
	const superblock = [
		...[0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a],
		...fields([0, 5], [8, 1], [8, 1], [0, 1], [4, 2], [16, 2], [0, 4]),
		...fields([0, 8], [undefinedAddress, 8], [file.bytes.length, 8], [undefinedAddress, 8], [0, 8], [root, 8], [0, 8], [0, 16]),
	];
	file.bytes.splice(0, superblock.length, ...superblock);
	return Uint8Array.from(file.bytes);
}

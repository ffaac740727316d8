/** Events as numpy saves them: one structured array (.npy, or .npz as tonic's), or an array for each of t, x, y and p (.npz, as SpikingJelly's). */
import {
	extractEntry,
	hasNpySignature,
	listZip,
	type NdArray,
	parseStructured,
	readNpz,
	type StructuredField,
	type StructuredHeader,
} from '../npy/index.ts';
import { recordPieces } from './byte-file.ts';
import * as messages from './messages.ts';
import type { ByteFile, EventFile, EventFormat, EventVisitor } from './types.ts';

/** Names of what an event is made of, in the order they are looked for. */
const names = {
	t: ['t', 'ts', 'time', 'times', 'timestamp', 'timestamps'],
	x: ['x', 'unit', 'units', 'addr'],
	y: ['y'],
	p: ['p', 'pol', 'polarity', 'on'],
} as const;

type Part = keyof typeof names;

/** Reads one part of event number `at`. */
type Columns = Readonly<Record<'t' | 'x', (at: number) => number>> & Readonly<Record<'y' | 'p', ((at: number) => number) | null>>;

const isZip = (start: Uint8Array): boolean => start[0] === 0x50 && start[1] === 0x4b;
const headerBytes = 2 ** 16 + 16;
const wholeFileBytes = 2 ** 31 - 1;

export const numpyEvents: EventFormat = {
	title: 'numpy: t, x, y and p as .npz or a structured .npy',
	endings: ['.npz', '.npy'],
	matches: (start) => hasNpySignature(start) || isZip(start),
	open(file) {
		if (isZip(file.read(0, Math.min(2, file.size)))) return openArchive(file);
		const header = parseStructured(file.read(0, Math.min(headerBytes, file.size)), file.path);
		if (header === null) throw messages.plainArray(file.path);
		checkLength(file.path, header, file.size - header.dataOffset);
		return eventFile(file.path, header.fields, (visit) => {
			let done = 0;
			for (const { view, records } of recordPieces(file, header.dataOffset, header.elementBytes)) {
				const columns = columnsOf(file.path, fieldNames(header.fields), (name) => {
					const field = header.fields.find((one) => one.name === name) as StructuredField;
					const read = readerOf(view, field);
					return (at) => read(at * header.elementBytes + field.offset);
				});
				if (!visitColumns(file.path, columns, records, done, visit)) return;
				done += records;
			}
		});
	},
};

const fieldNames = (fields: readonly { readonly name: string }[]): readonly string[] => fields.map(({ name }) => name);

function checkLength(path: string, { count, elementBytes }: StructuredHeader, found: number): void {
	if (found !== count * elementBytes)
		throw messages.damaged(path, `its ${count} events take ${count * elementBytes} bytes, and ${found} follow the header`);
}

function openArchive(file: ByteFile): EventFile {
	if (file.size > wholeFileBytes)
		throw messages.unsupported(
			file.path,
			'is larger than 2 GiB. Save its events as a structured .npy, which is read piece by piece.',
		);
	const bytes = file.read(0, file.size);
	const entries = listZip(bytes, file.path);
	const [only] = entries;
	// One structured array under any name.
	if (only && entries.length === 1) {
		let header: StructuredHeader | null = null;
		const content = extractEntry(only, file.path, (start) => {
			header = parseStructured(start, file.path);
			if (header) checkLength(file.path, header, only.size - header.dataOffset);
		});
		const structured = header as StructuredHeader | null;
		if (structured) {
			const view = new DataView(
				content.buffer,
				content.byteOffset + structured.dataOffset,
				content.length - structured.dataOffset,
			);
			return eventFile(file.path, structured.fields, (visit) => {
				const columns = columnsOf(file.path, fieldNames(structured.fields), (name) => {
					const field = structured.fields.find((one) => one.name === name) as StructuredField;
					const read = readerOf(view, field);
					return (at) => read(at * structured.elementBytes + field.offset);
				});
				visitColumns(file.path, columns, structured.count, 0, visit);
			});
		}
	}
	const arrays = readNpz(bytes, file.path);
	const found = [...arrays.keys()].map((name) => ({ name }));
	return eventFile(file.path, found, (visit) => {
		const columns = columnsOf(file.path, [...arrays.keys()], (name) => {
			const { data } = arrays.get(name) as NdArray;
			return (at) => Number(data[at]);
		});
		visitColumns(file.path, columns, eventsIn(file.path, arrays), 0, visit);
	});
}

/** Number of events of parts that are arrays each. @throws UserError where they differ */
function eventsIn(path: string, arrays: ReadonlyMap<string, NdArray>): number {
	const parts = (Object.keys(names) as Part[]).flatMap((part) => {
		const name = nameOf(part, [...arrays.keys()]);
		return name === undefined ? [] : [{ name, shape: (arrays.get(name) as NdArray).shape }];
	});
	const [first] = parts;
	const other = parts.find(({ shape }) => shape.length !== 1 || shape[0] !== first?.shape[0]);
	if (other) throw messages.unequalArrays(path, parts);
	return first?.shape[0] ?? 0;
}

const nameOf = (part: Part, found: readonly string[]): string | undefined =>
	names[part].flatMap((name) => found.filter((one) => one.toLowerCase() === name))[0];

function eventFile(
	path: string,
	fields: readonly { readonly name: string }[],
	visit: (visitor: EventVisitor) => void,
): EventFile {
	const found = fieldNames(fields);
	if (nameOf('t', found) === undefined || nameOf('x', found) === undefined) throw messages.noEventArrays(path, found);
	const camera = nameOf('y', found) !== undefined;
	const notes = ['times are read as microseconds.'];
	if (camera && nameOf('p', found) === undefined) notes.push('there are no polarities: every event is taken as on.');
	return {
		count: 1,
		labels: null,
		recording: () => ({ kind: camera ? 'camera' : 'units', sensor: null, notes, visit }),
	};
}

function columnsOf(path: string, found: readonly string[], column: (name: string) => (at: number) => number): Columns {
	const of = (part: Part): ((at: number) => number) | null => {
		const name = nameOf(part, found);
		return name === undefined ? null : column(name);
	};
	const [t, x] = [of('t'), of('x')];
	if (!t || !x) throw messages.noEventArrays(path, found);
	return { t, x, y: of('y'), p: of('p') };
}

const largestCoordinate = 65535;

/** @returns false when the visitor has ended the reading */
function visitColumns(path: string, { t, x, y, p }: Columns, count: number, before: number, visitor: EventVisitor): boolean {
	const coordinate = (value: number, name: string, at: number): number => {
		if (Number.isInteger(value) && value >= 0 && value <= largestCoordinate) return value;
		throw messages.impossibleValue(path, before + at + 1, name, value);
	};
	for (let at = 0; at < count; at += 1) {
		const time = t(at);
		if (!Number.isSafeInteger(time)) throw messages.timeNotWhole(path, before + at + 1, time);
		const polarity = p ? p(at) : 1;
		if (polarity !== 0 && polarity !== 1 && polarity !== -1)
			throw messages.impossibleValue(path, before + at + 1, 'polarity', polarity);
		// Spike recordings as tonic saves them have a polarity that says nothing.
		const on = y !== null && polarity === 1 ? 1 : 0;
		if (!visitor(time, coordinate(x(at), 'x', at), y ? coordinate(y(at), 'y', at) : 0, on)) return false;
	}
	return true;
}

function readerOf(view: DataView, { dtype, bigEndian }: StructuredField): (place: number) => number {
	const little = !bigEndian;
	switch (dtype) {
		case 'float32':
			return (place) => view.getFloat32(place, little);
		case 'float64':
			return (place) => view.getFloat64(place, little);
		case 'int8':
			return (place) => view.getInt8(place);
		case 'int16':
			return (place) => view.getInt16(place, little);
		case 'int32':
			return (place) => view.getInt32(place, little);
		case 'int64':
			return (place) => Number(view.getBigInt64(place, little));
		case 'uint8':
			return (place) => view.getUint8(place);
		case 'bool':
			return (place) => (view.getUint8(place) === 0 ? 0 : 1);
		case 'uint16':
			return (place) => view.getUint16(place, little);
		case 'uint32':
			return (place) => view.getUint32(place, little);
		case 'uint64':
			return (place) => Number(view.getBigUint64(place, little));
		case 'float16':
			// No event has parts of 11 bits: a field of another meaning.
			return () => Number.NaN;
	}
}

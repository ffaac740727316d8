import * as messages from './messages.ts';
import type { ByteFile, Sensor } from './types.ts';

/** Checks that a piece lies in the file. @throws UserError */
export function checkInside(path: string, size: number, position: number, length: number): void {
	if (!(position >= 0 && length >= 0 && position + length <= size))
		throw messages.damaged(path, `it ends at byte ${size}, and ${length} bytes are needed from byte ${position} on`);
}

export const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

const pieceBytes = 2 ** 20;

/**
 * Records of equal length from a place to the end of the file, a piece of about a mebibyte at a time.
 *
 * @throws UserError if the file ends inside a record
 */
export function* recordPieces(
	file: ByteFile,
	start: number,
	recordBytes: number,
	end = file.size,
): Generator<{ readonly view: DataView; readonly records: number }> {
	const whole = (end - start) / recordBytes;
	if (!Number.isInteger(whole)) throw messages.endsInsideEvent(file.path, end - start, recordBytes);
	const most = Math.floor(pieceBytes / recordBytes);
	for (let done = 0; done < whole; ) {
		const records = Math.min(most, whole - done);
		yield { view: viewOf(file.read(start + done * recordBytes, records * recordBytes)), records };
		done += records;
	}
}

const longestHeader = 2 ** 16;

/**
 * Lines of text at the start of a file that begin with a mark, and where they end.
 *
 * @param last  a line that ends the header, in formats or versions that have one
 * @throws UserError if the header is cut off
 */
export function headerLines(
	file: ByteFile,
	mark: '#' | '%',
	last: RegExp,
): { readonly lines: readonly string[]; readonly end: number } {
	const bytes = file.read(0, Math.min(file.size, longestHeader));
	const lines: string[] = [];
	let at = 0;
	while (bytes[at] === mark.charCodeAt(0)) {
		const newline = bytes.indexOf(10, at);
		if (newline < 0) throw messages.damaged(file.path, `its header of lines that start with "${mark}" does not end`);
		const line = new TextDecoder('latin1').decode(bytes.subarray(at + 1, newline)).trim();
		// Binary data may start with the mark's byte by chance; text has no control characters.
		if (/\p{Cc}/u.test(line.replaceAll('\t', ' '))) break;
		lines.push(line);
		at = newline + 1;
		if (last.test(line)) break;
	}
	return { lines, end: at };
}

/** The number behind a name in a header, such as "width 1280"; null where there is none. */
export function headerNumber(lines: readonly string[], name: string): number | null {
	const line = lines.find((one) => one.toLowerCase().startsWith(`${name} `));
	const number = Number(line?.slice(name.length));
	return line !== undefined && Number.isSafeInteger(number) ? number : null;
}

/** The sensor, where both of its sizes are known and possible. */
export const sensorOf = (width: number | null, height: number | null): Sensor | null =>
	width !== null && height !== null && width > 0 && height > 0 && width <= 16384 && height <= 16384 ? { width, height } : null;

/** Times of a clock that starts again at 0 after `period`, as times that go on. */
export function continuous(period: number): (time: number) => number {
	let passed = 0;
	let last = 0;
	return (time) => {
		if (last - time > period / 2) passed += period;
		last = time;
		return time + passed;
	};
}

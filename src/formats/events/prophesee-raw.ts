/**
 * Prophesee .raw: header lines that start with "%", then words of one of three encodings, little-endian.
 *
 * @see https://docs.prophesee.ai/stable/data/file_formats/raw.html and data/encoding_formats there
 */
import { headerLines, sensorOf } from './byte-file.ts';
import { visitEvt2, visitEvt21 } from './evt2.ts';
import { visitEvt3 } from './evt3.ts';
import * as messages from './messages.ts';
import { cameraFile, type EventFormat, type Sensor } from './types.ts';

export const propheseeRaw: EventFormat = {
	title: 'Prophesee EVT 2.0, 2.1 and 3.0 (.raw)',
	endings: ['.raw'],
	matches: (start, path) => path.toLowerCase().endsWith('.raw') && start[0] === 0x25,
	open(file) {
		const { lines, end } = headerLines(file, '%', /^end$/i);
		const encoding = encodingOf(lines);
		const sensor = geometryOf(lines);
		switch (encoding) {
			case '2.0':
				return cameraFile(sensor, (visitor) => visitEvt2(file, end, visitor));
			case '2.1':
			case '2.1 legacy':
				return cameraFile(sensor, (visitor) => visitEvt21(file, end, encoding === '2.1 legacy', visitor));
			case '3.0':
				return cameraFile(sensor, (visitor) => visitEvt3(file, end, visitor));
		}
		throw messages.unsupported(
			file.path,
			`does not say in its header that it is encoded as EVT 2.0, 2.1 or 3.0 ("${(lines.find((line) => /^(evt|format)\b/i.test(line)) ?? 'no line "% evt"').slice(0, 60)}"). Convert it with Metavision's tools, or copy it again if it is damaged.`,
		);
	},
};

/** "% evt 3.0" of older files, or "% format EVT21;height=720;width=1280;endianness=legacy". */
function encodingOf(lines: readonly string[]): '2.0' | '2.1' | '2.1 legacy' | '3.0' | null {
	const format = lines.find((line) => /^format /i.test(line));
	if (format) {
		const [name = ''] = format.slice('format '.length).trim().split(';');
		if (/^EVT2(\.0)?$/i.test(name)) return '2.0';
		if (/^EVT2\.?1$/i.test(name)) return /endianness=legacy/i.test(format) ? '2.1 legacy' : '2.1';
		return /^EVT3(\.0)?$/i.test(name) ? '3.0' : null;
	}
	const version = lines
		.find((line) => /^evt /i.test(line))
		?.slice('evt '.length)
		.trim();
	return version === '2.0' || version === '2.1' || version === '3.0' ? version : null;
}

/** "% geometry 640x480", or height and width in the line of the format. */
function geometryOf(lines: readonly string[]): Sensor | null {
	const geometry = /^geometry\s+(\d+)x(\d+)$/i.exec(lines.find((line) => /^geometry /i.test(line)) ?? '');
	if (geometry) return sensorOf(Number(geometry[1]), Number(geometry[2]));
	const format = lines.find((line) => /^format /i.test(line)) ?? '';
	const [width, height] = [/width=(\d+)/i.exec(format), /height=(\d+)/i.exec(format)];
	return width && height ? sensorOf(Number(width[1]), Number(height[1])) : null;
}

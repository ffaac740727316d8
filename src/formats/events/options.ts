import * as messages from './messages.ts';
import type { Sensor } from './types.ts';

/** How recordings become frames, as a user says it. */
export interface EventOptions {
	/** Number of frames a recording is cut into; default: the network's timesteps. */
	readonly bins?: number | undefined;
	/** Length of a frame, such as "10ms"; default: the recording's length ÷ bins. */
	readonly binTime?: string | undefined;
	/** Frames of equal length ("time", the default) or of equal numbers of events ("count"). */
	readonly binBy?: 'time' | 'count' | undefined;
	/** What a frame holds: "count" (the default), "binary", or "clip:N" for counts of at most N. */
	readonly binValues?: string | undefined;
	/** 2: off and on in a channel each; 1: both in one. Default: as many as the network takes. */
	readonly polarities?: number | undefined;
	/** Size of the camera, "WxH", or number of units, where the file does not say. */
	readonly sensor?: string | undefined;
	/** Smaller frames: a whole factor, "4", or a size, "32x32". */
	readonly downscale?: string | undefined;
	/** Only events of the first so many milliseconds, such as "300ms". */
	readonly crop?: string | undefined;
}

/** Names of {@link EventOptions}, and what the command line calls them. */
export const eventOptionNames = {
	bins: 'bins',
	binTime: 'bin-time',
	binBy: 'bin-by',
	binValues: 'bin-values',
	polarities: 'polarities',
	sensor: 'sensor',
	downscale: 'downscale',
	crop: 'crop',
} as const satisfies Record<keyof EventOptions, string>;

const unitMicroseconds: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1e3, s: 1e6 };

/** "10ms" in microseconds. @throws UserError */
export function parseTime(option: string, text: string): number {
	const match = /^(\d+(?:\.\d+)?)(us|µs|ms|s)$/.exec(text.trim());
	const microseconds = match ? Number(match[1]) * (unitMicroseconds[match[2] ?? ''] ?? Number.NaN) : Number.NaN;
	const whole = Math.round(microseconds);
	if (!(whole >= 1) || Math.abs(whole - microseconds) > 1e-6 * whole || whole > 1e12) throw messages.timeSyntax(option, text);
	return whole;
}

/** Microseconds as an option takes them. */
export const timeText = (microseconds: number): string =>
	microseconds % 1000 === 0 ? `${microseconds / 1000}ms` : `${microseconds}us`;

/** "34x34", or "700" for units. @throws UserError */
export function parseSize(option: string, text: string): Sensor {
	const match = /^(\d+)(?:[x×](\d+))?$/.exec(text.trim());
	const [width, height] = [Number(match?.[1]), Number(match?.[2] ?? 1)];
	if (!match || width < 1 || height < 1 || width > 16384 || height > 16384) throw messages.sizeSyntax(option, text);
	return { width, height };
}

export const sizeText = ({ width, height }: Sensor, kind: 'camera' | 'units'): string =>
	kind === 'units' ? `${width}` : `${width}x${height}`;

/** The size of a frame: a sensor's, by a whole factor or as given. @throws UserError */
export function downscaled(sensor: Sensor, text: string, kind: 'camera' | 'units'): Sensor {
	if (kind === 'camera' && /[x×]/.test(text)) {
		const frame = parseSize('downscale', text);
		if (frame.width > sensor.width || frame.height > sensor.height) throw messages.upscaled(text, sensor, kind);
		return frame;
	}
	const factor = parseFactor(text);
	const frame = { width: sensor.width / factor, height: kind === 'units' ? 1 : sensor.height / factor };
	if (!Number.isInteger(frame.width) || !Number.isInteger(frame.height)) throw messages.unevenFactor(text, sensor, kind);
	return frame;
}

/** @throws UserError */
export function parseFactor(text: string): number {
	const factor = Number(text);
	if (!Number.isSafeInteger(factor) || factor < 1) throw messages.factorSyntax(text);
	return factor;
}

/** The most events a pixel of a frame holds. @throws UserError */
export function parseValues(text: string): number {
	if (text === 'count') return Number.POSITIVE_INFINITY;
	if (text === 'binary') return 1;
	const most = Number(/^clip:(\d+)$/.exec(text)?.[1]);
	if (!Number.isSafeInteger(most) || most < 1) throw messages.valuesSyntax(text);
	return most;
}

export const valuesText = (most: number): string => (most === 1 ? 'binary' : Number.isFinite(most) ? `clip:${most}` : 'count');

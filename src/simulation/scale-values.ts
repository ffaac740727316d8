/** Numbers of an array as a network was trained on them: scaled, normalised, and compared with what it knows. */
import { UserError } from '../errors.ts';
import { elementCount } from '../model/tensors.ts';
import type { Finding } from '../network/findings.ts';
import type { FitRequest, OpenedData } from './fit-data.ts';
import * as messages from './messages.ts';
import type { SampleSource } from './samples.ts';

interface Normalisation {
	readonly means: readonly number[];
	readonly deviations: readonly number[];
}

/** "m1,m2,…,d1,d2,…": means, then deviations. @throws UserError */
function parseNormalisation(text: string): Normalisation {
	const numbers = text.split(',').map((part) => (part.trim() === '' ? Number.NaN : Number(part)));
	const count = numbers.length / 2;
	const [means, deviations] = [numbers.slice(0, count), numbers.slice(count)];
	if (!Number.isInteger(count) || !numbers.every(Number.isFinite) || deviations.some((one) => one <= 0))
		throw new UserError(messages.normalizeSyntax(text), { exitCode: 2 });
	return { means, deviations };
}

/**
 * Data divided by a scale and normalised by channel, in float32 step by step as torchvision does (ToTensor, Normalize).
 *
 * @throws UserError where there is no axis of as many channels
 */
export function scaledData(opened: OpenedData, { scale, normalize }: Pick<FitRequest, 'scale' | 'normalize'>): OpenedData {
	if (scale === undefined && normalize === undefined) return opened;
	const { source } = opened;
	const normalisation = normalize === undefined ? null : parseNormalisation(normalize);
	const channelOf = normalisation ? channelPlace(source.sampleShape, normalisation.means.length) : () => 0;
	const means = Float32Array.from(normalisation?.means ?? []);
	const deviations = Float32Array.from(normalisation?.deviations ?? []);
	const divisor = scale ?? 1;
	const prepared: SampleSource = {
		...source,
		preparation: {
			words: messages.scaledWords(scale ?? null, normalisation),
			options: {
				...(scale === undefined ? {} : { scale: String(scale) }),
				...(normalize === undefined ? {} : { normalize }),
			},
		},
		async read(start, end) {
			const values = await source.read(start, end);
			return values.map((value, at) => {
				const scaled = Math.fround(value / divisor);
				if (!normalisation) return scaled;
				const channel = channelOf(at);
				return Math.fround(scaled - (means[channel] as number)) / (deviations[channel] as number);
			});
		},
	};
	return {
		...opened,
		source: prepared,
		assumptions: [...opened.assumptions, messages.scaled(source.name, scale ?? null, normalisation)],
	};
}

/** The channel of each element of a batch. @throws UserError where no axis has so many channels */
function channelPlace(shape: readonly number[], channels: number): (at: number) => number {
	if (channels === 1) return () => 0;
	const axis = shape.length >= 3 && shape.at(-3) === channels ? shape.length - 3 : shape.length - 1;
	if (shape[axis] !== channels) throw new UserError(messages.normalizeChannels(channels, shape), { exitCode: 2 });
	const inner = elementCount(shape.slice(axis + 1));
	return (at) => Math.floor(at / inner) % channels;
}

/** Smallest and largest number of some samples. */
export interface ValueRange {
	readonly low: number;
	readonly high: number;
	/** Whether all of them are whole. */
	readonly whole: boolean;
}

const samplesLookedAt = 4;

export async function rangeOf(source: Pick<SampleSource, 'count' | 'read'>): Promise<ValueRange> {
	const values = await source.read(0, Math.min(samplesLookedAt, source.count));
	let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
	for (const value of values) {
		if (value < low) low = value;
		if (value > high) high = value;
		if (!Number.isInteger(value)) whole = false;
	}
	return { low, high, whole };
}

/** What the network is known to take: the samples beside it, or its file's metadata. */
export interface KnownRange extends Pick<ValueRange, 'low' | 'high'> {
	/** As the start of a sentence says where it is from. */
	readonly from: string;
}

/** "snn.input_range" of a model's metadata, such as "0,1". */
export function rangeOfMetadata(metadata: ReadonlyMap<string, string>): KnownRange | null {
	const [low = Number.NaN, high = Number.NaN] = (metadata.get('snn.input_range') ?? '').split(',').map(Number);
	return Number.isFinite(low) && Number.isFinite(high) && low < high ? { low, high, from: "the model's metadata" } : null;
}

/** So many times larger or smaller is another scale, not another picture. */
const farTimes = 8;
/** Whole numbers from 0 up to between these are bytes of pictures. */
const [darkestByte, brightestByte] = [127, 255];

/**
 * Whether data are on another scale than the network was trained on.
 *
 * @param told  the user has said how they are scaled
 */
export function rangeFindings(name: string, found: ValueRange, known: KnownRange | null, told: boolean): Finding[] {
	const largest = ({ low, high }: Pick<ValueRange, 'low' | 'high'>): number => Math.max(Math.abs(low), Math.abs(high));
	const finding = (sentence: string): Finding[] => [{ kind: 'doubtful', subject: name, sentence }];
	if (known) {
		const [here, there] = [largest(found), largest(known)];
		if (here > farTimes * there || (here > 0 && here * farTimes < there)) return finding(messages.otherScale(name, found, known));
		return [];
	}
	const bytes = found.whole && found.low >= 0 && found.high > darkestByte && found.high <= brightestByte;
	return bytes && !told ? finding(messages.bytesUnscaled(name, found.high)) : [];
}

/**
 * Well-known architectures as data: the layer lists of the IIR-SNN group (VGG6/9/11/16, ResNet12/20),
 * with a width multiplier and a smaller classifier where asked. A list of layers can also be given as JSON.
 *
 * @see docs/training.md#architectures
 */

import { UserError } from '../errors.ts';
import { readText } from '../input-text.ts';
import { parseJson } from '../json.ts';
import { type LayerSpecification, pool2, published } from './architecture-lists.ts';

export type { LayerSpecification };

/**
 * `average` and `max` pool what a neuron sends; `current` averages what a neuron layer is about to receive, so that a quarter as many
 * neurons fire (2×2 windows) and every spike stays binary.
 */
export type Pooling = 'average' | 'max' | 'current';

export const poolings: readonly Pooling[] = ['average', 'max', 'current'];

export interface Architecture {
	readonly name: string;
	/** Hidden layers only: the last dense layer to the classes is added when the network is built. */
	readonly layers: readonly LayerSpecification[];
	readonly pooling: Pooling;
}

export const architectureNames: readonly string[] = Object.keys(published);

const scaled = (channels: number, width: number): number => Math.max(1, Math.round(channels * width));

function scale(layer: LayerSpecification, width: number): LayerSpecification {
	if ('conv' in layer) return { ...layer, conv: scaled(layer.conv, width) };
	if ('residual' in layer) return { ...layer, residual: scaled(layer.residual, width) };
	if ('dense' in layer) return { dense: scaled(layer.dense, width) };
	return layer;
}

/** Reads "32k2s2 32 A 64 64 A 256d": numbers are 3×3 convolutions (k: kernel, s: stride), A pools, "256d" is a dense layer, "r128s2" a residual block. */
function parseList(text: string, whole: string): LayerSpecification[] {
	return text
		.trim()
		.split(/[\s-]+/)
		.map((entry): LayerSpecification => {
			if (entry === 'A' || entry === 'M') return pool2;
			const residual = /^r(\d+)(?:s(\d+))?$/.exec(entry);
			if (residual) return { residual: Number(residual[1]), stride: Number(residual[2] ?? 1) };
			const match = /^([1-9]\d*)(?:(d)|(?:k([1-9]\d*))?(?:s([1-9]\d*))?)$/.exec(entry);
			if (!match) {
				throw new UserError(
					`--arch ${whole}: layer "${entry}" is not understood; write a number of channels (3x3 convolution; 32k2s2: kernel 2, stride 2), A (2x2 pooling), 256d (dense) or r64 / r128s2 (residual block).`,
				);
			}
			const [, size, dense, kernel, stride] = match;
			if (dense) return { dense: Number(size) };
			return { conv: Number(size), ...(kernel && { kernel: Number(kernel) }), ...(stride && { stride: Number(stride) }) };
		});
}

function isSpecification(value: unknown): value is LayerSpecification {
	if (typeof value !== 'object' || value === null) return false;
	const entries = Object.entries(value);
	const kinds = entries.filter(([key]) => ['conv', 'pool', 'dense', 'residual'].includes(key));
	return (
		kinds.length === 1 &&
		entries.every(
			([key, v]) => ['conv', 'pool', 'dense', 'residual', 'kernel', 'stride'].includes(key) && Number.isInteger(v) && v > 0,
		)
	);
}

/** Checks a layer list that came from a JSON file or a configuration. */
export function checkedLayers(value: unknown, place: string): LayerSpecification[] {
	if (!Array.isArray(value) || value.length === 0) {
		throw new UserError(`${place} must be a list of layers such as [{"conv": 32}, {"pool": 2}, {"dense": 256}].`);
	}
	for (const [index, layer] of value.entries()) {
		if (!isSpecification(layer)) {
			throw new UserError(
				`${place}: layer ${index} is ${JSON.stringify(layer)}; expected {"conv": C}, {"pool": 2}, {"dense": N} or {"residual": C}, with positive integers (and optional "kernel", "stride").`,
			);
		}
	}
	return value as LayerSpecification[];
}

const largestLayerFile = 10_000_000;

function readLayerFile(path: string): LayerSpecification[] {
	let text: string;
	try {
		text = readText(path, { largest: largestLayerFile });
	} catch (cause) {
		if (cause instanceof UserError) throw cause;
		throw new UserError(
			`--arch ${path}: the file cannot be read; give a JSON file with a list of layers, or one of ${architectureNames.join(', ')}.`,
			{
				cause,
			},
		);
	}
	let value: unknown;
	try {
		value = parseJson(text);
	} catch (cause) {
		throw new UserError(`${path} is not valid JSON: ${(cause as Error).message}.`, { cause });
	}
	const layers = typeof value === 'object' && value !== null && 'layers' in value ? value.layers : value;
	return checkedLayers(layers, path);
}

/**
 * Reads an architecture from what a user writes: a published name with options
 * ("vgg16:width=0.25,classifier=256"), a layer list ("32 32 A 64 64 A 256d"), or a JSON file.
 *
 * Options after the colon: width=F multiplies every number of channels and units; classifier=N[x N…]
 * replaces the hidden dense layers (classifier=none leaves only the output layer); pool=average|max|current.
 *
 * @throws UserError naming the option that is not understood
 */
export function parseArchitecture(text: string, defaults: { readonly pooling?: Pooling } = {}): Architecture {
	const [head = '', ...tail] = text.split(':');
	const base = published[head.toLowerCase()];
	let pooling = defaults.pooling ?? 'average';
	if (!base && head.toLowerCase().endsWith('.json')) return { name: head, layers: readLayerFile(text), pooling };
	let width = 1;
	let classifier = base?.classifier ?? [];
	for (const option of tail.join(':').split(',').filter(Boolean)) {
		const [key, value = ''] = option.split('=');
		if (key === 'width' && Number(value) > 0) width = Number(value);
		else if (key === 'classifier' && (value === 'none' || /^\d+(x\d+)*$/.test(value))) {
			classifier = value === 'none' ? [] : value.split('x').map((units) => Number(units) / width);
		} else if (key === 'pool' && poolings.includes(value as Pooling)) pooling = value as Pooling;
		else {
			throw new UserError(
				`--arch ${text}: option "${option}" is not understood; use width=0.25, classifier=256 (or 512x256, or none), pool=average, pool=max or pool=current.`,
			);
		}
	}
	if (!base && !/^\s*(r?\d|[AM])/.test(head)) {
		throw new UserError(
			`--arch ${text}: no such architecture; choose one of ${architectureNames.join(', ')}, write a list such as "32 32 A 64 64 A 256d", or give a .json file.`,
		);
	}
	const features = base ? base.features : parseList(head, text);
	const layers = [...features, ...classifier.map((dense): LayerSpecification => ({ dense }))].map((layer) => scale(layer, width));
	return { name: text, layers, pooling };
}

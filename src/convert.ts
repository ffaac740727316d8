import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { type Conversion, type ConversionOptions, checkConversionOptions, convertNetwork } from './conversion/index.ts';
import { encodeModel } from './formats/onnx/index.ts';
import { openModel } from './formats/open-model.ts';
import { findStructure } from './network/structure.ts';
import { type CountOptions, countEvents, type PriceOptions, priceActivity } from './pipeline.ts';
import type { Analysis } from './reporting/index.ts';
import { openData } from './simulation/data.ts';
import { batchAxisOf } from './simulation/pilot.ts';
import { defaultBatch } from './simulation/simulate.ts';

export interface ConvertOptions extends ConversionOptions, CountOptions, PriceOptions {
	/** Samples thresholds are measured on; 256 by default, 64 for iir. */
	readonly calibration?: number | undefined;
	/** Numbers of timesteps of the curve; by default 1, 2, 4 … and the asked number. */
	readonly curve?: readonly number[] | undefined;
	readonly onCalibration?: ((done: number, of: number) => void) | undefined;
	/** Told before each run of the curve; null: the plain network. */
	readonly onPoint?: ((timesteps: number | null) => void) | undefined;
}

export interface ConvertedFile {
	readonly conversion: Conversion;
	/** The spiking network as an ONNX file. */
	readonly bytes: Uint8Array;
	/** The plain network on the same data. */
	readonly plain: Analysis;
	/** The spiking network at each number of timesteps. */
	readonly curve: readonly Analysis[];
}

const defaultCalibration = { 'threshold-balancing': 256, iir: 64 } as const;

/** 1, 2, 4 … below the asked number, and that number. */
export function curveOf(timesteps: number): number[] {
	const points: number[] = [];
	for (let at = 1; at < timesteps; at *= 2) points.push(at);
	return [...points, timesteps];
}

/**
 * Converts a ReLU network in a file, and runs both on the same data: accuracy, spikes and energy at each number of
 * timesteps.
 *
 * @param out  name the spiking network goes by
 * @throws UserError
 */
export async function convertFile(path: string, out: string, options: ConvertOptions): Promise<ConvertedFile> {
	checkConversionOptions(options);
	const source = await openModel(path);
	const network = await findStructure(source, { output: options.output });
	const request = {
		...options,
		modelPath: network.file,
		input: network.input,
		batchAxis: batchAxisOf(network),
		step: false,
	};
	const opened = await openData(request);
	let conversion: Conversion;
	try {
		const samples = Math.min(options.calibration ?? defaultCalibration[options.method], opened.source.count);
		conversion = await convertNetwork(
			source,
			{ source: opened.source, samples, batch: defaultBatch, file: source.file, onProgress: options.onCalibration },
			options,
		);
	} finally {
		opened.source.close();
	}
	const count = { ...options, data: options.data ?? join(dirname(source.file), 'samples.npz') };
	options.onPoint?.(null);
	const plain = priceActivity(await countEvents(network, count), options);
	const bytes = encodeModel(conversion.model);
	const sha256 = createHash('sha256').update(bytes).digest('hex');
	const curve: Analysis[] = [];
	for (const timesteps of options.curve ?? curveOf(options.timesteps)) {
		if (options.signal?.aborted) break;
		options.onPoint?.(timesteps);
		const file = { model: conversion.model, file: out, format: 'onnx', sha256 };
		const spiking = await findStructure(file, { timesteps });
		curve.push(priceActivity(await countEvents(spiking, count), options));
	}
	return { conversion, bytes, plain, curve };
}

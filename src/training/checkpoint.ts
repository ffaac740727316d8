/**
 * Checkpoints: everything that is needed to continue a run to the same result.
 *
 * File: "SNNCKPT1", length of the JSON header (uint32, little-endian), the header, the float32 vectors one
 * after another, and the SHA-256 of all that. A file that was cut short or damaged is refused by name.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';

import { writeWhole } from '../files.ts';
import type { Evaluation } from './evaluation.ts';
import * as messages from './messages.ts';

const magic = 'SNNCKPT1';

/** Sums over the steps of an epoch, kept so that an interrupted epoch reports the same numbers. */
export interface EpochSums {
	loss: number;
	correct: number;
	count: number;
	seconds: number;
	spikes: number[];
}

export interface CheckpointHeader {
	/** Hash of what determines the result: a run only continues its own checkpoints. */
	readonly configuration: string;
	readonly stage: string;
	readonly epoch: number;
	readonly step: number;
	readonly optimiserSteps: number;
	readonly sums: EpochSums;
	/** What training.json says so far about this stage. */
	readonly history: readonly unknown[];
	readonly finished: boolean;
	/** The finished network on the test set. */
	readonly evaluation?: Evaluation | null;
	/** SHA-256 of the training images; older checkpoints have none. */
	readonly images?: string;
}

export interface Checkpoint {
	readonly header: CheckpointHeader;
	/** parameters, statistics, first, second, largest */
	readonly vectors: Readonly<Record<string, Float32Array>>;
}

const bytesOf = (values: Float32Array): Uint8Array => new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

export function saveCheckpoint(path: string, checkpoint: Checkpoint): void {
	const names = Object.keys(checkpoint.vectors);
	const lengths = Object.fromEntries(names.map((name) => [name, checkpoint.vectors[name]?.length ?? 0]));
	const header = Buffer.from(JSON.stringify({ ...checkpoint.header, lengths }));
	const size = Buffer.alloc(4);
	size.writeUInt32LE(header.length);
	const parts = [
		Buffer.from(magic),
		size,
		header,
		...names.map((name) => bytesOf(checkpoint.vectors[name] ?? new Float32Array(0))),
	];
	const hash = createHash('sha256');
	for (const part of parts) hash.update(part);
	writeWhole(path, [...parts, hash.digest()]);
}

/**
 * Reads a checkpoint; null when there is none.
 *
 * @throws UserError when the file is damaged
 */
export function loadCheckpoint(path: string): Checkpoint | null {
	if (!existsSync(path)) return null;
	const bytes = readFileSync(path);
	const content = bytes.subarray(0, -32);
	const whole =
		bytes.length > 44 &&
		content.toString('latin1', 0, 8) === magic &&
		createHash('sha256').update(content).digest().equals(bytes.subarray(-32));
	if (!whole) throw messages.damagedCheckpoint(path);
	const end = 12 + content.readUInt32LE(8);
	const { lengths, ...header } = JSON.parse(content.toString('utf8', 12, end)) as CheckpointHeader & {
		lengths: Record<string, number>;
	};
	const vectors: Record<string, Float32Array> = {};
	let at = end;
	for (const [name, length] of Object.entries(lengths)) {
		// A copy: the file's bytes are not aligned for floats.
		vectors[name] = new Float32Array(new Uint8Array(content.subarray(at, at + 4 * length)).buffer);
		at += 4 * length;
	}
	return { header, vectors };
}

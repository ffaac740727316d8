import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadCheckpoint } from '../../src/training/checkpoint.ts';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

export interface TrainingRun {
	readonly child: ChildProcess;
	/** Resolves when stderr holds the text, or when the process ends without it. */
	readonly saw: (text: string) => Promise<void>;
	readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; stderr: string; stdout: string }>;
}

/** Starts the built "snn-energy train" in a process of its own; the build must exist. */
export function startTraining(line: readonly string[], shell?: string): TrainingRun {
	const command = [process.execPath, main, 'train', ...line];
	const environment = { ...process.env, NODE_OPTIONS: '' };
	const child = shell
		? spawn('sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { env: environment })
		: spawn(command[0] as string, command.slice(1), { env: environment });
	let stderr = '';
	let stdout = '';
	child.stderr.on('data', (text) => {
		stderr += String(text);
	});
	child.stdout.on('data', (text) => {
		stdout += String(text);
	});
	const ended = new Promise<Awaited<TrainingRun['ended']>>((resolve) => {
		child.on('close', (code, signal) => resolve({ code, signal, stderr, stdout }));
	});
	const saw = (text: string): Promise<void> =>
		new Promise((resolve) => {
			const look = (): void => {
				if (stderr.includes(text)) resolve();
			};
			child.stderr.on('data', look);
			void ended.then(() => resolve());
			look();
		});
	return { child, saw, ended };
}

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Digests of everything a run leaves but its texts, which tell how long it took: models, samples and the content of checkpoints. */
export function resultDigests(folder: string): Record<string, string> {
	const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
	const digests: Record<string, string> = {};
	for (const file of files) {
		const path = join(folder, file);
		if (file.endsWith('.ckpt')) {
			const { header, vectors } = loadCheckpoint(path) ?? { header: null, vectors: {} };
			const timeless = JSON.stringify(header, (key, value) => (/^(seconds|imagesPerSecond)$/.test(key) ? 0 : value));
			const numbers = Object.entries(vectors).map(([name, values]) => `${name} ${digest(new Uint8Array(values.buffer))}`);
			digests[file] = digest(Buffer.from([timeless, ...numbers].join('\n')));
		} else if (/\.(onnx|npz|bin)$|model\.json$/.test(file)) digests[file] = digest(readFileSync(path));
	}
	return digests;
}

import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** The command line as users get it: compiled, in a process of its own. */

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

export interface Outcome {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RunOptions {
	readonly cwd?: string;
	readonly environment?: Readonly<Record<string, string>>;
	/** Milliseconds after which the process is taken to hang, and killed. */
	readonly timeout?: number;
}

/** Runs `snn-energy` with these arguments; builds it first when the sources are newer than the last build. */
export async function snnEnergy(line: readonly string[], options: RunOptions = {}): Promise<Outcome> {
	await built();
	return run([main, ...line], options);
}

/** Runs a program of the tests, in a process of its own, on the compiled sources. */
export async function runOnBuild(program: string, line: readonly string[], options: RunOptions = {}): Promise<Outcome> {
	await built();
	return run([program, ...line], options);
}

/** The place of a compiled source file, such as a thread's program, built when it has to be. */
export async function builtFile(path: string): Promise<URL> {
	await built();
	return pathToFileURL(join(root, 'dist', path));
}

/** Runs many command lines, a few at a time, in the order of the list. */
export async function snnEnergyAll(lines: readonly (readonly string[])[], options: RunOptions = {}): Promise<Outcome[]> {
	await built();
	const outcomes: Outcome[] = [];
	let next = 0;
	const worker = async (): Promise<void> => {
		for (let at = next++; at < lines.length; at = next++) outcomes[at] = await run([main, ...(lines[at] as string[])], options);
	};
	await Promise.all([worker(), worker(), worker()]);
	return outcomes;
}

function run(line: readonly string[], { cwd, environment, timeout = 60_000 }: RunOptions): Promise<Outcome> {
	return new Promise((resolve) => {
		const child = execFile(
			process.execPath,
			[...line],
			{ cwd, timeout, killSignal: 'SIGKILL', maxBuffer: 64 * 2 ** 20, env: { ...process.env, NODE_OPTIONS: '', ...environment } },
			(_, stdout, stderr) => resolve({ code: child.exitCode, signal: child.signalCode, stdout, stderr }),
		);
	});
}

function newest(folder: string): number {
	let latest = 0;
	for (const entry of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, entry.name);
		latest = Math.max(latest, entry.isDirectory() ? newest(path) : statSync(path).mtimeMs);
	}
	return latest;
}

const upToDate = (): boolean => existsSync(main) && statSync(main).mtimeMs >= newest(join(root, 'src'));

/** Test files run in processes of their own: whoever makes the lock folder builds, the others wait for it to go. */
async function built(): Promise<void> {
	const lock = join(root, 'node_modules/.cache/snn-energy-build');
	for (;;) {
		if (upToDate() && !existsSync(lock)) return;
		mkdirSync(dirname(lock), { recursive: true });
		try {
			mkdirSync(lock);
		} catch {
			if (existsSync(lock) && Date.now() - statSync(lock).mtimeMs > 120_000) rmdirSync(lock); // its builder died
			await wait(100);
			continue;
		}
		try {
			if (!upToDate()) {
				const { code, stdout } = await run([compiler, '-p', join(root, 'tsconfig.build.json')], {});
				if (!existsSync(main)) throw new Error(`tsc ended with ${code}: ${stdout}`);
				await run([join(root, 'scripts/list-profiles.js')], {});
			}
			return;
		} finally {
			rmdirSync(lock);
		}
	}
}

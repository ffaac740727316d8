import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';

/**
 * The command line as users get it: compiled, from its first line to its exit code. Where nothing asks for a process of its own,
 * it runs in this one: to start Node and to load the modules takes longer than most commands.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const main = join(root, 'dist/cli/main.js');
const compiler = join(root, 'node_modules/typescript/bin/tsc');

export interface Outcome {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

/** Any of these makes it a process of its own. */
export interface RunOptions {
	readonly cwd?: string;
	readonly environment?: Readonly<Record<string, string>>;
	/** Milliseconds after which the process is taken to hang, and killed. */
	readonly timeout?: number;
}

/** Runs `snn-energy` with these arguments; builds it first when the sources are newer than the last build. */
export async function snnEnergy(line: readonly string[], options: RunOptions = {}): Promise<Outcome> {
	await built();
	if (Object.keys(options).length > 0) return run([main, ...line], options);
	const outcome = before.then(() => inThisProcess(line));
	before = outcome;
	return outcome;
}

/** What runs in this process does so one after the other: it has one standard output. */
let before: Promise<unknown> = Promise.resolve();
let runs = 0;

async function inThisProcess(line: readonly string[]): Promise<Outcome> {
	const { argv, exitCode } = process;
	const listeners = process.listeners('uncaughtException');
	const [stdout, stderr] = [captured(process.stdout), captured(process.stderr)];
	process.argv = [process.execPath, main, ...line];
	process.exitCode = undefined;
	try {
		// A new copy of the program's first module, which runs the command; the modules it imports are shared.
		await import(`${pathToFileURL(main).href}?run=${runs++}`);
		return { code: Number(process.exitCode), signal: null, stdout: stdout.text(), stderr: stderr.text() };
	} finally {
		for (const stream of [stdout, stderr]) stream.restore();
		for (const listener of process.listeners('uncaughtException'))
			if (!listeners.includes(listener)) process.off('uncaughtException', listener);
		process.argv = argv;
		process.exitCode = exitCode;
	}
}

/** Takes what is written to a stream, which meanwhile is no terminal. */
function captured(stream: NodeJS.WriteStream) {
	const chunks: Uint8Array[] = [];
	const names = ['write', 'isTTY', 'columns'] as const;
	const own = names.map((name) => Object.getOwnPropertyDescriptor(stream, name));
	const errors = stream.listeners('error');
	const write = (chunk: string | Uint8Array, ...rest: readonly unknown[]): boolean => {
		chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : Uint8Array.from(chunk));
		const done = rest.at(-1);
		if (typeof done === 'function') setImmediate(() => done());
		return true;
	};
	for (const [name, value] of Object.entries({ write, isTTY: false, columns: undefined }))
		Object.defineProperty(stream, name, { value, configurable: true, writable: true });
	return {
		text: () => Buffer.concat(chunks).toString(),
		restore() {
			for (const [at, name] of names.entries()) {
				const descriptor = own[at];
				if (descriptor === undefined) Reflect.deleteProperty(stream, name);
				else Object.defineProperty(stream, name, descriptor);
			}
			for (const listener of stream.listeners('error'))
				if (!errors.includes(listener)) stream.off('error', listener as (error: Error) => void);
		},
	};
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

/** Runs many command lines, processes of their own a few at a time, in the order of the list. */
export async function snnEnergyAll(lines: readonly (readonly string[])[], options: RunOptions = {}): Promise<Outcome[]> {
	const outcomes: Outcome[] = [];
	let next = 0;
	const worker = async (): Promise<void> => {
		for (let at = next++; at < lines.length; at = next++) outcomes[at] = await snnEnergy(lines[at] as string[], options);
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

let build: Promise<void> | null = null;

/** Builds once where that is needed. */
function built(): Promise<void> {
	build ??= buildOnce();
	return build;
}

/** Test files run in several processes: whoever makes the lock folder builds, the others wait for it to go. */
async function buildOnce(): Promise<void> {
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
				await run([join(root, 'scripts/parse-profiles.js')], {});
				const bundling = [join(root, 'node_modules/vite/bin/vite.js'), 'build', '-c', join(root, 'scripts/program.config.ts')];
				const bundled = await run(bundling, { cwd: root });
				if (bundled.code !== 0) throw new Error(`vite ended with ${bundled.code}: ${bundled.stderr}`);
			}
			return;
		} finally {
			rmdirSync(lock);
		}
	}
}

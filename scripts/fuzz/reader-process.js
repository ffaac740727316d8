// A child that reads files, watched: how long it computes and how much memory it takes.
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('child.js', import.meta.url));
const ticksPerSecond = 100;
const pageBytes = 4096;

/** Seconds of processor time and bytes of memory of a process; null where the system does not tell. */
function usageOf(pid) {
	try {
		const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1].split(' ');
		return { seconds: (Number(fields[11]) + Number(fields[12])) / ticksPerSecond, bytes: Number(fields[21]) * pageBytes };
	} catch {
		return null;
	}
}

/** Starts a child and waits until it is ready to read. */
export async function startReader() {
	const child = fork(script, [], {
		execArgv: [...process.execArgv, '--max-old-space-size=1024'],
		stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
	});
	let last = '';
	child.stderr.on('data', (text) => {
		last = (last + text).slice(-4000);
	});
	await new Promise((resolve, reject) => {
		child.once('message', resolve);
		child.once('exit', (code) => reject(new Error(`the reader did not start (${code}): ${last}`)));
	});
	let peakBytes = 0;

	/** Reads one file. @returns kind: read, refused, exception, crash, hang or memory */
	async function read(target, path, { limitSeconds, limitBytes }) {
		const before = usageOf(child.pid)?.seconds ?? 0;
		const begun = performance.now();
		return new Promise((resolve) => {
			const end = (outcome) => {
				clearInterval(watch);
				child.removeAllListeners('message');
				child.removeAllListeners('exit');
				const seconds = (usageOf(child.pid)?.seconds ?? before) - before;
				resolve({ ...outcome, seconds: Math.max(seconds, 0), alive: child.exitCode === null && child.signalCode === null });
			};
			const kill = (outcome) => {
				child.removeAllListeners('exit');
				child.once('exit', () => end(outcome));
				child.kill('SIGKILL');
			};
			const watch = setInterval(() => {
				const usage = usageOf(child.pid);
				const wallSeconds = (performance.now() - begun) / 1000;
				peakBytes = Math.max(peakBytes, usage?.bytes ?? 0);
				if (usage && usage.bytes > limitBytes) kill({ kind: 'memory', text: `${Math.round(usage.bytes / 2 ** 20)} MiB` });
				else if ((usage ? usage.seconds - before : wallSeconds) > limitSeconds || wallSeconds > 10 * limitSeconds)
					kill({ kind: 'hang', text: `not done after ${limitSeconds} s of processor time` });
			}, 100);
			child.once('message', end);
			child.once('exit', (code, signal) => end({ kind: 'crash', text: `the process ended with ${signal ?? code}\n${last}` }));
			child.send({ target, path });
		});
	}

	return {
		read,
		peakBytes: () => peakBytes,
		stop: () => {
			child.removeAllListeners('exit');
			child.kill('SIGKILL');
		},
	};
}

import { stderr } from 'node:process';

/**
 * Progress of a run over samples, on stderr: a bar with time left in a terminal, elsewhere a line a minute. Where
 * SNN_ENERGY_PROGRESS is "json", for the program that started this one, a line of JSON a change.
 */
export interface Progress {
	readonly update: (done: number, total: number) => void;
	readonly stop: () => void;
}

export async function startProgress(quiet: boolean, label: string): Promise<Progress> {
	if (quiet) return { update: () => {}, stop: () => {} };
	if (process.env.SNN_ENERGY_PROGRESS === 'json') return { update: records(label), stop: () => {} };
	if (!stderr.isTTY) return { update: lines(label), stop: () => {} };
	const { SingleBar } = await import('cli-progress');
	const bar = new SingleBar({
		format: `${label} {bar} {value}/{total} samples, {eta_formatted} left`,
		stream: stderr,
		hideCursor: true,
		clearOnComplete: true,
		etaBuffer: 20,
	});
	let started = false;
	return {
		update(done, total) {
			if (!started) bar.start(total, done);
			started = true;
			bar.update(done);
		},
		stop: () => bar.stop(),
	};
}

const recordMilliseconds = 100;

/** At most ten a second, and always the last. */
function records(label: string): Progress['update'] {
	let last = Number.NEGATIVE_INFINITY;
	return (done, total) => {
		const now = performance.now();
		if (now - last < recordMilliseconds && done !== total) return;
		last = now;
		stderr.write(`${JSON.stringify({ progress: label, done, total })}\n`);
	};
}

const lineMilliseconds = 60_000;

/** For log files: how far a long run is and how long it will still take. */
function lines(label: string): Progress['update'] {
	let begun: { readonly time: number; readonly done: number } | null = null;
	let last = performance.now();
	return (done, total) => {
		const now = performance.now();
		begun ??= { time: now, done };
		if (now - last < lineMilliseconds || done === begun.done) return;
		last = now;
		const secondsLeft = ((now - begun.time) / 1000 / (done - begun.done)) * (total - done);
		stderr.write(`${label} ${done}/${total} samples, ${inWords(secondsLeft)} left\n`);
	};
}

function inWords(seconds: number): string {
	if (seconds < 90) return `${Math.ceil(seconds)} s`;
	return seconds < 5400 ? `${Math.ceil(seconds / 60)} min` : `${(seconds / 3600).toFixed(1)} h`;
}

import { stderr } from 'node:process';

/** Progress of a run over samples, on stderr: a bar with time left in a terminal, nothing where stderr is not one. */
export interface Progress {
	readonly update: (done: number, total: number) => void;
	readonly stop: () => void;
}

export async function startProgress(quiet: boolean, label: string): Promise<Progress> {
	if (quiet || !stderr.isTTY) return { update: () => {}, stop: () => {} };
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

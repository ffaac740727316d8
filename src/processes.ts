/** Whether a process of this machine lives. A number whose process ended may belong to another one by now. */
export function processRuns(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'EPERM';
	}
}

/**
 * Does something that may wait for another process, during which no handler of a signal could run: Ctrl-C then ends this
 * process at once, as it does without handlers.
 */
export function withDefaultSignals<Result>(work: () => Result): Result {
	const signals = (['SIGINT', 'SIGTERM'] as const).map((signal) => ({ signal, listeners: process.listeners(signal) }));
	for (const { signal } of signals) process.removeAllListeners(signal);
	try {
		return work();
	} finally {
		for (const { signal, listeners } of signals) for (const listener of listeners) process.on(signal, listener as () => void);
	}
}

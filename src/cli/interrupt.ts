/** Turns Ctrl-C into an abort signal while something runs; a second Ctrl-C ends the process at once. */
export function onInterrupt(): { readonly signal: AbortSignal; readonly release: () => void } {
	const controller = new AbortController();
	const abort = (): void => {
		if (controller.signal.aborted) process.exit(130);
		controller.abort();
	};
	process.on('SIGINT', abort);
	process.on('SIGTERM', abort);
	return {
		signal: controller.signal,
		release() {
			process.off('SIGINT', abort);
			process.off('SIGTERM', abort);
		},
	};
}

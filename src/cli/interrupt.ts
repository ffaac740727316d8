/**
 * Turns Ctrl-C into an abort signal while something runs; a second Ctrl-C ends the process at once. Until it is armed, one
 * does: nothing is there yet that could be kept, and work that does not turn the event loop would not see the signal.
 */
export function onInterrupt(): { readonly signal: AbortSignal; readonly arm: () => void; readonly release: () => void } {
	const controller = new AbortController();
	let armed = false;
	const abort = (): void => {
		if (controller.signal.aborted) process.exit(130);
		controller.abort();
	};
	return {
		signal: controller.signal,
		arm() {
			if (armed) return;
			armed = true;
			process.on('SIGINT', abort);
			process.on('SIGTERM', abort);
		},
		release() {
			process.off('SIGINT', abort);
			process.off('SIGTERM', abort);
		},
	};
}

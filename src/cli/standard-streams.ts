import { stderr, stdout } from 'node:process';
import { fileProblem } from '../system-errors.ts';

/** Tells in a sentence when stdout takes no more; what nobody reads on stderr is lost, and no error. */
export function watchStandardStreams(): void {
	let told = false;
	stdout.on('error', (error: NodeJS.ErrnoException) => {
		// A reader that closes the pipe (head) is no error of ours.
		if (error.code === 'EPIPE' || told) return;
		told = true;
		process.exitCode = 1;
		stderr.write(`snn-energy: stdout: cannot be written: ${fileProblem(error)}. The result is not complete.\n`);
	});
	stderr.on('error', () => {});
}

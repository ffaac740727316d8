import { stderr, stdout } from 'node:process';
import { writeWhole } from '../files.ts';
import { standardInput } from '../inputs.ts';
import { fileProblem } from '../system-errors.ts';

/**
 * Writes a result to a file, whole or not at all, or to stdout, which "-" names too.
 *
 * @throws UserError when the file cannot be written
 */
export async function writeResult(text: string, out: string | undefined): Promise<void> {
	if (out !== undefined && out !== standardInput) {
		writeWhole(out, [text]);
		return;
	}
	await new Promise<void>((resolve) => stdout.write(text, () => resolve()));
}

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

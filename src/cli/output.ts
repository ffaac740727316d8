import { stdout } from 'node:process';
import { writeWhole } from '../files.ts';

/** Writes a result to a file, whole or not at all, or to stdout. @throws UserError when the file cannot be written */
export async function writeResult(text: string, out: string | undefined): Promise<void> {
	if (out !== undefined) {
		writeWhole(out, [text]);
		return;
	}
	// A reader that closes the pipe (head) is no error of ours.
	stdout.on('error', (error: NodeJS.ErrnoException) => {
		if (error.code !== 'EPIPE') throw error;
	});
	await new Promise<void>((resolve) => stdout.write(text, () => resolve()));
}

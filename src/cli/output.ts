import { stdout } from 'node:process';
import { writeWhole } from '../files.ts';
import { standardInput } from '../inputs.ts';

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

/**
 * An error whose message is meant for the user: one sentence that names the file, the place, what
 * was found, what was expected and what to do. The CLI prints it without a stack trace.
 */
export class UserError extends Error {
	override readonly name = 'UserError';
	/** Exit code of the CLI: 1 by default. */
	readonly exitCode: number;

	constructor(message: string, options: { cause?: unknown; exitCode?: number } = {}) {
		super(readable(message), options.cause === undefined ? undefined : { cause: options.cause });
		this.exitCode = options.exitCode ?? 1;
	}
}

const longestWord = 300;

/** Names in a sentence come from files: one may be a megabyte long, or hold what would steer a terminal. */
function readable(message: string): string {
	return message
		.replaceAll(/[^\n\t\P{Cc}]/gu, '\ufffd')
		.replaceAll(/\S{301,}/g, (word) => `${word.slice(0, longestWord)}… (${word.length} characters)`);
}

/** The code of a system's error, such as ENOENT; undefined where it has none. */
export const codeOf = (error: unknown): string | undefined => (error as { readonly code?: string } | null)?.code;

/** The sentence for a file that somebody writes while it is read. */
export const changed = (path: string): UserError =>
	new UserError(`${path}: changed while it was read. Run the command again when it is complete.`);

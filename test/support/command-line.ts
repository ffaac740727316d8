import { jest } from '@jest/globals';
import yargs, { type Argv } from 'yargs';
import { checkGivenOptions } from '../../src/cli/parser.ts';
import { loadCommands } from '../../src/cli/verbs.ts';
import { UserError } from '../../src/errors.ts';

export interface Outcome {
	readonly out: string;
	readonly errors: string;
	/** What the command threw, if it did. */
	readonly error: UserError | null;
}

/** Runs a command line in this process and catches what it prints and the UserError it may end with. */
export async function commandLine(...line: readonly string[]): Promise<Outcome> {
	const written = { out: '', errors: '' };
	const capture = (stream: NodeJS.WriteStream, key: 'out' | 'errors') =>
		jest.spyOn(stream, 'write').mockImplementation((text, ...rest: readonly unknown[]) => {
			written[key] += String(text);
			const done = rest.at(-1);
			if (typeof done === 'function') done();
			return true;
		});
	// Each command adds a listener to stdout; here they all run in one process.
	process.stdout.setMaxListeners(0);
	const spies = [capture(process.stdout, 'out'), capture(process.stderr, 'errors')];
	let error: UserError | null = null;
	try {
		let parser: Argv = yargs([...line])
			.exitProcess(false)
			.strict()
			.middleware((values): void => checkGivenOptions(values, parser))
			.fail((message, cause) => {
				throw cause ?? new UserError(message);
			});
		for (const command of await loadCommands()) parser = parser.command(command);
		await parser.parseAsync();
	} catch (cause) {
		if (!(cause instanceof UserError)) throw cause;
		error = cause;
	} finally {
		for (const spy of spies) spy.mockRestore();
	}
	return { ...written, error };
}

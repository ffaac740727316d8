import type { Argv, CommandModule } from 'yargs';

/** Adds verbs below a verb to its parser. */
export const withSubcommands = (command: Argv, subcommands: readonly Command[]): Argv =>
	subcommands.reduce((parser, subcommand) => parser.command(subcommand), command);

/** A line that can be copied into a shell, and what it does where the line does not say. */
export type Example = readonly [line: string, note?: string];

/** A verb of the command line, or a verb below one, such as "profiles show". */
export interface Command extends CommandModule {
	readonly describe: string;
	readonly examples: readonly Example[];
	readonly builder: (command: Argv) => Argv;
	readonly subcommands?: readonly Command[];
}

#!/usr/bin/env node
import { stderr } from 'node:process';
import yargs from 'yargs';
import { hideBin } from 'yargs/helpers';
import { UserError } from '../errors.ts';
import { tool } from '../version.ts';
import { commands } from './commands/index.ts';

/** Runs the command line; resolves to the exit code. Results go to stdout, everything else to stderr. */
export async function main(argv: readonly string[]): Promise<number> {
	try {
		let parser = yargs([...argv])
			.scriptName(tool.name)
			.usage('What a spiking neural network costs in energy and time.\n\nUsage: $0 <command> [options]')
			.version(tool.version)
			.strict()
			.demandCommand(1, 'Name a command; "snn-energy --help" lists them.')
			.recommendCommands()
			.wrap(Math.min(100, process.stdout.columns || 100))
			.exitProcess(false)
			.fail((message, error) => {
				throw error ?? new UserError(message, { exitCode: 2 });
			});
		for (const command of commands) parser = parser.command(command);
		await parser.parseAsync();
		return typeof process.exitCode === 'number' ? process.exitCode : 0;
	} catch (error) {
		if (error instanceof UserError) {
			stderr.write(`snn-energy: ${error.message}\n`);
			return error.exitCode;
		}
		const detail = error instanceof Error ? error : new Error(String(error));
		stderr.write(
			`snn-energy: internal error: ${detail.message}\n  This is a bug in snn-energy. Set SNN_ENERGY_DEBUG=1 to see where it happened.\n`,
		);
		if (process.env.SNN_ENERGY_DEBUG) stderr.write(`${detail.stack ?? ''}\n`);
		return 70;
	}
}

process.exitCode = await main(hideBin(process.argv));

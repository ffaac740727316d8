import type { Argv, Options } from 'yargs';
import type { DocumentFormat } from '../reporting/render-document.ts';
import { countOptions, dataOptions, modelOptions, type RunArguments, scaleOptions, withOptions } from './options.ts';

/** What yargs hands over for commands that study one run under one profile. */
export interface StudyArguments extends RunArguments {
	readonly run: string;
	readonly profile: string;
	readonly set: readonly string[];
	readonly format: DocumentFormat;
	readonly out?: string;
}

/**
 * The options such commands share.
 *
 * @param own those of one command, listed behind the profile
 */
export const withStudyOptions = (command: Argv, own: Readonly<Record<string, Options>> = {}, defaultProfile = '45nm'): Argv =>
	withOptions(
		command.positional('run', { type: 'string', demandOption: true, describe: 'JSON of an earlier "analyze", or a model file' }),
		dataOptions,
		modelOptions,
		countOptions,
		scaleOptions,
		{
			profile: { type: 'string', default: defaultProfile, describe: 'Hardware profile, name or file' },
			set: { type: 'string', array: true, nargs: 1, default: [], describe: 'Change a constant, such as E_ac=0.4pJ' },
		},
		own,
		{
			format: {
				choices: ['table', 'json', 'csv', 'markdown', 'latex'],
				default: 'table',
				describe: 'Form of the result',
			},
			out: { type: 'string', describe: 'Write the result to this file instead of stdout' },
			quiet: { type: 'boolean', default: false, describe: 'No progress on stderr' },
		},
	);

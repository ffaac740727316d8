import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { DocumentFormat } from '../../reporting/render-document.ts';
import { countOptions, dataOptions, modelOptions, type SharedArguments, scaleOptions, withOptions } from '../options.ts';

interface AccountingsArguments extends Omit<SharedArguments, 'profile' | 'format'> {
	readonly run: string;
	readonly profile: string;
	readonly format: DocumentFormat;
	readonly accounting?: string;
}

export const accountings: CommandModule = {
	command: 'accountings <run>',
	describe: 'What a run costs when its events are counted in each published way',
	builder: (command) =>
		withOptions(
			command.positional('run', {
				type: 'string',
				demandOption: true,
				describe: 'JSON of an earlier "analyze", or a model file',
			}),
			dataOptions,
			modelOptions,
			countOptions,
			scaleOptions,
		)
			.option('profile', { type: 'string', default: '45nm', describe: 'Hardware profile, name or file' })
			.option('set', { type: 'string', array: true, nargs: 1, default: [], describe: 'Change a constant, such as E_ac=0.4pJ' })
			.option('accounting', { type: 'string', default: 'all', describe: 'Ways of counting, separated by commas' })
			.option('format', {
				choices: ['table', 'json', 'csv', 'markdown', 'latex'],
				default: 'table',
				describe: 'Form of the result',
			})
			.option('out', { type: 'string', describe: 'Write the result to this file instead of stdout' })
			.option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
			.example('$0 accountings run.json --profile 45nm', ''),
	handler: (values) => run(values as unknown as AccountingsArguments),
};

async function run(values: AccountingsArguments): Promise<void> {
	const { compareAccountings, loadProfile } = await import('../../hardware/index.ts');
	const { describeAccountings } = await import('../../reporting/accountings-document.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { runOf } = await import('../run-of.ts');

	const profile = loadProfile(values.profile, { set: values.set ?? [] });
	const names = accountingsOf(values.accounting);
	const activity = await runOf(values.run, { ...values, profile: [values.profile], format: 'json' });
	const result = describeAccountings(compareAccountings(activity, profile, names));
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

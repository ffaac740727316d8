import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { type StudyArguments, withStudyOptions } from '../study-options.ts';

interface AccountingsArguments extends StudyArguments {
	readonly accounting?: string;
}

export const accountings: CommandModule = {
	command: 'accountings <run>',
	describe: 'What a run costs when its events are counted in each published way',
	builder: (command) =>
		withStudyOptions(command, {
			accounting: { type: 'string', default: 'all', describe: 'Ways of counting, separated by commas' },
		}).example('$0 accountings run.json --profile 45nm', ''),
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

	const profile = loadProfile(values.profile, { set: values.set });
	const names = accountingsOf(values.accounting);
	const activity = await runOf(values.run, values);
	const result = describeAccountings(compareAccountings(activity, profile, names));
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

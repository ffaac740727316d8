import { stdout } from 'node:process';
import { type DocumentFormat, pageFormats, renderDocument } from '../../reporting/formats.ts';
import type { Command } from '../command.ts';

interface ValidateArguments {
	readonly cases: readonly string[] | undefined;
	readonly only: readonly string[] | undefined;
	readonly verbose: boolean;
	readonly format: DocumentFormat;
	readonly out: string | undefined;
}

export const validate: Command = {
	command: 'validate',
	describe: 'Recompute published reference points and print ours, theirs, the error and a grade',
	builder: (command) =>
		command
			.option('cases', { type: 'string', array: true, nargs: 1, describe: 'Also run the case files of this folder (repeatable)' })
			.option('only', {
				type: 'string',
				array: true,
				nargs: 1,
				describe: 'Run the cases with this word in their name, such as truenorth (repeatable)',
			})
			.option('verbose', {
				type: 'boolean',
				default: false,
				describe: 'Print every value, its note and its source, not a page by case',
			})
			.option('format', { choices: pageFormats, default: 'table', describe: 'Form of the result' })
			.option('out', {
				type: 'string',
				describe: 'Write the result to this file instead of stdout; its ending gives the format',
			}),
	examples: [['validate --only loihi --verbose'], ['validate --cases mycases --format json']],
	handler: (values) => run(values as unknown as ValidateArguments),
};

async function run({ cases, only, verbose, format, out }: ValidateArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { readCases, scorecard, selectCases, shippedCases } = await import('../../hardware/validation/index.ts');
	const { outsideTolerance } = await import('../../hardware/validation/messages.ts');
	const { countEvents, loadNetwork } = await import('../../pipeline.ts');
	const { describeScorecard } = await import('../../reporting/scorecard-document.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { writeResult } = await import('../output.ts');

	const files = selectCases([shippedCases, ...(cases ?? [])].flatMap(readCases), only ?? []);
	const result = await scorecard(files, async (model, { data, timesteps, encoder }) =>
		countEvents(await loadNetwork(model, { timesteps }), { data, encoder }),
	);
	await writeResult(
		await renderDocument(describeScorecard(result, { verbose }), format, terminalOptions(stdout, process.env)),
		out,
	);
	if (result.outside > 0) throw new UserError(outsideTolerance(result.outside, result.judged), { exitCode: 3 });
}

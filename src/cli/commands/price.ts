import { stderr, stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { type LimitArguments, limitOptions } from '../limit-options.ts';
import { methodOptions, outputOptions, priceOptions, type SharedArguments, withOptions } from '../options.ts';

interface PriceArguments extends SharedArguments, LimitArguments {
	readonly run: string;
}

export const price: CommandModule = {
	command: 'price <run>',
	describe: 'Price the event counts of an earlier run again, without running the model',
	builder: (command) =>
		withOptions(
			command.positional('run', {
				type: 'string',
				demandOption: true,
				describe: 'JSON of "analyze … --save-activity" or "--format json"',
			}),
			priceOptions,
			outputOptions,
			methodOptions,
			limitOptions,
		)
			.example('$0 price run.json --profile 45nm-memory --profile loihi', '')
			.example('$0 price run.json --profile 45nm --set E_ac=0.4pJ', 'what if')
			.example('$0 price run.json --accounting all', 'counted in every published way'),
	handler: (values) => run(values as unknown as PriceArguments),
};

async function run(values: PriceArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { notARun } = await import('../../hardware/messages.ts');
	const { priceActivity } = await import('../../pipeline.ts');
	const { brokenLimits } = await import('../../reporting/gate.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { limitsOf } = await import('../limits.ts');
	const { writeResult } = await import('../output.ts');
	const { resultText } = await import('../render-results.ts');
	const { readSavedRun } = await import('../saved-run.ts');

	const accountings = accountingsOf(values.accounting);
	const limits = limitsOf(values);
	const activity = readSavedRun(values.run);
	if (!activity) throw new UserError(notARun(values.run));
	const analysis = priceActivity(activity, { profiles: values.profile ?? [], set: values.set ?? [], accountings });
	await writeResult(await resultText([analysis], values, terminalOptions(stdout, process.env)), values.out);
	for (const failure of brokenLimits(analysis, limits)) {
		stderr.write(`snn-energy: ${failure}\n`);
		process.exitCode = 3;
	}
}

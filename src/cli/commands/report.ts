import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { methodOptions, optionalProfile, outputOptions, priceOptions, type SharedArguments } from '../options.ts';

interface ReportArguments extends SharedArguments {
	readonly results: readonly string[];
}

export const report: CommandModule = {
	command: 'report <results..>',
	describe: 'Write a report page of saved results: answer, charts, method, how to repeat it',
	builder: (command) =>
		command
			.positional('results', {
				type: 'string',
				array: true,
				demandOption: true,
				describe: 'JSON files of "analyze"; several are compared',
			})
			.options({
				profile: optionalProfile,
				set: priceOptions.set,
				format: { ...outputOptions.format, default: 'html' },
				out: outputOptions.out,
				...methodOptions,
			})
			.example('$0 report run.json --out report.html', '')
			.example('$0 report dnn.json snn-t5.json snn-t1.json --out compare.html', '')
			.example('$0 report run.json --method', ''),
	handler: (values) => run(values as unknown as ReportArguments),
};

async function run(values: ReportArguments): Promise<void> {
	const { savedResults } = await import('../results.ts');
	const { writeResult } = await import('../output.ts');
	const set = values.set ?? [];
	const analyses = savedResults(values.results, { profiles: values.profile, set, accountings: ['exact'] });
	const { resultText } = await import('../render-results.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	await writeResult(await resultText(analyses, values, terminalOptions(stdout, process.env)), values.out);
}

import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import {
	countOptions,
	dataOptions,
	modelOptions,
	optionalProfile,
	outputOptions,
	priceOptions,
	type SharedArguments,
	saveActivityFolder,
	scaleOptions,
	withOptions,
} from '../options.ts';

interface CompareArguments extends SharedArguments {
	readonly models: readonly string[];
	readonly baseline?: number;
}

export const compare: CommandModule = {
	command: 'compare <models..>',
	describe: 'Set models side by side: accuracy, spikes, operations, energy and latency, a row each',
	builder: (command) =>
		withOptions(
			command.positional('models', {
				type: 'string',
				array: true,
				demandOption: true,
				describe: 'Models to run, folders that hold one, or JSON of earlier runs',
			}),
			{ ...priceOptions, profile: optionalProfile },
			dataOptions,
			modelOptions,
			countOptions,
			{ ...scaleOptions, 'save-activity': saveActivityFolder },
			outputOptions,
		)
			.option('baseline', {
				type: 'number',
				describe: 'Place of the model all ratios refer to (default: the first plain network, else the first)',
				group: 'Output:',
			})
			.example('$0 compare dnn.onnx snn-t5.onnx snn-t1.onnx --data x.npy --labels y.npy --profile 45nm --profile loihi', '')
			.example('$0 compare models/cifar10-* --format html --out compare.html', 'each with the samples beside it')
			.example('$0 compare dnn.json snn.json', 'saved runs, nothing is run again'),
	handler: (values) => run(values as unknown as CompareArguments),
};

async function run(values: CompareArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { baselineOutside } = await import('../messages.ts');
	const { modelFiles, priced, savedResult } = await import('../results.ts');
	const { resultText } = await import('../render-results.ts');
	const { activityFiles } = await import('../activity-files.ts');
	const { runOf } = await import('../run-of.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { writeResult } = await import('../output.ts');

	const set = values.set ?? [];
	const pricing = { profiles: values.profile, set, accountings: accountingsOf(values.accounting) };
	for (const name of values.profile ?? []) loadProfile(name, { set });
	const files = modelFiles(values.models);
	const { baseline } = values;
	if (baseline !== undefined && !(Number.isInteger(baseline) && baseline >= 1 && baseline <= files.length))
		throw new UserError(baselineOutside(baseline, files.length), { exitCode: 2 });
	const analyses: Awaited<ReturnType<typeof savedResult>>[] = [];
	const places = activityFiles(files, values);
	for (const [at, file] of files.entries())
		analyses.push(savedResult(file, pricing) ?? priced(await runOf(file, { ...values, saveActivity: places[at] }), pricing));
	const known = analyses.filter((analysis) => analysis !== null);
	const text = await resultText(
		known,
		values,
		terminalOptions(stdout, process.env),
		baseline === undefined ? undefined : baseline - 1,
	);
	await writeResult(text, values.out);
}

import { stdout } from 'node:process';
import type { DocumentFormat } from '../../reporting/formats.ts';
import type { Analysis } from '../../reporting/index.ts';
import type { TerminalOptions } from '../../reporting/terminal.ts';
import type { Command } from '../command.ts';
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
	readonly layers?: boolean;
	readonly exitCode?: boolean;
}

export const compare: Command = {
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
				describe: 'Place of the model all ratios refer to (default: the first DNN, else the first)',
				group: 'Output:',
			})
			.option('layers', {
				type: 'boolean',
				default: false,
				describe: 'Two runs: what changed from the first to the second, layer by layer',
				group: 'Output:',
			})
			.option('exit-code', {
				type: 'boolean',
				default: false,
				describe: 'With --layers: exit with 3 if anything differs',
				group: 'Output:',
			}),
	examples: [
		['compare dnn.onnx snn-t5.onnx snn-t1.onnx --data x.npy --labels y.npy'],
		['compare models/cifar10-* --format html --out compare.html', 'folders, each with its samples'],
		['compare dnn.json snn.json', 'saved runs, nothing is run again'],
		['compare old.json new.json --layers', 'what changed'],
	],
	handler: (values) => run(values as unknown as CompareArguments),
};

async function run(values: CompareArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { modelFileOf } = await import('../../formats/model-folder.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { baselineOutside, exitCodeWithLayers, layersOfTwo } = await import('../messages.ts');
	const { priced, savedResult } = await import('../results.ts');
	const { resultText } = await import('../render-results.ts');
	const { activityFiles } = await import('../activity-files.ts');
	const { runOf } = await import('../run-of.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { writeResult } = await import('../output.ts');

	const set = values.set ?? [];
	const pricing = { profiles: values.profile, set, accountings: accountingsOf(values.accounting) };
	for (const name of values.profile ?? []) loadProfile(name, { set });
	const files = values.models.map(modelFileOf);
	const { baseline } = values;
	if (baseline !== undefined && !(Number.isInteger(baseline) && baseline >= 1 && baseline <= files.length))
		throw new UserError(baselineOutside(baseline, files.length), { exitCode: 2 });
	if (values.layers && files.length !== 2) throw new UserError(layersOfTwo(files.length), { exitCode: 2 });
	if (values.exitCode && !values.layers) throw new UserError(exitCodeWithLayers(), { exitCode: 2 });
	const analyses: Analysis[] = [];
	const places = activityFiles(files, values);
	for (const [at, file] of files.entries())
		analyses.push(savedResult(file, pricing) ?? priced(await runOf(file, { ...values, saveActivity: places[at] }), pricing));
	const terminal = terminalOptions(stdout, process.env);
	if (values.layers) return writeDifference(analyses, values, terminal);
	const text = await resultText(analyses, values, terminal, baseline === undefined ? undefined : baseline - 1);
	await writeResult(text, values.out);
}

async function writeDifference(
	[before, after]: readonly Analysis[],
	{ format = 'table', out, exitCode }: CompareArguments,
	terminal: TerminalOptions,
): Promise<void> {
	const { diffAnalyses } = await import('../../reporting/diff.ts');
	const { renderDocument } = await import('../../reporting/formats.ts');
	const { writeResult } = await import('../output.ts');
	if (before === undefined || after === undefined) return;
	const difference = diffAnalyses(before, after);
	// A page is refused before anything runs.
	await writeResult(await renderDocument(difference, format as DocumentFormat, terminal), out);
	if (exitCode && difference.changed) process.exitCode = 3;
}

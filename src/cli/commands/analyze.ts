import { stderr, stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { Reading } from '../../reporting/ambiguity.ts';
import type { Analysis } from '../../reporting/index.ts';
import { type LimitArguments, limitOptions } from '../limit-options.ts';
import {
	countOptions,
	countOptionsOf,
	dataOptions,
	loadOptionsOf,
	methodOptions,
	modelOptions,
	outputOptions,
	priceOptions,
	type SharedArguments,
	scaleOptions,
	withOptions,
} from '../options.ts';

interface AnalyzeArguments extends SharedArguments, LimitArguments {
	readonly model: string;
	readonly ambiguity?: boolean;
}

export const analyze: CommandModule = {
	command: 'analyze <model>',
	describe: 'Run a model on data, count its events, and price them as energy and latency',
	builder: (command) =>
		withOptions(
			command.positional('model', { type: 'string', demandOption: true, describe: 'ONNX, NIR or tfjs model file' }),
			priceOptions,
			dataOptions,
			modelOptions,
			countOptions,
			scaleOptions,
			outputOptions,
			methodOptions,
			limitOptions,
		)
			.option('ambiguity', {
				type: 'boolean',
				default: false,
				describe: 'Show instead how much the result moves between the readings the file leaves open',
				group: 'Output:',
			})
			.example('$0 analyze model.onnx', 'with the samples beside it, priced at 45 nm')
			.example('$0 analyze model.onnx --data x.npy --labels y.npy --profile 45nm --profile loihi', '')
			.example('$0 analyze step.onnx --timesteps 6 --data x.npy --format json --out a.json', '')
			.example('$0 analyze vgg.onnx --data cifar10 --jobs 4 --save-activity run.activity.json', 'add --resume after Ctrl-C')
			.example('$0 analyze vgg.onnx --data cifar10 --shard 2/7 --save-activity 2.activity.json', 'then: merge'),
	handler: (values) => run(values as unknown as AnalyzeArguments),
};

async function run(values: AnalyzeArguments): Promise<void> {
	const { priceActivity } = await import('../../pipeline.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { brokenLimits } = await import('../../reporting/gate.ts');
	const { limitsOf } = await import('../limits.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { countForCommand } = await import('../count-model.ts');
	const { writeResult } = await import('../output.ts');
	const { resultText } = await import('../render-results.ts');

	const profiles = values.profile ?? [];
	const set = values.set ?? [];
	const accountings = accountingsOf(values.accounting);
	// Everything that can be wrong in the arguments is found before the model runs.
	for (const name of profiles) loadProfile(name, { set });
	const limits = limitsOf(values);

	const activity = await countForCommand(values.model, values);
	const analysis = priceActivity(activity, { profiles, set, accountings });
	const text = values.ambiguity
		? await ambiguityText(values, analysis)
		: await resultText([analysis], values, terminalOptions(stdout, process.env));
	await writeResult(text, values.out);
	// A CSV has no place for warnings; nobody should miss that its numbers come from random input.
	if (values.format === 'csv') for (const warning of analysis.warnings) stderr.write(`snn-energy: ${warning}\n`);
	for (const failure of brokenLimits(analysis, limits)) {
		stderr.write(`snn-energy: ${failure}\n`);
		process.exitCode = 3;
	}
}

async function ambiguityText(values: AnalyzeArguments, analysis: Analysis): Promise<string> {
	const { countEvents, loadNetwork, priceActivity } = await import('../../pipeline.ts');
	const { alternatives } = await import('../ambiguity.ts');
	const { describeAmbiguity } = await import('../../reporting/ambiguity.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { otherTimesteps } = await import('../../other-timesteps.ts');
	const facts = {
		otherTimesteps: otherTimesteps(await loadNetwork(values.model, loadOptionsOf(values))),
		format: analysis.model.format,
		timesteps: analysis.run.timesteps,
		graded: analysis.layers.some((layer) => layer.kind === 'synaptic' && layer.inputKind === 'graded'),
	};
	const { parseShard } = await import('../../scale/index.ts');
	// The same samples as the run they are compared with.
	const shard = values.shard === undefined ? undefined : parseShard(values.shard);
	const asked = { ...countOptionsOf(values), shard, threads: values.threads };
	const readings: Reading[] = [];
	for (const { flags, load, count } of alternatives(loadOptionsOf(values), asked, facts)) {
		const activity = await countEvents(await loadNetwork(values.model, load), count);
		readings.push({ flags, analysis: priceActivity(activity, { profiles: values.profile ?? [], set: values.set }) });
	}
	const format = values.format === 'html' || values.format === undefined ? 'table' : values.format;
	return renderDocument(
		describeAmbiguity([{ flags: 'as analysed', analysis }, ...readings]),
		format,
		terminalOptions(stdout, process.env),
	);
}

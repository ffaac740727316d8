import { stderr, stdout } from 'node:process';
import type { Activity } from '../../activity/activity.ts';
import type { Reading } from '../../reporting/ambiguity.ts';
import type { DocumentFormat } from '../../reporting/formats.ts';
import type { Analysis } from '../../reporting/index.ts';
import type { Command } from '../command.ts';
import { type LimitArguments, limitOptions } from '../limit-options.ts';
import {
	countOptions,
	countOptionsOf,
	dataOptions,
	isRunOption,
	loadOptionsOf,
	methodOptions,
	modelOptions,
	optionalProfile,
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

export const analyze: Command = {
	command: 'analyze <model>',
	describe: 'Run a model on data, count its events and price them; or price a saved run again',
	builder: (command) =>
		withOptions(
			command.positional('model', {
				type: 'string',
				demandOption: true,
				describe: 'ONNX, NIR or tfjs model, its folder, or the JSON of an earlier run',
			}),
			{ ...priceOptions, profile: optionalProfile },
			dataOptions,
			modelOptions,
			countOptions,
			scaleOptions,
			outputOptions,
			methodOptions,
			limitOptions,
		)
			.option('densities', {
				type: 'boolean',
				default: false,
				describe: 'Also count bit and product density, partial sums and different weights (a second, slower run)',
				group: 'Counting:',
				hidden: true,
			})
			.option('ambiguity', {
				type: 'boolean',
				default: false,
				describe: 'Show instead how much the result moves between the readings the file leaves open',
				group: 'Output:',
				hidden: true,
			}),
	examples: [
		['analyze model.onnx', 'the samples beside it, priced at 45 nm'],
		['analyze model.onnx --data x.npy --labels y.npy --profile 45nm,loihi'],
		['analyze step.onnx --timesteps 6 --data x.npy --format json --out run.json'],
		['analyze run.json --profile 45nm-memory --set E_ac=0.4pJ', 'nothing is run again'],
		['analyze vgg.onnx --data cifar10 --jobs 4 --save-activity run.activity.json'],
	],
	handler: (values) => run(values as unknown as AnalyzeArguments),
};

async function run(values: AnalyzeArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { brokenLimits } = await import('../../reporting/gate.ts');
	const { limitsOf } = await import('../limits.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { needsModel } = await import('../messages.ts');
	const { withConfiguredNote } = await import('../configured.ts');
	const { priced, savedResult } = await import('../results.ts');
	const { refuseRunOptions } = await import('../run-of.ts');
	const { writeResult } = await import('../output.ts');
	const { resultText } = await import('../render-results.ts');

	const set = values.set ?? [];
	const pricing = { profiles: values.profile, set, accountings: accountingsOf(values.accounting) };
	// Everything that can be wrong in the arguments is found before the model runs.
	for (const name of values.profile ?? []) loadProfile(name, { set });
	const limits = limitsOf(values);

	const saved = savedResult(values.model, pricing);
	if (saved !== null) {
		refuseRunOptions(values.model, values);
		if (values.ambiguity) throw new UserError(needsModel('ambiguity', values.model), { exitCode: 2 });
	}
	const result = saved ?? priced(await counted(values), pricing);
	const analysis = withConfiguredNote(result, values.configured, (name) => !isRunOption(name));
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

/** What counts is loaded here, because a saved run needs none of it. */
async function counted(values: AnalyzeArguments): Promise<Activity> {
	const { countForCommand } = await import('../count-model.ts');
	return countForCommand(values.model, values);
}

async function ambiguityText(values: AnalyzeArguments, analysis: Analysis): Promise<string> {
	const { countEvents, loadNetwork, priceActivity } = await import('../../pipeline.ts');
	const { alternatives } = await import('../ambiguity.ts');
	const { describeAmbiguity } = await import('../../reporting/ambiguity.ts');
	const { renderDocument } = await import('../../reporting/formats.ts');
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
		readings.push({ flags, analysis: priceActivity(activity, { profiles: values.profile ?? ['45nm'], set: values.set }) });
	}
	const all = describeAmbiguity([{ flags: 'as analysed', analysis }, ...readings]);
	// A page is refused before anything runs.
	return await renderDocument(all, (values.format ?? 'table') as DocumentFormat, terminalOptions(stdout, process.env));
}

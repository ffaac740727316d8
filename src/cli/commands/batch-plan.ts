import { stdout } from 'node:process';
import type { Command } from '../command.ts';
import { countOptions, dataOptions, modelOptions, priceOptions, type SharedArguments, withOptions } from '../options.ts';

interface SweepArguments extends Omit<SharedArguments, 'timesteps' | 'out'> {
	readonly models: readonly string[];
	readonly timesteps?: string;
	readonly shards: number;
	readonly out: string;
	readonly program: string;
}

const { timesteps: _, ...otherModelOptions } = modelOptions;

export const plan: Command = {
	command: 'plan <models..>',
	describe: 'Write the job list of models × timesteps × shards, and what joins and prices their counts',
	builder: (command) =>
		withOptions(
			command.positional('models', {
				type: 'string',
				array: true,
				demandOption: true,
				describe: 'Models, or folders that hold one',
			}),
			priceOptions,
			dataOptions,
			otherModelOptions,
			countOptions,
		)
			.option('timesteps', {
				type: 'string',
				alias: 'T',
				describe: 'Timesteps of models that compute one at a time, separated by commas, such as 1,2,4',
				group: 'Model:',
			})
			.option('shards', { type: 'number', default: 1, describe: 'Cut each run into this many jobs', group: 'Output:' })
			.option('out', {
				type: 'string',
				demandOption: true,
				describe: 'Folder for jobs.txt, finish.sh and sweep.json; the jobs write their counts there too',
				group: 'Output:',
			})
			.option('program', {
				type: 'string',
				default: 'snn-energy',
				describe: 'How the jobs call this program, such as "npx snn-energy"',
				group: 'Output:',
			}),
	examples: [
		['batch plan models/* --profile 45nm,loihi --shards 8 --out sweep'],
		['batch plan snn.onnx -T 1,2,4,8 --data cifar10 --out sweep'],
		["xargs -d '\\n' -P 4 -I{} sh -c {} < sweep/jobs.txt && sh sweep/finish.sh", 'runs them here'],
	],
	handler: (values) => run(values as unknown as SweepArguments),
};

async function run(values: SweepArguments): Promise<void> {
	const { join } = await import('node:path');
	const { UserError } = await import('../../errors.ts');
	const { makeFolder, writeWhole } = await import('../../files.ts');
	const { loadProfile } = await import('../../hardware/index.ts');
	const { planSweep, finishScript } = await import('../../jobs/sweep.ts');
	const messages = await import('../../jobs/messages.ts');
	const { renderJson } = await import('../../reporting/json-text.ts');
	const { accountingsOf } = await import('../accountings.ts');
	const { modelFileOf } = await import('../../formats/model-folder.ts');
	const { sweepModels } = await import('../sweep-models.ts');

	const { shards, out, program } = values;
	if (!Number.isSafeInteger(shards) || shards < 1) throw new UserError(messages.shardsNumber(shards), { exitCode: 2 });
	const timesteps = values.timesteps === undefined ? [] : values.timesteps.split(',').map(Number);
	if (timesteps.some((one) => !Number.isSafeInteger(one) || one < 1))
		throw new UserError(messages.timestepsSyntax(values.timesteps ?? ''), { exitCode: 2 });
	accountingsOf(values.accounting);
	for (const name of values.profile ?? []) loadProfile(name, { set: values.set ?? [] });
	const models = await sweepModels(values.models.map(modelFileOf), timesteps, shards, values);

	const plan = planSweep({
		models,
		profiles: values.profile ?? [],
		shards,
		folder: out,
		program,
		analyzeOptions: wordsOf(values, [
			...Object.keys(otherModelOptions),
			...Object.keys(dataOptions),
			...Object.keys(countOptions),
		]),
		priceOptions: wordsOf(values, ['set', 'accounting']),
	});
	for (const folder of ['counts', 'results']) makeFolder(join(out, folder), '--out');
	writeWhole(join(out, 'sweep.json'), [renderJson(plan)]);
	writeWhole(join(out, 'finish.sh'), [finishScript(plan)]);
	writeWhole(join(out, 'jobs.txt'), [`${plan.jobs.join('\n')}\n`]);
	stdout.write(`${messages.sweepWritten(plan.jobs.length, plan.runs.length, out)}\n`);
}

/** The options a user has set, as words of a command line. */
function wordsOf(values: Readonly<Record<string, unknown>> | object, names: readonly string[]): string[] {
	const known = values as Readonly<Record<string, unknown>>;
	return names.flatMap((name) => {
		const value = known[name];
		const defaults: Readonly<Record<string, { readonly default?: unknown }>> = countOptions;
		if (value === undefined || value === defaults[name]?.default) return [];
		return [value].flat().flatMap((one) => [`--${name}`, String(one)]);
	});
}

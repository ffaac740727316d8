import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { DocumentFormat } from '../../reporting/render-document.ts';
import { countOptions, dataOptions, modelOptions, type SharedArguments, scaleOptions, withOptions } from '../options.ts';

interface SensitivityArguments extends Omit<SharedArguments, 'profile' | 'format'> {
	readonly run: string;
	readonly profile: string;
	readonly format: DocumentFormat;
	readonly quantity: 'energy' | 'latency' | 'ratio';
	readonly sweep?: string;
}

export const sensitivity: CommandModule = {
	command: 'sensitivity <run>',
	describe: 'Which constants of a profile matter for a run, and what happens along one variable',
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
			.option('quantity', {
				choices: ['energy', 'latency', 'ratio'],
				default: 'energy',
				describe: 'What is watched; ratio is plain DNN ÷ spiking network',
			})
			.option('sweep', { type: 'string', describe: 'VARIABLE=V1,V2,…: a constant, timesteps, or node (in nm)' })
			.option('format', {
				choices: ['table', 'json', 'csv', 'markdown', 'latex'],
				default: 'table',
				describe: 'Form of the result',
			})
			.option('out', { type: 'string', describe: 'Write the result to this file instead of stdout' })
			.option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
			.example('$0 sensitivity run.json --profile 45nm-memory', 'a tornado: largest effect first')
			.example('$0 sensitivity run.json --sweep timesteps=1,2,4,8', '')
			.example('$0 sensitivity run.json --profile 45nm-memory --sweep onChipCapacity=1MiB,4MiB,16MiB', ''),
	handler: (values) => run(values as unknown as SensitivityArguments),
};

async function run(values: SensitivityArguments): Promise<void> {
	const { loadProfile, sensitivity: study, sweep } = await import('../../hardware/index.ts');
	const { describeSensitivity, describeSweep } = await import('../../reporting/sensitivity-document.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { runOf } = await import('../run-of.ts');

	const profile = loadProfile(values.profile, { set: values.set ?? [] });
	const variable = values.sweep === undefined ? null : await parseSweep(values.sweep);
	const activity = await runOf(values.run, { ...values, profile: [values.profile], format: 'json' });
	const result = variable
		? describeSweep(sweep(activity, profile, variable.name, variable.values))
		: describeSensitivity(study(activity, profile, values.quantity));
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

async function parseSweep(text: string): Promise<{ readonly name: string; readonly values: readonly string[] }> {
	const match = /^([A-Za-z][A-Za-z0-9_]*)=(.+)$/.exec(text);
	const values = match?.[2]?.split(',').map((value) => value.trim()) ?? [];
	if (match && values.length <= 1000 && values.every((value) => value !== '')) return { name: match[1] ?? '', values };
	const { UserError } = await import('../../errors.ts');
	const { badSweep } = await import('../../hardware/messages.ts');
	throw new UserError(badSweep(text), { exitCode: 2 });
}

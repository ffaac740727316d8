import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { DocumentFormat } from '../../reporting/render-document.ts';
import { countOptions, dataOptions, modelOptions, type SharedArguments, scaleOptions, withOptions } from '../options.ts';

interface MemoryArguments extends Omit<SharedArguments, 'profile' | 'format'> {
	readonly run: string;
	readonly profile: string;
	readonly format: DocumentFormat;
}

export const memory: CommandModule = {
	command: 'memory <run>',
	describe: 'What memory holds and moves, and how membrane traffic grows with timesteps',
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
			.option('profile', { type: 'string', default: '45nm-memory', describe: 'Hardware profile, name or file' })
			.option('set', { type: 'string', array: true, nargs: 1, default: [], describe: 'Change a constant, such as E_ac=0.4pJ' })
			.option('format', {
				choices: ['table', 'json', 'csv', 'markdown', 'latex'],
				default: 'table',
				describe: 'Form of the result',
			})
			.option('out', { type: 'string', describe: 'Write the result to this file instead of stdout' })
			.option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
			.example('$0 memory run.json --set onChipCapacity=2MiB', ''),
	handler: (values) => run(values as unknown as MemoryArguments),
};

async function run(values: MemoryArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { loadProfile, memoryStudy } = await import('../../hardware/index.ts');
	const { noMemoryModel } = await import('../../hardware/messages.ts');
	const { describeMemory } = await import('../../reporting/memory-document.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { runOf } = await import('../run-of.ts');

	const profile = loadProfile(values.profile, { set: values.set ?? [] });
	if (!profile.memory) throw new UserError(noMemoryModel(profile.name));
	const activity = await runOf(values.run, { ...values, profile: [values.profile], format: 'json' });
	const study = memoryStudy(activity, profile);
	if (!study) throw new UserError(noMemoryModel(profile.name));
	const result = describeMemory(study);
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

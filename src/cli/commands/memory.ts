import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { type StudyArguments, withStudyOptions } from '../study-options.ts';

export const memory: CommandModule = {
	command: 'memory <run>',
	describe: 'What memory holds and moves, and how membrane traffic grows with timesteps',
	builder: (command) => withStudyOptions(command, {}, '45nm-memory').example('$0 memory run.json --set onChipCapacity=2MiB', ''),
	handler: (values) => run(values as unknown as StudyArguments),
};

async function run(values: StudyArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { loadProfile, memoryStudy } = await import('../../hardware/index.ts');
	const { noMemoryModel } = await import('../../hardware/messages.ts');
	const { describeMemory } = await import('../../reporting/memory-document.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { runOf } = await import('../run-of.ts');

	const profile = loadProfile(values.profile, { set: values.set });
	if (!profile.memory) throw new UserError(noMemoryModel(profile.name));
	const activity = await runOf(values.run, values);
	const study = memoryStudy(activity, profile);
	if (!study) throw new UserError(noMemoryModel(profile.name));
	const result = describeMemory(study);
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

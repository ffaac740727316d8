import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { type StudyArguments, withStudyOptions } from '../study-options.ts';

interface SensitivityArguments extends StudyArguments {
	readonly quantity: 'energy' | 'latency' | 'ratio';
	readonly sweep?: string;
}

export const sensitivity: CommandModule = {
	command: 'sensitivity <run>',
	describe: 'Which constants of a profile matter for a run, and what happens along one variable',
	builder: (command) =>
		withStudyOptions(command, {
			quantity: {
				choices: ['energy', 'latency', 'ratio'],
				default: 'energy',
				describe: 'What is watched; ratio is plain DNN ÷ spiking network',
			},
			sweep: { type: 'string', describe: 'VARIABLE=V1,V2,…: a constant, timesteps, or node (in nm)' },
		})
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

	const profile = loadProfile(values.profile, { set: values.set });
	const variable = values.sweep === undefined ? null : await parseSweep(values.sweep);
	const activity = await runOf(values.run, values);
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

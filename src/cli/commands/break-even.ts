import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import { type StudyArguments, withStudyOptions } from '../study-options.ts';

interface BreakEvenArguments extends StudyArguments {
	readonly density: number;
	readonly dnn?: string;
}

export const breakEven: CommandModule = {
	command: 'break-even <run>',
	describe: 'The firing rate and timesteps at which a spiking network stops beating a plain DNN',
	builder: (command) =>
		withStudyOptions(command, {
			density: { type: 'number', default: 0.5, describe: 'Share of nonzero activations of the DNN that skips zeros' },
			dnn: { type: 'string', describe: 'JSON of a run of that DNN, measured instead of assumed' },
		}).example('$0 break-even run.json --profile 45nm-memory', ''),
	handler: (values) => run(values as unknown as BreakEvenArguments),
};

async function run(values: BreakEvenArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { breakEven: study, loadProfile } = await import('../../hardware/index.ts');
	const { badDensity, notARun } = await import('../../hardware/messages.ts');
	const { describeBreakEven } = await import('../../reporting/break-even-document.ts');
	const { readSavedRun } = await import('../saved-run.ts');
	const { terminalOptions } = await import('../../reporting/index.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { writeResult } = await import('../output.ts');
	const { notComparable } = await import('../messages.ts');
	const { comparable } = await import('../../network/findings.ts');
	const { runOf } = await import('../run-of.ts');

	const profile = loadProfile(values.profile, { set: values.set });
	if (!(values.density >= 0 && values.density <= 1)) throw new UserError(badDensity(values.density), { exitCode: 2 });
	const twin = values.dnn === undefined ? undefined : readSavedRun(values.dnn);
	if (twin === null) throw new UserError(notARun(values.dnn ?? ''));
	const activity = await runOf(values.run, values);
	if (!comparable(activity.balance)) throw new UserError(notComparable(values.run, activity.balance?.headlines ?? []));
	const result = describeBreakEven(study(activity, profile, { density: values.density, ...(twin ? { twin } : {}) }));
	await writeResult(renderDocument(result, values.format, terminalOptions(stdout, process.env)), values.out);
}

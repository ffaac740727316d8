import { readFileSync } from 'node:fs';
import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { DocumentFormat } from '../../reporting/render-document.ts';

interface FitArguments {
	readonly run: string;
	readonly profile: string;
	readonly force: boolean;
	readonly set: readonly string[];
	readonly format: string;
}

export const fit: CommandModule = {
	command: 'fit <run>',
	describe: 'Place a counted network on a many-core chip: cores, walls, energy, latency and its bottleneck',
	builder: (command) =>
		command
			.positional('run', { type: 'string', demandOption: true, describe: 'Analysis saved as JSON ("analyze … --format json")' })
			.option('profile', { type: 'string', default: 'loihi-sanafe', describe: 'Hardware profile with a chip section' })
			.option('force', {
				type: 'boolean',
				default: false,
				describe: 'Price the network although a limit of the chip stands in the way',
			})
			.option('set', {
				type: 'string',
				array: true,
				nargs: 1,
				default: [],
				describe: 'Change a constant, e.g. neuronsPerCore=2048',
			})
			.option('format', { choices: ['table', 'json', 'csv', 'markdown'], default: 'table' })
			.example('$0 fit run.json --profile truenorth', ''),
	handler: (values) => run(values as unknown as FitArguments),
};

async function run({ run: file, profile, force, set, format }: FitArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { chipParameters, fitNetwork } = await import('../../hardware/chip/index.ts');
	const messages = await import('../../hardware/chip/messages.ts');
	const { loadProfile } = await import('../../hardware/profile/load.ts');
	const { activityOf, parseAnalysis, terminalOptions } = await import('../../reporting/index.ts');
	const { describeFit } = await import('../../reporting/fit-document.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	let text: string;
	try {
		text = readFileSync(file, 'utf8');
	} catch (cause) {
		throw new UserError(messages.unreadableRun(file, cause instanceof Error ? cause.message : String(cause)), { cause });
	}
	const chip = chipParameters(loadProfile(profile, { set }));
	const result = fitNetwork(activityOf(parseAnalysis(text, file)), chip, { force });
	stdout.write(renderDocument(describeFit(result), format as DocumentFormat, terminalOptions(stdout, process.env)));
	const [first] = result.walls;
	if (first !== undefined && !force) {
		const finding = messages.wall(first.population, first.resource, first.needed, first.limit, chip.name);
		throw new UserError(messages.refusedAtWall(file, finding));
	}
}

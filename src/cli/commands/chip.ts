import { stderr, stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { Timing } from '../../hardware/chip/run.ts';
import type { DocumentFormat } from '../../reporting/render-document.ts';

interface ChipArguments {
	readonly network: string;
	readonly mapping: string | undefined;
	readonly profile: string;
	readonly timing: string;
	readonly strict: boolean;
	readonly set: readonly string[];
	readonly format: string;
}

export const chip: CommandModule = {
	command: 'chip <network>',
	describe: 'Run an explicit network (neurons, synapses, spikes, mapping as JSON) on a many-core chip',
	builder: (command) =>
		command
			.positional('network', { type: 'string', demandOption: true, describe: 'JSON file; docs/chips.md describes it' })
			.option('mapping', { type: 'string', describe: 'Which of the mappings in the file (default: the only one)' })
			.option('profile', { type: 'string', default: 'loihi-sanafe', describe: 'Hardware profile with a chip section' })
			.option('timing', {
				choices: ['simple', 'detailed'],
				default: 'simple',
				describe: 'simple: busiest core; detailed: packets queue and block',
			})
			.option('strict', { type: 'boolean', default: false, describe: 'Refuse a network that is more than the chip holds' })
			.option('set', { type: 'string', array: true, nargs: 1, default: [], describe: 'Change a constant, e.g. E_axon_out=50pJ' })
			.option('format', { choices: ['table', 'json', 'csv', 'markdown'], default: 'table', describe: 'csv: a line per timestep' })
			.example('$0 chip net.json --mapping 4core --timing detailed --format json', ''),
	handler: (values) => run(values as unknown as ChipArguments),
};

async function run({ network: file, mapping, profile, timing, strict, set, format }: ChipArguments): Promise<void> {
	const { chipParameters, readNetworkFile, simulateChip } = await import('../../hardware/chip/index.ts');
	const { loadProfile } = await import('../../hardware/profile/load.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { describeChipRun } = await import('../../reporting/chip-document.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const parameters = chipParameters(loadProfile(profile, { set }));
	const options = { timing: timing as Timing, strict, file };
	const result = simulateChip(readNetworkFile(file), mapping ?? null, parameters, options);
	for (const finding of result.doesNotFit) stderr.write(`snn-energy: ${file}: ${finding}.\n`);
	stdout.write(renderDocument(describeChipRun(result), format as DocumentFormat, terminalOptions(stdout, process.env)));
}

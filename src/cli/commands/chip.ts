import { stderr, stdout } from 'node:process';
import type { Timing } from '../../hardware/chip/run.ts';
import { type DocumentFormat, documentFormats, renderDocument } from '../../reporting/formats.ts';
import type { Command } from '../command.ts';
import { outputOptions, priceOptions, type RunArguments, wholeRunOptionsHidden, withOptions } from '../options.ts';

interface ChipArguments extends RunArguments {
	readonly network: string;
	readonly mapping: string | undefined;
	readonly profile: string;
	readonly timing: string;
	readonly strict: boolean;
	readonly force: boolean;
	readonly set: readonly string[];
	readonly format: DocumentFormat;
	readonly out?: string;
	readonly columns?: string;
}

export const chip: Command = {
	command: 'chip <network>',
	describe: 'Place a network on a many-core chip: cores, walls, energy, latency and its bottleneck',
	builder: (command) =>
		withOptions(
			command.positional('network', {
				type: 'string',
				demandOption: true,
				describe: 'A model with the options of "analyze", a saved run, or an explicit network as JSON (docs/chips.md)',
			}),
			{
				profile: { type: 'string', group: 'Price:', default: 'loihi-sanafe', describe: 'Hardware profile with a chip section' },
				set: { ...priceOptions.set, default: [], describe: 'Change a constant, such as neuronsPerCore=2048 (repeatable)' },
				force: {
					type: 'boolean',
					default: false,
					describe: 'Price a network although a limit of the chip stands in the way; --out may replace a file of another kind',
					group: 'Model or saved run:',
				},
				mapping: {
					type: 'string',
					describe: 'Which of the mappings in the file (default: the only one)',
					group: 'Explicit network:',
				},
				timing: {
					choices: ['simple', 'detailed'],
					default: 'simple',
					describe: 'simple: busiest core; detailed: packets queue and block',
					group: 'Explicit network:',
				},
				strict: {
					type: 'boolean',
					default: false,
					describe: 'Refuse a network that is more than the chip holds',
					group: 'Explicit network:',
				},
				format: { ...outputOptions.format, choices: documentFormats },
				out: outputOptions.out,
				columns: outputOptions.columns,
				quiet: outputOptions.quiet,
			},
			wholeRunOptionsHidden,
		),
	examples: [
		['chip model.onnx --profile truenorth'],
		['chip run.json --profile loihi-sanafe --force --format json'],
		['chip net.json --mapping 4core --timing detailed --format csv', 'a line per timestep'],
	],
	handler: (values) => run(values as unknown as ChipArguments),
};

async function run(values: ChipArguments): Promise<void> {
	const { UserError } = await import('../../errors.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { latexOptionsOf } = await import('../latex-options.ts');
	const { writeResult } = await import('../output.ts');
	const { looksExplicit } = await import('../saved-run.ts');
	const { result, refused } = looksExplicit(values.network)
		? { result: await simulated(values), refused: null }
		: await (await import('../chip-fit.ts')).fitted(values);
	await writeResult(
		await renderDocument(result, values.format, { ...terminalOptions(stdout, process.env), ...latexOptionsOf(values) }),
		values.out,
	);
	if (refused !== null) throw new UserError(refused);
}

/** An explicit network, run under one of the mappings in its file. */
async function simulated({ network: file, mapping, profile, timing, strict, set }: ChipArguments) {
	const { chipParameters, readNetworkFile, simulateChip } = await import('../../hardware/chip/index.ts');
	const { loadProfile } = await import('../../hardware/profile/load.ts');
	const { describeChipRun } = await import('../../reporting/chip-document.ts');
	const parameters = chipParameters(loadProfile(profile, { set }));
	const options = { timing: timing as Timing, strict, file };
	const result = simulateChip(readNetworkFile(file), mapping ?? null, parameters, options);
	for (const finding of result.doesNotFit) stderr.write(`snn-energy: ${file}: ${finding}.\n`);
	return describeChipRun(result);
}

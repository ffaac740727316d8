import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { FigureFormat, FigureWidth } from '../../reporting/figures.ts';
import { optionalProfile, priceOptions } from '../options.ts';

interface PlotArguments {
	readonly results: readonly string[];
	readonly out: string;
	readonly format: FigureFormat;
	readonly columns: FigureWidth;
	readonly chart?: readonly string[];
	readonly profile?: readonly string[];
	readonly set?: readonly string[];
}

export const plot: CommandModule = {
	command: 'plot <results..>',
	describe: 'Draw every chart of saved results as figures for a paper',
	builder: (command) =>
		command
			.positional('results', { type: 'string', array: true, demandOption: true, describe: 'JSON files of "analyze"' })
			.option('out', { type: 'string', default: 'figures', describe: 'Folder the figures are written to' })
			.option('format', { choices: ['svg', 'pdf'], default: 'svg', describe: 'Form of the figures' })
			.option('columns', { choices: ['one', 'two'], default: 'one', describe: 'Width: one column (88 mm) or two (181 mm)' })
			.option('chart', { type: 'string', array: true, nargs: 1, describe: 'Only this chart (repeatable)' })
			.options({ profile: optionalProfile, set: priceOptions.set })
			.example('$0 plot run.json --format pdf --columns two', ''),
	handler: (values) => run(values as unknown as PlotArguments),
};

async function run({ results, out, format, columns, chart, profile, set }: PlotArguments): Promise<void> {
	const { existsSync, statSync } = await import('node:fs');
	const { join } = await import('node:path');
	const { UserError } = await import('../../errors.ts');
	const { makeFolder, writeWhole } = await import('../../files.ts');
	const { chartsOf, drawFigures } = await import('../../reporting/figures.ts');
	const messages = await import('../messages.ts');
	const { fairVariants, savedResults } = await import('../results.ts');
	const analyses = savedResults(results, { profiles: profile, set: set ?? [], accountings: ['exact'] });
	const all = chartsOf(analyses, { variantsOf: fairVariants(analyses, set ?? []) });
	if (all.length === 0) throw new UserError(messages.noCharts());
	for (const name of chart ?? []) {
		if (!all.some(({ id }) => id === name))
			throw new UserError(
				messages.unknownChart(
					name,
					all.map(({ id }) => id),
				),
				{ exitCode: 2 },
			);
	}
	if (existsSync(out) && !statSync(out).isDirectory()) throw new UserError(messages.outMustBeFolder(out), { exitCode: 2 });
	const charts = chart === undefined ? all : all.filter(({ id }) => chart.includes(id));
	const figures = await drawFigures(charts, format, columns);
	makeFolder(out, '--out');
	for (const { file, bytes } of figures) {
		writeWhole(join(out, file), [bytes]);
		stdout.write(`${join(out, file)}\n`);
	}
}

import { stdout } from 'node:process';
import type { Command } from '../command.ts';
import {
	methodOptions,
	optionalProfile,
	outputOptions,
	priceOptions,
	runOptionsHidden,
	type SharedArguments,
	saveActivityFolder,
	withOptions,
} from '../options.ts';

interface ReportArguments extends Omit<SharedArguments, 'format'> {
	readonly format?: SharedArguments['format'] | 'svg' | 'pdf' | 'png';
	readonly results: readonly string[];
	readonly figure?: string;
	readonly width: string;
	readonly dpi: number;
	readonly tables?: string;
	readonly interactive?: boolean;
}

export const report: Command = {
	command: 'report <results..>',
	describe: 'Write what a paper or a page needs of results: HTML page, figures, tables, method paragraph',
	builder: (command) =>
		withOptions(
			command.positional('results', {
				type: 'string',
				array: true,
				demandOption: true,
				describe: 'JSON files of "analyze", or models to run; several are compared',
			}),
			{
				profile: optionalProfile,
				set: priceOptions.set,
				format: {
					...outputOptions.format,
					choices: [...outputOptions.format.choices, 'svg', 'pdf', 'png'],
					default: undefined,
					describe: 'Form of the result (default html); of figures in a folder svg, pdf or png',
				},
				columns: { ...outputOptions.columns, hidden: false },
				quiet: outputOptions.quiet,
				verbose: outputOptions.verbose,
				out: {
					...outputOptions.out,
					describe: 'Write to this file instead of stdout; its ending gives the format; with --figure a file or a folder',
				},
				figure: {
					type: 'string',
					describe: 'Draw this chart instead, or several, separated by commas; "all" draws every one, "list" names them',
					group: 'Figures:',
				},
				width: {
					type: 'string',
					default: '88mm',
					describe: 'Width of a figure: 88mm is a column, 181mm two; mm, cm, in or pt',
					group: 'Figures:',
				},
				dpi: { type: 'number', default: 300, describe: 'Resolution of a PNG', group: 'Figures:' },
				tables: {
					type: 'string',
					describe: 'Write the tables of a paper to this folder, as LaTeX, CSV and Markdown',
					group: 'Tables:',
				},
				interactive: {
					type: 'boolean',
					describe: 'An HTML page whose profile and constants can be changed; one file with script that needs no server',
					group: 'Page:',
				},
				...methodOptions,
			},
			{ ...runOptionsHidden, 'save-activity': { ...saveActivityFolder, hidden: true } },
		),
	examples: [
		['report run.json --out report.html'],
		['report dnn.json snn-t5.json snn-t1.json --out compare.html'],
		['report run.json --interactive --out report.html', 'with sliders, for readers who ask "what if"'],
		['report dnn.json snn.json --format latex --out energy.tex'],
		['report run.json --figure energy-by-layer --out energy.pdf --width 85mm'],
		['report dnn.json snn.json --tables tables', 'every table, in three formats'],
		['report run.json --method --format latex --bib energy.bib --out method.tex'],
	],
	handler: (values) => run(values as unknown as ReportArguments),
};

async function run(values: ReportArguments): Promise<void> {
	const { priced, savedResult } = await import('../results.ts');
	const { activityFiles } = await import('../activity-files.ts');
	const { runOf } = await import('../run-of.ts');
	const { writeResult } = await import('../output.ts');
	const { resultText } = await import('../render-results.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const set = values.set ?? [];
	const pricing = { profiles: values.profile, set, accountings: undefined };
	const { results } = values;
	const places = activityFiles(results, values);
	const analyses: Awaited<ReturnType<typeof priced>>[] = [];
	for (const [at, file] of results.entries())
		analyses.push(savedResult(file, pricing) ?? priced(await runOf(file, { ...values, saveActivity: places[at] }), pricing));
	if (values.tables !== undefined) {
		const { writeTables } = await import('../write-tables.ts');
		return writeTables(analyses, values.tables, set);
	}
	if (values.figure !== undefined) {
		const { writeFigures } = await import('../write-figures.ts');
		const { figure, width, dpi, format, out } = values;
		return writeFigures(analyses, { figure, width, dpi, format, out, set });
	}
	if (values.interactive) {
		const { interactiveReport } = await import('../interactive-report.ts');
		return writeResult(interactiveReport(analyses, set), values.out);
	}
	const { format = 'html' } = values;
	if (format === 'svg' || format === 'pdf' || format === 'png') {
		const { UserError } = await import('../../errors.ts');
		const { formatOfFigures } = await import('../messages.ts');
		throw new UserError(formatOfFigures(format), { exitCode: 2 });
	}
	await writeResult(await resultText(analyses, { ...values, format }, terminalOptions(stdout, process.env)), values.out);
}

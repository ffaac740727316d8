import { stderr, stdout } from 'node:process';
import type { CommandModule } from 'yargs';

interface TablesArguments {
	readonly out: string;
	readonly models: string;
	readonly docs: string;
	readonly check: boolean;
	readonly measure: boolean;
	readonly dataDir?: string;
	readonly quiet: boolean;
}

export const tables: CommandModule = {
	command: 'tables',
	describe: 'Write the paper tables and reports: published, computed and measured rows',
	builder: (command) =>
		command
			.option('out', { type: 'string', default: 'reports', describe: 'Folder the files are written to' })
			.option('models', { type: 'string', default: 'models', describe: 'Folder of trained models with their saved runs' })
			.option('docs', { type: 'string', default: 'docs', describe: 'Folder of pages whose marked tables are written anew' })
			.option('check', { type: 'boolean', default: false, describe: 'Write nothing; exit with 1 if a file is stale' })
			.option('measure', {
				type: 'boolean',
				default: false,
				describe: 'First run every model on its whole test set (slow; not with --check)',
			})
			.option('data-dir', { type: 'string', describe: 'With --measure: folder of data sets' })
			.option('quiet', { type: 'boolean', default: false, describe: 'No progress on stderr' })
			.example('$0 tables', '')
			.example('$0 tables --check', 'in continuous integration'),
	handler: (values) => run(values as unknown as TablesArguments),
};

async function run({ out, models, docs, check, measure, dataDir, quiet }: TablesArguments): Promise<void> {
	const { existsSync } = await import('node:fs');
	const { join } = await import('node:path');
	const { makeFolder, writeWhole } = await import('../../files.ts');
	const { measuredRuns, paperTables, reportFiles } = await import('../../reporting/tables/index.ts');
	const { measureModels, pagesWithTables, savedRuns, staleFiles, stalePages } = await import('../tables.ts');
	if (measure && !check) await measureModels(models, { dataDir, quiet });
	const runs = savedRuns(models);
	const files = await reportFiles(runs);
	const pages = pagesWithTables(docs, paperTables(measuredRuns(runs)));
	if (check) {
		const stale = [...staleFiles(out, files), ...stalePages(pages)];
		for (const reason of stale) stderr.write(`snn-energy: ${reason}\n`);
		if (stale.length > 0) {
			stderr.write(`snn-energy: ${out} is stale; write it again with "snn-energy tables".\n`);
			process.exitCode = 1;
		}
		return;
	}
	if (!existsSync(out)) makeFolder(out, '--out');
	for (const { file, text } of files) {
		writeWhole(join(out, file), [text]);
		stdout.write(`${join(out, file)}\n`);
	}
	for (const { file, text, before } of pages) {
		if (text === before) continue;
		writeWhole(file, [text]);
		stdout.write(`${file}\n`);
	}
}

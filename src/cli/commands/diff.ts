import { stdout } from 'node:process';
import type { CommandModule } from 'yargs';
import type { DocumentFormat } from '../../reporting/render-document.ts';

interface DiffArguments {
	readonly before: string;
	readonly after: string;
	readonly format: DocumentFormat;
	readonly out?: string;
	readonly exitCode: boolean;
}

export const diff: CommandModule = {
	command: 'diff <before> <after>',
	describe: 'Show what changed between two saved results, layer by layer',
	builder: (command) =>
		command
			.positional('before', { type: 'string', demandOption: true, describe: 'JSON of an earlier "analyze"' })
			.positional('after', { type: 'string', demandOption: true, describe: 'JSON of a later one' })
			.option('format', {
				choices: ['table', 'json', 'csv', 'markdown', 'latex'],
				default: 'table',
				describe: 'Form of the result',
			})
			.option('out', { type: 'string', describe: 'Write the result to this file instead of stdout' })
			.option('exit-code', { type: 'boolean', default: false, describe: 'Exit with 3 if anything differs' })
			.example('$0 diff old.json new.json', ''),
	handler: (values) => run(values as unknown as DiffArguments),
};

async function run({ before, after, format, out, exitCode }: DiffArguments): Promise<void> {
	const { savedResults } = await import('../results.ts');
	const { diffAnalyses } = await import('../../reporting/diff.ts');
	const { renderDocument } = await import('../../reporting/render-document.ts');
	const { terminalOptions } = await import('../../reporting/terminal.ts');
	const { writeResult } = await import('../output.ts');
	const [old, now] = savedResults([before, after], { profiles: undefined, set: [], accountings: ['exact'] });
	if (old === undefined || now === undefined) return;
	const difference = diffAnalyses(old, now);
	await writeResult(renderDocument(difference, format, terminalOptions(stdout, process.env)), out);
	if (exitCode && difference.changed) process.exitCode = 3;
}

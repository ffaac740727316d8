import { join } from 'node:path';
import { stdout } from 'node:process';
import { makeFolder, writeWhole } from '../files.ts';
import { bibliography } from '../reporting/bibliography.ts';
import type { Analysis } from '../reporting/index.ts';
import { ownTables, tableFiles } from '../reporting/tables/index.ts';
import { fairVariants } from './results.ts';

/** Writes the tables of a paper about these results, and the .bib file their sources are cited from; prints the files written. @throws UserError */
export function writeTables(analyses: readonly Analysis[], folder: string, set: readonly string[]): void {
	const tables = ownTables(analyses, { variantsOf: fairVariants(analyses, set) });
	makeFolder(folder, '--tables');
	for (const { file, text } of tables.flatMap((table) => tableFiles(table))) {
		writeWhole(join(folder, file), [text]);
		stdout.write(`${join(folder, file)}\n`);
	}
	const sources = join(folder, 'sources.bib');
	writeWhole(sources, [bibliography(analyses.flatMap(({ estimates }) => estimates))]);
	stdout.write(`${sources}\n`);
}

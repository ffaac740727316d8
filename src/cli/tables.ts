import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../files.ts';
import { loadNetwork } from '../pipeline.ts';
import { type Analysis, renderJson, sealed } from '../reporting/index.ts';
import type { Table } from '../reporting/table.ts';
import { type ReportFile, withTables } from '../reporting/tables/index.ts';
import { priced, savedResults } from './results.ts';
import { runOf } from './run-of.ts';

const runEnding = '.analysis.json';

/** Saved runs of the models in a folder of families, in the order of their names. */
export function savedRuns(models: string): { readonly family: string; readonly analysis: Analysis }[] {
	return families(models).flatMap((family) => {
		const files = filesOf(join(models, family), runEnding);
		const pricing = { profiles: undefined, set: [], accountings: undefined } as const;
		return savedResults(files, pricing).map((analysis) => ({ family, analysis }));
	});
}

/**
 * Runs every ONNX model of every family on the data set it was trained for, or on the samples beside it where it does
 * not say, and saves the results beside the models.
 */
export async function measureModels(
	models: string,
	options: { readonly dataDir?: string | undefined; readonly quiet: boolean },
): Promise<void> {
	for (const family of families(models)) {
		for (const file of filesOf(join(models, family), '.onnx')) {
			const network = await loadNetwork(file);
			const data = network.model.metadata.get('snn.dataset');
			const activity = await runOf(file, {
				quiet: options.quiet,
				...(data === undefined ? {} : { data }),
				...(options.dataDir === undefined ? {} : { dataDir: options.dataDir }),
			});
			const analysis = priced(activity, { profiles: undefined, set: [], accountings: ['exact'] });
			writeWhole(`${file.slice(0, -'.onnx'.length)}${runEnding}`, [renderJson(sealed(analysis))]);
		}
	}
}

/** One sentence for each file that is missing, differs, or should not be there. */
export function staleFiles(folder: string, files: readonly ReportFile[]): string[] {
	const wanted = new Map(files.map(({ file, text }) => [file, text]));
	const reasons = [...wanted].flatMap(([file, text]) => {
		const path = join(folder, file);
		if (!existsSync(path)) return [`${path}: is missing.`];
		return readFileSync(path, 'utf8') === text ? [] : [`${path}: differs from what the models and published figures give now.`];
	});
	const extra = existsSync(folder) ? readdirSync(folder).filter((name) => !wanted.has(name) && !name.startsWith('.')) : [];
	return [...reasons, ...extra.sort().map((name) => `${join(folder, name)}: is not written by "npm run tables" any more.`)];
}

/** A page of a folder that holds tables, as it is and as it should be. */
export interface TablePage {
	readonly file: string;
	readonly before: string;
	readonly text: string;
}

/** Pages with marked tables, the tables written anew. */
export function pagesWithTables(folder: string, tables: readonly Table[]): TablePage[] {
	if (!existsSync(folder)) return [];
	return filesOf(folder, '.md').flatMap((file) => {
		const before = readFileSync(file, 'utf8');
		return before.includes('<!-- tables: ') ? [{ file, before, text: withTables(before, tables) }] : [];
	});
}

/** One sentence for each page whose table is not what the models give now. */
export const stalePages = (pages: readonly TablePage[]): string[] =>
	pages
		.filter(({ before, text }) => before !== text)
		.map(({ file }) => `${file}: differs from what the models, the commands and published figures give now.`);

function families(models: string): string[] {
	if (!existsSync(models)) return [];
	return readdirSync(models)
		.filter((name) => statSync(join(models, name)).isDirectory())
		.sort();
}

function filesOf(folder: string, ending: string): string[] {
	return readdirSync(folder)
		.filter((name) => name.endsWith(ending))
		.sort()
		.map((name) => join(folder, name));
}

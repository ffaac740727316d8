// npm run tables: writes reports/, the marked tables and drawn pictures of docs/ from the models' saved runs, and what the
// commands of README.md print.
//
//   npm run tables -- --check      writes nothing; ends with 1 if a file is stale
//   npm run tables -- --measure    first runs every model in models/ on its whole test set (hours)
import { execSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measureModels, pagesWithTables, savedRuns, staleFiles, stalePages } from '../dist/cli/tables.js';
import { measuredRuns, paperTables, reportFiles } from '../dist/reporting/tables/index.js';
import { eventPages } from './event-pages.js';
import { drawnPictures } from './pictures.js';
import { scriptOptions } from './script-options.js';
import { pageWithOutputs } from './shown-outputs.js';

const {
	check,
	measure,
	'data-dir': dataDir,
} = scriptOptions({
	check: { type: 'boolean', default: false },
	measure: { type: 'boolean', default: false },
	'data-dir': { type: 'string' },
});
process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const [models, out, docs] = ['models', 'reports', 'docs'];

// What the table of events says in the schema is built into the program, which everything below runs.
const stated = eventPages();
if (!check && stated.some(({ text, before }) => text !== before)) {
	for (const { file, text, before } of stated) if (text !== before) write(file, text);
	execSync('npm run --silent build', { stdio: 'inherit' });
	const { status } = spawnSync(process.execPath, process.argv.slice(1), { stdio: 'inherit' });
	process.exit(status ?? 1);
}

if (measure && !check) await measureModels(models, { dataDir, quiet: false });
const runs = savedRuns(models);
const files = await reportFiles(runs);
const pictures = (await drawnPictures(runs)).map(({ file, text }) => ({
	file,
	text,
	before: existsSync(file) ? readFileSync(file, 'utf8') : '',
}));
const pages = [...pagesWithTables(docs, paperTables(measuredRuns(runs))), ...pictures, ...stated, pageWithOutputs('README.md')];
if (check) {
	const stale = [...staleFiles(out, files), ...stalePages(pages)];
	for (const reason of stale) console.error(reason);
	if (stale.length > 0) console.error(`${out} is stale; write it again with "npm run tables".`);
	process.exitCode = stale.length > 0 ? 1 : 0;
} else {
	if (!existsSync(out)) mkdirSync(out);
	for (const { file, text } of files) write(join(out, file), text);
	for (const { file, text, before } of pages) if (text !== before) write(file, text);
}

function write(file, text) {
	writeFileSync(file, text);
	console.log(file);
}

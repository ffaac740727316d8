// Saved results as markup for a notebook's cell: node fragment.mjs LIBRARY RESULT...
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [library, ...files] = process.argv.slice(2);
const { parseAnalysis, renderFragment } = await import(pathToFileURL(library).href);
process.stdout.write(await renderFragment(files.map((file) => parseAnalysis(readFileSync(file, 'utf8'), file))));

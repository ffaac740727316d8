// Writes the documentation as a static site: `npm run site`, or `node scripts/site.js FOLDER`.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildSite } from './site/build.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = resolve(process.argv[2] ?? join(root, 'site'));
const { files, problems } = buildSite(root);
if (problems.length > 0) {
	for (const problem of problems) console.error(problem);
	process.exit(1);
}
if (folder === join(root, 'site')) rmSync(folder, { recursive: true, force: true });
for (const [address, content] of files) {
	const path = join(folder, address);
	mkdirSync(dirname(path), { recursive: true });
	writeFileSync(path, content);
}
console.log(`${files.size} files: open ${join(folder, 'index.html')}`);

// Preloaded into a process of its own (node --import): writes the address of every module file it loads to stderr.
import { createRequire, register } from 'node:module';
import { pathToFileURL } from 'node:url';

const hooks = `import { writeSync } from 'node:fs';
export async function load(url, context, next) {
	writeSync(2, \`loaded \${url}\\n\`);
	return next(url, context);
}`;
register(`data:text/javascript,${encodeURIComponent(hooks)}`);
const { cache } = createRequire(import.meta.url);
process.on('exit', () => {
	for (const path of Object.keys(cache)) process.stderr.write(`loaded ${pathToFileURL(path).href}\n`);
});

// npm runs this before it publishes: placeholders that the owner fills in must be filled in.
import { readFileSync } from 'node:fs';

const left = ['package.json', 'python/pyproject.toml', 'README.md'].filter((file) =>
	/\bOWNER\b/.test(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8')),
);
if (left.length > 0) {
	console.error(`Write the name of the repository's owner in place of OWNER in ${left.join(', ')}, then publish.`);
	process.exitCode = 1;
}

// Command lines that README.md shows with what they print: run in their order in an empty folder that sees models/, and written
// behind their marker. `npm run tables` writes them, with --check it names those that print something else now.
//
//   <!-- run the lines below -->           the indented block behind it is run, line by line
//   <!-- output of: COMMAND -->            the fenced block behind it is what the command prints to stdout
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';

/** A page with its outputs written anew. */
export function pageWithOutputs(file) {
	const before = readFileSync(file, 'utf8');
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-shown-'));
	try {
		symlinkSync(resolve('models'), join(folder, 'models'));
		const program = join(folder, 'snn-energy');
		writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${resolve('dist/cli/main.js')}" "$@"\n`);
		chmodSync(program, 0o755);
		const printed = new Map();
		const run = (command) => {
			if (!printed.has(command)) printed.set(command, outputOf(command, folder));
			return printed.get(command);
		};
		const text = before
			.replaceAll(/<!-- run the lines below -->\n\n((?: {4}.*\n)+)/g, (block, lines) => {
				for (const line of lines.trim().split('\n')) run(line.trim().replace(/ +# .*$/, ''));
				return block;
			})
			.replaceAll(/(<!-- output of: (.+?) -->\n```\w*\n)[\s\S]*?(?=```\n)/g, (_, head, command) => `${head}${run(command)}`);
		return { file, before, text };
	} finally {
		rmSync(folder, { recursive: true, force: true });
	}
}

function outputOf(command, folder) {
	const environment = { ...process.env, PATH: `${folder}${delimiter}${process.env.PATH}`, NO_COLOR: '1', COLUMNS: '100' };
	const printed = execFileSync('/bin/sh', ['-c', command], {
		cwd: folder,
		env: environment,
		encoding: 'utf8',
		stdio: ['ignore', 'pipe', 'ignore'],
	});
	return printed.replaceAll(/[ \t]+$/gm, '').replace(/\n*$/, '\n');
}

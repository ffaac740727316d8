import { readFileSync } from 'node:fs';
import { argv, exit, stderr, stdout } from 'node:process';
import { parseArgs } from 'node:util';

/** The comment a script begins with: its help. */
function help() {
	const lines = readFileSync(argv[1], 'utf8').split('\n');
	const comment = lines.slice(
		0,
		lines.findIndex((line) => !/^(\/\*\*|\/\/| \*)/.test(line)),
	);
	return comment
		.map((line) => line.replace(/^(\/\*\*| \*\/|\/\/ ?| \* ?)/, ''))
		.join('\n')
		.trim();
}

/** Options of a script as node's parseArgs takes them; --help shows the script's first comment, a wrong one is told in a sentence. */
export function scriptOptions(options) {
	try {
		const { values } = parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h', default: false } } });
		if (values.help) {
			stdout.write(`${help()}\n`);
			exit(0);
		}
		return values;
	} catch (error) {
		if (!String(error.code).startsWith('ERR_PARSE_ARGS')) throw error;
		stderr.write(`${error.message.split('. ')[0]}. See --help.\n`);
		return exit(2);
	}
}

import { extname } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';
import { formatByEnding } from '../reporting/formats.ts';
import { declaredOn } from './declared.ts';
import { formatOfFigures, formatOfOut } from './messages.ts';

const figureFormats = ['svg', 'pdf', 'png'];
const ofFigures: ReadonlySet<string | undefined> = new Set(figureFormats);
/** What a result is written as where only the name of its file says it. */
const formats: Readonly<Record<string, string>> = {
	...formatByEnding,
	...Object.fromEntries(figureFormats.map((name) => [`.${name}`, name])),
};

/**
 * Takes the format from the ending of --out, unless --format stands on the command line. An ending that is no format, such as
 * that of a model, says nothing.
 *
 * @param words  the command line, options of a file among them
 * @throws UserError for the ending of a format that the command does not write
 */
export function inferFormat(values: Record<string, unknown>, parser: Argv, words: readonly string[]): void {
	if (typeof values.out !== 'string' || words.some((word) => word === '--format' || word.startsWith('--format='))) return;
	const format = formats[extname(values.out).toLowerCase()];
	const written = writtenFormats(values, declaredOn(parser).getOptions().choices.format ?? []);
	if (format === undefined || written === null) return;
	if (written.includes(format)) {
		values.format = format;
		return;
	}
	const [command] = [values._].flat();
	const more = command === 'report' && ofFigures.has(format) ? ` ${formatOfFigures(format)}` : '';
	throw new UserError(`${formatOfOut(values.out, calledAs(values), written)}${more}`, { exitCode: 2 });
}

/** What a command line can write to --out; null where its ending says something else, as of a model or of figures. */
function writtenFormats(values: Readonly<Record<string, unknown>>, choices: readonly string[]): readonly string[] | null {
	const [command] = [values._].flat();
	if (choices.length === 0 || command === 'convert' || values.figure !== undefined || values.tables !== undefined) return null;
	if (values.interactive === true) return ['html'];
	if (values.method === true) return ['table', 'markdown', 'latex'];
	return choices.filter((format) => !ofFigures.has(format) && !(values.layers === true && format === 'html'));
}

/** The command and what makes it write another thing than it mostly does. */
function calledAs(values: Readonly<Record<string, unknown>>): string {
	const [command] = [values._].flat();
	const mode = ['interactive', 'method', 'layers'].find((name) => values[name] === true);
	return `${command}${mode === undefined ? '' : ` --${mode}`}`;
}

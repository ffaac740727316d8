import { extname } from 'node:path';
import type { Argv } from 'yargs';
import { UserError } from '../errors.ts';
import { formatByEnding } from '../reporting/formats.ts';
import { declaredOn } from './declared.ts';
import { formatOfFigures, formatOfMode, formatOfOut } from './messages.ts';

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
 * A mode writes other formats than the command mostly does: one of those that is typed is refused, and the one that a file of
 * options has for everything gives way.
 *
 * @param typed  the command line
 * @param words  the same, options of a file among them
 * @throws UserError for a format, or the ending of one, that the command does not write
 */
export function inferFormat(
	values: Record<string, unknown>,
	parser: Argv,
	typed: readonly string[],
	words: readonly string[],
): void {
	const written = writtenFormats(values, declaredOn(parser).getOptions().choices.format ?? []);
	if (written === null) return;
	if (saysFormat(words)) {
		// What the command never writes is refused with its choices; here it is one of its modes.
		const { format } = values;
		if (typeof format !== 'string' || modeOf(values) === undefined || written.includes(format)) return;
		if (saysFormat(typed)) throw new UserError(formatOfMode(format, calledAs(values), written), { exitCode: 2 });
		[values.format] = written;
	}
	if (typeof values.out !== 'string') return;
	const format = formats[extname(values.out).toLowerCase()];
	if (format === undefined) return;
	if (written.includes(format)) {
		values.format = format;
		return;
	}
	const [command] = [values._].flat();
	const more = command === 'report' && ofFigures.has(format) ? ` ${formatOfFigures(format)}` : '';
	throw new UserError(`${formatOfOut(values.out, calledAs(values), written)}${more}`, { exitCode: 2 });
}

const saysFormat = (words: readonly string[]): boolean =>
	words.some((word) => word === '--format' || word.startsWith('--format='));

/** What a command line can write to --out; null where its ending says something else, as of a model or of figures. */
function writtenFormats(values: Readonly<Record<string, unknown>>, choices: readonly string[]): readonly string[] | null {
	const [command] = [values._].flat();
	if (choices.length === 0 || command === 'convert' || values.figure !== undefined || values.tables !== undefined) return null;
	if (values.interactive === true) return ['html'];
	if (values.method === true) return ['table', 'markdown', 'latex'];
	return choices.filter(
		(format) => !ofFigures.has(format) && !((values.layers === true || values.ambiguity === true) && format === 'html'),
	);
}

/** The command and what makes it write another thing than it mostly does. */
function calledAs(values: Readonly<Record<string, unknown>>): string {
	const [command] = [values._].flat();
	const mode = modeOf(values);
	return `${command}${mode === undefined ? '' : ` --${mode}`}`;
}

/** The option that makes a command write something else than its result. */
const modeOf = (values: Readonly<Record<string, unknown>>): string | undefined =>
	['interactive', 'method', 'layers', 'ambiguity'].find((name) => values[name] === true);

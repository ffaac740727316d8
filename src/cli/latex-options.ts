import { basename } from 'node:path';
import { UserError } from '../errors.ts';
import type { LatexOptions } from '../reporting/latex.ts';
import { columnsOfLatex } from './messages.ts';

interface LatexArguments {
	readonly format?: string;
	readonly out?: string | undefined;
	readonly columns?: string | undefined;
}

/** Labels from the name of the file that is written, and the columns asked for. @throws UserError for another format */
export function latexOptionsOf({ format, out, columns }: LatexArguments): LatexOptions {
	if (columns !== undefined && format !== 'latex') throw new UserError(columnsOfLatex(), { exitCode: 2 });
	return {
		label: out === undefined || out === '-' ? undefined : basename(out).replace(/\.tex$/, ''),
		columns: columns?.split(',').map((name) => name.trim()),
	};
}

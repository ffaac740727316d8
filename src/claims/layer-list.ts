/** Lists of layers and of firing rates as users write them: CSV, or YAML (which JSON is too). Texts in, records out. */

import { parse as parseYaml } from 'yaml';
import { UserError } from '../errors.ts';
import type { ClaimRates } from './counts.ts';
import type { ClaimArchitecture, ClaimInput, ClaimLayer } from './layers.ts';

const fail = (file: string, words: string): UserError => new UserError(`${file}: ${words}`, { exitCode: 2 });

interface Cells {
	readonly line: number;
	readonly cells: readonly string[];
}

/** Lines of comma- or tab-separated cells; quotes may stand around a cell; "#" starts a comment line. */
function rowsOf(text: string): Cells[] {
	return text
		.replace(/^\ufeff/, '')
		.split(/\r\n|[\r\n]/)
		.map((line, at) => ({ line: at + 1, text: line.trim() }))
		.filter(({ text: line }) => line !== '' && !line.startsWith('#'))
		.map(({ line, text: cells }) => ({
			line,
			cells: [...cells.matchAll(/(?:^|[,;\t])\s*(?:"((?:[^"]|"")*)"|([^,;\t]*))/g)].map(([, quoted, plain]) =>
				(quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
			),
		}));
}

/** A fraction, or percent with the sign. */
function rateOf(text: string): number {
	const percent = text.endsWith('%');
	const digits = percent ? text.slice(0, -1).trim() : text;
	return digits === '' ? Number.NaN : Number(digits) / (percent ? 100 : 1);
}

/**
 * Reads firing rates: one a line in the order of the layers behind spikes, or `name,rate` lines. A header line is skipped.
 * Rates are fractions, or percent with a % sign.
 *
 * @throws UserError with the line of a rate that is no number
 */
export function readRates(text: string, file: string): ClaimRates {
	const rows = rowsOf(text);
	// A header is words: a first line such as "0.2 0.3" is a mistake, and not to be left out.
	const body = /^[a-z_]/i.test(rows[0]?.cells.at(-1) ?? '') ? rows.slice(1) : rows;
	if (body.length === 0) throw fail(file, 'holds no rates; write one a line, or name,rate.');
	const read = ({ line, cells }: Cells): number => {
		const rate = rateOf(cells.at(-1) ?? '');
		if (!Number.isFinite(rate)) throw fail(file, `line ${line}: "${cells.at(-1)}" is not a rate; write 0.2 or 20 %.`);
		return rate;
	};
	const widths = new Set(body.map(({ cells }) => cells.length));
	if (widths.size !== 1 || ![1, 2].includes([...widths][0] as number))
		throw fail(file, "every line must hold one rate, or a layer's name and its rate.");
	if (widths.has(1)) return body.map(read);
	const named: Record<string, number> = {};
	for (const row of body) {
		const name = row.cells[0] as string;
		if (Object.hasOwn(named, name)) throw fail(file, `line ${row.line}: layer "${name}" has a rate already.`);
		named[name] = read(row);
	}
	return named;
}

const columns = ['name', 'macs', 'input', 'kind', 'parameters', 'neurons', 'rate'] as const;
type Column = (typeof columns)[number];

/** An architecture from a list of layers, and the rates that stand in it. */
export interface ListedArchitecture {
	readonly architecture: ClaimArchitecture;
	readonly rates: ClaimRates | undefined;
}

/**
 * Reads a list of layers: a CSV with the header `name,macs` and optionally `input` (analog, spikes, mean), `kind` (weights,
 * product), `parameters`, `neurons` and `rate`; or YAML or JSON with a list of such records, alone or under `layers`.
 * Without an `input` the first layer reads numbers and the others spikes.
 *
 * @throws UserError that names the line or record, what was found and what was expected
 */
export function readLayerList(text: string, file: string): ListedArchitecture {
	const isTable = /^\s*(?:#[^\n]*\n\s*)*"?name"?\s*[,;\t]/i.test(text.replace(/^\ufeff/, ''));
	const records = isTable ? tableRecords(text, file) : yamlRecords(text, file);
	if (records.length === 0) throw fail(file, 'holds no layers; write a CSV with the header name,macs and a line a layer.');
	const layers = records.map(({ place, values }, at) => layerOf(file, place, values, at));
	for (const [at, { name }] of layers.entries())
		if (layers.findIndex((layer) => layer.name === name) < at)
			throw fail(file, `${records[at]?.place}: a layer "${name}" stands in the list already.`);
	const all = (column: Column): boolean => records.every(({ values }) => values[column] !== undefined);
	const sum = (column: 'parameters' | 'neurons'): number | null =>
		all(column)
			? records.reduce((total, { place, values }) => total + countOf(file, place, column, values[column] ?? ''), 0)
			: null;
	const rated = records.flatMap(({ place, values }, at): [string, number][] => {
		if (values.rate === undefined) return [];
		const rate = rateOf(values.rate);
		if (!Number.isFinite(rate)) throw fail(file, `${place}: "${values.rate}" is not a rate; write 0.2 or 20 %.`);
		return layers[at]?.input === 'spikes' ? [[layers[at].name, rate]] : [];
	});
	return {
		architecture: {
			name: file,
			layers,
			neurons: sum('neurons'),
			parameters: sum('parameters'),
			source: `${file}, a list of layers`,
		},
		rates: rated.length > 0 ? Object.fromEntries(rated) : undefined,
	};
}

interface Listed {
	readonly place: string;
	readonly values: Readonly<Partial<Record<Column, string>>>;
}

function tableRecords(text: string, file: string): Listed[] {
	const [header, ...rows] = rowsOf(text);
	const names = (header?.cells ?? []).map((cell) => cell.toLowerCase());
	for (const name of names)
		if (!columns.includes(name as Column))
			throw fail(file, `line ${header?.line}: there is no column "${name}"; the columns are ${columns.join(', ')}.`);
	if (!names.includes('macs')) throw fail(file, `line ${header?.line}: the column "macs" is missing.`);
	return rows.map(({ line, cells }) => {
		if (cells.length > names.length) throw fail(file, `line ${line}: ${cells.length} cells under ${names.length} columns.`);
		return {
			place: `line ${line}`,
			values: Object.fromEntries(
				names.map((name, at) => [name, cells[at]]).filter(([, cell]) => cell !== undefined && cell !== ''),
			),
		};
	});
}

function yamlRecords(text: string, file: string): Listed[] {
	let value: unknown;
	try {
		value = parseYaml(text, { maxAliasCount: 0 });
	} catch (cause) {
		throw new UserError(
			`${file}: is neither a CSV with the header name,macs nor YAML: ${(cause as Error).message.split('\n')[0]}.`,
			{ cause, exitCode: 2 },
		);
	}
	const list = typeof value === 'object' && value !== null && 'layers' in value ? value.layers : value;
	if (!Array.isArray(list))
		throw fail(file, 'must be a list of layers such as [{ name: conv1, macs: 1769472 }], alone or under "layers".');
	return list.map((record: unknown, at) => {
		const place = `layer ${at + 1}`;
		if (typeof record !== 'object' || record === null || Array.isArray(record))
			throw fail(file, `${place} must be a record such as { name: conv1, macs: 1769472 }.`);
		for (const key of Object.keys(record))
			if (!columns.includes(key as Column))
				throw fail(file, `${place} has the unknown entry "${key}"; the entries are ${columns.join(', ')}.`);
		return {
			place,
			values: Object.fromEntries(
				Object.entries(record)
					.filter(([, entry]) => entry !== null)
					.map(([key, entry]) => [key, String(entry)]),
			),
		};
	});
}

const magnitudes: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9 };

function countOf(file: string, place: string, column: string, text: string): number {
	const match = /^(\d[\d_]*(?:\.\d+)?(?:[eE]\+?\d{1,2})?)\s*([kKMG]?)$/.exec(text);
	const value = match ? Number(match[1]?.replaceAll('_', '')) * (magnitudes[match[2] ?? ''] as number) : Number.NaN;
	if (!(value <= Number.MAX_SAFE_INTEGER))
		throw fail(file, `${place}: ${column} is "${text}"; expected a count, such as 118013952 or 118 M.`);
	return value;
}

function choice<T extends string>(
	file: string,
	place: string,
	column: string,
	text: string | undefined,
	choices: readonly T[],
	otherwise: T,
): T {
	if (text === undefined) return otherwise;
	const found = choices.find((one) => one === text.toLowerCase());
	if (!found) throw fail(file, `${place}: ${column} is "${text}"; expected ${choices.join(', ')}.`);
	return found;
}

function layerOf(file: string, place: string, values: Listed['values'], at: number): ClaimLayer {
	if (values.macs === undefined) throw fail(file, `${place}: "macs" is missing.`);
	const inputs: readonly ClaimInput[] = ['analog', 'spikes', 'mean'];
	return {
		name: values.name ?? `layer${at + 1}`,
		kind: choice(file, place, 'kind', values.kind, ['weights', 'product'], 'weights'),
		input: choice(file, place, 'input', values.input, inputs, at === 0 ? 'analog' : 'spikes'),
		macs: countOf(file, place, 'macs', values.macs),
		parameters: values.parameters === undefined ? 0 : countOf(file, place, 'parameters', values.parameters),
		biasAdds: 0,
		normalised: 0,
	};
}

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { microsoft, standard } from '../../src/model/operators/index.ts';

const source = fileURLToPath(new URL('../../src', import.meta.url));

/** Rooms that spell operators: the table, the readers and writers of formats, and what writes graphs for training. */
const rooms = ['model/operators', 'formats', 'training'];
/** The activations an LSTM, GRU or RNN may name in an attribute. */
const exceptions = ['network/rewrite/recurrent.ts'];

const names = new Set([...Object.keys(standard), ...Object.keys(microsoft)]);

/** Lists, sets, records and switches: two operators' names beside each other, or a case of one. */
function lists(text: string): string[] {
	const found: string[] = [];
	for (const [all, name = ''] of text.matchAll(/\bcase '([A-Za-z]+)':/g)) if (names.has(name)) found.push(all);
	for (const [all, a = '', b = ''] of text.matchAll(/'([A-Za-z]+)',\s*(?=\[?'([A-Za-z]+)')/g))
		if (names.has(a) && names.has(b)) found.push(`${all}'${b}'`);
	return found;
}

test('operators are listed in their table only', () => {
	const files = readdirSync(source, { recursive: true, encoding: 'utf8' })
		.map((name) => relative(source, join(source, name)).split(sep).join('/'))
		.filter((name) => name.endsWith('.ts') && !rooms.some((room) => name.startsWith(`${room}/`)) && !exceptions.includes(name));
	expect(files.length).toBeGreaterThan(100);
	const found = files.flatMap((name) => lists(readFileSync(join(source, name), 'utf8')).map((list) => `${name}: ${list}`));
	expect(found).toEqual([]);
	expect(lists("new Set(['Conv', 'Gemm'])")).toHaveLength(1);
	expect(lists("case 'Relu':")).toHaveLength(1);
});

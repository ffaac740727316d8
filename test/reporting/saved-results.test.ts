import { readdirSync, readFileSync } from 'node:fs';
import { type Analysis, parseAnalysis, renderAnalysis } from '../../src/reporting/index.ts';

const file = new URL('../../models/mnist-cnn/model-T2.analysis.json', import.meta.url);
const analysis = parseAnalysis(readFileSync(file, 'utf8'), 'saved.json');
type Record_ = { [name: string]: unknown };

/** Every number in a record, as a path to it. */
function numbersIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
	if (typeof value === 'number') return [path];
	if (typeof value !== 'object' || value === null) return [];
	return Object.entries(value).flatMap(([name, entry]) => numbersIn(entry, [...path, name]));
}

function changedAt(record: object, path: readonly string[], change: (value: number) => number): object {
	const copy = structuredClone(record) as Record_;
	const last = path.at(-1) ?? '';
	let at = copy;
	for (const name of path.slice(0, -1)) at = at[name] as Record_;
	at[last] = change(at[last] as number);
	return copy;
}

const saved = async (): Promise<Record_> => JSON.parse(await renderAnalysis(analysis, 'json')) as Record_;

test('what is saved reads back as it was, however it is formatted', async () => {
	const record = await saved();
	expect(record.checksum).toMatch(/^sha256:[0-9a-f]{64}$/);
	expect(parseAnalysis(JSON.stringify(record), 'saved.json')).toEqual(analysis);
});

test('a saved result in which any one number is another is refused', async () => {
	const record = await saved();
	const paths = numbersIn(record);
	expect(paths.length).toBeGreaterThan(100);
	for (const path of paths) {
		const text = JSON.stringify(changedAt(record, path, (value) => value + 1));
		expect(() => parseAnalysis(text, 'saved.json')).toThrow(/^saved\.json: /);
	}
});

test('without a checksum, counts that do not add up are refused, wherever the wrong one is', async () => {
	const { checksum: _, ...record } = await saved();
	expect(parseAnalysis(JSON.stringify(record), 'saved.json')).toEqual(analysis);
	const isCount = ([first, , third]: readonly string[]): boolean =>
		first === 'totals' || (first === 'layers' && (third === 'totals' || third === 'perTimestep'));
	const paths = numbersIn(record).filter(isCount);
	expect(paths.length).toBeGreaterThan(100);
	for (const path of paths) {
		for (const change of [(value: number) => value + 1, (value: number) => (value === 0 ? 7 : 0)]) {
			const text = JSON.stringify(changedAt(record, path, change));
			expect(() => parseAnalysis(text, 'saved.json')).toThrow(/^saved\.json: at \/.*the file is damaged or was edited/);
		}
	}
});

test('numbers that are right by themselves and wrong together are refused', async () => {
	const { checksum: _, ...record } = await saved();
	const { run, accuracy } = record as unknown as Analysis;
	const refused = (change: object, at: string): void =>
		expect(() => parseAnalysis(JSON.stringify({ ...record, ...change }), 'saved.json')).toThrow(`saved.json: at ${at}`);
	refused({ run: { ...run, timesteps: run.timesteps + 1 } }, '/layers/0/perTimestep');
	refused({ accuracy: { correct: run.samples + 1, total: run.samples } }, '/accuracy/correct');
	refused({ accuracy: { correct: accuracy?.correct ?? 0, total: run.samples + 1 } }, '/accuracy/total');
});

test('a record nested by the thousand is refused in a sentence', () => {
	const deep = `${'{"schema":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
	expect(() => parseAnalysis(deep, 'deep.json')).toThrow(/^deep\.json: is not JSON/);
});

test('saved results of the networks that ship here name the model beside them', () => {
	const models = new URL('../../models/', import.meta.url);
	const names = readdirSync(models, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.analysis.json'));
	expect(names.length).toBeGreaterThan(20);
	for (const name of names) {
		const { model } = parseAnalysis(readFileSync(new URL(name, models), 'utf8'), name);
		expect(model.file).toBe(`models/${name.replaceAll('\\', '/').replace('.analysis.json', '.onnx')}`);
	}
});

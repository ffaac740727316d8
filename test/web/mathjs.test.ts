import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse as parseYaml } from 'yaml';
import { parseQuantity, parseSyntax } from '../../src/hardware/profile/units.ts';
import slim from '../../web/shared/mathjs.ts';

/** The page's part of mathjs reads what the whole reads. */

const folder = fileURLToPath(new URL('../../hardware-profiles/', import.meta.url));
const texts = new Set<string>();
const collect = (value: unknown): void => {
	if (typeof value === 'string') texts.add(value);
	else if (typeof value === 'object' && value !== null) Object.values(value).forEach(collect);
};
for (const name of readdirSync(folder).filter((file) => file.endsWith('.yaml')))
	collect(parseYaml(readFileSync(folder + name, 'utf8')));
const quantities = [
	...texts,
	'1 kWh',
	'2.5 nJ/bit',
	'3 MiB',
	'1 uW/MHz',
	'4 m s^-2',
	'1 ohm',
	'7 degC',
	'1 nonsense',
	'1 J J',
].flatMap((text) => parseQuantity(text) ?? []);
const formulas = [...texts].filter((text) => /^[\w\s()*+/^.,<>=?:-]+$/.test(text) && /[*(+/]/.test(text));

test('units have the same size and dimension', () => {
	expect(quantities.length).toBeGreaterThan(200);
	for (const { unit, unitSize, dimension } of quantities) {
		if (unit === '') continue;
		const found = slim.unit(1, unit) as { value: number; dimensions: number[] };
		expect(found.value).toBe(unitSize);
		expect(dimension.map((_, index) => found.dimensions[index] ?? 0)).toEqual(dimension);
	}
	for (const name of ['nonsense', 'J)', '4']) expect(() => slim.unit(1, name)).toThrow();
});

test('formulas are read as the same tree', () => {
	const read = (parse: (text: string) => { toString(): string }, text: string): string => {
		try {
			return JSON.stringify(parse(text));
		} catch {
			return 'refused';
		}
	};
	expect(formulas.length).toBeGreaterThan(100);
	for (const formula of [...formulas, 'a ? b : c', 'x and not y', '2 a', '[1, 2]', '1 +', 'f(x) = 2'])
		expect(read(slim.parse as never, formula)).toBe(read(parseSyntax as never, formula));
});

import { compile } from '../../../src/hardware/profile/compile.ts';
import { dimensionOf, type FormulaContext } from '../../../src/hardware/profile/dimensions.ts';
import { FormulaError, parseFormula } from '../../../src/hardware/profile/formula.ts';
import { dimensionless, energy, sameDimension, time } from '../../../src/hardware/profile/units.ts';

const values: Readonly<Record<string, number>> = { a: 3, b: 4, E: 2e-12, P: 5, t: 1e-3 };
const names = Object.keys(values);

function evaluate(text: string): number {
	const slots = Float64Array.from(names, (name) => values[name] ?? 0);
	return compile(parseFormula(text), { slot: (name) => names.indexOf(name), memorySlot: () => -1, table: () => undefined })(
		slots,
	);
}

const power = energy.map((exponent, index) => exponent - (time[index] ?? 0));
const dimensions = new Map([
	['a', dimensionless],
	['b', dimensionless],
	['E', energy],
	['P', power],
	['t', time],
]);
const context: FormulaContext = {
	name: (name) => {
		const dimension = dimensions.get(name);
		return dimension ? { kind: 'value', dimension } : undefined;
	},
	suggestion: () => '',
	stores: [],
	levels: [],
};
const dimension = (text: string) => dimensionOf(parseFormula(text), context);

test.each([
	['1 + 2 * a', 7],
	['(1 + 2) * a', 9],
	['2 ^ 3 ^ 2', 512],
	['-a ^ 2', -9],
	['a / b', 0.75],
	['min(a, b, 2)', 2],
	['max(a, b)', 4],
	['ceil(a / 2) + floor(b / 3) + round(0.4)', 3],
	['log2(b) + sqrt(b) + abs(-a)', 7],
	['a < b ? 10 : 20', 10],
	['a >= b or a == 3', 1],
	['a != 3 and b > 1', 0],
	['not (a > b)', 1],
])('%s is computed as written', (text, expected) => {
	expect(evaluate(text)).toBe(expected);
});

test.each([
	['x = 3', 'an assignment'],
	['f(x) = x', 'a function definition'],
	['a.constructor', 'a property access'],
	['a["constructor"]', 'a property access'],
	['[1, 2]', 'a list'],
	['{a: 1}', 'an object'],
	['1; 2', 'several statements'],
	['"text"', 'only finite numbers'],
	['1e999', 'a number too large'],
	['import("fs")', 'calls "import"'],
	['evaluate("1")', 'calls "evaluate"'],
	['a.map(b)', 'the functions are min'],
	['cot(a)', 'calls "cot"'],
	['a!', 'which formulas do not know'],
	['a % b', 'which formulas do not know'],
	['a < b < 5', 'a chained comparison'],
	['2 a', 'put a * between the factors'],
	['a +', 'cannot be read'],
	['', 'contains the value undefined'],
	[`${'('.repeat(100)}1${')'.repeat(100)}`, 'brackets deep'],
	[`${'-'.repeat(1900)}1`, 'nested too deeply'],
	[`max(${Array(600).fill('1').join(',')})`, 'parts'],
	['1'.repeat(10_000_000), '10000000 characters long'],
])('a formula that is more than arithmetic is refused: %.40s', (text, problem) => {
	const attempt = (): unknown => parseFormula(text);
	expect(attempt).toThrow(FormulaError);
	expect(attempt).toThrow(problem);
});

test('names of the host are unknown names, never objects', () => {
	for (const name of ['constructor', '__proto__', 'process', 'globalThis', 'toString', 'pi', 'i', 'true']) {
		expect(() => dimension(name)).toThrow(FormulaError);
	}
});

test('units add up by the rules of algebra', () => {
	expect(sameDimension(dimension('P * t') ?? [], energy)).toBe(true);
	expect(sameDimension(dimension('sqrt(E * E)') ?? [], energy)).toBe(true);
	expect(sameDimension(dimension('E / P') ?? [], time)).toBe(true);
	expect(sameDimension(dimension('a > b ? E : P * t') ?? [], energy)).toBe(true);
	expect(sameDimension(dimension('max(0, E)') ?? [], energy)).toBe(true);
});

test.each([
	['E + t', 'puts "+" between values of unit J and of unit s'],
	['a > 0 ? E : t', 'chooses between values of unit J and of unit s'],
	['E < 3', 'compares values of unit J and of no unit (a plain number)'],
	['min(E, t)', 'gives min values of unit J and of unit s'],
	['ceil(E)', 'the value of ceil with unit J'],
	['log2(t)', 'the value of log2 with unit s'],
	['a ^ t', 'an exponent with unit s'],
	['t ^ a', 'to a power that is not a plain number'],
	['E and a', 'an operand of "and" with unit J'],
	['E ? 1 : 2', 'a condition with unit J'],
	['nonsense * E', 'the unknown name "nonsense"'],
	['a / 0', 'divides by 0'],
	['interp(a, b)', 'calls interp without a table'],
	['memoryEnergy(weights)', 'the stores are none'],
	['log2(a, b)', 'gives log2 2 values; it takes 1'],
])('units that do not fit are refused: %s', (text, problem) => {
	expect(() => dimension(text)).toThrow(problem);
});

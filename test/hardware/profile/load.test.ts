import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkProfile, listProfiles, loadProfile } from '../../../src/hardware/index.ts';
import { minimal, problemOf, profileFile, profileFrom } from '../support/profiles.ts';

test.each(listProfiles().map(({ name }) => name))('the shipped profile %s is valid and named as its file', (name) => {
	expect(checkProfile(join('hardware-profiles', `${name}.yaml`))).toEqual([]);
	expect(loadProfile(name).name).toBe(name);
});

test('the profiles the documents promise ship with the tool', () => {
	const names = listProfiles().map(({ name }) => name);
	const promised = [
		'45nm',
		'45nm-int8',
		'45nm-memory',
		'lemaire2022',
		'7nm',
		'loihi',
		'loihi-sanafe',
		'loihi2',
		'truenorth',
		'odin',
		'spinnaker',
		'spinnaker2',
	];
	const systems = ['loihi-system', 'truenorth-1v', 'morphic', 'reckon', 'mubrain', '45nm-int8-memory'];
	const accelerators = ['eyeriss', 'ptb', 'sato', 'mint', 'stellar', 'prosperity'].map((name) => `28nm-${name}`);
	const measured = ['cpu', 'gpu', 'jetson', 'movidius'].map((device) => `${device}-kws2019`);
	const baselines = ['rtx3090-measured', 'northpole', 'max78000', ...measured];
	const perOperation = ['keras-spiking-cpu', 'keras-spiking-gpu', 'keras-spiking-arm'];
	expect(names).toEqual(expect.arrayContaining([...promised, ...systems, ...accelerators, ...baselines, ...perOperation]));
});

test('a minimal profile is valid', () => {
	expect(problemOf(minimal())).toBe('no problem');
});

const constant = (text: string): string => minimal({ constants: `\n  E_ac: ${text}` });

test.each<[string, string, string]>([
	[
		'a term that is a power',
		minimal({ constants: '\n  E_ac: { value: 1 pW, evidence: assumed, source: us }' }),
		'test.yaml:10: energy term "acs" has unit J/s; it must be an energy (unit J). It is a power: multiply it by a time, or move it to inference.energy and multiply it by latency.',
	],
	[
		'a term without unit',
		minimal({ energy: '\n  acs: acs' }),
		'test.yaml:10: energy term "acs" has no unit (a plain number); it must be an energy (unit J). Multiply the count by the energy of one event.',
	],
	[
		'an unknown event',
		minimal({ energy: '\n  acs: acz * E_ac' }),
		'test.yaml:10: energy term "acs" uses the unknown name "acz"; did you mean acs.',
	],
	[
		'a unit in a formula',
		minimal({ energy: '\n  acs: acs * pJ' }),
		'test.yaml:10: energy term "acs" uses the unknown name "pJ"; a unit belongs into a constant, not into a formula.',
	],
	[
		'an event without meaning here',
		minimal({ resources: '\n  cores: spikes' }),
		'test.yaml:13: resource term "cores" uses the unknown name "spikes", which has no meaning in this section.',
	],
	[
		'a missing source',
		constant('{ value: 1 pJ, evidence: assumed }'),
		'test.yaml:8: constant "E_ac" has no "source": add "source: KEY" with a key listed under sources.',
	],
	[
		'a missing evidence',
		constant('{ value: 1 pJ, source: us }'),
		'test.yaml:8: constant "E_ac" has no "evidence": add "evidence:" measured, fitted, simulated, published, vendor, derived or assumed.',
	],
	[
		'an unknown source',
		constant('{ value: 1 pJ, evidence: assumed, source: them }'),
		'test.yaml:8: constant "E_ac" names the source "them", which is not under sources (us).',
	],
	[
		'an unknown grade',
		constant('{ value: 1 pJ, evidence: guessed, source: us }'),
		'test.yaml:8: constant "E_ac" (evidence) must be one of measured, fitted, simulated, published, vendor, derived, assumed.',
	],
	[
		'a bad quantity',
		constant('{ value: 1 pX, evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" is "1 pX"; expected a number with a unit, e.g. 4.6 pJ, 0.9 V, 8 KiB, 1 GHz, or a plain number.',
	],
	[
		'a negative energy',
		constant('{ value: -1 pJ, evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" is -1 pJ; energies, times, powers and sizes cannot be negative.',
	],
	[
		'an interval out of order',
		constant('{ value: { low: 3 pJ, nominal: 2 pJ, high: 1 pJ }, evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" needs low ≤ nominal ≤ high; sort its three values.',
	],
	[
		'an interval of mixed units',
		constant('{ value: { low: 1 pJ, nominal: 2 ns, high: 3 pJ }, evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" mixes values of unit J and of unit s; give all of them one unit.',
	],
	[
		'no value',
		constant('{ evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" needs exactly one of value, table and formula.',
	],
	[
		'a table with one key twice',
		constant('{ table: { 1 KiB: 1 pJ, 1024 B: 2 pJ }, evidence: assumed, source: us }'),
		'test.yaml:8: the table of constant "E_ac" has one key twice.',
	],
	[
		'an interpolation without table',
		constant('{ value: 1 pJ, interpolation: linear, evidence: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" has "interpolation", which belongs to a table; it has no table.',
	],
	[
		'a misspelt entry',
		constant('{ value: 1 pJ, evidenze: assumed, source: us }'),
		'test.yaml:8: constant "E_ac" has an unknown entry "evidenze"; did you mean "evidence".',
	],
	[
		'a constant named like an event',
		minimal({ constants: '\n  acs: { value: 1 pJ, evidence: assumed, source: us }' }),
		'test.yaml:8: "acs" is the name of an event or a function; call the constant something else.',
	],
	['no energy', minimal({ energy: '' }), 'test.yaml:1: the profile has no energy term; add at least one formula under energy.'],
	['an incomplete profile', minimal({ title: '' }), 'test.yaml:1: the profile has no "title".'],
	[
		'an all-in price beside others',
		minimal({ scope: 'all-in', energy: '\n  acs: acs * E_ac\n  hops: spikes * E_ac' }),
		'test.yaml:4: the profile is all-in, so its one price already contains everything, but it has 2 energy terms; keep one, or declare scope: per-term.',
	],
	[
		'an all-in constant in a per-term profile',
		constant('{ value: 1 pJ, evidence: assumed, source: us, scope: all-in }'),
		'test.yaml:10: term "acs" uses "E_ac", an all-in price, in a per-term profile; what it contains would be charged twice.',
	],
	[
		'an event that another price includes',
		minimal({ includes: '[acs]' }),
		'test.yaml:10: term "acs" charges "acs", which the profile says is included in another price; remove one of the two.',
	],
	[
		'an event listed as unpriced',
		minimal({ unpriced: '[acs]' }),
		'test.yaml:10: term "acs" charges "acs", which the profile lists as unpriced; remove one of the two.',
	],
	[
		'a formula of 10 MB',
		minimal({ energy: `\n  acs: acs * E_ac + ${'0'.repeat(10_000_000)}` }),
		'test.yaml: has 10000209 bytes, and at most 1000000 are read of a file of this kind. Check that it is the right file.',
	],
	[
		'a formula of 10 kB',
		minimal({ energy: `\n  acs: acs * E_ac + ${'0'.repeat(10_000)}` }),
		'test.yaml:10: energy term "acs" is 10013 characters long; a formula may have 2000.',
	],
	[
		'a way to the host',
		minimal({ energy: '\n  acs: acs.constructor("return process") * E_ac' }),
		'test.yaml:10: energy term "acs" calls "acs.constructor"; the functions are min, max, ceil, floor, round, abs, sqrt, log2, interp, memoryEnergy, memoryBits, footprintBits.',
	],
	[
		'another way to the host',
		minimal({ energy: '\n  acs: constructor * E_ac' }),
		'test.yaml:10: energy term "acs" uses the unknown name "constructor".',
	],
	[
		'a prototype',
		minimal({ constants: '\n  __proto__: { value: 1 pJ, evidence: assumed, source: us }' }),
		'test.yaml:8: "constants": the name "__proto__" must consist of letters, digits and "_" and begin with a letter (profile names: lower case, digits, "-" and ".").',
	],
	[
		'an unquoted condition',
		minimal({ energy: '\n  acs: acs > 0 ? acs * E_ac : 0 * E_ac' }),
		'test.yaml:10: this is not valid YAML: Nested mappings are not allowed in compact mappings. If the value is a formula with a colon, put it in quotes.',
	],
	[
		'a list',
		'- 1\n- 2\n',
		'test.yaml:1: a hardware profile is a YAML mapping with name, title, constants and energy; this file holds something else.',
	],
	['a repeated key', `${minimal()}name: again\n`, 'test.yaml:12: this is not valid YAML: Map keys must be unique'],
	[
		'an alias bomb',
		`a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n`,
		'test.yaml:1: this is not valid YAML: Excessive alias count indicates a resource exhaustion attack',
	],
	['an endless nesting', `a: ${'['.repeat(100_000)}`, 'test.yaml:1: this is not valid YAML: it is nested too deeply.'],
	[
		'constants that need one another',
		minimal({
			constants:
				'\n  E_ac: { formula: E_x, evidence: derived, source: us }\n  E_x: { formula: 2 * E_ac, evidence: derived, source: us }',
		}),
		'test.yaml:8: these constants are computed from one another: E_ac → E_x → E_ac.',
	],
	[
		'a computed constant of another unit than stated',
		constant('{ formula: 3 * 2, unit: pJ, evidence: derived, source: us }'),
		'test.yaml:8: the formula of constant "E_ac" has no unit (a plain number); it must be of the stated unit pJ.',
	],
	[
		'a division by zero',
		minimal({
			constants:
				'\n  E_ac: { formula: E_x / none, evidence: derived, source: us }\n  E_x: { value: 1 pJ, evidence: assumed, source: us }\n  none: { value: 0, evidence: assumed, source: us }',
		}),
		'test.yaml:8: the formula of constant "E_ac" gives Infinity; does it divide by zero.',
	],
])('refused in one sentence with file and line: %s', (_, text, message) => {
	expect(problemOf(text)).toBe(message);
});

test('a profile of 300 computed constants that double one another is loaded at once', () => {
	const doubling = Array.from(
		{ length: 290 },
		(_, index) => `\n  E_${index + 1}: { formula: E_${index} / 2 + E_${index} / 2, evidence: derived, source: us }`,
	);
	const text = minimal({
		constants: `\n  E_0: { value: 1 pJ, evidence: assumed, source: us }${doubling.join('')}`,
		energy: '\n  acs: acs * E_290',
	});
	const started = performance.now();
	expect(problemOf(text)).toBe('no problem');
	expect(performance.now() - started).toBeLessThan(5000);
});

test('a missing file and an unknown name are told apart', () => {
	expect(() => loadProfile('./nowhere.yaml')).toThrow('./nowhere.yaml cannot be read (there is no such file).');
	expect(() => loadProfile('lohi')).toThrow('There is no hardware profile "lohi". Did you mean loihi');
	expect(() => loadProfile('45mn')).toThrow('Did you mean 45nm');
});

test('a profile extends another entry by entry', () => {
	const child =
		'name: child\nextends: base.yaml\nconstants:\n  E_ac: { value: 2 pJ, evidence: measured, source: us }\nenergy:\n  more: macs * E_ac\n';
	const profile = loadProfile(profileFile(child, { 'base.yaml': minimal() }));
	expect(profile.constants.get('E_ac')?.value.nominal).toBeCloseTo(2e-12, 20);
	expect(profile.energy.map(({ name }) => name)).toEqual(['acs', 'more']);
	expect(profile.title).toBe('Test');
});

test('a term set to null is taken out of what a profile extends', () => {
	const child = 'name: child\nextends: base.yaml\nenergy:\n  more: macs * E_ac\n  acs: null\n';
	expect(loadProfile(profileFile(child, { 'base.yaml': minimal() })).energy.map(({ name }) => name)).toEqual(['more']);
});

test('a mistake in an extended file is reported with that file and line', () => {
	const child = 'name: child\nextends: base.yaml\nconstants:\n  E_ac: { value: 2 ns, evidence: measured, source: us }\n';
	expect(problemOf(child, { 'base.yaml': minimal() })).toContain(
		'base.yaml:10: energy term "acs" has unit s; it must be an energy (unit J).',
	);
});

test('profiles that extend one another in a circle are refused', () => {
	const beside = { 'b.yaml': 'name: b\nextends: c.yaml\n', 'c.yaml': 'name: c\nextends: b.yaml\n' };
	expect(problemOf('name: a\nextends: b.yaml\n', beside)).toBe(
		'c.yaml:2: the profile extends itself: a → b → c → b. Remove one "extends".',
	);
	expect(problemOf('name: a\nextends: test.yaml\n')).toContain('test.yaml:2: the profile extends itself: a → test.');
});

test('an unknown parent and an endless chain of parents are refused', () => {
	expect(problemOf('name: a\nextends: lohi\n')).toBe(
		'test.yaml:2: the profile extends "lohi", which is neither a profile nor a file beside this one. Did you mean loihi or loihi2?',
	);
	const chain = Object.fromEntries(
		Array.from({ length: 12 }, (_, index) => [`p${index}.yaml`, `name: p${index}\nextends: p${index + 1}.yaml\n`]),
	);
	expect(problemOf('name: a\nextends: p0.yaml\n', chain)).toContain('extends more than 8 others');
});

test('a constant set on the command line replaces the value and is graded as assumed', () => {
	const profile = loadProfile('45nm', { set: ['E_ac=0.4pJ'] });
	expect(profile.constants.get('E_ac')).toMatchObject({ evidence: 'assumed', formula: null });
	expect(profile.constants.get('E_ac')?.value.nominal).toBeCloseTo(4e-13, 20);
});

test('a constant that others are computed from changes them too', () => {
	expect(loadProfile('45nm', { set: ['E_mul = 1.1 pJ'] }).constants.get('E_mac')?.value.nominal).toBeCloseTo(2e-12, 20);
});

test.each([
	['E_ac', 'expected NAME=VALUE'],
	['E_ac=', 'expected NAME=VALUE'],
	['E_ac=0.4', 'the value has no unit (a plain number); the constant has unit J, e.g. --set E_ac=0.9pJ.'],
	['E_ac=4 ns', 'the value has unit s; the constant has unit J'],
	['E_ac=-4 pJ', 'cannot be negative'],
	['E_ac=NaN pJ', 'expected NAME=VALUE'],
	['E_av=4 pJ', 'Did you mean E_ac'],
	['E_ac=process.exit()', 'expected NAME=VALUE'],
	[`E_ac=${'1'.repeat(10_000)} pJ`, 'expected NAME=VALUE'],
])('--set %.40s is refused in one sentence', (set, problem) => {
	expect(() => loadProfile('45nm', { set: [set] })).toThrow(problem);
});

test('a table is set by a factor on its values, and not to a single value', () => {
	for (const value of ['3 pJ', '-1', 'half'])
		expect(() => loadProfile('45nm-memory', { set: [`E_sram=${value}`] })).toThrow('the constant is a table; set a factor');
	const [asWritten, halved] = [[], ['E_sram=0.5']].map((set) => loadProfile('45nm-memory', { set }).constants.get('E_sram'));
	expect(halved).toMatchObject({ value: { low: 0.5, nominal: 0.5, high: 0.5 }, evidence: 'assumed' });
	expect(halved?.table).toEqual(asWritten?.table);
	expect(halved?.note).toMatch(/^its table times 0.5 by the user; the profile says: /);
});

test.each([
	['sqrt(-1) * acs * E_ac', 'NaN'],
	['log2(0) * acs * E_ac', 'NaN'],
	['10^400 * acs * E_ac', 'NaN'],
	['0 - acs * E_ac', '-1.8e-11'],
	['(acs - acs) / (acs - acs) * E_ac', 'NaN'],
])('a formula that can give no energy is found by the check: %s', (formula, found) => {
	expect(checkProfile(profileFile(minimal({ energy: `\n  acs: "${formula}"` })))).toEqual([
		expect.stringMatching(new RegExp(`term "acs" gives ${found}.* a formula must give a number ≥ 0.*made-up run`)),
	]);
});

test('all violations of the schema are listed, in the order of their lines', () => {
	const path = profileFile(minimal({ scope: 'sometimes', constants: '\n  E_ac: { value: 1 pJ }' }));
	expect(checkProfile(path).map((problem) => /:(\d+):/.exec(problem)?.[1])).toEqual(['4', '8', '8']);
});

test('a profile may be JSON', () => {
	const path = profileFile('');
	const json = path.replace('.yaml', '.json');
	writeFileSync(
		json,
		JSON.stringify({
			name: 'j',
			title: 'J',
			summary: 's',
			scope: 'per-term',
			sources: { us: { citation: 'us' } },
			constants: { E: { value: '1 pJ', evidence: 'assumed', source: 'us' } },
			energy: { acs: 'acs * E' },
			unpriced: [],
		}),
	);
	expect(loadProfile(json).name).toBe('j');
});

test('every number of every shipped profile that is not a switch carries a unit or a reason', () => {
	for (const { name } of listProfiles()) {
		for (const constant of loadProfile(name).constants.values()) {
			const reasoned =
				constant.unit !== '' || constant.formula !== null || constant.note !== null || constant.evidence !== 'assumed';
			expect([name, constant.name, reasoned]).toEqual([name, constant.name, true]);
		}
	}
});

test('evaluating a profile twice from one file gives the same numbers', () => {
	expect(profileFrom(minimal()).constants.get('E_ac')?.value).toEqual(profileFrom(minimal()).constants.get('E_ac')?.value);
});

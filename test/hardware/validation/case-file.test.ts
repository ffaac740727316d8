import { UserError } from '../../../src/errors.ts';
import { parseCase, readCases, shippedCases } from '../../../src/hardware/validation/case-file.ts';

const valid = `
name: chip
title: a chip
kind: operating-points
authority: silicon
source: nobody
profile: truenorth
points:
  - { name: p, timesteps: 1, synapticEvents: [2, 3], published: { quantity: energy, value: 1 mJ }, tolerance: 0.1 }
`;

test('a case reads the same from YAML and JSON', () => {
	const fromYaml = parseCase(valid, 'case.yaml');
	expect(parseCase(JSON.stringify(fromYaml), 'case.case.json')).toEqual(fromYaml);
});

test.each([
	[
		'no kind',
		valid.replace('kind: operating-points', ''),
		'case.yaml: no kind is given; a case is one of operating-points, counts, leave-one-out, chip-run',
	],
	['an unknown kind', valid.replace('operating-points', 'guesses'), 'case.yaml: the kind "guesses" is unknown'],
	['a misspelt entry', valid.replace('source:', 'sources:'), "case.yaml: the case must have required property 'source'"],
	['an unknown entry', `${valid}wings: 2\n`, 'case.yaml: the case has the unknown entry "wings"'],
	['an unknown authority', valid.replace('silicon', 'hearsay'), 'case.yaml: authority must be one of silicon, simulator'],
	['a negative tolerance', valid.replace('tolerance: 0.1', 'tolerance: -1'), 'case.yaml: points.0.tolerance must be >= 0'],
	['text that is not YAML', 'name: [', 'case.yaml: the case '],
	['a list', '- 1', 'case.yaml: no kind is given'],
])('%s is refused in a sentence', (_what, text, sentence) => {
	expect(() => parseCase(text, 'case.yaml')).toThrow(UserError);
	expect(() => parseCase(text, 'case.yaml')).toThrow(sentence);
});

test('every shipped case is valid, and their names differ', () => {
	const names = readCases(shippedCases).map(({ content }) => content.name);
	expect(new Set(names).size).toBe(names.length);
});

test('a folder without cases is refused', () => {
	expect(() => readCases('src/hardware/validation')).toThrow('holds no case files');
	expect(() => readCases('no/such/folder')).toThrow('no/such/folder: cannot be read');
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
	lineIn,
	type ParsedDocument,
	parsedByBuild,
	parsedDocument,
	pathInPackage,
} from '../../src/hardware/parsed-documents.ts';
import { parseProfileDocument } from '../../src/hardware/profile/document.ts';
import { shippedProfiles } from '../../src/hardware/profile/find.ts';
import { parseCaseText, shippedCases } from '../../src/hardware/validation/case-file.ts';
import { packageFolder } from '../../src/platform/node/package.ts';

const yamlFiles = (folder: string): string[] =>
	readdirSync(folder)
		.filter((name) => name.endsWith('.yaml'))
		.map((name) => join(folder, name));

/** Every path of entries in a value, and one below each that is not there. */
function pathsIn(value: unknown, path: readonly string[] = []): (readonly string[])[] {
	const below = typeof value === 'object' && value !== null ? Object.entries(value) : [];
	return [path, [...path, 'no such entry'], ...below.flatMap(([name, child]) => pathsIn(child, [...path, name]))];
}

test('what the build keeps of a profile reads as the profile itself, line by line', () => {
	const files = yamlFiles(shippedProfiles);
	expect(files.length).toBeGreaterThan(30);
	for (const path of files) {
		const text = readFileSync(path, 'utf8');
		const { content, lineOf } = parseProfileDocument(text, path);
		const kept = JSON.parse(JSON.stringify(parsedDocument(text, content, lineOf))) as ParsedDocument;
		expect(kept.content).toEqual(content);
		const paths = pathsIn(content);
		expect(paths.map((one) => lineIn(kept, one))).toEqual(paths.map(lineOf));
	}
});

test('what the build keeps of a reference point is what its file says', () => {
	for (const path of yamlFiles(shippedCases)) {
		const content = parseCaseText(readFileSync(path, 'utf8'), path);
		expect(JSON.parse(JSON.stringify(content))).toEqual(content);
	}
});

test('a text that is not the one the build parsed, or lies elsewhere, has to be parsed', () => {
	const path = join(shippedProfiles, '45nm.yaml');
	expect(parsedByBuild(path, `${readFileSync(path, 'utf8')}\n`)).toBeNull();
	expect(parsedByBuild('/elsewhere/45nm.yaml', readFileSync(path, 'utf8'))).toBeNull();
});

test('a document is kept by a path that reads the same wherever the build ran', () => {
	expect(pathInPackage(join(shippedProfiles, '45nm.yaml'))).toBe('hardware-profiles/45nm.yaml');
	expect(pathInPackage(`${packageFolder}hardware-profiles\\45nm.yaml`)).toBe('hardware-profiles/45nm.yaml');
});

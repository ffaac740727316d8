// A step of the build: parses and checks every shipped profile and reference point, and leaves the list of profiles and what was
// parsed, so that the CLI need not do it again.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeWhole } from '../dist/files.js';
import { listProfiles } from '../dist/hardware/index.js';
import { parsedDocument, parsedDocumentsFile, pathInPackage } from '../dist/hardware/parsed-documents.js';
import { parseProfileDocument } from '../dist/hardware/profile/document.js';
import { shippedProfiles } from '../dist/hardware/profile/find.js';
import { shippedList, shippedListFile } from '../dist/hardware/profile/shipped-list.js';
import { parseCaseText, shippedCases } from '../dist/hardware/validation/case-file.js';

rmSync(parsedDocumentsFile, { force: true });
writeWhole(shippedListFile, [`${JSON.stringify(shippedList(listProfiles()))}\n`]);

const yamlFiles = (folder) =>
	readdirSync(folder)
		.filter((name) => /\.ya?ml$/.test(name))
		.sort()
		.map((name) => join(folder, name));
const parsed = [
	...yamlFiles(shippedProfiles).map((path) => [path, parseProfile]),
	...yamlFiles(shippedCases).map((path) => [path, parseCase]),
].map(([path, parse]) => [pathInPackage(path), parse(readFileSync(path, 'utf8'), path)]);
writeWhole(parsedDocumentsFile, [`${JSON.stringify(Object.fromEntries(parsed))}\n`]);

function parseProfile(text, path) {
	const { content, lineOf } = parseProfileDocument(text, path);
	return parsedDocument(text, content, lineOf);
}

/** No sentence names a line of a reference point. */
function parseCase(text, path) {
	return { ...parsedDocument(text, parseCaseText(text, path), () => 1), lines: {} };
}

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkProfile, loadProfile, type Profile } from '../../../src/hardware/index.ts';
import { temporaryFolder } from '../../support/temporary.ts';

/** Writes a profile into a temporary folder; other files given by name lie beside it. */
export function profileFile(text: string, beside: Readonly<Record<string, string>> = {}): string {
	const folder = temporaryFolder('snn-energy-profile-');
	for (const [name, content] of Object.entries(beside)) writeFileSync(join(folder, name), content);
	const path = join(folder, 'test.yaml');
	writeFileSync(path, text);
	return path;
}

export const profileFrom = (text: string, set: readonly string[] = []): Profile => loadProfile(profileFile(text), { set });

/** The first problem, without the folder's name. */
export function problemOf(text: string, beside: Readonly<Record<string, string>> = {}): string {
	const path = profileFile(text, beside);
	return (checkProfile(path)[0] ?? 'no problem').replaceAll(path, 'test.yaml').replaceAll(path.replace('test.yaml', ''), '');
}

/** A small valid profile; entries replace those of the same name. */
export function minimal(entries: Readonly<Record<string, string>> = {}): string {
	const sections: Record<string, string> = {
		name: 'test',
		title: 'Test',
		summary: 'For tests.',
		scope: 'per-term',
		sources: '\n  us: { citation: ourselves }',
		constants: '\n  E_ac: { value: 1 pJ, evidence: assumed, source: us }',
		energy: '\n  acs: acs * E_ac',
		unpriced: '[]',
		...entries,
	};
	return Object.entries(sections)
		.filter(([, value]) => value !== '')
		.map(([key, value]) => `${key}: ${value}\n`)
		.join('');
}

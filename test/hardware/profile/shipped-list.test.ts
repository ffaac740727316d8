import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listProfiles } from '../../../src/hardware/index.ts';
import { readShippedList, shippedList } from '../../../src/hardware/profile/shipped-list.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-energy-list-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const file = join(folder, 'list.json');

test('without a list of the build there is none', () => {
	expect(readShippedList(join(folder, 'missing.json'))).toBeNull();
});

test('a list made from the files as they are is the list of all profiles', () => {
	const summaries = listProfiles();
	writeFileSync(file, JSON.stringify(shippedList(summaries)));
	expect(readShippedList(file)).toEqual(summaries);
});

test('a list made from other files, or a broken one, is not used', () => {
	const list = shippedList(listProfiles());
	writeFileSync(file, JSON.stringify({ ...list, digest: list.digest.replace(/^./, (first) => (first === '0' ? '1' : '0')) }));
	expect(readShippedList(file)).toBeNull();
	writeFileSync(file, 'half a li');
	expect(readShippedList(file)).toBeNull();
});

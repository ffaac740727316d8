import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { type CatalogueEntry, catalogue } from '../../../src/formats/datasets/catalogue.ts';
import { fetchEntry } from '../../../src/formats/datasets/fetch.ts';
import { sourcesOf } from '../../../src/formats/datasets/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'snn-fetch-'));
const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const official = (name: string, content: string) => ({ name, bytes: content.length, sha256: sha256(Buffer.from(content)) });
const [train, testing] = ['training images', 'test images'];

let server: Server;
let url = '';
let archive: Buffer;
const served = new Map<string, Uint8Array>();

beforeAll(async () => {
	mkdirSync(join(folder, 'make/inside'), { recursive: true });
	writeFileSync(join(folder, 'make/inside/train.bin'), train);
	writeFileSync(join(folder, 'make/inside/test.bin'), testing);
	execFileSync('tar', ['-czf', join(folder, 'set.tar.gz'), '-C', join(folder, 'make'), 'inside']);
	archive = readFileSync(join(folder, 'set.tar.gz'));
	server = createServer((request, response) => {
		const bytes = served.get(request.url ?? '');
		response.writeHead(bytes ? 200 : 404).end(bytes);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(async () => {
	await new Promise((resolve) => server.close(resolve));
	rmSync(folder, { recursive: true, force: true });
});

/** An address where nobody listens any more. */
async function closedServer(): Promise<string> {
	const gone = createServer();
	await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
	const { port } = gone.address() as AddressInfo;
	await new Promise((resolve) => gone.close(resolve));
	return `http://127.0.0.1:${port}/`;
}

const base = catalogue.find(({ name }) => name === 'cifar10') as CatalogueEntry;
const files = { train: [official('train.bin', train)], test: [official('test.bin', testing)] };
const entry = (name: string, downloads: CatalogueEntry['downloads']): CatalogueEntry => ({ ...base, name, files, downloads });
const archived = (name: string): CatalogueEntry =>
	entry(name, [{ kind: 'archive', url: `${url}set.tar.gz`, sha256: sha256(archive), inside: 'inside' }]);
const get = (which: CatalogueEntry, notes: string[] = []) =>
	fetchEntry(which, sourcesOf(which), folder, (note) => notes.push(note));

test('a set comes from the first source that answers, is checked, and is kept', async () => {
	served.clear();
	served.set('/set.tar.gz', archive);
	const notes: string[] = [];
	expect(await get(archived('first'), notes)).toBe(`${url}set.tar.gz`);
	expect(notes).toEqual([`download ${url}set.tar.gz`]);
	expect(readFileSync(join(folder, 'first/train.bin'), 'utf8')).toBe(train);
	expect(readdirSync(join(folder, 'first')).sort()).toEqual(['test.bin', 'train.bin']);
	served.clear();
	expect(await get(archived('first'))).toBe('cache');
});

test('single files come compressed and count by their content; a broken copy is replaced', async () => {
	served.clear();
	for (const [name, content] of [
		['train.bin', train],
		['test.bin', testing],
	] as const)
		served.set(`/${name}.gz`, gzipSync(content));
	mkdirSync(join(folder, 'single'));
	writeFileSync(join(folder, 'single/train.bin'), 'damaged');
	expect(await get(entry('single', [{ kind: 'files', title: 'a mirror', url }]))).toBe('a mirror');
	expect(readdirSync(join(folder, 'single')).sort()).toEqual(['test.bin.gz', 'train.bin.gz']);
});

test('an archive that is not the official one, or cut short on the way, is refused and leaves nothing behind', async () => {
	served.clear();
	served.set('/set.tar.gz', archive.subarray(0, archive.length - 5));
	await expect(get(archived('wrong'))).rejects.toThrow(
		/set\.tar\.gz is not the official archive: its SHA-256 is [0-9a-f]{64}, expected/,
	);
	expect(readdirSync(join(folder, 'wrong'))).toEqual([]);
});

test('without a network the message says which file to put where, and the file put there is taken', async () => {
	served.clear();
	const which = archived('offline');
	const place = join(folder, 'offline');
	await expect(get(which)).rejects.toThrow(
		`no source of offline answers (set.tar.gz in the folder: it is not there; ${url}set.tar.gz: the server answered 404). Put set.tar.gz (${url}set.tar.gz), or its files train.bin, test.bin, into ${place} and run "snn-energy data fetch offline" again.`,
	);
	writeFileSync(join(place, 'set.tar.gz'), archive);
	expect(await get(which)).toBe('set.tar.gz in the folder');
	expect(existsSync(join(place, 'test.bin'))).toBe(true);
	const dead: CatalogueEntry = entry('dead', [{ kind: 'files', title: 'nobody', url: await closedServer() }]);
	await expect(get(dead)).rejects.toThrow(
		/nobody: ECONNREFUSED\)\. Put the official files train\.bin, test\.bin \(plain or \.gz\) into .*dead/,
	);
});

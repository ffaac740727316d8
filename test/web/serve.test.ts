import { mkdirSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { openedFiles } from '../../src/cli/opened-files.ts';
import { servePage } from '../../src/serve/server.ts';
import { temporaryFolder } from '../support/temporary.ts';

/** A package whose page is two files, one of them compressed as npm gets it. */
function packageWithPage(): string {
	const folder = temporaryFolder('serve-');
	mkdirSync(join(folder, 'dist/web'), { recursive: true });
	mkdirSync(join(folder, 'models/m'), { recursive: true });
	writeFileSync(join(folder, 'dist/web/index.html'), 'the page');
	writeFileSync(join(folder, 'dist/web/index.js.br'), brotliCompressSync('the script'));
	writeFileSync(join(folder, 'models/m/run.json'), '{}');
	writeFileSync(join(folder, 'secret.txt'), 'not of the page');
	return folder;
}

interface Answer {
	readonly status: number | undefined;
	readonly headers: NodeJS.Dict<string | string[]>;
	readonly text: string;
}

const get = (address: string, path: string, { method = 'GET', host = '' } = {}): Promise<Answer> =>
	new Promise((resolve, reject) => {
		const { hostname, port } = new URL(address);
		const asked = request({ hostname, port, path, method, headers: host === '' ? {} : { host } }, (response) => {
			let text = '';
			response.setEncoding('utf8').on('data', (part: string) => {
				text += part;
			});
			response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
		});
		asked.on('error', reject).end();
	});

test('the page, its compressed files and its examples are served, isolated, and nothing beside them', async () => {
	const folder = packageWithPage();
	const { address, close } = await servePage({ port: 0, opened: [], packageFolder: folder });
	try {
		expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
		const page = await get(address, '/');
		expect(page.text).toBe('the page');
		expect(page.headers['cross-origin-opener-policy']).toBe('same-origin');
		expect(page.headers['cross-origin-embedder-policy']).toBe('require-corp');
		expect((await get(address, '/index.js')).text).toBe('the script');
		expect((await get(address, '/examples/m/run.json')).text).toBe('{}');
		for (const path of [
			'/../secret.txt',
			'/%2e%2e/%2e%2e/secret.txt',
			'/examples/..%2f..%2fsecret.txt',
			'/opened/0/list.json',
			'/none',
		])
			expect((await get(address, path)).text).not.toMatch(/not of the page|\[/);
		expect((await get(address, '/', { method: 'POST' })).status).toBe(405);
		expect((await get(address, '/', { host: 'elsewhere.example' })).status).toBe(421);
	} finally {
		await close();
	}
});

test('files that are handed over have an address no one guesses', async () => {
	const folder = packageWithPage();
	const file = join(folder, 'secret.txt');
	const { address, close } = await servePage({ port: 0, opened: [{ file, kind: 'data' }], packageFolder: folder });
	try {
		const token = /#opened=([0-9a-f]{32})$/.exec(address)?.[1];
		expect(JSON.parse((await get(address, `/opened/${token}/list.json`)).text)).toEqual([{ name: 'secret.txt', kind: 'data' }]);
		expect((await get(address, `/opened/${token}/0`)).text).toBe('not of the page');
		expect((await get(address, `/opened/${token}/1`)).status).toBe(404);
		expect((await get(address, `/opened/${'0'.repeat(32)}/0`)).status).toBe(404);
	} finally {
		await close();
	}
});

test('a model is opened with the samples beside it, unless data are named', () => {
	const folder = temporaryFolder('serve-');
	const [model, samples] = [join(folder, 'model.onnx'), join(folder, 'samples.npz')];
	writeFileSync(model, '');
	expect(openedFiles([model], undefined, undefined)).toEqual([{ file: model }]);
	writeFileSync(samples, '');
	expect(openedFiles([folder], undefined, 'y.npy')).toEqual([
		{ file: model },
		{ file: samples, kind: 'data' },
		{ file: 'y.npy', kind: 'labels' },
	]);
	expect(openedFiles([model, 'elsewhere/other.onnx'], undefined, undefined)).toHaveLength(2);
	expect(openedFiles([model], 'x.npy', undefined)).toEqual([{ file: model }, { file: 'x.npy', kind: 'data' }]);
	expect(openedFiles([model], 'events:r.aedat4', undefined)).toEqual([{ file: model }, { file: 'r.aedat4' }]);
	expect(openedFiles([join(folder, 'run.analysis.json')], undefined, undefined)).toHaveLength(1);
});

test('a missing file, a missing page and a port in use are sentences', async () => {
	const folder = packageWithPage();
	await expect(servePage({ port: 0, opened: [{ file: 'none.onnx' }], packageFolder: folder })).rejects.toThrow(
		/none\.onnx: there is no such file/,
	);
	await expect(servePage({ port: 0, opened: [], packageFolder: temporaryFolder('serve-') })).rejects.toThrow(/npm run web/);
	const { address, close } = await servePage({ port: 0, opened: [], packageFolder: folder });
	const port = Number(new URL(address).port);
	await expect(servePage({ port, opened: [], packageFolder: folder })).rejects.toThrow(`Port ${port} cannot be used`);
	await close();
});

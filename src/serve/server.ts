/** The page on this machine: a server that only this machine reaches, of the page's files and of what was handed over. */

import { randomBytes } from 'node:crypto';
import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, extname, join, normalize } from 'node:path';
import { UserError } from '../errors.ts';
import * as messages from './messages.ts';
import { fileAt, pageFile } from './page-files.ts';

export interface ServeOptions {
	/** 0 takes any that is free. */
	readonly port: number;
	/** Files the page opens at once, and what they are for where that was said. */
	readonly opened: readonly OpenedFile[];
	/** The package's folder: the page lies in dist/web, its examples in models. */
	readonly packageFolder: string;
}

export interface OpenedFile {
	readonly file: string;
	readonly kind?: 'data' | 'labels';
}

export interface Served {
	/** What a browser is sent to. */
	readonly address: string;
	readonly close: () => Promise<void>;
}

const types: Readonly<Record<string, string>> = {
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.css': 'text/css; charset=utf-8',
	'.json': 'application/json',
	'.svg': 'image/svg+xml',
	'.wasm': 'application/wasm',
};

/** Threads need the first two; the policy is the page's own, so that no proxy can loosen it. */
const headers: Readonly<Record<string, string>> = {
	'cross-origin-opener-policy': 'same-origin',
	'cross-origin-embedder-policy': 'require-corp',
	'cross-origin-resource-policy': 'same-origin',
	'x-content-type-options': 'nosniff',
	'referrer-policy': 'no-referrer',
};

/**
 * Serves the page on 127.0.0.1. Files that were handed over have addresses no one can guess.
 *
 * @throws UserError if the page was not built, a file is missing or the port is taken
 */
export async function servePage({ port, opened, packageFolder }: ServeOptions): Promise<Served> {
	pageFile(packageFolder, 'index.html');
	const folder = join(packageFolder, 'dist/web');
	for (const { file } of opened) if (!existsSync(file) || !statSync(file).isFile()) throw new UserError(messages.noFile(file));
	const token = randomBytes(16).toString('hex');
	const server = createServer((request, response) => {
		answer(request, response, { folder, models: join(packageFolder, 'models'), opened, token }, server);
	});
	await listen(server, port);
	const { port: taken } = server.address() as AddressInfo;
	return {
		address: `http://127.0.0.1:${taken}/${opened.length > 0 ? `#opened=${token}` : ''}`,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				server.closeAllConnections();
			}),
	};
}

const listen = (server: Server, port: number): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', (error: NodeJS.ErrnoException) => {
			reject(error.code === 'EADDRINUSE' || error.code === 'EACCES' ? new UserError(messages.portTaken(port)) : error);
		});
		server.listen(port, '127.0.0.1', resolve);
	});

interface Places {
	readonly folder: string;
	readonly models: string;
	readonly opened: readonly OpenedFile[];
	readonly token: string;
}

type Reply =
	| { readonly status: number; readonly type: string; readonly body: Uint8Array | string }
	/** A file of any size, sent as it is read. */
	| { readonly file: string };

const refused = (status: number, words: string): Reply => ({ status, type: 'text/plain', body: `${words}\n` });

function replyTo({ method, url, headers: { host } }: IncomingMessage, places: Places, port: number): Reply {
	// Another site's name that was made to point here must not read what was handed over.
	if (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`) return refused(421, 'not served here');
	if (method !== 'GET' && method !== 'HEAD') return refused(405, 'only GET');
	const path = pathOf(url ?? '/');
	if (path === null) return refused(400, 'no path');
	const [first, token, name = ''] = path.split('/');
	if (first === 'opened') {
		if (token !== places.token) return refused(404, 'not here');
		const list = places.opened.map(({ file, kind }) => ({ name: basename(file), kind }));
		if (name === 'list.json') return { status: 200, type: 'application/json', body: JSON.stringify(list) };
		const file = /^\d+$/.test(name) ? places.opened[Number(name)]?.file : undefined;
		return file !== undefined && existsSync(file) ? { file } : refused(404, 'not here');
	}
	const example = first === 'examples' ? fileAt(join(places.models, path.slice('examples/'.length))) : null;
	const body = fileAt(join(places.folder, path)) ?? example;
	return body === null
		? refused(404, 'not here')
		: { status: 200, type: types[extname(path)] ?? 'application/octet-stream', body };
}

function answer(request: IncomingMessage, response: ServerResponse, places: Places, server: Server): void {
	const reply = replyTo(request, places, (server.address() as AddressInfo).port);
	if ('file' in reply) {
		response.writeHead(200, {
			...headers,
			'content-type': 'application/octet-stream',
			'content-length': statSync(reply.file).size,
		});
		createReadStream(reply.file)
			.on('error', () => response.destroy())
			.pipe(response);
		return;
	}
	response.writeHead(reply.status, { ...headers, 'content-type': reply.type, 'cache-control': 'no-cache' });
	response.end(request.method === 'HEAD' ? undefined : reply.body);
}

/** A path below the root, or null for what is none. */
function pathOf(url: string): string | null {
	try {
		const path = normalize(decodeURIComponent(new URL(url, 'http://127.0.0.1').pathname))
			.replaceAll('\\', '/')
			.replace(/^\/+/, '');
		if (path.includes('\0') || path.split('/').includes('..')) return null;
		return path === '' || path === '.' ? 'index.html' : path;
	} catch {
		return null;
	}
}

// Puts the pages, their files and the index of the search together, and finds links that lead nowhere.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import MiniSearch from 'minisearch';
import { addressOf, addressOfTarget, folderPage, menu, readPage } from './pages.js';

const require = createRequire(import.meta.url);
const here = new URL('.', import.meta.url);

/** How the index was made; the page that searches it must be told the same. */
const searchOptions = { fields: ['title', 'text', 'page'], storeFields: ['title', 'page', 'address', 'text'] };

/**
 * The whole site.
 *
 * @returns { files: Map of address to text or path, problems: sentences about links that lead nowhere }
 */
export function buildSite(root) {
	const pages = new Map();
	const copies = new Map();
	const problems = [];
	const waiting = menu.flatMap(([, files]) => files);
	for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
		if (pages.has(file) || copies.has(file)) continue;
		const path = join(root, file);
		if (!existsSync(path)) continue;
		if (file.endsWith('.md')) pages.set(file, readPage(root, file));
		else if (!statSync(path).isDirectory()) copies.set(file, path);
		else if (existsSync(join(path, 'README.md'))) {
			waiting.push(join(file, 'README.md'));
			continue;
		} else pages.set(file, folderPage(root, file));
		waiting.push(...(pages.get(file)?.links.map((link) => link.file) ?? []));
	}
	for (const page of pages.values())
		for (const { file, anchor } of page.links) {
			const path = join(root, file);
			if (!existsSync(path)) problems.push(`${page.file}: a link leads to ${file}, which does not exist.`);
			else if (anchor !== '' && file.endsWith('.md') && !pages.get(file)?.headings.some(({ name }) => name === anchor))
				problems.push(`${page.file}: a link leads to ${file}#${anchor}; there is no such heading.`);
		}
	const files = new Map();
	for (const page of pages.values()) files.set(page.address, layout(page, pages));
	for (const [file, path] of copies) files.set(addressOfTarget(root, file), readFileSync(path));
	for (const name of ['style.css', 'search.js']) files.set(name, readFileSync(new URL(name, here)));
	files.set('minisearch.js', readFileSync(require.resolve('minisearch').replace(/dist.*$/, 'dist/umd/index.js')));
	files.set('search-index.js', searchIndex(pages));
	return { files, problems };
}

/** As a script, so that the site works from a folder too, where nothing can be fetched. */
function searchIndex(pages) {
	const index = new MiniSearch(searchOptions);
	let id = 0;
	for (const page of [...pages.values()].filter(({ file }) => !notSearched.test(file)))
		for (const { name, title, text } of page.sections) {
			id += 1;
			index.add({ id, title, text, page: page.title, address: `${page.address}${name === '' ? '' : `#${name}`}` });
		}
	return `window.searchIndex = ${JSON.stringify(JSON.stringify(index))};\nwindow.searchOptions = ${JSON.stringify(searchOptions)};\n`;
}

/** Titles in the menu, where the page's own says too little there. */
const shortTitles = { 'README.md': 'What it is', 'python/README.md': 'From Python' };
/** Generated, and as long as all others together. */
const notSearched = /\.api\.md$/;

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');

function layout(page, pages) {
	const up = relative(dirname(page.address), '.') || '.';
	const to = (address) => `${up}/${address}`;
	const entry = (file) => {
		const shown = pages.get(file);
		if (shown === undefined) return '';
		const current = file === page.file ? ' aria-current="page"' : '';
		const title = shortTitles[file] ?? shown.title;
		return `<li><a href="${to(addressOf(file))}"${current}>${escaped(title)}</a></li>`;
	};
	const groups = menu.map(([title, files]) => `<h2>${title}</h2>\n<ul>${files.map(entry).join('\n')}</ul>`);
	const contents = page.headings
		.filter(({ level }) => level === 2 || level === 3)
		.map(({ level, text, name }) => `<li class="level-${level}"><a href="#${escaped(name)}">${escaped(text)}</a></li>`);
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(page.title === 'snn-energy' ? 'snn-energy' : `${page.title} · snn-energy`)}</title>
<link rel="stylesheet" href="${to('style.css')}">
</head>
<body data-up="${up}">
<a class="skip" href="#content">Skip to the text</a>
<header>
<a class="name" href="${to('index.html')}">snn-energy</a>
<div class="search"><input type="search" placeholder="Search ( / )" aria-label="Search the documentation" autocomplete="off"><ol id="found" hidden></ol></div>
</header>
<div class="columns">
<details class="menu" open><summary>Pages</summary><nav aria-label="Pages">${groups.join('\n')}</nav></details>
<main id="content">
${page.html}
</main>
${contents.length > 1 ? `<nav class="contents" aria-label="On this page"><h2>On this page</h2><ul>${contents.join('\n')}</ul></nav>` : ''}
</div>
<script src="${to('minisearch.js')}"></script>
<script src="${to('search-index.js')}"></script>
<script src="${to('search.js')}"></script>
</body>
</html>
`;
}

// Markdown files of the repository as pages of a site: each with its place, its HTML, its headings and its links.

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, normalize, posix, relative } from 'node:path';
import { Marked } from 'marked';

/** Pages in the order of the menu. What is linked from them and is Markdown too becomes a page of the last group. */
export const menu = [
	['Start', ['README.md', 'docs/export.md', 'docs/command-line.md', 'docs/reports.md', 'docs/page.md', 'docs/check.md']],
	['Data and files', ['docs/formats.md', 'docs/events.md', 'docs/conversion.md', 'docs/training.md']],
	['How it counts', ['docs/method.md', 'docs/pricing.md', 'docs/profiles.md', 'docs/chips.md', 'docs/scorecard.md']],
	['For programs', ['docs/library.md', 'python/README.md', 'docs/scale.md', 'docs/performance.md']],
	['The project', ['CHANGELOG.md', 'CONTRIBUTING.md', 'docs/architecture.md']],
];

/** "docs/pricing.md" is "docs/pricing.html", README.md the index of its folder. */
export const addressOf = (file) =>
	basename(file) === 'README.md' ? posix.join(dirname(file), 'index.html') : file.replace(/\.md$/, '.html');

/** Headings get the names that GitHub gives them. */
export function headingNames() {
	const taken = new Map();
	return (text) => {
		const name = text
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\p{M}\s_-]/gu, '')
			.replace(/\s/g, '-');
		const times = taken.get(name) ?? 0;
		taken.set(name, times + 1);
		return times === 0 ? name : `${name}-${times}`;
	};
}

const plain = (html) =>
	html
		.replaceAll(/<[^>]*>/g, '')
		.replaceAll('&lt;', '<')
		.replaceAll('&gt;', '>')
		.replaceAll('&quot;', '"')
		.replaceAll('&#39;', "'")
		.replaceAll('&amp;', '&');

const escaped = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/**
 * A page: { file, address, title, html, headings: [{ level, text, name }], sections: [{ name, title, text }], links }.
 * Links within the repository lead to pages or to copies of files; `links` names what each one needs.
 */
export function readPage(root, file) {
	const nameOf = headingNames();
	const page = { file, address: addressOf(file), title: file, html: '', headings: [], sections: [], links: [] };
	const target = (href) => {
		if (/^[a-z]+:/i.test(href)) return href;
		const [path = '', anchor = ''] = href.split('#');
		const needed = path === '' ? file : normalize(join(dirname(file), decodeURI(path))).replace(/\/$/, '');
		page.links.push({ file: needed, anchor });
		const from = dirname(page.address);
		const to = relative(from, addressOfTarget(root, needed)) || basename(page.address);
		return `${path === '' ? '' : to}${anchor === '' ? '' : `#${anchor}`}`;
	};
	const marked = new Marked({ gfm: true });
	marked.use({
		renderer: {
			heading({ tokens, depth }) {
				const inner = this.parser.parseInline(tokens);
				const text = plain(inner);
				const name = nameOf(text);
				page.headings.push({ level: depth, text, name });
				return `<h${depth} id="${escaped(name)}">${inner} <a class="anchor" href="#${escaped(name)}" aria-label="Link to this section">#</a></h${depth}>\n`;
			},
			link({ href, title, tokens }) {
				const words = this.parser.parseInline(tokens);
				return `<a href="${escaped(target(href))}"${title ? ` title="${escaped(title)}"` : ''}>${words}</a>`;
			},
			image({ href, text }) {
				return `<img src="${escaped(target(href))}" alt="${escaped(text)}" loading="lazy">`;
			},
			table(token) {
				const cell = ({ tokens, header, align }) =>
					`<${header ? 'th' : 'td'}${align ? ` class="${align}"` : ''}>${this.parser.parseInline(tokens)}</${header ? 'th' : 'td'}>`;
				const row = (cells) => `<tr>${cells.map(cell).join('')}</tr>`;
				return `<div class="wide" tabindex="0"><table><thead>${row(token.header)}</thead><tbody>${token.rows.map(row).join('\n')}</tbody></table></div>\n`;
			},
		},
	});
	page.html = marked.parse(readFileSync(join(root, file), 'utf8'));
	page.title = page.headings[0]?.text ?? file;
	// What a search finds: each section by itself.
	const parts = page.html.split(/(?=<h[1-6] id=")/);
	for (const part of parts) {
		const name = /^<h[1-6] id="([^"]*)"/.exec(part)?.[1] ?? '';
		const heading = page.headings.find((one) => escaped(one.name) === name);
		const text = plain(part.replace(/^<h[1-6].*?<\/h[1-6]>/s, '').replaceAll(/<\/(p|li|tr|pre|td|th)>/g, ' ')).replaceAll(
			/\s+/g,
			' ',
		);
		page.sections.push({ name, title: heading?.text ?? page.title, text: text.trim() });
	}
	return page;
}

/** Where a file or folder of the repository is in the site. */
export function addressOfTarget(root, file) {
	const path = join(root, file);
	if (existsSync(path) && statSync(path).isDirectory())
		return existsSync(join(path, 'README.md')) ? addressOf(join(file, 'README.md')) : posix.join(file, 'index.html');
	return file.endsWith('.md') ? addressOf(file) : `${file}${asText.test(file) ? '.txt' : ''}`;
}

/** Files that a browser would download or run rather than show. */
export const asText = /(\.(ts|js|py|ya?ml|json|ndjson|sbatch|sh|bib|tex|csv)|Dockerfile)$/;

/** A folder without a README: a page that names its files. */
export function folderPage(root, folder) {
	const names = readdirSync(join(root, folder), { withFileTypes: true })
		.filter((entry) => !entry.name.startsWith('.') && statSync(join(root, folder, entry.name)).size < 1e6)
		.map((entry) => entry.name)
		.sort();
	const links = names.map((name) => ({ file: `${folder}/${name}`, anchor: '' }));
	const address = posix.join(folder, 'index.html');
	const items = links.map(
		({ file }) =>
			`<li><a href="${escaped(relative(dirname(address), addressOfTarget(root, file)))}">${escaped(basename(file))}</a></li>`,
	);
	return {
		file: folder,
		address,
		title: folder,
		html: `<h1>${escaped(folder)}</h1>\n<ul>${items.join('\n')}</ul>`,
		headings: [],
		sections: [],
		links,
	};
}

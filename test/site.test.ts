import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const { buildSite } = (await import(new URL('../scripts/site/build.js', import.meta.url).href)) as {
	buildSite: (root: string) => { files: Map<string, string | Uint8Array>; problems: string[] };
};
const { headingNames } = (await import(new URL('../scripts/site/pages.js', import.meta.url).href)) as {
	headingNames: () => (text: string) => string;
};
const { files, problems } = buildSite(root);

test('every link of the documentation leads to a page, a heading or a file that is there', () => {
	expect(problems).toEqual([]);
	const addresses = new Set(files.keys());
	expect(addresses.size).toBeGreaterThan(30);
	for (const [address, content] of files) {
		if (!address.endsWith('.html') || address.startsWith('reports/') || typeof content !== 'string') continue;
		for (const [, href = ''] of content.matchAll(/(?:href|src)="([^"#]+)(?:#[^"]*)?"/g)) {
			if (/^[a-z]+:/.test(href)) continue;
			const target = new URL(href, `https://site/${address}`).pathname.slice(1);
			expect([address, addresses.has(decodeURIComponent(target))]).toEqual([address, true]);
		}
	}
});

test('every page of docs/ is in the menu, and a search finds its sections', () => {
	const index = String(files.get('index.html'));
	for (const page of ['command-line', 'pricing', 'method', 'library', 'scorecard']) expect(index).toContain(`docs/${page}.html"`);
	expect(String(files.get('search-index.js'))).toContain('docs/pricing.html#dataflows');
	expect(String(files.get('docs/pricing.html'))).toContain('<h2 id="dataflows">');
});

test('headings are named as GitHub names them, a second one alike with a number', () => {
	const name = headingNames();
	expect([name('Arrays: npy and npz'), name('One timestep'), name('One timestep'), name('T = 1, why?')]).toEqual([
		'arrays-npy-and-npz',
		'one-timestep',
		'one-timestep-1',
		't--1-why',
	]);
});

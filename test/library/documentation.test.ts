import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const sources = fileURLToPath(new URL('../../src', import.meta.url));

interface Exported {
	readonly name: string;
	/** The docstring in front of the declaration, "" where there is none. */
	readonly docstring: string;
}

/** The declaration of a name, followed through the index files that hand it on. */
function declarationOf(name: string, file: string): Exported | null {
	const text = readFileSync(file, 'utf8');
	const declared = new RegExp(
		`(/\\*\\*(?:(?!\\*/)[\\s\\S])*\\*/\\s*)?^export (?:async )?(?:function|const|interface|type|class) ${name}\\b`,
		'm',
	).exec(text);
	if (declared) return { name, docstring: declared[1] ?? '' };
	for (const { names, from } of handedOn(text)) {
		const inner = names === null ? name : names.get(name);
		const found = inner === undefined ? null : declarationOf(inner, join(dirname(file), from));
		if (found) return found;
	}
	return null;
}

/** Statements `export { a, type B, c as d } from './x.ts'` (names as seen outside, to those inside) and `export * from`. */
function handedOn(text: string): { readonly names: ReadonlyMap<string, string> | null; readonly from: string }[] {
	return [...text.matchAll(/^export (?:type )?(?:\{([^}]*)\}|\*) from '(\.[^']+)';$/gm)].map(([, list, from]) => ({
		names:
			list === undefined
				? null
				: new Map(
						list
							.split(',')
							.map((entry) => entry.trim().replace(/^type /, ''))
							.filter((entry) => entry !== '')
							.map((entry): [string, string] => {
								const [inside = '', outside = inside] = entry.split(' as ');
								return [outside, inside];
							}),
					),
		from: from as string,
	}));
}

/** src/index.ts hands on all of it. */
const index = join(sources, 'core.ts');
const publicNames = handedOn(readFileSync(index, 'utf8')).flatMap(({ names }) => [...(names?.keys() ?? [])]);

test('the library exports the verbs that its documentation promises', () => {
	const wanted = ['loadNetwork', 'countEvents', 'simulate', 'loadProfile', 'estimate', 'compare', 'renderAnalysis', 'UserError'];
	expect(publicNames).toEqual(expect.arrayContaining(wanted));
});

test.each(publicNames)('the exported name %s has a docstring that says what it is', (name) => {
	const declaration = declarationOf(name, index);
	expect(declaration).not.toBeNull();
	expect(declaration?.docstring.replaceAll(/[/*\s]/g, '').length).toBeGreaterThan(20);
});

/** Programs of their own: they speak to the process that started them, not to a user of the library. */
const programs = ['jobs/worker.ts', 'training/worker.ts'];

test('nothing outside the command line ends the process or writes to its streams', () => {
	const files = readdirSync(sources, { recursive: true })
		.map(String)
		.filter((file) => file.endsWith('.ts') && !file.startsWith('cli/') && !programs.includes(file));
	expect(files.length).toBeGreaterThan(100);
	for (const file of files) {
		const code = readFileSync(join(sources, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
		expect([file, code.match(/process\.(exit|exitCode|abort|stdout|stderr)\b|from 'node:process'/)?.[0] ?? null]).toEqual([
			file,
			null,
		]);
	}
});

test('every page that the package ships is found by its links', () => {
	const root = fileURLToPath(new URL('../..', import.meta.url));
	const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((page) =>
		page.endsWith('.md'),
	);
	const broken = pages.flatMap((page) =>
		[...readFileSync(join(root, page), 'utf8').matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
			.map(([, target]) => join(root, dirname(page), target as string))
			.filter((path) => !existsSync(path))
			.map((path) => `${page}: ${relative(root, path)}`),
	);
	expect(broken).toEqual([]);
});

import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const source = readdirSync('src', { recursive: true, encoding: 'utf8' })
	.map((name) => `src/${name.replaceAll('\\', '/')}`)
	.filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));

/** What a file imports, types and imports on demand included: paths below src, or names of packages. `#platform` stands for its edition. */
function importsOf(file: string, edition: 'browser' | 'node' = 'browser'): string[] {
	const text = readFileSync(file, 'utf8').replace(/^\s*(?:\*|\/\/).*$/gm, '');
	const found = [...text.matchAll(/^(?:import|export)(?: type)?(?:[^'";]*?\sfrom)? '([^']+)'|import\('([^']+)'\)/gm)];
	return found.map(([, still, onDemand]) => {
		const specifier = (still ?? onDemand) as string;
		const platform = specifier.replace(/^#platform\/(.*)$/, `src/platform/${edition}/$1.ts`);
		return specifier.startsWith('.') ? normalize(join(dirname(file), specifier)).replaceAll('\\', '/') : platform;
	});
}

const imports = new Map(source.map((file) => [file, importsOf(file)]));
const roomOf = (file: string): string => (file.split('/').length > 2 ? (file.split('/')[1] as string) : '');

test('every import leads to a file that is there', () => {
	const missing = source.flatMap((file) =>
		(imports.get(file) ?? []).filter((to) => to.startsWith('src/') && !imports.has(to)).map((to) => `${file}: ${to}`),
	);
	expect(missing).toEqual([]);
	expect([...imports.values()].flat().length).toBeGreaterThan(1000);
});

test('what the core reaches, types and imports on demand included, needs neither Node nor a native runtime', () => {
	const reached = new Map([['src/core.ts', 'the door']]);
	const packages = new Map<string, string>();
	for (const [file] of reached) {
		for (const to of imports.get(file) ?? []) {
			if (!to.startsWith('src/')) packages.set(to, file);
			else if (!reached.has(to)) reached.set(to, file);
		}
	}
	expect([...reached.keys()].filter((file) => file.startsWith('src/platform/node/'))).toEqual([]);
	expect(
		[...packages.keys()]
			.map((name) => name.replace(/^((?:@[^/]+\/)?[^/]+).*/, '$1'))
			.filter((name, at, all) => all.indexOf(name) === at)
			.sort(),
	).toEqual([
		'@bufbuild/protobuf',
		'@noble/hashes',
		'ajv',
		'csv-stringify',
		'fflate',
		'fzstd',
		'mathjs',
		'onnxruntime-common',
		'onnxruntime-web',
		'vega',
		'vega-interpreter',
		'vega-lite',
		'yaml',
	]);
	expect(reached.size).toBeGreaterThan(200);
});

/** The street: each room may import those before it. */
const street = ['model', 'formats', 'runtime', 'network', 'activity', 'simulation', 'hardware', 'claims', 'reporting'];
const upTo = (room: string): string[] => street.slice(0, street.indexOf(room) + 1);
/** Right of an Activity nobody knows how it was counted: a saved one is as good. */
const fromActivity = (room: string): string[] => upTo(room).filter((one) => one !== 'simulation');

/** Rooms a room may import, besides itself, the ports of `platform` and the files beside the rooms. */
const mayImport: Readonly<Record<string, readonly string[]>> = {
	...Object.fromEntries(street.map((room) => [room, upTo(room)])),
	...Object.fromEntries(['hardware', 'claims', 'reporting'].map((room) => [room, fromActivity(room)])),
	conversion: upTo('simulation'),
	export: upTo('network'),
	scale: upTo('simulation'),
	jobs: [...upTo('simulation'), 'reporting', 'scale'],
	training: [...upTo('network'), 'export'],
	platform: upTo('simulation'),
	cli: [...street, 'conversion', 'export', 'scale', 'jobs', 'training', 'serve'],
};

test('imports run one way along the street, and rooms beside it look into few others', () => {
	const wrong = source.flatMap((file) => {
		const room = roomOf(file);
		if (room === '') return [];
		return (imports.get(file) ?? [])
			.filter((to) => to.startsWith('src/') && !['', 'platform', room, ...(mayImport[room] ?? [])].includes(roomOf(to)))
			.map((to) => `${file} imports ${to}`);
	});
	expect(wrong).toEqual([]);
});

test('only the runtime asks for onnxruntime, and only the edition of Node for the native one', () => {
	const native = source.filter((file) => imports.get(file)?.some((to) => to === 'onnxruntime-node'));
	expect(native).toEqual(['src/platform/node/runtime.ts']);
});

test('no file needs itself: nothing is imported in a circle, types and imports on demand included', () => {
	const both = new Map(source.map((file) => [file, [...(imports.get(file) ?? []), ...importsOf(file, 'node')]]));
	const state = new Map<string, 'open' | 'done'>();
	const circles: string[] = [];
	const visit = (file: string, way: readonly string[]): void => {
		if (state.get(file) === 'done') return;
		if (state.get(file) === 'open') {
			circles.push([...way.slice(way.indexOf(file)), file].join(' → '));
			return;
		}
		state.set(file, 'open');
		for (const to of both.get(file) ?? []) if (both.has(to)) visit(to, [...way, file]);
		state.set(file, 'done');
	};
	for (const file of source) visit(file, []);
	expect(circles).toEqual([]);
});

import { readFileSync, rmSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { networkSchema } from '../src/hardware/chip/network-schema.ts';
import { caseSchemas } from '../src/hardware/validation/case-schema.ts';
import { plain, pricingSchemas, validators } from '../web/build/validators.ts';

/**
 * The command line as one program of few files, dist/cli/main.js and dist/cli/program/: to find, read and link a thousand modules
 * takes longer than to count a small network. The programs of its worker processes and threads are parts of it too. The modules
 * themselves stay what they are for programs that import the library.
 */

const packageFolder = fileURLToPath(new URL('..', import.meta.url));

/** Packages of many small files that most commands load. All others stay where npm puts them. */
const taken =
	/^(?:@bufbuild\/protobuf|ajv|fast-deep-equal|fast-uri|mathjs|yaml|vega|onnxruntime-common|csv-stringify|fflate|fzstd|pngjs|jpeg-js|virtual:)/;

/** Leaves nothing of an earlier build; the rest of dist/cli is not this one's. */
const empty = (): Plugin => ({
	name: 'empty',
	buildStart: () => rmSync(join(packageFolder, 'dist/cli/program'), { recursive: true, force: true }),
});

/** The licences of the packages that the program holds. */
function licences(): Plugin {
	return {
		name: 'licences',
		generateBundle(_, bundle) {
			const folders = Object.values(bundle).flatMap((chunk) =>
				chunk.type === 'chunk'
					? chunk.moduleIds.flatMap((id) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id)?.[0] ?? [])
					: [],
			);
			const texts = [...new Set(folders)].sort().map((folder) => {
				const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
				return `${name} ${version}: ${license}\n\n${licenceText(folder, name)}`;
			});
			this.emitFile({ type: 'asset', fileName: 'program/licences.txt', source: texts.join(`\n${'-'.repeat(80)}\n\n`) });
		},
	};
}

/** The texts of packages that hold none, from the notices in their files. */
const keptTexts: Readonly<Record<string, readonly string[]>> = {
	'@bufbuild/protobuf': ['scripts/licences/protobuf.txt', 'LICENSE'],
	'onnxruntime-common': ['scripts/licences/onnxruntime.txt'],
};

/** @throws Error for a package whose text is nowhere: it must not be shipped */
function licenceText(folder: string, name: string): string {
	for (const file of ['LICENSE', 'LICENSE.md', 'LICENSE.txt', 'LICENCE']) {
		try {
			return readFileSync(join(folder, file), 'utf8');
		} catch {}
	}
	const kept = keptTexts[name];
	if (!kept) throw new Error(`${name}: the text of its licence is not found; keep it in scripts/licences.`);
	return kept.map((file) => readFileSync(join(packageFolder, file), 'utf8')).join('');
}

export default defineConfig({
	root: packageFolder,
	publicDir: false,
	plugins: [
		validators([...pricingSchemas(packageFolder), plain(networkSchema), ...Object.values(caseSchemas).map(plain)]),
		empty(),
		licences(),
	],
	resolve: {
		alias: [
			{ find: /^#platform\/(.*)$/, replacement: `${join(packageFolder, 'src/platform/node')}/$1.ts` },
			{ find: 'mathjs/lib/browser/math.js', replacement: join(packageFolder, 'web/shared/mathjs.ts') },
			{ find: /^ajv(\/dist\/2020\.js)?$/, replacement: join(packageFolder, 'web/shared/ajv.ts') },
		],
	},
	ssr: { noExternal: true },
	build: {
		ssr: true,
		outDir: join(packageFolder, 'dist/cli'),
		emptyOutDir: false,
		target: 'node20',
		rolldownOptions: {
			input: {
				main: join(packageFolder, 'src/cli/main.ts'),
				'program/count-worker': join(packageFolder, 'src/jobs/worker.ts'),
				'program/training-worker': join(packageFolder, 'src/training/worker.ts'),
			},
			external: (id, importer) =>
				!isAbsolute(id) && /^(?:node:|@?[a-z])/.test(id) && !taken.test(id) && !importer?.includes('node_modules'),
			output: {
				entryFileNames: '[name].js',
				chunkFileNames: 'program/[name].js',
				// Options offer the formats that the table has: two small modules that every command loads.
				codeSplitting: { groups: [{ name: 'options', test: /src\/(?:cli\/options|reporting\/formats)\.ts$/ }] },
				minify: { compress: true, mangle: false, codegen: true },
			},
		},
	},
});

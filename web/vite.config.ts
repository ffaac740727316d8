import { cpSync, existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin } from 'vite';
import { onePage } from './build/one-page.ts';
import { pricingSchemas, validators } from './build/validators.ts';

const web = dirname(fileURLToPath(import.meta.url));
const packageFolder = join(web, '..');
const output = join(packageFolder, 'dist/web');

/** Saved results and what counts them again: the page's examples, from the models of this package. */
const exampleFiles = ['model.analysis.json', 'model-T5.analysis.json', 'relu.analysis.json', 'model.onnx', 'samples.npz'];

function examples(): Plugin {
	return {
		name: 'examples',
		closeBundle() {
			const folder = join(output, 'examples/fashion-cnn');
			mkdirSync(folder, { recursive: true });
			for (const name of exampleFiles) {
				const file = join(packageFolder, 'models/fashion-cnn', name);
				if (existsSync(file)) cpSync(file, join(folder, name));
			}
		},
	};
}

const shared = {
	root: web,
	base: './',
	oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
	resolve: {
		alias: [
			{ find: /^#platform\/(.*)$/, replacement: `${join(packageFolder, 'src/platform/browser')}/$1.ts` },
			// Written by the build, beside the empty one that the sources have.
			{ find: /^.*\/shipped-texts\.ts$/, replacement: join(packageFolder, 'dist/platform/browser/shipped-texts.js') },
			{ find: /^\.\/charts\/(pdf|png)\.ts$/, replacement: join(web, 'shared/no-files.ts') },
			{ find: 'mathjs/lib/browser/math.js', replacement: join(web, 'shared/mathjs.ts') },
			{ find: /^ajv(\/dist\/2020\.js)?$/, replacement: join(web, 'shared/ajv.ts') },
		],
	},
} as const;

const target = 'es2022';

/** The page: index.html, its scripts, the worker and the WebAssembly. */
const page = defineConfig({
	...shared,
	plugins: [validators(pricingSchemas(packageFolder)), examples()],
	build: {
		outDir: output,
		emptyOutDir: true,
		target,
		modulePreload: false,
		assetsInlineLimit: 0,
		chunkSizeWarningLimit: 2000,
		rolldownOptions: {
			input: { index: join(web, 'index.html'), worker: join(web, 'worker/worker.ts') },
			output: {
				entryFileNames: '[name].js',
				chunkFileNames: 'parts/[name]-[hash].js',
				assetFileNames: 'parts/[name]-[hash][extname]',
			},
		},
	},
});

/** interactive.html: the page's pricing half as one file, into which results are put (src/reporting/html/interactive.ts). */
const interactive = defineConfig({
	...shared,
	resolve: {
		alias: [
			{ find: /^\.\/pictures\.ts$/, replacement: join(web, 'app/no-pictures.ts') },
			{ find: /^\.\/parts\/claim\.tsx$/, replacement: join(web, 'app/no-pictures.ts') },
			{ find: /^\.\/html\/report\.ts$/, replacement: join(web, 'app/no-pictures.ts') },
			...shared.resolve.alias,
		],
	},
	publicDir: false,
	plugins: [validators(pricingSchemas(packageFolder)), onePage(join(web, 'style.css'))],
	build: {
		outDir: output,
		emptyOutDir: false,
		target,
		chunkSizeWarningLimit: 4000,
		rolldownOptions: {
			input: { interactive: join(web, 'app/interactive.tsx') },
			output: { format: 'iife', entryFileNames: 'interactive.js', codeSplitting: false },
		},
	},
});

export default defineConfig(({ mode }) => (mode === 'interactive' ? interactive : page));

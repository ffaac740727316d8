import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

/** What a visitor loads, of the page as it was built. */

const folder = fileURLToPath(new URL('../../dist/web/', import.meta.url));
const built = existsSync(join(folder, 'interactive.html')) ? test : test.skip;
const files = (): string[] =>
	readdirSync(folder, { recursive: true })
		.map(String)
		.filter((name) => statSync(join(folder, name)).isFile());
const gzipped = (name: string): number => gzipSync(readFileSync(join(folder, name)), { level: 9 }).length;

built('script before pictures: at most 500 kB, gzipped', () => {
	const pictures = /parts\/(draw|spikes-by-timestep|report|figures|theme)-/;
	const scripts = files().filter((name) => name.endsWith('.js') && !pictures.test(name));
	expect(scripts.length).toBeGreaterThan(3);
	expect(scripts.reduce((sum, name) => sum + gzipped(name), 0)).toBeLessThan(500e3);
});

built('the folder: at most 6 MB in brotli, which is how the package holds it', () => {
	const size = (name: string): number => {
		const bytes = readFileSync(join(folder, name));
		// A middle quality: in a tenth of the time of the package's, a few percent larger.
		const params = { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_LGWIN]: 24 };
		return brotliCompressSync(bytes, { params }).length;
	};
	expect(files().reduce((sum, name) => sum + size(name), 0)).toBeLessThan(6e6);
});

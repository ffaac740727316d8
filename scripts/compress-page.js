// Before the package is packed: the page's files as brotli only, which "serve" unfolds. Examples lie in models/ already.
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, constants } from 'node:zlib';

const folder = fileURLToPath(new URL('../dist/web/', import.meta.url));
rmSync(join(folder, 'examples'), { recursive: true, force: true });
for (const name of readdirSync(folder, { recursive: true })) {
	const file = join(folder, String(name));
	if (!statSync(file).isFile() || file.endsWith('.br')) continue;
	const bytes = readFileSync(file);
	const options = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } };
	writeFileSync(`${file}.br`, brotliCompressSync(bytes, options));
	rmSync(file);
}

import { placeFile } from '../memory-files.ts';
import { shippedTexts } from './shipped-texts.ts';

/** Where the texts that this package ships lie in memory. */
export const packageFolder = '/snn-energy';

for (const [path, text] of Object.entries(shippedTexts)) placeFile(`${packageFolder}/${path}`, new TextEncoder().encode(text));

const {
	name,
	version,
	repository = '',
} = JSON.parse(shippedTexts['package.json'] ?? '{"name":"snn-energy","version":"unbuilt"}') as Record<
	'name' | 'version' | 'repository',
	string
>;

/** What its package.json says. */
export const tool: { readonly name: string; readonly version: string } = { name, version };
/** Where its source is, such as "github:OWNER/snn-energy". */
export const toolRepository: string = repository;

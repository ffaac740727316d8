import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Profiles, schemas and the list of profiles as text, in place of the empty module of the browser's platform. */
export function shippedTexts(packageFolder: string): Plugin {
	return {
		name: 'shipped-texts',
		load(id) {
			if (!/platform\/browser\/shipped-texts\.ts$/.test(id)) return null;
			const names = [
				'package.json',
				'src/reporting/schemas/analysis.schema.json',
				...['', 'scaling/'].flatMap((folder) => namesIn(packageFolder, `hardware-profiles/${folder}`)),
			];
			const texts = names.map((name) => [name, textOf(packageFolder, name)] as const);
			const list = readFileSync(join(packageFolder, 'dist/hardware/profile/shipped-list.json'), 'utf8');
			texts.push(['dist/hardware/profile/shipped-list.json', list]);
			return `export const shippedTexts = ${JSON.stringify(Object.fromEntries(texts))};`;
		},
	};
}

const namesIn = (packageFolder: string, folder: string): string[] =>
	readdirSync(join(packageFolder, folder))
		.filter((name) => /\.(ya?ml|json)$/.test(name))
		.map((name) => `${folder}${name}`);

/** Of package.json only what the tool says of itself. */
function textOf(packageFolder: string, name: string): string {
	const text = readFileSync(join(packageFolder, name), 'utf8');
	if (name !== 'package.json') return text;
	const { name: tool, version } = JSON.parse(text) as { name: string; version: string };
	return JSON.stringify({ name: tool, version });
}

// A step of the build: what the package ships as text, as one module for platforms without files.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { packageFolder, tool, toolRepository } from '../dist/platform/node/package.js';

const profiles = readdirSync(`${packageFolder}hardware-profiles`).filter((name) => /\.(ya?ml|json)$/.test(name));
const names = [
	...profiles.map((name) => `hardware-profiles/${name}`),
	'hardware-profiles/scaling/stillmaker-baas.json',
	'src/reporting/schemas/analysis.schema.json',
	'dist/hardware/profile/shipped-list.json',
];
const texts = {
	'package.json': JSON.stringify({ ...tool, repository: toolRepository }),
	...Object.fromEntries(names.map((name) => [name, readFileSync(packageFolder + name, 'utf8')])),
};
writeFileSync(
	`${packageFolder}dist/platform/browser/shipped-texts.js`,
	`export const shippedTexts = ${JSON.stringify(texts)};\n`,
);

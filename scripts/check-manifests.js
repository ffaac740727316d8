// node scripts/check-manifests.js: holds examples/kubernetes/*.yaml to the Kubernetes API's schemas, those of the npm package
// kubernetes-models, which it installs into a temporary folder. Needs a registry; not part of npm test.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { scriptOptions } from './script-options.js';

scriptOptions({});
const schemas = 'kubernetes-models@4.5.1';
const examples = fileURLToPath(new URL('../examples/kubernetes', import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'snn-energy-manifests-'));
process.on('exit', () => rmSync(work, { recursive: true, force: true }));

execFileSync('npm', ['install', '--prefix', work, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts', schemas], {
	stdio: ['ignore', 'ignore', 'inherit'],
});
const require = createRequire(join(work, 'index.js'));
const manifests = readdirSync(examples).filter((name) => name.endsWith('.yaml'));
for (const file of manifests)
	for (const document of parseAllDocuments(readFileSync(join(examples, file), 'utf8'))) {
		const manifest = document.toJS();
		const { apiVersion, kind, metadata } = manifest;
		const { [kind]: Model } = require(`kubernetes-models/${apiVersion}/${kind}`);
		try {
			new Model(manifest).validate();
			console.log(`${file}: ${kind} ${metadata.name} is valid (${schemas})`);
		} catch (error) {
			console.error(`${file}: ${kind} ${metadata.name} is not valid: ${error.message}`);
			process.exitCode = 1;
		}
	}

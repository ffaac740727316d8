import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { readInputText } from '../inputs.ts';

/** Names a file of options may have, besides package.json. */
const configNames = ['snn-energy.yaml', 'snn-energy.yml'] as const;
/** The key that holds options in a package.json. */
export const configKey = 'snn-energy';

/** The nearest file with options, in a folder or one above it; null where there is none. Reads as little as it can. */
export function findConfigFile(folder: string): string | null {
	for (let at = folder; ; at = dirname(at)) {
		for (const name of configNames) if (existsSync(join(at, name))) return join(at, name);
		if (packageHasOptions(join(at, 'package.json'))) return join(at, 'package.json');
		if (dirname(at) === at) return null;
	}
}

function packageHasOptions(path: string): boolean {
	try {
		// A pipe of this name must not be waited for.
		const text = readInputText(path, { own: true });
		if (!/"snn-energy"\s*:\s*\{/.test(text)) return false;
		const content: unknown = JSON.parse(text);
		return typeof content === 'object' && content !== null && Object.hasOwn(content, configKey);
	} catch {
		return false;
	}
}

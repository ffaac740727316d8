import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'vite';
import { chipSectionSchema } from '../../src/hardware/chip/chip-section.ts';

const virtual = 'virtual:validators';

interface Identified {
	readonly $id: string;
}

export interface Compiled {
	readonly schema: Identified;
	readonly create: (options: Options) => Ajv | Ajv2020;
	readonly options: Options;
}

const read = (packageFolder: string, file: string): Identified =>
	JSON.parse(readFileSync(join(packageFolder, file), 'utf8')) as Identified;

/** The schemas that pricing needs, with the options of src/hardware/profile/schema.ts, src/reporting/parse-analysis.ts and src/hardware/chip/chip-profile.ts. */
export const pricingSchemas = (packageFolder: string): readonly Compiled[] => [
	{
		schema: read(packageFolder, 'hardware-profiles/profile.schema.json'),
		create: (options) => new Ajv(options),
		options: { allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false, strictTypes: false },
	},
	{
		schema: read(packageFolder, 'src/reporting/schemas/analysis.schema.json'),
		create: (options) => new Ajv2020(options),
		options: { strict: true, strictTypes: false },
	},
	plain(chipSectionSchema),
];

/** A schema of our own, written for the reader of one file. */
export const plain = (schema: Identified): Compiled => ({
	schema,
	create: (options) => new Ajv(options),
	options: { strict: false },
});

/**
 * Validators of the shipped schemas as code: a page whose policy forbids eval cannot let ajv compile them, and to compile one
 * takes longer than to price a network.
 */
export function validators(schemas: readonly Compiled[]): Plugin {
	return {
		name: 'validators',
		resolveId: (id) => {
			if (id === virtual) return `\0${virtual}`;
			return id.startsWith(`${virtual}/`) ? `\0${id}.js` : null;
		},
		load(id) {
			if (id === `\0${virtual}`) {
				const imports = schemas.map((_, index) => `import validate${index} from '${virtual}/${index}';`);
				const entries = schemas.map(({ schema }, index) => `[${JSON.stringify(schema.$id)}, validate${index}]`);
				return `${imports.join('\n')}\nexport const validators = new Map([${entries.join(', ')}]);`;
			}
			const match = /^\0virtual:validators\/(\d+)\.js$/.exec(id);
			const found = match && schemas[Number(match[1])];
			if (!found) return null;
			const ajv = found.create({ ...found.options, code: { source: true, esm: true } });
			const code = standalone.default(ajv, ajv.compile(found.schema));
			// ajv writes its helpers as CommonJS even into a module.
			const helpers: string[] = [];
			const body = code.replaceAll(/require\("([^"]+)"\)(\.default)?/g, (_, name: string, ending = '') => {
				helpers.push(`import * as helper${helpers.length} from '${name}.js';`);
				return ending === ''
					? `helper${helpers.length - 1}`
					: `(helper${helpers.length - 1}.default.default ?? helper${helpers.length - 1}.default)`;
			});
			return `${helpers.join('\n')}\n${body}`;
		},
	};
}

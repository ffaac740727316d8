import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv, type Options } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import standalone from 'ajv/dist/standalone/index.js';
import type { Plugin } from 'vite';

const virtual = 'virtual:validators';

/**
 * Validators of the shipped schemas as code, because a page whose policy forbids eval cannot let ajv compile them.
 * The options are those of src/hardware/profile/schema.ts and src/reporting/parse-analysis.ts.
 */
export function validators(packageFolder: string): Plugin {
	const schemas: readonly { file: string; create: (options: Options) => Ajv | Ajv2020; options: Options }[] = [
		{
			file: 'hardware-profiles/profile.schema.json',
			create: (options) => new Ajv(options),
			options: { allErrors: true, verbose: true, allowUnionTypes: true, strictRequired: false, strictTypes: false },
		},
		{
			file: 'src/reporting/schemas/analysis.schema.json',
			create: (options) => new Ajv2020(options),
			options: { strict: true, strictTypes: false },
		},
	];
	return {
		name: 'validators',
		resolveId: (id) => {
			if (id === virtual) return `\0${virtual}`;
			return id.startsWith(`${virtual}/`) ? `\0${id}.js` : null;
		},
		load(id) {
			if (id === `\0${virtual}`) {
				const imports = schemas.map((_, index) => `import validate${index} from '${virtual}/${index}';`);
				const entries = schemas.map(({ file }, index) => `[${JSON.stringify(idOf(packageFolder, file))}, validate${index}]`);
				return `${imports.join('\n')}\nexport const validators = new Map([${entries.join(', ')}]);`;
			}
			const match = /^\0virtual:validators\/(\d)\.js$/.exec(id);
			const schema = match && schemas[Number(match[1])];
			if (!schema) return null;
			const ajv = schema.create({ ...schema.options, code: { source: true, esm: true } });
			const code = standalone.default(ajv, ajv.compile(read(packageFolder, schema.file)));
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

const read = (packageFolder: string, file: string): { readonly $id: string } =>
	JSON.parse(readFileSync(join(packageFolder, file), 'utf8')) as { $id: string };
const idOf = (packageFolder: string, file: string): string => read(packageFolder, file).$id;

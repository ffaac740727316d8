import { validators } from 'virtual:validators';

/** Stands for ajv in the page and in the program: the schemas are compiled by the build, and looked up by their $id. */
export class Ajv {
	compile(schema: { readonly $id?: string }): (value: unknown) => boolean {
		const found = validators.get(schema.$id ?? '');
		if (!found) throw new Error(`the schema ${schema.$id ?? '(without $id)'} was not compiled by the build`);
		return found;
	}
}
export { Ajv as Ajv2020 };

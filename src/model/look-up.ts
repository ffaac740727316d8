/**
 * The entry of a table whose keys are read from a file: "constructor" is no operator, though every object has something
 * of that name.
 */
export const lookUp = <T>(table: Readonly<Record<string, T>>, key: string): T | undefined =>
	Object.hasOwn(table, key) ? table[key] : undefined;

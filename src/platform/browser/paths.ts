/** Paths of files in memory: names with slashes. */

export const isAbsolute = (path: string): boolean => path.startsWith('/');

export function normalize(path: string): string {
	const parts: string[] = [];
	for (const part of path.split('/')) {
		if (part === '' || part === '.') continue;
		if (part === '..' && (parts.at(-1) ?? '..') !== '..') parts.pop();
		else if (part !== '..' || !isAbsolute(path)) parts.push(part);
	}
	return (isAbsolute(path) ? '/' : '') + parts.join('/') || '.';
}

export const join = (...parts: readonly string[]): string => normalize(parts.filter((part) => part !== '').join('/'));

export const basename = (path: string, ending = ''): string => {
	const name = path.split('/').findLast((part) => part !== '') ?? '';
	return ending !== '' && name !== ending && name.endsWith(ending) ? name.slice(0, -ending.length) : name;
};

export function dirname(path: string): string {
	const above = path.replace(/\/+$/, '').replace(/[^/]*$/, '');
	return above.replace(/(?!^)\/+$/, '') || (isAbsolute(path) ? '/' : '.');
}

export const extname = (path: string): string => /[^/](\.[^./]*)$/.exec(path)?.[1] ?? '';

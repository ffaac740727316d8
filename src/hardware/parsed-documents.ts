import { sha256 } from '#platform/digest';
import { packageFolder } from '#platform/package';
import { join } from '#platform/paths';
import { readText } from '../input-text.ts';

/** A shipped YAML file as the build parsed it. */
export interface ParsedDocument {
	/** Of the text that was parsed. */
	readonly digest: string;
	readonly content: unknown;
	/** The line of every entry, by its path. */
	readonly lines: Readonly<Record<string, number>>;
}

/** The key of a file: its path within the package, written the same wherever the build ran. */
export const pathInPackage = (path: string): string => path.slice(packageFolder.length).replaceAll('\\', '/');

/** Where the build keeps them, by path within the package. */
export const parsedDocumentsFile = join(packageFolder, 'dist', 'hardware', 'parsed-documents.json');

let kept: Readonly<Record<string, ParsedDocument>> | null = null;

/**
 * A shipped profile or case as the build parsed it: to parse YAML takes longer than to price a network.
 *
 * @returns null where the build parsed no such file, or the text is another by now
 */
export function parsedByBuild(path: string, text: string): ParsedDocument | null {
	if (!path.startsWith(packageFolder)) return null;
	kept ??= readKept();
	const found = kept[pathInPackage(path)];
	return found?.digest === digestOf(text) ? { ...found, content: structuredClone(found.content) } : null;
}

function readKept(): Readonly<Record<string, ParsedDocument>> {
	try {
		return JSON.parse(readText(parsedDocumentsFile)) as Readonly<Record<string, ParsedDocument>>;
	} catch {
		return {};
	}
}

const digestOf = (text: string): string => sha256().update(text).hex();

/** What the build keeps of a text. @param lineOf  the line of an entry */
export function parsedDocument(text: string, content: unknown, lineOf: (path: readonly string[]) => number): ParsedDocument {
	const lines: Record<string, number> = {};
	const walk = (value: unknown, path: readonly string[]): void => {
		lines[keyOf(path)] = lineOf(path);
		if (typeof value === 'object' && value !== null)
			for (const [name, child] of Object.entries(value)) walk(child, [...path, name]);
	};
	walk(content, []);
	return { digest: digestOf(text), content, lines };
}

/** The line of an entry, or of its nearest ancestor. */
export function lineIn({ lines }: ParsedDocument, path: readonly string[]): number {
	for (let length = path.length; length > 0; length--) {
		const line = lines[keyOf(path.slice(0, length))];
		if (line !== undefined) return line;
	}
	return lines[keyOf([])] ?? 1;
}

const keyOf = (path: readonly string[]): string => path.join('\0');

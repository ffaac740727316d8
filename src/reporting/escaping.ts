/**
 * Names, paths and sentences come from model files of strangers: each format's own way to print
 * them so that they are text and nothing else.
 */

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this looks for
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;
/** Marks that reorder or hide what stands beside them (bidirectional overrides, zero-width characters, byte order mark). */
const invisibles = /[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** One visible line: control characters (so every ANSI sequence), line breaks and invisible marks become visible. */
export function visible(text: string): string {
	return text
		.replace(/\p{Surrogate}/gu, '\ufffd')
		.replace(controls, (character) =>
			character === '\t' || character === '\n' || character === '\r'
				? ' '
				: `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
		)
		.replace(invisibles, escaped);
}

/** JSON text whose strings hold no character that a terminal obeys or that hides: escaped, they mean the same. */
export const plainJson = (text: string): string =>
	text.replace(/[\u007f-\u009f\u2028\u2029]/g, escaped).replace(invisibles, escaped);

const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** At most `length` characters, the middle left out: the ends of a weight's name tell more than its middle. */
export function shorten(text: string, length: number): string {
	const characters = [...text];
	if (characters.length <= length) return text;
	if (length < 3) return characters.slice(0, Math.max(0, length)).join('');
	const head = Math.ceil((length - 1) / 2);
	return `${characters.slice(0, head).join('')}…${characters.slice(characters.length - (length - 1 - head)).join('')}`;
}

/**
 * Names of one column, each at most `length` characters, by the first of these ways that keeps unlike names unlike: without
 * what the long ones begin with in common, without the beginning, without the end, without the middle.
 */
export function shortenNames(names: readonly string[], length: number): string[] {
	const long = names.filter((name) => [...name].length > length);
	if (long.length === 0) return [...names];
	const common =
		long.length > 1
			? commonBeginning(long)
			: Math.max(0, ...names.filter((name) => name !== long[0]).map((name) => commonBeginning([long[0] ?? '', name])));
	const characters = (name: string, start: number, end?: number): string => [...name].slice(start, end).join('');
	const ways: readonly ((name: string) => string)[] = [
		(name) => `…${characters(name, Math.max(common, [...name].length + 1 - length))}`,
		(name) => `${characters(name, 0, length - 1)}…`,
	];
	const distinct = new Set(names).size;
	if (length >= 3)
		for (const way of ways) {
			const short = names.map((name) => ([...name].length > length ? way(name) : name));
			if (new Set(short).size === distinct) return short;
		}
	return names.map((name) => shorten(name, length));
}

/** Names without the words that all of them begin with; as they are where nothing would be left of one. */
export function withoutCommonBeginning(names: readonly string[]): string[] {
	const common = names.length > 1 ? commonBeginning(names) : 0;
	const rest = names.map((name) => [...name].slice(common).join(''));
	return rest.includes('') ? [...names] : rest;
}

/** How many characters all names begin with, up to the last mark between words. */
function commonBeginning([first = '', ...others]: readonly string[]): number {
	const characters = [...first];
	let length = 0;
	while (length < characters.length && others.every((name) => [...name][length] === characters[length])) length += 1;
	while (length > 0 && !/[\s./_:(-]/.test(characters[length - 1] ?? '')) length -= 1;
	return length;
}

/** Text inside an element or a quoted attribute. */
export function escapeHtml(text: string): string {
	return visible(text)
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replaceAll('"', '&quot;')
		.replaceAll("'", '&#39;');
}

/** Text inside a Markdown paragraph or table cell (GitHub flavour): nothing in it is markup, a link or HTML. */
export function escapeMarkdown(text: string): string {
	return visible(text)
		.replace(/[\\`*_{}[\]#|~$^]/g, '\\$&')
		.replaceAll('&', '&amp;')
		.replaceAll('<', '&lt;')
		.replaceAll('>', '&gt;')
		.replace(/^(\s*)([-+=])/, '$1\\$2')
		.replace(/^(\s*\d+)([.)])(?=\s|$)/, '$1\\$2')
		.replace(/@(?=\w)/g, '&#64;')
		.replace(/(https?|ftp|mailto)(?=:)/gi, '$1&#8203;')
		.replace(/www(?=\.)/gi, '$&&#8203;');
}

const latexCharacters: Readonly<Record<string, string>> = {
	'\\': '\\textbackslash{}',
	'{': '\\{',
	'}': '\\}',
	$: '\\$',
	'&': '\\&',
	'#': '\\#',
	'%': '\\%',
	_: '\\_',
	'^': '\\textasciicircum{}',
	'~': '\\textasciitilde{}',
	'<': '\\textless{}',
	'>': '\\textgreater{}',
	'|': '\\textbar{}',
	'"': '\\textquotedbl{}',
	"'": '\\textquotesingle{}',
	'`': '\\textasciigrave{}',
	'[': '{[}',
	']': '{]}',
	'×': '\\ensuremath{\\times}',
	'÷': '\\ensuremath{\\div}',
	'·': '\\ensuremath{\\cdot}',
	'−': '\\ensuremath{-}',
	'±': '\\ensuremath{\\pm}',
	'≤': '\\ensuremath{\\le}',
	'≥': '\\ensuremath{\\ge}',
	'≈': '\\ensuremath{\\approx}',
	'≠': '\\ensuremath{\\ne}',
	'→': '\\ensuremath{\\rightarrow}',
	Σ: '\\ensuremath{\\Sigma}',
	θ: '\\ensuremath{\\theta}',
	λ: '\\ensuremath{\\lambda}',
	µ: '\\textmu{}',
	μ: '\\textmu{}',
	'–': '--',
	'—': '---',
	'…': '\\ldots{}',
	'“': '``',
	'”': "''",
	'‘': '`',
	'’': "'",
	'€': '\\texteuro{}',
	'°': '\\textdegree{}',
	'²': '\\textsuperscript{2}',
	'³': '\\textsuperscript{3}',
};

/** Text for pdfLaTeX with T1 and textcomp: every special character printed as itself; what the fonts lack as \texttt{U+XXXX}. */
export function escapeLatex(text: string): string {
	let escaped = '';
	for (const character of visible(text)) {
		// Two hyphens in a row would print as one dash.
		if (character === '-' && escaped.endsWith('-')) escaped += '{}';
		const known = latexCharacters[character];
		const code = character.codePointAt(0) ?? 0;
		if (known !== undefined) escaped += known;
		else if (code < 0x80 || isLatin(code)) escaped += character;
		else escaped += `\\texttt{U+${code.toString(16).toUpperCase().padStart(4, '0')}}`;
	}
	return escaped;
}

/** The same for running text: straight quotes become those of print. */
export function escapeLatexProse(text: string): string {
	return escapeLatex(text.replace(/"([^"]*)"/g, '“$1”').replaceAll("'", '’'));
}

/** Letters of Western European languages, which T1 fonts contain under their own input encoding. */
function isLatin(code: number): boolean {
	return (code >= 0xc0 && code <= 0x17e && code !== 0xd7 && code !== 0xf7 && !latinGaps.has(code)) || code === 0xdf;
}

/** Letters between U+00C0 and U+017E that T1 does not encode. */
const latinGaps = new Set([
	0x108, 0x109, 0x10a, 0x10b, 0x114, 0x115, 0x116, 0x117, 0x11c, 0x11d, 0x120, 0x121, 0x122, 0x123, 0x124, 0x125, 0x126, 0x127,
	0x128, 0x129, 0x12a, 0x12b, 0x12c, 0x12d, 0x12e, 0x12f, 0x131, 0x134, 0x135, 0x136, 0x137, 0x138, 0x13b, 0x13c, 0x13f, 0x140,
	0x145, 0x146, 0x149, 0x14c, 0x14d, 0x14e, 0x14f, 0x156, 0x157, 0x15c, 0x15d, 0x166, 0x167, 0x168, 0x169, 0x16a, 0x16b, 0x16c,
	0x16d, 0x172, 0x173, 0x174, 0x175, 0x176, 0x177, 0x100, 0x101, 0x112, 0x113,
]);

/** A CSV text cell: a value a spreadsheet would run as a formula is marked as text by a leading apostrophe. */
export function escapeCsvText(text: string): string {
	const line = visible(text);
	return /^\s*[=+\-@|%]/.test(line) ? `'${line}` : line;
}

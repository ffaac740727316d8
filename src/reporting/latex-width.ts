/**
 * How wide text is set, so that a table is laid out to fit before LaTeX sees it. Widths are those of Computer Modern
 * Roman in thousandths of the type size, rounded up to classes of characters; Times, which many styles use, is narrower.
 */

/**
 * Type sizes of a document set in 10 pt, in points, each times what letters of that size of Computer Modern are wider than
 * those of the 10-point design: 9 × 1.03, 8 × 1.065, 7 × 1.14.
 */
export const typeSizes = { small: 9.27, footnotesize: 8.52, scriptsize: 7.98 } as const;
export type TypeSize = keyof typeof typeSizes;

const classes: readonly (readonly [RegExp, number])[] = [
	[/[iljt.,:;'|!()[\] ]/, 400],
	[/[frs]/, 420],
	[/[mwMW]/, 1040],
	[/[A-HJ-LN-VX-Z]/, 790],
	[/[acekz0-9I]/, 520],
	[/[a-z]/, 570],
	[/[-]/, 350],
	[/[–_"“”*]/, 520],
	[/[%×÷±≤≥≈→−+=<>/#&@]/, 860],
];

/** Characters the fonts lack are printed as their code in a typewriter face. */
const widest = 4200;

/** Width of plain text in points. */
export function textPoints(text: string, size: TypeSize): number {
	let thousandths = 0;
	for (const character of text) {
		const known = classes.find(([pattern]) => pattern.test(character))?.[1];
		thousandths += known ?? ((character.codePointAt(0) ?? 0) < 0x180 ? 800 : widest);
	}
	return (thousandths * typeSizes[size]) / 1000;
}

/** Width of the digits of a number, and of the room siunitx keeps for those of its column. */
export function digitsPoints(format: string, size: TypeSize): number {
	const [whole = '', decimals = ''] = format.replace('-', '').split('.');
	const places = Number(whole) + Number(decimals);
	const marks =
		(format.startsWith('-') ? 780 : 0) +
		(Number(decimals) > 0 ? 280 : 0) +
		(Number(whole) > 3 ? 280 * Math.floor((Number(whole) - 1) / 3) : 0);
	return ((places * 500 + marks) * typeSizes[size]) / 1000;
}

/** The longest run of letters that no line break may part. */
const longestPart = 12;

/** Pieces of a text between which a line may break: words, their parts at punctuation, and parts of very long ones. */
export function breakable(text: string): string[] {
	return text.split(/(?<=[ /_:-])|(?<=[.–])(?!\d)/).flatMap((part) => part.match(new RegExp(`.{1,${longestPart}}`, 'gsu')) ?? []);
}

/** The least width text can be wrapped to. */
export const narrowest = (text: string, size: TypeSize): number =>
	Math.max(0, ...breakable(text).map((part) => textPoints(part.trimEnd(), size)));

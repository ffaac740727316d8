/** No record that is read nests deeper; what follows nesting by recursion would run out of stack. */
const deepest = 200;

/**
 * Parses JSON of any origin.
 *
 * @throws SyntaxError if it is not JSON, or nested deeper than any record that is read
 */
export function parseJson(text: string): unknown {
	let depth = 0;
	let inText = false;
	for (let at = 0; at < text.length; at += 1) {
		const character = text.charCodeAt(at);
		if (character === quote) inText = !inText;
		else if (inText) at += character === backslash ? 1 : 0;
		else if (character === openBrace || character === openBracket) {
			depth += 1;
			if (depth > deepest) throw new SyntaxError(`it is nested more than ${deepest} deep`);
		} else if (character === closeBrace || character === closeBracket) depth -= 1;
	}
	return JSON.parse(text) as unknown;
}

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = Array.from('"\\{}[]', (one) => one.charCodeAt(0));

/** Columns that nested block collections may take before their first word. */
const deepestIndent = 400;

/**
 * Looks at YAML before it is parsed, which takes minutes and all memory where collections are nested by the thousand.
 *
 * @throws SyntaxError if it may be nested deeper than any record that is read
 */
export function refuseDeepYaml(text: string): void {
	let depth = 0;
	for (let at = 0; at < text.length; at += 1) {
		const character = text.charCodeAt(at);
		if (character === openBrace || character === openBracket) depth += 1;
		else if ((character === closeBrace || character === closeBracket) && depth > 0) depth -= 1;
		if (depth > deepest) throw new SyntaxError('it is nested too deeply.');
	}
	for (const line of text.split('\n')) {
		const indent = /^(?:[ \t]|[-?](?=[ \t]))*/.exec(line)?.[0].length ?? 0;
		if (indent > deepestIndent) throw new SyntaxError('it is nested too deeply.');
	}
}

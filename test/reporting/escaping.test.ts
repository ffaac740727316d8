import fc from 'fast-check';
import {
	escapeCsvText,
	escapeHtml,
	escapeLatex,
	escapeMarkdown,
	shorten,
	shortenNames,
	visible,
} from '../../src/reporting/escaping.ts';

test('an ANSI sequence in a layer name does not reach the terminal', () => {
	expect(visible('conv\u001b[31m1\u0007')).toBe('conv\\x1b[31m1\\x07');
});

test('line breaks and text-direction overrides become visible', () => {
	expect(visible('a\nb')).toBe('a b');
	expect(visible('gnp.\u202eexe')).toBe('gnp.\\u202eexe');
});

test('no text keeps a control character, a direction override or a lone surrogate', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			expect(visible(text)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u);
		}),
		{ seed: 2 },
	);
});

test('HTML in a name stays text, in elements and in quoted attributes', () => {
	expect(escapeHtml('<img src=x onerror="alert(1)">&\'')).toBe('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;&amp;&#39;');
});

test('a pipe in a name does not open a Markdown cell, nor a bracket a link', () => {
	expect(escapeMarkdown('a|b [x](javascript:alert)')).toBe('a\\|b \\[x\\](javascript:alert)');
	expect(escapeMarkdown('<b>`_*')).toBe('&lt;b&gt;\\`\\_\\*');
	expect(escapeMarkdown('- item')).toBe('\\- item');
	expect(escapeMarkdown('3. item')).toBe('3\\. item');
	expect(escapeMarkdown('2.80 µJ')).toBe('2.80 µJ');
	expect(escapeMarkdown('@everyone')).toBe('&#64;everyone');
	expect(escapeMarkdown('see https://evil.example')).not.toContain('https:');
});

test('LaTeX specials print as themselves', () => {
	expect(escapeLatex('50%_of $x^2 & #1 {a}~\\input')).toBe(
		'50\\%\\_of \\$x\\textasciicircum{}2 \\& \\#1 \\{a\\}\\textasciitilde{}\\textbackslash{}input',
	);
	expect(escapeLatex('µ × ≥')).toBe('\\textmu{} \\ensuremath{\\times} \\ensuremath{\\ge}');
});

test('letters that T1 fonts lack are spelled by their code point', () => {
	expect(escapeLatex('é')).toBe('é');
	expect(escapeLatex('漢')).toBe('\\texttt{U+6F22}');
});

test('no LaTeX special survives unescaped in any text', () => {
	fc.assert(
		fc.property(fc.string({ unit: 'binary' }), (text) => {
			const bare = escapeLatex(text)
				.replace(/\\(?:[a-zA-Z]+|[^a-zA-Z])/g, '')
				.replace(/[{}]/g, '');
			expect(bare).not.toMatch(/[$&#%_^~\\]/);
		}),
		{ seed: 3 },
	);
});

test('a spreadsheet does not run a layer name as a formula', () => {
	for (const start of ['=', '+', '-', '@', '\t=', '|', '%']) expect(escapeCsvText(`${start}cmd()`)).toMatch(/^'/);
	expect(escapeCsvText('conv1')).toBe('conv1');
});

test('a long name keeps both ends', () => {
	expect(shorten('features.layer1.conv.weight', 11)).toBe('featu…eight');
	expect(shorten('conv1', 11)).toBe('conv1');
});

test('names are shortened where they are alike, and unlike names stay unlike', () => {
	const blocks = ['features.block.1.conv', 'features.block.2.conv', 'total'];
	expect(shortenNames(blocks, 12)).toEqual(['…1.conv', '…2.conv', 'total']);
	expect(shortenNames(['net (dense)', 'net (zero-skipping)'], 12)).toEqual(['net (dense)', '…o-skipping)']);
	expect(shortenNames(['alike beginning 1', 'alike beginning 2'], 8)).toEqual(['…1', '…2']);
	expect(shortenNames(['short'], 8)).toEqual(['short']);
	for (const length of [3, 5, 9, 14])
		for (const name of shortenNames([...blocks, 'other.block.1.conv', 'other.block.1.conv2'], length))
			expect(name.length).toBeLessThanOrEqual(length);
});

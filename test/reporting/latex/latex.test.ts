import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSavedRun } from '../../../src/cli/saved-run.ts';
import { priceActivity } from '../../../src/pipeline.ts';
import { bibliography } from '../../../src/reporting/bibliography.ts';
import { describeAnalysis } from '../../../src/reporting/describe.ts';
import { chartsOf, drawFigures } from '../../../src/reporting/figures.ts';
import { latexPreamble, renderLatex, renderLatexTable } from '../../../src/reporting/latex.ts';
import { columnPoints, layoutOf, type PrintedColumn } from '../../../src/reporting/latex-layout.ts';
import { digitsPoints, textPoints } from '../../../src/reporting/latex-width.ts';
import { renderMethod } from '../../../src/reporting/method.ts';
import { ownTables } from '../../../src/reporting/tables/index.ts';
import { hostileTable } from './hostile.ts';

const analyses = ['relu', 'model-T5', 'model'].map((name) => {
	const activity = readSavedRun(`models/fashion-cnn/${name}.analysis.json`);
	if (activity === null) throw new Error(`${name} is a saved run`);
	return priceActivity(activity, { profiles: ['45nm'] });
});
const [, , snn] = analyses;
if (snn === undefined) throw new Error('there are three');
const documents: Readonly<Record<string, string>> = {
	...Object.fromEntries(ownTables(analyses).map((table) => [table.id, renderLatexTable(table)])),
	run: renderLatex(describeAnalysis(snn), { label: 'fashion' }),
	hostile: renderLatexTable(hostileTable),
	...Object.fromEntries(
		readdirSync('reports')
			.filter((file) => file.endsWith('.tex'))
			// Labels come from names of files; here two files of one name are in one paper.
			.map((file) => [
				`reports-${file.replace('.tex', '')}`,
				readFileSync(join('reports', file), 'utf8').replaceAll('\\label{tab:', '\\label{tab:reports-'),
			]),
	),
};

const column = (title: string, cells: readonly string[], dropOrder = 0): PrintedColumn => ({
	key: title,
	title,
	unit: null,
	numeric: false,
	format: 'l',
	cells,
	dropOrder,
});

describe('the width model', () => {
	test('a table is set as large as fits a column, and never wider', () => {
		const text = (length: number) => 'n'.repeat(length);
		for (const length of [1, 10, 20, 30, 60, 200]) {
			const { panels, size, separation, wide } = layoutOf([column('a', [text(length)]), column('b', [text(length)])], true);
			for (const panel of panels) {
				const widths = panel.map(({ wrap, cells, title }) =>
					Math.max(wrap ?? Math.max(...cells.map((cell) => textPoints(cell, size))), textPoints(title, size)),
				);
				const total = widths.reduce((sum, width) => sum + width, 0) + 2 * separation * (panel.length - 1);
				expect(total).toBeLessThanOrEqual(wide ? columnPoints.wide : columnPoints.narrow);
			}
		}
		expect(layoutOf([column('a', ['x'])], true).size).toBe('small');
	});

	test('columns that matter least go first, and are named; those a user names stay', () => {
		const columns = ['a', 'b', 'c', 'd', 'e', 'f'].map((title, at) => column(title, ['unbreakable'], at));
		const fitted = layoutOf(columns, true);
		expect(fitted.wide).toBe(false);
		expect(fitted.dropped).toEqual(['e', 'f']);
		expect(layoutOf(columns, false)).toMatchObject({ dropped: [], wide: true });
		expect(renderLatexTable(ownTables(analyses)[0] ?? hostileTable)).toMatch(/^% Left out to fit a column: /m);
	});

	test('what fits in no way stands in panels, the first column repeated', () => {
		const numbers = Array.from({ length: 40 }, (_, at) => column(`${at}`, ['123456789']));
		const { panels } = layoutOf([column('name', ['net']), ...numbers], true);
		expect(panels.length).toBeGreaterThan(1);
		for (const panel of panels) expect(panel[0]?.title).toBe('name');
		expect(panels.flat().filter(({ title }) => title !== 'name')).toHaveLength(40);
	});

	test('room for digits grows with places, sign and thousands', () => {
		const widths = ['1.0', '3.0', '3.2', '-3.2', '6.2'].map((format) => digitsPoints(format, 'small'));
		expect([...widths].sort((one, other) => one - other)).toEqual(widths);
	});
});

test('labels come from the name of the file, each once, and captions name what they are about', () => {
	const text = documents.run ?? '';
	const labels = [...text.matchAll(/\\label\{([^}]+)\}/g)].map(([, label]) => label);
	expect(labels).toContain('tab:fashion-layers');
	expect(new Set(labels).size).toBe(labels.length);
	expect(text.replaceAll('\\allowbreak{}', '')).toContain(
		'\\caption{Events and energy of each layer per inference: fashion-cnn, T = 1, profile 45nm.}',
	);
	const all = Object.entries(documents).filter(([name]) => !name.startsWith('reports-'));
	const every = all.flatMap(([, table]) => [...table.matchAll(/\\label\{([^}]+)\}/g)].map(([, label]) => label));
	expect(new Set(every).size).toBe(every.length);
});

test('columns are chosen by their heads, and one that is mistyped is answered', () => {
	const text = renderLatex(describeAnalysis(snn), { columns: ['layer', 'energy'] });
	expect(text).toContain('    layer & {energy} \\\\'.replace('{energy}', '{(\\unit{\\micro\\joule})}'));
	expect(text).not.toContain('ACs');
	expect(() => renderLatex(describeAnalysis(snn), { columns: ['layer', 'enrgy'] })).toThrow('Did you mean energy');
});

const found = spawnSync('kpsewhich', ['IEEEtran.cls', 'siunitx.sty', 'booktabs.sty'], { encoding: 'utf8' });
const withLatex = found.status === 0 && spawnSync('pdflatex', ['--version']).status === 0 ? describe : describe.skip;

withLatex('set by pdflatex (skipped where it is not installed: Debian texlive-latex-recommended, -science, -publishers)', () => {
	const folder = mkdtempSync(join(tmpdir(), 'snn-energy-latex-'));
	afterAll(() => rmSync(folder, { recursive: true, force: true }));
	let figures: readonly string[] = [];
	beforeAll(async () => {
		const drawn = await drawFigures(chartsOf(analyses), 'pdf', { widthMillimetres: 75 });
		for (const { file, bytes } of drawn) writeFileSync(join(folder, file), bytes);
		figures = drawn.map(({ file }) => file);
		for (const [table, text] of Object.entries(documents)) writeFileSync(join(folder, `${table.replace(/\W+/g, '-')}.tex`), text);
		writeFileSync(join(folder, 'method.tex'), renderMethod(analyses, 'latex', false));
		writeFileSync(join(folder, 'sources.bib'), bibliography(analyses.flatMap(({ estimates }) => estimates)));
	});

	test.each([
		['a conference in two columns', '\\documentclass[conference]{IEEEtran}'],
		['two narrow columns', '\\documentclass[10pt,twocolumn]{article}'],
		['one column', '\\documentclass[10pt,a4paper]{article}'],
		['the column of NeurIPS', '\\documentclass[10pt]{article}\\usepackage[textwidth=5.5in,textheight=9in]{geometry}'],
	])(
		'%s has no overfull box, no error and all fonts embedded',
		(name, documentClass) => {
			// What fits the narrow columns fits the wide ones: of the reports there they are not set again.
			const narrow = /twocolumn|IEEEtran/.test(documentClass);
			const tables = Object.keys(documents).filter((table) => narrow || !table.startsWith('reports-'));
			const paper = [
				documentClass,
				...latexPreamble,
				'\\usepackage{lmodern,graphicx}\\sloppy',
				'\\begin{document}',
				'\\input{method.tex}',
				...tables.map((table) => `\\input{${table.replace(/\W+/g, '-')}.tex}\\clearpage`),
				...figures.map(
					(file) =>
						`\\begin{figure}\\centering\\includegraphics{{${file.replace(/\.pdf$/, '')}}.pdf}\\caption{A figure.}\\end{figure}\\clearpage`,
				),
				'\\bibliographystyle{plain}\\bibliography{sources}',
				'\\end{document}',
			];
			const job = name.replace(/\W+/g, '-');
			writeFileSync(join(folder, `${job}.tex`), paper.join('\n'));
			try {
				const set = (...options: readonly string[]) =>
					execFileSync('pdflatex', ['-interaction=nonstopmode', '-halt-on-error', ...options, `${job}.tex`], {
						cwd: folder,
						stdio: 'pipe',
					});
				// The passes that resolve citations and references, once: they do not depend on the width.
				if (documentClass.includes('IEEEtran')) {
					set('-draftmode');
					execFileSync('bibtex', [job], { cwd: folder, stdio: 'pipe' });
					set('-draftmode');
				}
				set();
			} finally {
				const log = existsSync(join(folder, `${job}.log`)) ? readFileSync(join(folder, `${job}.log`), 'latin1') : '';
				expect(
					log.match(/^!.*$|^Overfull \\hbox.*$|.*multiply defined.*|.*Float too large.*|^Missing character.*$/gm),
				).toBeNull();
				if (documentClass.includes('IEEEtran')) expect(log).not.toMatch(/undefined (citations|references)/);
			}
			if (spawnSync('pdffonts', ['-v']).error === undefined) {
				const fonts = execFileSync('pdffonts', [`${job}.pdf`], { cwd: folder, encoding: 'utf8' })
					.trim()
					.split('\n')
					.slice(2);
				expect(fonts.length).toBeGreaterThan(0);
				for (const font of fonts) expect(font).toMatch(/ yes (yes|no) +(yes|no) +\d+ +\d+$/);
			}
		},
		120_000,
	);
});
